"""What a good translation keeps, and which words it uses."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ckanext.jilinopen.catalogue.localisation.messages import Entry

__all__ = ["Policy", "broken_rules", "can_tell_traditional"]

_HAN = "\u4e00-\u9fff\u3400-\u4dbf"
_PRINTF = re.compile(r"%(\(\w+\))?[#0\-+]*\d*(?:\.\d+)?[diouxXeEfFgGcrsa%]")
_BRACE = re.compile(r"\{[^{}]*\}")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_ENTITY = re.compile(r"&#?\w+;")
_SPOKEN_ATTRIBUTE = re.compile(r'\b(title|alt|placeholder|aria-label)="[^"]*"')
_CODE = re.compile(r"<code>.*?</code>|https?://\S+|[\w.+-]+@[\w.-]+")
_HALF_WIDTH = re.compile(
    rf"[{_HAN}][,:;?!(]|[{_HAN}]\.(?=\s|$)|[,:;?!)][{_HAN}]|\"[^\"<>]*[{_HAN}][^\"<>]*\""
)
_LATIN_RUN = re.compile(r"[A-Za-z][A-Za-z'’]+(?:[ ,]+[A-Za-z][A-Za-z'’]+){2,}")


@dataclass(frozen=True)
class Policy:
    """The tables that say which words to use, and which exceptions were reviewed.

    Attributes:
        terms: English word and the Chinese words of which one must stand in the translation.
        avoid: Chinese words that no translation uses, with what to say instead.
        allowed: reviewed exceptions as (rule, msgid).
    """

    terms: tuple[tuple[str, tuple[str, ...]], ...] = ()
    avoid: tuple[tuple[str, str], ...] = ()
    allowed: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def read(cls, folder: Path) -> Policy:
        """Read ``glossary.csv``, ``avoid.csv`` and ``allowed.csv`` from the catalogue folder."""
        terms = (
            (row["english"], tuple(row["chinese"].split("/"))) for row in _rows(folder, "glossary")
        )
        avoid = ((row["word"], row["instead"]) for row in _rows(folder, "avoid"))
        allowed = ((row["rule"], row["msgid"]) for row in _rows(folder, "allowed"))
        return cls(tuple(terms), tuple(avoid), frozenset(allowed))


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    path = folder / f"{name}.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return [dict(row) for row in csv.DictReader(stream)]


def broken_rules(entry: Entry, policy: Policy) -> Iterator[tuple[str, str]]:
    """Apply all rules to one message.

    Args:
        entry: the message with its translation.
        policy: the words to use; reviewed exceptions are left to the caller.

    Yields:
        (rule, detail) of each rule that is broken.
    """
    if entry.fuzzy:
        yield "fuzzy", ""
    if not entry.text.strip():
        yield "empty", ""
        return
    for rule, broken in _RULES.items():
        detail = broken(entry, policy)
        if detail:
            yield rule, detail


# Each rule takes the message and the policy, and returns what is wrong, or nothing.


def _placeholder(entry: Entry, _policy: Policy) -> str:
    expected, met = _placeholders(entry.model), _placeholders(entry.text)
    return "" if expected == met else f"{_shown(met)} ≠ {_shown(expected)}"


def _placeholders(text: str) -> tuple[set[str], list[str]]:
    """Named placeholders, and unnamed ones in their order, which a translation cannot change."""
    named: set[str] = set()
    unnamed: list[str] = []
    for match in _PRINTF.finditer(text):
        (named.add if match.group(1) else unnamed.append)(match.group())
    for match in _BRACE.finditer(text):
        (unnamed.append if match.group() == "{}" else named.add)(match.group())
    return named, unnamed


def _shown(placeholders: tuple[set[str], list[str]]) -> str:
    return " ".join([*sorted(placeholders[0]), *placeholders[1]]) or "∅"


def _markup(entry: Entry, _policy: Policy) -> str:
    expected, met = _tags(entry.model), _tags(entry.text)
    lost, extra = expected - met, met - expected
    return " ".join([*(f"-{tag}" for tag in lost.elements()), *(f"+{tag}" for tag in extra)])


def _tags(text: str) -> Counter[str]:
    tags = (_SPOKEN_ATTRIBUTE.sub(r"\1", tag) for tag in _TAG.findall(text))
    return Counter([*tags, *_ENTITY.findall(text)])


def _newline(entry: Entry, _policy: Policy) -> str:
    ends = [(text.startswith("\n"), text.endswith("\n")) for text in (entry.model, entry.text)]
    return "" if ends[0] == ends[1] else "\\n"


def _traditional(entry: Entry, _policy: Policy) -> str:
    convert = _to_simplified()
    pairs = zip(entry.text, convert(entry.text) if convert else entry.text, strict=False)
    return " ".join(f"{old}→{new}" for old, new in pairs if old != new)


def can_tell_traditional() -> bool:
    """Whether OpenCC is installed; without it traditional characters go unseen."""
    return _to_simplified() is not None


@lru_cache(maxsize=1)
def _to_simplified() -> Callable[[str], str] | None:
    try:
        from opencc import OpenCC
    except ImportError:
        return None
    return OpenCC("t2s").convert


def _english(entry: Entry, _policy: Policy) -> str:
    words = _bare(entry.text)
    if re.search(r"[A-Za-z]", words) and not re.search(f"[{_HAN}]", words):
        return words.strip()
    found = _LATIN_RUN.search(words)
    return found.group() if found else ""


def _punctuation(entry: Entry, _policy: Policy) -> str:
    found = _HALF_WIDTH.search(_bare(entry.text))
    return found.group() if found else ""


def _glossary(entry: Entry, policy: Policy) -> str:
    english = _bare(entry.msgid)
    for term, words in policy.terms:
        used = re.search(rf"\b{term}(?:s|es)?\b", english, re.IGNORECASE)
        if used and not any(word in entry.text for word in words):
            return f"{used.group()} = {'/'.join(words)}"
    return ""


def _avoid(entry: Entry, policy: Policy) -> str:
    text = _bare(entry.text)
    return " ".join(f"{word}→{instead}" for word, instead in policy.avoid if word in text)


def _bare(text: str) -> str:
    """The words alone: without code, addresses, tags and placeholders."""
    for pattern in (_CODE, _TAG, _ENTITY, _PRINTF, _BRACE):
        text = pattern.sub(" ", text)
    return text


_RULES: dict[str, Callable[[Entry, Policy], str]] = {
    "placeholder": _placeholder,
    "markup": _markup,
    "newline": _newline,
    "traditional": _traditional,
    "english": _english,
    "punctuation": _punctuation,
    "glossary": _glossary,
    "avoid": _avoid,
}
