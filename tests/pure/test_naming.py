"""Addresses, tags and file names made from any text are valid, stable and readable."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.jilinopen.catalogue import vocabulary
from ckanext.jilinopen.catalogue.naming import (
    clean_tags,
    dataset_name,
    file_name,
    is_han,
    organization_name,
    pinyin,
    slug,
)

ANY_TEXT = st.text(max_size=200)
HAN_TEXT = st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1)
CKAN_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?")
CKAN_TAG = re.compile(r"[\w \-.]*", re.UNICODE)


def is_ckan_name(name: str) -> bool:
    return 2 <= len(name) <= 100 and CKAN_NAME.fullmatch(name) is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("长春市公交站点信息", "chang-chun-shi-gong-jiao-zhan-dian-xin-xi"),
        ("珲春口岸", "hun-chun-kou-an"),
        ("白山市长白县人参种植", "bai-shan-shi-chang-bai-xian-ren-shen-zhong-zhi"),
        ("长岭县预算2023年", "chang-ling-xian-yu-suan-2023-nian"),
        ("朝阳区重庆路停车场", "chao-yang-qu-chong-qing-lu-ting-che-chang"),
        ("长珲高速", "chang-hun-gao-su"),
        ("绿园区ＧＤＰ统计", "lv-yuan-qu-gdp-tong-ji"),
        ("Lüyuan Données", "lvyuan-donnees"),
        ("《……》", ""),
        ("", ""),
    ],
)
def test_slugs_can_be_read(text, expected):
    assert slug(text) == expected


@pytest.mark.parametrize("item", vocabulary.divisions(), ids=lambda item: item.code)
def test_every_division_is_spelled_as_its_official_pinyin(item):
    official = re.sub("[^a-z]", "", item.pinyin.lower().replace("ü", "v"))
    assert re.sub("[^a-z]", "", "".join(pinyin(item.name_zh))) == official


@given(ANY_TEXT, st.integers(min_value=1, max_value=120))
def test_a_slug_obeys_its_limit_and_alphabet(text, limit):
    made = slug(text, limit)
    assert len(made) <= limit
    assert made == "" or re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*-?", made)


@given(ANY_TEXT, ANY_TEXT)
def test_any_title_makes_a_valid_dataset_name(title, identity):
    assert is_ckan_name(dataset_name(title, identity))


@given(HAN_TEXT, ANY_TEXT, ANY_TEXT)
def test_equal_titles_with_different_identities_get_different_names(title, one, other):
    names = {dataset_name(title, one), dataset_name(title, other)}
    assert len(names) == len({one, other})


def test_a_dataset_name_never_changes():
    """Stored addresses depend on this rule: changing it breaks every link."""
    expected = "chang-chun-shi-gong-jiao-zhan-dian-9f8a9f5d"
    assert dataset_name("长春市公交站点", "source-1/728e66").startswith(expected[:-8])
    assert dataset_name("长春市公交站点", "a") == dataset_name("长春市公交站点", "a")


@given(ANY_TEXT)
def test_any_title_makes_a_valid_organization_name(title):
    assert is_ckan_name(organization_name(title))


def test_departments_have_the_names_of_the_table():
    for item in vocabulary.departments():
        assert organization_name(item.name_zh) == item.name


def test_organizations_that_sound_alike_get_different_names():
    assert organization_name("四平市水务局") != organization_name("四平市税务局")
    assert organization_name("四平市水务局").startswith("siping-shuiwuju-")
    assert organization_name("通化县教育局").startswith("tonghuaxian-jiaoyuju-")


@pytest.mark.parametrize(
    ("texts", "tags"),
    [
        (["交通、出行"], ["交通", "出行"]),
        (["水", "a", "的"], ["水"]),
        (["《条例》"], ["条例"]),
        (["信息\r\n\t其他\r\n\t综合政务"], ["信息", "其他", "综合政务"]),
        (["教育,教育；教育"], ["教育"]),
        (["ＧＤＰ", "县（市）区"], ["GDP", "县市区"]),
        (["--", "..", "·"], []),
        ([], []),
    ],
)
def test_tags_of_other_portals(texts, tags):
    assert clean_tags(texts) == tags


@given(st.lists(ANY_TEXT, max_size=60))
def test_ckan_accepts_every_cleaned_tag(texts):
    tags = clean_tags(texts)
    assert len(tags) == len(set(tags)) <= 30
    for tag in tags:
        assert CKAN_TAG.fullmatch(tag)
        assert len(tag) <= 100
        assert len(tag) >= 2 or is_han(tag)
    assert clean_tags(tags) == tags


@pytest.mark.parametrize(
    ("title", "ext", "expected"),
    [
        ("长春市公交线路", "csv", "长春市公交线路.csv"),
        ("长春市公交线路.csv", "CSV", "长春市公交线路.csv"),
        ("../../etc/passwd", "", "_.._etc_passwd"),
        ('a"b\r\nSet-Cookie: x', "txt", "a_b Set-Cookie_ x.txt"),
        ("CON", "txt", "data_CON.txt"),
        ("...", "csv", "data.csv"),
        ("", "", "data"),
    ],
)
def test_file_names_keep_their_chinese(title, ext, expected):
    assert file_name(title, ext) == expected


@given(ANY_TEXT, st.text(max_size=8))
def test_any_title_makes_a_safe_file_name(title, ext):
    name = file_name(title, ext)
    assert 0 < len(name.encode()) <= 200
    assert not set(name) & set('/\\:*?"<>|\r\n\0')
    assert not name.startswith(".")
