"""The tables are complete, consistent with each other, and read the way the rooms rely on."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest

from ckanext.jilinopen.catalogue import vocabulary
from ckanext.jilinopen.catalogue.crosswalk import (
    match_format,
    match_formats,
    match_frequency,
    match_industry,
    match_open_type,
    match_theme,
)
from ckanext.jilinopen.catalogue.dates import parse_date

CATALOGUES = Path(__file__).parents[3] / "shared/catalogues"
SAYS_NOTHING = {"", "暂无", "默认行业", "其他", "None", "[]"}
SAYS_NOTHING |= {"['file']", "['其他']", "['link']", "['link', '其他']"}

NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,98}[a-z0-9]$")


def test_there_are_24_themes_in_the_official_order():
    themes = vocabulary.themes()
    assert [theme.order for theme in themes] == list(range(1, 25))
    assert (themes[0].name_zh, themes[-1].name_zh) == ("信用服务", "其他")


def test_every_theme_leads_to_known_eu_themes_and_industries():
    for theme in (*vocabulary.themes(), *vocabulary.featured_themes()):
        assert theme.eu_data_theme
        assert all(vocabulary.eu_theme(code) for code in theme.eu_data_theme)
        assert all(vocabulary.industry(code) for code in theme.gbt4754)


def test_every_theme_alias_leads_to_a_theme():
    assert {slug for slug in vocabulary.theme_aliases().values() if not vocabulary.theme(slug)} == (
        set()
    )


@pytest.mark.parametrize("name", vocabulary.LISTS)
def test_values_of_a_list_are_unique_and_labelled_in_both_languages(name):
    values = [term.value for term in vocabulary.terms(name)]
    assert len(set(values)) == len(values) > 0
    assert all(term.label_zh and term.label_en for term in vocabulary.terms(name))


def test_an_unknown_list_is_refused():
    with pytest.raises(KeyError):
        vocabulary.terms("../secrets")


def test_departments_have_valid_names_and_known_divisions_and_codes():
    for item in vocabulary.departments():
        assert NAME.match(item.name), item
        assert vocabulary.division(item.division), item
        assert vocabulary.term("levels", item.level), item
        assert vocabulary.term("org_types", item.org_type), item
        assert item.short_name, item


def test_a_label_follows_the_language_of_the_page():
    theme = vocabulary.themes()[1]
    assert theme.label("zh_Hans_CN") == theme.label("zh_Hant_TW") == "医疗卫生"
    assert theme.label("en") == "Health care"


def test_nothing_can_change_a_table():
    with pytest.raises(dataclasses.FrozenInstanceError):
        vocabulary.themes()[0].label_zh = "其他"  # pyright: ignore[reportAttributeAccessIssue]


def test_licences_that_are_open_and_those_that_are_not():
    assert vocabulary.licence("jilin-open-1.0").is_open
    assert not vocabulary.licence("jilin-conditional").is_open


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("医疗卫生", ["ylws"]),
        ("文化、体育，科技、教育", ["jywh"]),
        ("城乡建设、环境保护，民政、社区", ["cjzf", "shjz"]),
        ("财政，信息产业，经济管理", ["csjr", "kjcx", "zhzw"]),
        ("气象 水文 测绘 地震", ["qxfw"]),
        ("['城建住房', '交通运输']", ["cjzf", "jtys"]),
        ("文化、卫生", ["jywh", "ylws"]),
        ("医疗卫生|其他", ["ylws"]),
        ("农业主题", ["gyny"]),
        ("暂无", ["qita"]),
        ("默认主题", ["qita"]),
        ("", []),
        ("乱七八糟", []),
    ],
)
def test_theme_labels_of_other_portals(text, slugs):
    assert match_theme(text) == slugs


@pytest.mark.parametrize("theme", vocabulary.themes(), ids=lambda theme: theme.slug)
def test_each_theme_is_found_by_its_own_name(theme):
    assert match_theme(theme.name_zh) == [theme.slug]


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("公共管理、社会保障和社会组织，卫生和社会工作", ["S", "Q"]),
        ("农、林、牧、渔业", ["A"]),
        ("农林牧渔业", ["A"]),
        ("土地管理业", ["N"]),
        ("默认行业", []),
        ("", []),
    ],
)
def test_industry_labels_of_other_portals(text, letters):
    assert match_industry(text) == letters


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("每年", "annual"),
        ("‘每年’", "annual"),
        ("每年更新", "annual"),
        ("每天", "daily"),
        (" 每１日 ", "daily"),
        ("每 3 月", "quarterly"),
        ("每 6 月", "semiannual"),
        ("每 2 日", "weekly"),
        ("每两年", "irregular"),
        ("每半月", "monthly"),
        ("每10分钟", "realtime"),
        ("每12小时", "daily"),
        ("不更新(更新说明:暂无新业务数据产生)", "static"),
        ("每 null null", "unknown"),
        ("其他", "unknown"),
        ("", "unknown"),
        ("牲畜饲养", None),
        ("每零年", None),
    ],
)
def test_frequencies_of_other_portals(text, value):
    assert match_frequency(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("无条件开放", "unconditional"),
        ("无条件开发", "unconditional"),
        ("登录开放", "unconditional"),
        ("有条件开放（需申请）", "conditional"),
        ("依申请开放", "conditional"),
        ("非开放", "none"),
        ("不予开放", "none"),
        ("开放条件", None),
        ("无", None),
        ("", None),
    ],
)
def test_openness_words_of_other_portals(text, value):
    assert match_open_type(text) == value


@pytest.mark.parametrize(
    ("text", "exts"),
    [
        ("['xls', 'json']", ["xls", "json"]),
        ("['xls', '其他']", ["xls"]),
        ("xml\\json", ["xml", "json"]),
        ("XLS,CSV", ["xls", "csv"]),
        ("电子表格-xlsx", ["xlsx"]),
        ("电子表格/xlsx", ["xlsx"]),
        ("数据库-mysql", ["db"]),
        ("application/json", ["json"]),
        ("[]", []),
        ("file", []),
        ("link", []),
    ],
)
def test_formats_of_other_portals(text, exts):
    assert match_formats(text) == exts


def test_a_word_that_names_no_format():
    assert match_format("文件") is None


@pytest.mark.parametrize(
    "item",
    [*vocabulary.frequencies(), *vocabulary.open_types(), *vocabulary.industries()],
    ids=lambda item: item.value,
)
def test_labels_and_aliases_lead_back_to_their_value(item):
    match = {
        "Frequency": lambda text: [match_frequency(text)],
        "OpenType": lambda text: [match_open_type(text)],
        "Industry": match_industry,
    }[type(item).__name__]
    assert {tuple(match(word)) for word in (item.label_zh, *item.aliases)} == {(item.value,)}


@pytest.mark.catalogues
@pytest.mark.skipif(not CATALOGUES.exists(), reason="the real records are not here")
@pytest.mark.parametrize(
    ("labels", "match"),
    [
        (("所属主题", "重点领域", "主题名称"), match_theme),
        (("更新频率",), match_frequency),
        (("开放状态", "开放条件", "开放属性"), match_open_type),
        (("所属行业",), match_industry),
        (("数据格式",), match_formats),
        (("发布时间", "最后更新", "更新时间"), parse_date),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_real_values_are_understood(labels, match):
    values = set()
    for path in CATALOGUES.glob("*/*.jsonl"):
        with path.open(encoding="utf-8") as lines:
            values |= {str(json.loads(line).get(label, "")) for line in lines for label in labels}
    values -= SAYS_NOTHING
    missed = {value for value in values if not match(value)}
    assert len(missed) <= 0.01 * len(values), sorted(missed)
