"""Folding of other people's text to the one form in which words are compared."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["fold", "key", "squeeze", "tidy", "without_brackets"]

_BLANK = re.compile(r"\s+")
_INVISIBLE = re.compile("[\u200b-\u200f\u2028-\u202e\u2060\ufeff\u00ad]")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕")
_QUOTES = "\"'‘’“”「」『』`"


def fold(text: str) -> str:
    """NFKC without invisible characters, white space collapsed to single blanks."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return _BLANK.sub(" ", plain).strip()


_WIDE_WORDS = {
    code: code - 0xFEE0
    for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}


def tidy(text: str) -> str:
    """Text as people are to read it: Chinese punctuation stays as wide as it is.

    Invisible characters go, white space collapses, full-width letters and digits become plain.
    """
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFC", text)).translate(_WIDE_WORDS)
    return _BLANK.sub(" ", plain).strip()


def squeeze(text: str) -> str:
    """The folded text without any white space."""
    return unicodedata.normalize("NFC", fold(text).replace(" ", ""))


def key(text: str) -> str:
    """The form in which two words are compared: folded, lower case, no white space or quotes."""
    return squeeze(text).strip(_QUOTES).lower()


def without_brackets(text: str) -> str:
    """The folded text without the remarks that stand in brackets."""
    return fold(_BRACKETS.sub("", fold(text)))
