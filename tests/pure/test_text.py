"""Text for people keeps its Chinese look; text for comparing loses every difference of look."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.jilinopen.catalogue.text import fold, key, tidy


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("松原市公交线路（第7批）", "松原市公交线路（第7批）"),
        ("２０２６年ＧＤＰ：合计", "2026年GDP：合计"),
        ("  停车场\u200b 信息\n", "停车场 信息"),
    ],
)
def test_tidy(written, read):
    assert tidy(written) == read


@given(st.text(max_size=80))
def test_tidying_twice_changes_nothing(text):
    assert tidy(tidy(text)) == tidy(text)


@given(st.text(max_size=80))
def test_tidying_does_not_change_what_is_compared(text):
    assert key(tidy(text)) == key(text)


def test_folding_makes_looks_alike():
    assert fold("（Ａ）") == "(A)"
