"""Divisions: which exist, what counts under what, and how their many names are told apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.jilinopen.catalogue import vocabulary
from ckanext.jilinopen.catalogue.crosswalk import match_division

CODES = st.sampled_from([item.code for item in vocabulary.divisions()])


def code_of(text: str, within: str = "220000") -> str | None:
    found = match_division(text, within)
    return found.code if found else None


def test_the_eleven_regions_in_the_official_order():
    assert [region.short_zh for region in vocabulary.regions()] == [
        "长春", "吉林", "四平", "辽源", "通化", "白山", "松原", "白城", "延边", "长白山", "梅河口",
    ]  # fmt: skip


def test_sixty_county_level_units():
    kinds = {"district", "county", "county_city", "autonomous_county"}
    assert len([item for item in vocabulary.divisions() if item.kind in kinds]) == 60


@pytest.mark.parametrize(
    ("former", "today"),
    [
        ("220381", "220184"),
        ("220181", "220113"),
        ("220625", "220605"),
        ("220724", "220781"),
        ("222426120", "cbs-chibei"),
        ("mhk", "220581"),
        ("220171", "z220171"),
    ],
)
def test_former_and_statistical_codes_lead_to_todays_unit(former, today):
    assert vocabulary.division(former) == vocabulary.division(today) is not None


def test_every_unit_counts_under_one_region_and_none_twice():
    counted = [item for item in vocabulary.divisions() if item.region]
    assert [item.code for item in vocabulary.divisions() if not item.region] == ["220000"]
    for item in counted:
        above = [up for up in (item, *vocabulary.ancestors(item.code)) if up.is_region]
        assert above == [vocabulary.region_of(item.code)], item


def test_meihekou_counts_under_itself_and_not_under_tonghua():
    assert vocabulary.region_of("220581").name_zh == "梅河口市"
    assert not vocabulary.is_within("220581", "220500")
    assert vocabulary.is_within("220581", "220000")


def test_gongzhuling_belongs_to_changchun():
    assert vocabulary.is_within("220381", "220100")
    assert not vocabulary.is_within("220184", "220300")


def test_the_units_below_the_province_are_the_regions():
    assert set(vocabulary.children("220000")) == set(vocabulary.regions())


@given(CODES, CODES)
def test_within_is_an_order(one, other):
    assert vocabulary.is_within(one, one)
    assert not (
        one != other and vocabulary.is_within(one, other) and vocabulary.is_within(other, one)
    )


@given(CODES)
def test_boxes_hold_their_seats(code):
    item = vocabulary.division(code)
    if item.seat and item.box:
        west, south, east, north = item.box
        assert west <= item.seat[0] <= east
        assert south <= item.seat[1] <= north


@pytest.mark.parametrize("item", vocabulary.divisions(), ids=lambda item: item.code)
def test_every_unit_is_found_by_its_name_and_codes(item):
    assert code_of(item.name_zh) == item.code
    assert all(code_of(code) == item.code for code in (item.code, *item.alias_codes))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("吉林", "220000"),
        ("吉林省", "220000"),
        ("吉林市", "220200"),
        ("通化", "220500"),
        ("通化县", "220521"),
        ("长白县", "220623"),
        ("长白山", "cbs"),
        ("长白山管委会", "cbs"),
        ("朝阳区", "220104"),
        ("二道区", "220105"),
        ("二道江区", "220503"),
        ("前郭县", "220721"),
        ("前郭尔罗斯", "220721"),
        ("延边州", "222400"),
        ("伊通县", "220323"),
        ("公主岭", "220184"),
        ("九台市", "220113"),
        ("220104001", "220104"),
        ("吉林省长春市南关区", "220102"),
        ("长春市 朝阳区", "220104"),
        ("通化市梅河口市", "220581"),
        ("吉林市公安局昌邑分局", "220202"),
        ("国家税务总局长春市税务局", "220100"),
        ("长春经开区", "z220171"),
        ("朝阳", None),
        ("西安", None),
        ("西安市", None),
        ("北京市", None),
        ("110000", None),
        ("", None),
    ],
)
def test_names_that_are_easily_mistaken(text, code):
    assert code_of(text) == code


@pytest.mark.parametrize(
    ("text", "within", "code"),
    [("朝阳", "220100", "220104"), ("西安", "220400", "220403"), ("吉林", "220200", "220200")],
)
def test_a_source_tells_which_of_two_is_meant(text, within, code):
    assert code_of(text, within) == code


@given(st.text())
def test_any_text_gives_a_division_or_nothing(text):
    found = match_division(text)
    assert found is None or found in vocabulary.divisions()
