"""Department names of other portals find our departments, and never somebody else's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.jilinopen.catalogue import vocabulary
from ckanext.jilinopen.catalogue.crosswalk import match_department, official_department_name

CATALOGUES = Path(__file__).parents[3] / "shared/catalogues"


def title_of(name: str, division: str) -> str | None:
    found = match_department(name, division)
    return found.name_zh if found else None


def test_the_provinces_and_the_two_cities_departments_are_listed():
    assert len(vocabulary.departments_of("220000")) == 57
    assert len(vocabulary.departments_of("220100")) == 51
    below_jilin = [
        item for item in vocabulary.departments() if vocabulary.is_within(item.division, "220200")
    ]
    assert len(below_jilin) == 65


@pytest.mark.parametrize("item", vocabulary.departments(), ids=lambda item: item.name)
def test_every_department_is_found_by_title_short_name_and_alias(item):
    place = vocabulary.region_of(item.division)
    division = place.code if place else item.division
    names = [item.name_zh, item.short_name, *item.aliases]
    assert {match_department(name, division) for name in names} == {item}


@pytest.mark.parametrize(
    ("name", "division", "title"),
    [
        ("市教育局", "220100", "长春市教育局"),
        ("教育局", "220100", "长春市教育局"),
        (" 市 教育局\n", "220100", "长春市教育局"),
        ("市教育局", "220200", "吉林市教育局"),
        ("【长春市】长春市生态环境局", "220100", "长春市生态环境局"),
        ("市环保局", "220100", "长春市生态环境局"),
        ("卫生健康委员会", "220100", "长春市卫生健康委员会"),
        ("市卫健委", "220200", "吉林市卫生健康委员会"),
        ("长春市发改委", "220100", "长春市发展和改革委员会"),
        ("市住建局", "220100", "长春市城乡建设委员会"),
        ("市住建局", "220200", "吉林市住房和城乡建设局"),
        ("市场监督管理局", "220100", "长春市市场监督管理局"),
        ("长春市工商局", "220100", "长春市市场监督管理局"),
        ("市扶贫办", "220100", "长春市乡村振兴局"),
        ("国家税务总局长春市税务局", "220100", "长春市税务局"),
        ("长春市发展和改革委员会（长春市大数据发展局）", "220100", "长春市发展和改革委员会"),
        ("长春市教育局基础教育处", "220100", "长春市教育局"),
        ("省人社厅", "220100", "吉林省人力资源和社会保障厅"),
        ("吉林省教育厅", "220200", "吉林省教育厅"),
        ("昌邑区政府", "220200", "昌邑区人民政府"),
        ("高新区管委会", "220200", "吉林高新技术产业开发区管理委员会"),
    ],
)
def test_short_former_and_relative_names(name, division, title):
    assert title_of(name, division) == title


@pytest.mark.parametrize(
    ("name", "division"),
    [
        ("南关区教育局", "220100"),
        ("长春市南关区教育局", "220100"),
        ("长春市公安局南关区分局", "220100"),
        ("区教育局", "220100"),
        ("市教育局", "220184"),
        ("公主岭市教育局", "220100"),
        ("四平市教育局", "220100"),
        ("", "220100"),
        ("暂无", "220100"),
    ],
)
def test_a_countys_organ_is_never_taken_for_the_citys(name, division):
    assert match_department(name, division) is None


@pytest.mark.parametrize(
    ("name", "division", "title"),
    [
        ("市教育局", "220100", "长春市教育局"),
        ("市教育局", "220300", "四平市教育局"),
        ("教育局", "220300", "四平市教育局"),
        ("市卫健委", "220300", "四平市卫生健康委员会"),
        ("四平市卫健委", "220300", "四平市卫生健康委员会"),
        ("四平卫健委", "220300", "四平市卫生健康委员会"),
        ("市教育局", "220184", "公主岭市教育局"),
        ("区教育局", "220104", "朝阳区教育局"),
        ("市委组织部", "220100", "长春市委组织部"),
        ("大数据产业发展服务中心", "220100", "长春市大数据产业发展服务中心"),
        ("共青团长春市委员会", "220100", "共青团长春市委员会"),
        ("长春公交集团", "220100", "长春公交集团"),
        ("长春市南关区教育局", "220100", "长春市南关区教育局"),
        ("", "220100", ""),
    ],
)
def test_the_title_under_which_a_department_is_filed(name, division, title):
    assert official_department_name(name, division) == title


@given(st.text(max_size=40), st.sampled_from([item.code for item in vocabulary.divisions()]))
def test_a_title_is_its_own_official_title(name, division):
    title = official_department_name(name, division)
    assert official_department_name(title, division) == title


@pytest.mark.catalogues
@pytest.mark.skipif(not CATALOGUES.exists(), reason="the real records are not here")
def test_real_relative_names_find_most_departments_of_a_city():
    with (CATALOGUES / "odweb/yinchuan.jsonl").open(encoding="utf-8") as lines:
        names = {json.loads(line)["来源部门"] for line in lines}
    relative = {name for name in names if name.startswith("市")}
    found = {name for name in relative if match_department(name, "220100")}
    assert len(found) >= 0.7 * len(relative), sorted(relative - found)
