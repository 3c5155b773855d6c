"""Plain values out of what a portal answers: text, numbers, ids, addresses.

Everything here takes whatever arrives and gives something harmless: remote text loses control
characters and is cut to a limit, a value of the wrong kind counts as nothing said.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

from ckanext.jilinopen.harvest.errors import PortalError

__all__ = [
    "MAX_EXTRA",
    "MAX_FILES",
    "MAX_ID",
    "MAX_ITEMS",
    "MAX_PROSE",
    "MAX_TAGS",
    "MAX_TITLE",
    "MAX_WORDS",
    "attempt",
    "base_address",
    "contact",
    "digest",
    "extra_values",
    "first",
    "identity",
    "is_refusal",
    "line",
    "mappings",
    "number",
    "plain",
    "prose",
    "split_tags",
    "split_words",
]

MAX_ID = 300
MAX_TITLE = 2_000
MAX_WORDS = 2_000
MAX_PROSE = 20_000
MAX_TAGS = 200
MAX_FILES = 2_000
MAX_ITEMS = 2_000
MAX_EXTRA = 100

Given = TypeVar("Given")

_MAX_DEPTH = 12
_MAX_KEYS = 500
_MAX_SAFE_NUMBER = 10**18

# Control characters, halves of surrogate pairs, noncharacters, invisible and bidirectional marks:
# PostgreSQL, JSON and a reader's eye each refuse some of them.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_NEWLINE = re.compile("\r\n?|\u2028|\u2029")
_COUNT = re.compile(r"\d[\d,，]*")
_BETWEEN_WORDS = re.compile(r"[,，;；|\n]+")
_BETWEEN_TAGS = re.compile(r"[,，;；|\n\t]+")
_LATIN = re.compile(r"[A-Za-z]")
_NO_CONTACT = frozenset({"无", "暂无", "空", "null", "none", "undefined", "-", "--", "—", "/"})
_DOCUMENT = re.compile(r"\.(htm|html|do|jsp|action|shtml|php|aspx?)$", re.IGNORECASE)

# The portal could not be reached or wants no more requests; any other fault is an answer.
_UNREACHED = frozenset(
    {
        "source.unreachable",
        "source.dns",
        "source.timeout",
        "source.tls",
        "source.rate_limited",
    }
)


def prose(value: object, limit: int = MAX_PROSE) -> str:
    """Text of a JSON value with its line breaks, without control characters, cut to ``limit``.

    Numbers become their digits. A mapping of languages gives its Chinese text. Everything else
    (null, true, lists) is no text and gives "".
    """
    if isinstance(value, str):
        text = _NEWLINE.sub("\n", value[: 4 * limit])
        return _UNWANTED.sub("", text).strip()[:limit].rstrip()
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int):
        return str(value) if abs(value) < _MAX_SAFE_NUMBER else ""
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, Mapping):
        return prose(_in_chinese(value), limit)
    return ""


def _float_text(value: float) -> str:
    if not math.isfinite(value) or abs(value) >= _MAX_SAFE_NUMBER:
        return ""
    return str(int(value)) if value.is_integer() else str(value)


def _in_chinese(texts: Mapping[Any, Any]) -> str:
    for language in ("zh_Hans_CN", "zh_CN", "zh-CN", "zh_Hans", "zh-Hans", "zh"):
        if isinstance(texts.get(language), str):
            return texts[language]
    return ""


def line(value: object, limit: int = MAX_WORDS) -> str:
    """Text of a JSON value on one line, white space collapsed."""
    return " ".join(prose(value, 4 * limit).split())[:limit].rstrip()


def first(*values: object, limit: int = MAX_WORDS) -> str:
    """The first of several values that says anything, on one line."""
    return next((text for text in (line(value, limit) for value in values) if text), "")


def contact(value: object) -> str:
    """A telephone number, address or name of a contact; 暂无 and its like say nothing."""
    text = line(value, 200)
    return "" if text.lower() in _NO_CONTACT else text


def identity(value: object) -> str:
    """An opaque id, "" where the value can't be one."""
    text = line(value, MAX_ID + 1)
    return text if len(text) <= MAX_ID else ""


