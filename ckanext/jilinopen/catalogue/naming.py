"""Names that people and machines see: addresses, tags and file names made from Chinese text."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from pypinyin import lazy_pinyin

from ckanext.jilinopen.catalogue import vocabulary
from ckanext.jilinopen.catalogue.text import fold

__all__ = [
    "clean_tags",
    "dataset_name",
    "file_name",
    "is_han",
    "organization_name",
    "pinyin",
    "slug",
]

NAME_LIMIT = 100
TAG_LIMIT = 100
TAG_COUNT = 30
FILE_NAME_BYTES = 200

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_RUN = re.compile(r"[^0-9a-z]+")


def is_han(text: str) -> bool:
    """Whether a text is one Han character or more and nothing else."""
    return bool(text) and all(_HAN.match(char) for char in text)


# --- pinyin and addresses ----------------------------------------------------------------------


def _latin(text: str) -> str:
    """Latin letters without accents; the umlaut of lü is written v as on keyboards."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("ü", "v"))
    return "".join(char for char in plain if not unicodedata.combining(char))


@cache
def _phrases() -> re.Pattern[str]:
    """Place names whose reading is fixed, the longest first."""
    phrases = sorted({*vocabulary.pinyin_phrases(), *_division_names()}, key=len, reverse=True)
    return re.compile("(" + "|".join(re.escape(phrase) for phrase in phrases) + ")")


@cache
def _division_names() -> frozenset[str]:
    return frozenset(
        name for item in vocabulary.divisions() for name in (item.name_zh, item.short_zh)
    )


@cache
def _phrase_pinyin(phrase: str) -> tuple[str, ...]:
    fixed = vocabulary.pinyin_phrases()
    if phrase in fixed:
        return fixed[phrase]
    for known in sorted(fixed, key=len, reverse=True):
        if known in phrase:
            before, after = phrase.split(known, 1)
            return (*lazy_pinyin(before), *fixed[known], *lazy_pinyin(after))
    return tuple(lazy_pinyin(phrase))


def pinyin(text: str) -> list[str]:
    """Syllables of the Han characters and words of the other scripts, in order, lower case.

    Place names of Jilin are read as their people read them (珲春 hun chun, 长白 chang bai).
    """
    words: list[str] = []
    for index, part in enumerate(_phrases().split(fold(text))):
        words += _phrase_pinyin(part) if index % 2 else lazy_pinyin(part)
    return [piece for word in words for piece in _RUN.split(_latin(word)) if piece]


def slug(text: str, limit: int = NAME_LIMIT) -> str:
    """A readable address made from a title.

    Args:
        text: the title, in any script.
        limit: longest result in characters; cut between two syllables where possible.

    Returns:
        Only ``a-z``, ``0-9`` and single inner hyphens; empty where nothing can be spelled.
    """
    words = pinyin(text)
    joined = "-".join(words)
    while len(joined) > limit and len(words) > 1:
        words.pop()
        joined = "-".join(words)
    return joined[: max(limit, 0)]


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def dataset_name(title: str, identity: str) -> str:
    """The address of a dataset: its title in pinyin and eight digits of its identity.

    Args:
        title: only for reading; two datasets may share it.
        identity: what never changes about the dataset, e.g. source and remote id; different
            identities give different names.

    Returns:
        2 to 100 characters, valid as a CKAN name.
    """
    digest = _digest(identity, 8)
    words = slug(title, NAME_LIMIT - len(digest) - 1)
    return f"{words or 'dataset'}-{digest}"


@cache
def _place_slugs() -> dict[str, str]:
    """Full names of divisions and how they begin an organization's name.

    The class word is left out where the rest is unique: ``changchun``, but ``jilinshi``.
    """
    stems = ["".join(pinyin(item.short_zh)) for item in vocabulary.divisions()]
    found = {}
    for item, stem in zip(vocabulary.divisions(), stems, strict=True):
        unique = item.level <= 2 and stems.count(stem) == 1
        found[item.name_zh] = stem if unique else "".join(pinyin(item.name_zh))
    return found


def organization_name(title: str) -> str:
    """The name of the organization of that title.

    Departments of the table have theirs there. Others get place and body in pinyin and four
    digits of the title, because different departments sound alike (水务局, 税务局).

    Returns:
        2 to 100 characters, valid as a CKAN name.
    """
    listed = vocabulary.department_named(title)
    if listed and listed.name_zh == title:
        return listed.name
    text = fold(title)
    places = [name for name in _place_slugs() if text.startswith(name)]
    place = max(places, key=len, default="")
    parts = [_place_slugs().get(place, ""), "".join(pinyin(text[len(place) :]))]
    digest = _digest(text, 4)
    words = "-".join(part for part in parts if part) or "organization"
    return f"{words[: NAME_LIMIT - len(digest) - 1].strip('-')}-{digest}"


# --- tags --------------------------------------------------------------------------------------

_TAG_BETWEEN = re.compile(r"[、,;/|\s]+")
_TAG_REFUSED = re.compile(r"[^\w\-.]", re.UNICODE)
_PARTICLES = frozenset("的与和及等各其之或在为")


def clean_tags(texts: Iterable[str]) -> list[str]:
    """Tags that CKAN accepts, made from whatever a source calls a tag.

    Args:
        texts: tags or lists of tags joined by ``、``, ``，``, ``;``, ``/``, ``|`` or white space.

    Returns:
        At most 30 different tags of at most 100 characters in the order met. Marks that CKAN
        refuses are left out, of single characters only Han characters are kept.
    """
    found: dict[str, None] = {}
    for text in texts:
        for part in _TAG_BETWEEN.split(fold(text)):
            tag = _TAG_REFUSED.sub("", part).strip("-._")[:TAG_LIMIT].rstrip("-._")
            if len(tag) > 1 or (is_han(tag) and tag not in _PARTICLES):
                found.setdefault(tag)
            if len(found) == TAG_COUNT:
                return list(found)
    return list(found)


# --- file names --------------------------------------------------------------------------------

_FILE_REFUSED = re.compile(r'[\x00-\x1f\x7f-\x9f\\/:*?"<>|%;]')
_DEVICE = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


def file_name(title: str, ext: str = "") -> str:
    """A file name that keeps its Chinese and is safe in file systems and HTTP headers.

    Args:
        title: what the file is called; an extension in it that equals ``ext`` is not repeated.
        ext: extension with or without its dot, empty for none.

    Returns:
        At most 200 bytes of UTF-8, without path separators, never hidden and never empty.
    """
    suffix = _RUN.sub("", ext.lower())[:16]
    suffix = f".{suffix}" if suffix else ""
    text = "".join(char for char in fold(title) if unicodedata.category(char)[0] != "C")
    stem = _FILE_REFUSED.sub("_", text).strip(" .")
    if suffix and stem.lower().endswith(suffix):
        stem = stem[: -len(suffix)].strip(" .")
    if not stem or _DEVICE.match(stem):
        stem = f"data_{stem}".rstrip("_")
    room = FILE_NAME_BYTES - len(suffix)
    return stem.encode()[:room].decode("utf-8", "ignore").strip(" .") + suffix
