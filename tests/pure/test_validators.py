"""Codes with a rule of their own: right ones pass, typing errors are caught."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ckanext.jilinopen.catalogue import codes

# Public codes of units of the province; the last one was printed with a wrong check character.
UNITS = [
    "122200005740930828",
    "12220200782609514F",
    "12220600737041237Q",
    "112200007710693483",
    "11222400MB14602364",
    "12220000412759478T",
]
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BODIES = st.text(ALPHABET, min_size=17, max_size=17)


@pytest.mark.parametrize("code", UNITS)
def test_real_credit_codes_pass(code):
    assert codes.is_uscc(code)


def test_a_misprinted_credit_code_is_caught_and_its_character_named():
    assert not codes.is_uscc("11220000MB1726532P")
    assert codes.uscc_check_character("11220000MB1726532P") == "F"


@given(BODIES)
def test_one_check_character_fits_each_body(body):
    fitting = [char for char in ALPHABET if codes.is_uscc(body + char)]
    assert fitting == [codes.uscc_check_character(body)]


@given(BODIES, st.integers(0, 16), st.sampled_from(ALPHABET))
def test_any_single_mistyped_character_is_caught(body, position, char):
    assume(body[position] != char)
    mistyped = body[:position] + char + body[position + 1 :]
    assert not codes.is_uscc(mistyped + codes.uscc_check_character(body))


@pytest.mark.parametrize("code", ["", "1", "O22200005740930828", "12220000574093082", "一" * 18])
def test_what_is_no_credit_code(code):
    assert not codes.is_uscc(code)


def test_credit_codes_as_people_type_them():
    assert codes.uscc(" １２２２0000-5740 930828") == "122200005740930828"
    assert codes.uscc("12220200782609514f") == "12220200782609514F"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("307022000123/000001", "307022000123/000001"),
        (" 307022000123／000001 ", "307022000123/000001"),
        ("307022/1", "307022/1"),
        ("407022/1", None),
        ("399022/1", None),
        ("30702/1", None),
        ("307022000123", None),
        ("", None),
    ],
)
def test_resource_codes(text, code):
    assert codes.resource_code(text) == code


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("吉政数字〔2020〕18号", "吉政数字〔2020〕18号"),
        ("吉政数字[2020]18号", "吉政数字〔2020〕18号"),
        ("吉政数字（2020）18号", "吉政数字〔2020〕18号"),
        ("吉政数字2020-18", None),
        ("〔2020〕18号", None),
    ],
)
def test_document_numbers(text, number):
    assert codes.document_number(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("11220000MB1726532P/2020-00754", "11220000MB1726532P/2020-00754"),
        ("11220000MB1726532P/2020-754", None),
        ("1122/2020-00754", None),
    ],
)
def test_index_numbers(text, number):
    assert codes.index_number(text) == number
