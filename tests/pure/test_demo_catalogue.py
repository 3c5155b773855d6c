"""The sample catalogues: sizes, departments, themes, quirks, sameness on every machine."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

from ckanext.jilinopen.catalogue import crosswalk, vocabulary
from demo import catalogue as generator
from demo import tables
from demo.catalogue import CATALOGUES, changchun, jilinshi, province
from demo.files import build
from demo.package import package_dict, package_id, published
from demo.rows import MARK

ROOT = Path(__file__).parents[2]
DIVISIONS = {"changchun": "220100", "jilinshi": "220200", "province": "220000"}


def digest(name: str) -> str:
    return hashlib.sha256(repr(CATALOGUES[name]()).encode()).hexdigest()


@pytest.mark.parametrize(
    ("catalogue", "records", "departments"),
    [("changchun", 901, 51), ("jilinshi", 348, 65), ("province", 240, 57)],
)
def test_sizes_are_exact(catalogue, records, departments):
    found = CATALOGUES[catalogue]()
    assert len(found) == records
    assert len({record.record_id for record in found}) == records
    official = {record.official_department for record in found}
    assert len(official) == departments
    assert official == {d.title for d in tables.departments() if d.catalogue == catalogue}


def test_generation_is_the_same_in_another_process():
    code = (
        "import hashlib;from demo.catalogue import CATALOGUES;"
        "print([hashlib.sha256(repr(CATALOGUES[name]()).encode()).hexdigest()"
        " for name in sorted(CATALOGUES)])"
    )
    env = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)}
    other = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == str([digest(name) for name in sorted(CATALOGUES)])


@pytest.mark.parametrize("catalogue", ["changchun", "jilinshi"])
def test_every_department_wording_means_its_official_department(catalogue):
    for record in CATALOGUES[catalogue]():
        found = crosswalk.match_department(record.department, DIVISIONS[catalogue])
        assert found is not None, record.department
        assert found.name_zh == record.official_department


def test_every_listed_alias_is_understood():
    for title, aliases in tables.aliases().items():
        for alias in aliases:
            found = crosswalk.match_department(alias.wording, DIVISIONS[alias.catalogue])
            assert found is not None, alias.wording
            assert found.name_zh == title


def test_old_and_short_department_names_occur():
    wordings = {record.department for record in (*changchun(), *jilinshi())}
    assert {"市环保局", "市卫健委", "市住建局", "市发改委", "市人社局", "市文旅局"} <= wordings


def test_the_province_alone_fills_all_themes():
    counts = Counter(
        slug for r in province() for label in r.themes for slug in crosswalk.match_theme(label)
    )
    assert set(counts) == {theme.value for theme in vocabulary.themes()}
    assert len(counts) == 24


@pytest.mark.parametrize("catalogue", sorted(CATALOGUES))
def test_every_theme_frequency_industry_is_understood(catalogue):
    for record in CATALOGUES[catalogue]():
        assert all(crosswalk.match_theme(label) for label in record.themes), record.themes
        assert all(crosswalk.match_industry(label) for label in record.industries)
        assert crosswalk.match_frequency(record.frequency), record.frequency
        assert crosswalk.match_open_type(record.open_type)


def test_titles_that_people_look_for_are_there():
    titles = {record.title for record in changchun()}
    assert {
        "长春市停车场信息",
        "长春市公交线路信息",
        "长春市公共自行车站点信息",
        "长春市医院信息",
        "长春市小学信息",
        "长春市景区信息",
        "长春市12345政务服务便民热线受理情况",
    } <= titles


@pytest.mark.parametrize(("catalogue", "repeated"), [("changchun", 6), ("jilinshi", 3)])
def test_some_titles_repeat_with_other_content(catalogue, repeated):
    records = CATALOGUES[catalogue]()
    titles = Counter(record.title for record in records)
    assert sum(count - 1 for count in titles.values()) == repeated
    twins = [record for record in records if titles[record.title] > 1]
    assert len({(r.title, r.released, r.updated) for r in twins}) == len(twins)


def test_quirks_of_real_portals_are_kept():
    records = changchun()
    assert any(not record.themes for record in records)
    assert any(len(record.themes) == 2 for record in records)
    assert any(record.updated < record.released for record in records)
    assert any(record.frequency in ("", "其他", "自定义") for record in records)
    assert any(record.record_id.isdecimal() for record in records)
    open_types = Counter(record.open_type for record in records)
    assert set(open_types) == {"无条件开放", "有条件开放"}
    assert open_types["无条件开放"] > 10 * open_types["有条件开放"]


@pytest.mark.parametrize("catalogue", sorted(CATALOGUES))
def test_records_are_honest_and_complete(catalogue):
    phone = re.compile(r"043[12]-\d{8}")
    for record in CATALOGUES[catalogue]():
        assert 20 <= len(record.description) <= 200
        assert MARK in record.description
        assert MARK in record.tags
        assert 1 <= len(record.tags) <= 10
        assert record.files
        assert all(MARK in file.name for file in record.files)
        assert "2019-01-01" < record.released < "2026-11-21"
        assert "2018-09-01" < record.updated < "2026-11-21"
        assert phone.fullmatch(record.phone)
        assert record.email.endswith(".example")
        assert bool(record.open_condition) == record.conditional


def test_a_topic_more_or_less_leaves_the_other_records_as_they_are(monkeypatch):
    fewer = tuple(topic for topic in tables.topics() if topic.subject != "公交线路信息")
    monkeypatch.setattr(tables, "topics", lambda: fewer)
    now = {record.record_id: record for record in generator._records(generator._CHANGCHUN)}
    before = {record.record_id: record for record in changchun()}
    common = now.keys() & before.keys()
    assert len(common) > 890
    assert all(now[record_id] == before[record_id] for record_id in common)
    assert "长春市公交线路信息" not in {record.title for record in now.values()}


def test_columns_have_unique_names_and_known_types():
    types = {item.value for item in vocabulary.terms("item_types")}
    for name, columns in tables.columns().items():
        assert len({column.name for column in columns}) == len(columns), name
        assert {column.data_type for column in columns} <= types, name


def test_packages_of_the_province():
    packages = [package_dict(published(record)) for record in province()]
    assert len({package["id"] for package in packages}) == 240
    assert len({package["jl_resource_code"] for package in packages}) == 240
    assert len({package["name"] for package in packages}) == 240
    licences = {licence.value for licence in vocabulary.licences()}
    for record, package in zip(province(), packages, strict=True):
        assert package["id"] == package_id(record)
        assert re.fullmatch(r"[a-z0-9-]{2,100}", package["name"])
        assert vocabulary.department(package["owner_org"])
        assert all(vocabulary.theme(group["name"]) for group in package["groups"])
        assert package["groups"]
        assert package["license_id"] in licences
        assert (package["jl_open_type"] == "conditional") == record.conditional
        assert all(vocabulary.file_format(r["format"]) for r in package["resources"])
        assert all(resource["url"].isascii() for resource in package["resources"])


def test_of_a_conditional_dataset_only_an_extract_is_published():
    record = next(r for r in province() if r.conditional)
    public = published(record)
    assert [file.name for file in public.files] == [f"{record.title}_样例_{MARK}.csv"]
    encoding = public.files[0].encoding
    rows = build(public, public.files[0]).decode(encoding).splitlines()
    everything = build(record, record.files[0]).decode(encoding).splitlines()
    assert rows == everything[:6]
    assert len(everything) > 20


def test_sources_name_both_portals():
    text = (ROOT / "demo" / "sources.yaml").read_text(encoding="utf-8")
    sources = yaml.safe_load(text)["sources"]
    assert [(s["config"]["family"], s["config"]["division"]) for s in sources] == [
        ("odweb", "220100"),
        ("oportal", "220200"),
    ]
    assert [source["title"] for source in sources] == [
        "长春市公共信息资源开放平台",
        "吉林市公共信息资源开放平台",
    ]
    assert all(vocabulary.department(source["owner_org"]) for source in sources)
    assert "${JILINOPEN_ODWEB_PORT:-9311}" in text
    assert "${JILINOPEN_OPORTAL_PORT:-9312}" in text