def number(value: object) -> int | None:
    """The first whole number in a value such as ``1005``, ``"1,005"`` or ``"共 1，005 条"``."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        text = prose(value)
    else:
        text = unicodedata.normalize("NFKC", line(value, 200))
    if text.startswith("-"):
        return None
    found = _COUNT.search(text)
    digits = re.sub(r"[,，]", "", found[0]) if found else ""
    return int(digits) if 0 < len(digits) <= 12 else None


def split_words(text: str, limit: int = MAX_TAGS) -> tuple[str, ...]:
    """Words that a portal joined with commas; 、 stays, it is part of names such as 科技、教育."""
    return _distinct((line(word) for word in _BETWEEN_WORDS.split(text)), limit)


def split_tags(text: str) -> tuple[str, ...]:
    """Tags that a portal joined with commas, line breaks or, without Latin words, spaces."""
    pieces = [piece for piece in _BETWEEN_TAGS.split(_NEWLINE.sub("\n", text)) if piece.strip()]
    if len(pieces) == 1 and not _LATIN.search(pieces[0]):
        pieces = pieces[0].split()
    return _distinct((line(piece) for piece in pieces), MAX_TAGS)


def _distinct(texts: Iterable[str], limit: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))[:limit]


def plain(value: object, depth: int = 0) -> Any:
    """A JSON value that is safe to keep: clean strings, bounded lists, mappings and depth."""
    if isinstance(value, str):
        return prose(value)
    if isinstance(value, (int, float)):
        return value if abs(value) < _MAX_SAFE_NUMBER else None
    if isinstance(value, Mapping) and depth < _MAX_DEPTH:
        pairs = list(value.items())[:_MAX_KEYS]
        return {line(key, 200): plain(item, depth + 1) for key, item in pairs}
    if isinstance(value, (list, tuple)) and depth < _MAX_DEPTH:
        return [plain(item, depth + 1) for item in value[:MAX_FILES]]
    return None


def digest(value: object) -> str:
    """SHA-256 of a JSON value that does not depend on the order of its keys."""
    text = json.dumps(plain(value), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def mappings(value: object, limit: int = MAX_FILES) -> list[Mapping[str, Any]]:
    """The mappings in a list; everything else in it is dropped."""
    if not isinstance(value, (list, tuple)):
        return []
    return [item for item in value[:limit] if isinstance(item, Mapping)]


def extra_values(pairs: Iterable[tuple[object, object]]) -> dict[str, str]:
    """What a source says beyond our fields, as short texts, at most ``MAX_EXTRA`` of them."""
    kept: dict[str, str] = {}
    for key, value in pairs:
        name, text = line(key, 200), prose(value, MAX_WORDS)
        if name and text and name not in kept:
            kept[name] = text
        if len(kept) >= MAX_EXTRA:
            break
    return kept


def base_address(address: str, ends: Iterable[str]) -> str:
    """The address of an installation out of any address inside it.

    Args:
        address: what an administrator copied from a browser; the scheme may be missing.
        ends: path segments that no longer belong to the installation's own path.

    Returns:
        Scheme, host and base path without a closing slash.

    Raises:
        PortalError: ``source.address_invalid``: this is no web address.
    """
    text = line(address)
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host = parts.hostname
    except ValueError:
        raise PortalError("source.address_invalid", text, "not a URL") from None
    if parts.scheme not in ("http", "https") or not host:
        raise PortalError("source.address_invalid", text, f"scheme {parts.scheme[:20]}")
    return urlunsplit((parts.scheme, parts.netloc, _base_path(parts.path, set(ends)), "", ""))


def _base_path(path: str, ends: set[str]) -> str:
    return "".join(f"/{segment}" for segment in _until(path.split("/"), ends))


def _until(segments: Iterable[str], ends: set[str]) -> Iterator[str]:
    for segment in segments:
        if segment in ends or _DOCUMENT.search(segment):
            return
        if segment:
            yield segment


def is_refusal(error: PortalError) -> bool:
    """Whether the portal answered, but not with what was asked for."""
    return error.code not in _UNREACHED


def attempt(read: Callable[[], Given]) -> Given | None:
    """What a request gives that a portal need not answer; ``None`` where it refuses.

    Raises:
        PortalError: the portal can't be reached at all.
    """
    try:
        return read()
    except PortalError as error:
        if is_refusal(error):
            return None
        raise
