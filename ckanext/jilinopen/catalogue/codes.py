"""Codes with a rule of their own: credit codes, resource codes, document and index numbers."""

from __future__ import annotations

import re

from ckanext.jilinopen.catalogue import vocabulary
from ckanext.jilinopen.catalogue.text import fold, squeeze

__all__ = [
    "document_number",
    "index_number",
    "is_uscc",
    "resource_code",
    "uscc",
    "uscc_check_character",
]

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC = re.compile(rf"^[{_USCC_ALPHABET}]{{18}}$")
_USCC_BODY = re.compile(rf"^[{_USCC_ALPHABET}]{{17}}")
_RESOURCE_CODE = re.compile(r"^(?P<class>[123]\d{2})(?P<mu>\d{3})(?P<ximu>\d*)/(?P<seq>\d+)$")
_INDEX_NUMBER = re.compile(rf"^[{_USCC_ALPHABET}]{{18}}/\d{{4}}-\d{{5}}$")
_DOCUMENT_NUMBER = re.compile(
    r"^(?P<organ>[\u4e00-\u9fff]{1,20})[〔\[(](?P<year>\d{4})[〕\])](?P<no>\d{1,5})号$"
)


def uscc(text: str) -> str:
    """A unified social credit code as typed, brought to upper-case half-width characters.

    Letters are never repaired: O for 0 is for the typist to correct.
    """
    return re.sub(r"[\s-]", "", fold(text)).upper()


def uscc_check_character(code: str) -> str:
    """The 18th character that GB 32100-2015 asks for after the first 17.

    Returns:
        Empty where the first 17 characters are not of the alphabet.
    """
    if not _USCC_BODY.match(code):
        return ""
    weighted = sum(
        _USCC_ALPHABET.index(char) * pow(3, position, 31) for position, char in enumerate(code[:17])
    )
    return _USCC_ALPHABET[-weighted % 31]


def is_uscc(code: str) -> bool:
    """Whether a code is 18 characters of the alphabet with the right check character."""
    return bool(_USCC.match(code)) and uscc_check_character(code) == code[17]


def resource_code(text: str) -> str | None:
    """A resource code of the 2017 catalogue guide, such as ``307022000123/000001``.

    Returns:
        The code in half-width characters, ``None`` where its form or its class is wrong.
    """
    code = squeeze(text)
    met = _RESOURCE_CODE.match(code)
    return code if met and vocabulary.term("resource_classes", met["class"]) else None


def index_number(text: str) -> str | None:
    """An index number of government information, ``<USCC>/<year>-<number>``."""
    code = squeeze(text).upper()
    return code if _INDEX_NUMBER.match(code) else None


def document_number(text: str) -> str | None:
    """The number of an official document with its year in 〔〕, ``吉政数字〔2020〕18号``."""
    met = _DOCUMENT_NUMBER.match(squeeze(text))
    return f"{met['organ']}〔{met['year']}〕{met['no']}号" if met else None
