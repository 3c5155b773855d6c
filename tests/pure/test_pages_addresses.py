"""Addresses of a result page, and the conditions that they carry."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.jilinopen.portal import addresses

ARGS = [("q", "公交"), ("groups", "jtys"), ("groups", "shfw"), ("page", "3"), ("sort", "x desc")]
WORD = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)


def back(url):
    assert url.startswith("?")
    return parse_qsl(url[1:], keep_blank_values=True)


def test_a_new_condition_starts_at_the_first_page():
    assert back(addresses.with_param(ARGS, "res_format", "CSV")) == [
        ("q", "公交"),
        ("groups", "jtys"),
        ("groups", "shfw"),
        ("sort", "x desc"),
        ("res_format", "CSV"),
    ]


def test_the_same_condition_is_not_added_twice():
    assert back(addresses.with_param(ARGS, "groups", "jtys")).count(("groups", "jtys")) == 1


def test_only_the_named_value_goes():
    kept = back(addresses.without_param(ARGS, "groups", "jtys"))
    assert ("groups", "shfw") in kept
    assert ("groups", "jtys") not in kept


def test_all_values_of_a_name_go():
    kept = back(addresses.without_param(ARGS, "groups"))
    assert "groups" not in dict(kept)


def test_another_order_starts_at_the_first_page_but_another_page_keeps_the_order():
    assert "page" not in dict(back(addresses.with_only(ARGS, "sort", "title_string asc")))
    turned = dict(back(addresses.with_only(ARGS, "page", "4")))
    assert (turned["page"], turned["sort"]) == ("4", "x desc")


@given(WORD.filter(lambda name: name not in ("q", "page")), WORD)
def test_taking_a_condition_away_undoes_adding_it(name, value):
    args = [("q", "公交")]
    added = back(addresses.with_param(args, name, value))
    assert added == [*args, (name, value)]
    assert back(addresses.without_param(added, name, value)) == args


def test_filters_are_neither_words_nor_order_nor_switches():
    args = [*ARGS, ("_groups_limit", "0"), ("ext_x", "1"), ("tags", "")]
    assert addresses.filters(args) == [("groups", "jtys"), ("groups", "shfw")]


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_value_cannot_break_out_of_its_quotes(name, value):
    condition = addresses.solr_condition(name, value)
    field, _, quoted = condition[1:].partition(":")
    assert condition[0] == "+"
    assert not set(field) & set(' "():\\')
    assert quoted[0] == quoted[-1] == '"'
    inside = quoted[1:-1].replace("\\\\", "")
    assert inside.count('"') == inside.count('\\"')


@pytest.mark.parametrize(
    ("current", "last", "numbers"),
    [
        (1, 1, [1]),
        (1, 4, [1, 2, 3, 4]),
        (1, 9, [1, 2, 3, None, 9]),
        (5, 9, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (10, 40, [1, None, 8, 9, 10, 11, 12, None, 40]),
        (40, 40, [1, None, 38, 39, 40]),
    ],
)
def test_page_numbers(current, last, numbers):
    assert addresses.page_numbers(current, last) == numbers


@given(st.integers(1, 3000), st.integers(1, 3000))
def test_pager_always_reaches_both_ends(current, last):
    shown = [number for number in addresses.page_numbers(min(current, last), last) if number]
    assert shown == sorted(set(shown))
    assert {1, last, min(current, last)} <= set(shown)
