"""The simulated oportal portal keeps to its protocol, over a real socket."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from bs4 import BeautifulSoup

from demo.catalogue import jilinshi
from demo.portals.oportal import OportalOptions, id_in_rc, sign
from demo.portals.server import PortalServer
from demo.replay import read_replay

REAL = Path(__file__).parents[3] / "shared" / "catalogues" / "oportal" / "luan.jsonl"


@pytest.fixture(scope="module")
def portal():
    with PortalServer("oportal", jilinshi()[:63]) as server:
        yield server


def soup(content):
    return BeautifulSoup(content, "lxml")


def get(portal, path, **params):
    return httpx.get(portal.url + path, params=params, timeout=10)


def listing(portal, page, **params):
    return soup(get(portal, "/catalog/index", page=page, **params).content)


def links(page):
    return [
        a.get("href").rpartition("/")[2]
        for a in page.select("div.bottom-content > ul > li div.cata-title > a")
    ]


def crawl(portal, **params):
    found, number = [], 1
    while ids := links(listing(portal, number, **params)):
        found += ids
        number += 1
    return found


def basics(page):
    cells = [c.get_text() for c in page.select("li[name=basicinfo] td")]
    return dict(zip(cells[::2], cells[1::2], strict=True))


def head(page):
    found = {}
    for item in page.select("ul.list-inline li"):
        label = item.get_text().partition("：")[0].strip()
        found[label] = item.select("span.text-primary")[0].get_text().strip()
    return found


# --- listing -------------------------------------------------------------------------------------


def test_ten_a_page_until_an_empty_one(portal):
    ids = crawl(portal)
    assert len(ids) == len(set(ids)) == 63
    assert len(links(listing(portal, 7))) == 3
    assert links(listing(portal, 8)) == []


def test_total_has_thousands_commas():
    many = [replace(jilinshi()[0], record_id=f"{n:032x}") for n in range(1234)]
    with PortalServer("oportal", many) as portal:
        page = listing(portal, 1)
        assert page.select("div.top-title span")[0].get_text() == "1,234"


def test_items_name_their_formats_as_classes(portal):
    page = listing(portal, 1)
    texts = set()
    for item in page.select("div.bottom-content > ul > li"):
        for mark in item.select("div.file-type li"):
            [name] = mark["class"]
            assert name in {"xls", "xml", "json", "csv", "api"}
            texts.add((name, mark.get_text()))
    assert ("csv", "CSV") in texts
    assert all(text == "接口" for name, text in texts if name == "api")


def test_facets_filter_the_listing(portal):
    organ = listing(portal, 1).select("ul.js-organ-list li")[0]
    count = int(organ.get_text().rpartition("(")[2].removesuffix(")"))
    code = str(organ["data-code"])
    ids = crawl(portal, filterParam="org_code", filterParamCode=code)
    departments = {portal.catalogue.get(i).department_code for i in ids}
    assert departments == {code}
    assert len(ids) >= count
    assert listing(portal, 1).select("ul.js-region-list li")


def test_open_type_and_format_filters(portal):
    conditional = set(crawl(portal, openType=2))
    assert conditional == {r.record_id for r in portal.catalogue.all() if r.conditional}
    assert set(crawl(portal, fileFormat=4)) == {
        r.record_id for r in portal.catalogue.all() if "csv" in r.formats
    }


# --- detail --------------------------------------------------------------------------------------


def test_detail_shows_the_record(portal):
    for record in portal.catalogue.all()[:25]:
        page = soup(get(portal, f"/catalog/{record.record_id}").content)
        assert page.select("ul.d-title.pull-left h4")[0].get_text() == record.title
        assert page.select("input#cata_id")[0].get("value") == record.record_id
        top, table = head(page), basics(page)
        assert top["来源部门"] == record.department
        assert top["重点领域"] in ("，".join(record.themes), "暂无")
        assert top["发布时间"] == record.released[:10]
        assert top["更新时间"] == record.updated[:10]
        assert top["开放条件"] == record.open_type
        assert table["部门电话"] == record.phone
        assert table["标签"].split() == list(record.tags)
        assert table["描述"] == record.description
        rows = page.select("li[name=file-download] table tbody tr[fileformat]")
        assert [row.get("file-id") for row in rows] == [id_in_rc(f) for f in record.files]
        links = page.select("li[name=file-download] a.downloadFileLink")
        assert [link.get("id") for link in links] == [id_in_rc(f) for f in record.files]


def test_files_may_be_listed_as_json_only():
    options = OportalOptions(static_files=False)
    with PortalServer("oportal", jilinshi()[:1], options=options) as portal:
        record = jilinshi()[0]
        page = soup(get(portal, f"/catalog/{record.record_id}").content)
        assert not page.select("li[name=file-download] tbody tr")
        assert files_of(portal, record)["total"] == len(record.files)


def test_tags_are_parted_by_line_breaks_and_tabs(portal):
    record = portal.catalogue.all()[0]
    raw = get(portal, f"/catalog/{record.record_id}").content
    assert "\r\n\t".join(record.tags).encode() in raw


def test_empty_values_and_counts():
    bare = [
        replace(
            jilinshi()[0],
            record_id=f"{n:032x}",
            phone="",
            email="",
            industries=(),
            row_count="469585",
        )
        for n in range(12)
    ]
    with PortalServer("oportal", bare) as portal:
        tables = [basics(soup(get(portal, f"/catalog/{r.record_id}").content)) for r in bare]
    assert {table["部门电话"] for table in tables} == {"", "暂无"}
    assert {table["数据量"] for table in tables} == {"469,585"}


def test_other_labels_and_the_other_head():
    options = OportalOptions(
        ctx="/portal", condition_label="开放状态", updated_label="数据更新时间", spans=True
    )
    with PortalServer("oportal", jilinshi()[:1], options=options) as portal:
        assert portal.url.endswith("/portal")
        record = jilinshi()[0]
        page = soup(get(portal, f"/catalog/{record.record_id}").content)
        texts = [li.get_text() for li in page.select("div.details-list li")]
        assert f"数据更新时间：{record.updated[:10]}" in texts
        assert f"开放状态：{record.open_type}" in texts


def test_a_missing_record_is_said_in_a_page(portal):
    answer = get(portal, f"/catalog/{'0' * 32}")
    assert answer.status_code == 200
    assert "不存在" in answer.text


# --- files and services --------------------------------------------------------------------------


def files_of(portal, record, **params):
    answer = get(
        portal,
        "/catalog/getResourceWithFormat",
        cataId=record.record_id,
        pageNum=1,
        pageSize=100,
        **params,
    ).json()
    assert answer["code"] == 0
    return answer["object"]


def test_files_come_with_ids_that_must_be_quoted(portal):
    record = next(r for r in portal.catalogue.all() if len(r.files) > 2 and not r.conditional)
    listed = files_of(portal, record)
    assert listed["total"] == len(record.files)
    for row, file in zip(listed["records"], record.files, strict=True):
        assert len(row["idInRc"]) == 64
        assert {"/", "+", "="} <= set(row["idInRc"])
        got = get(
            portal,
            "/catalog/download",
            cataId=record.record_id,
            cataName=record.title,
            idInRc=row["idInRc"],
        )
        assert "attachment" in got.headers["content-disposition"]
        assert len(got.content) == row["fileSize"]
        careless = httpx.get(
            f"{portal.url}/catalog/download?cataId={record.record_id}&idInRc={row['idInRc']}"
        )
        assert "error" in careless.text
        assert quote(row["idInRc"], safe="") != row["idInRc"]
        assert file.name == row["fileName"]
    assert files_of(portal, record, fileFormat="csv")["total"] == 1


def test_the_store_has_an_address_of_its_own(portal):
    record = next(r for r in portal.catalogue.all() if not r.conditional)
    document = id_in_rc(record.files[0])
    address = portal.origin + "/rcservice/docouter"
    good = httpx.get(address, params={"docid": document, "siteCode": "220200000000"})
    assert "attachment" in good.headers["content-disposition"]
    bad = httpx.get(address, params={"docid": document, "siteCode": "370800000000"})
    assert "error" in bad.json()


def test_conditional_files_are_refused_with_200():
    record = replace(jilinshi()[0], open_type="有条件开放")
    with PortalServer("oportal", [record]) as portal:
        answer = get(portal, "/catalog/download", idInRc=id_in_rc(record.files[0]))
        assert answer.status_code == 200
        assert "无权限下载" in answer.text
        assert files_of(portal, record)["records"][0]["isApply"] == "1"


def test_services_are_listed(portal):
    record = next(r for r in portal.catalogue.all() if r.services)
    answer = get(
        portal,
        "/catalog/getApplyResource",
        searchType="api",
        cataId=record.record_id,
        pageNum=1,
        pageSize=100,
    ).json()
    service = record.services[0]
    assert answer["object"]["records"][0]["serviceId"] == service.service_id
    assert answer["object"]["records"][0]["context"] == service.context
    page = soup(get(portal, "/api/index", page=1).content)
    assert page.select("div.cata-title a")
    detail = get(portal, f"/api/{service.service_id}/detail")
    assert service.context in detail.text


def signed(client="sample-client", key="sample-only", age_ms=0):
    stamp = str(int(time.time() * 1000) - age_ms)
    headers = {
        "X-Client-Id": client,
        "X-Timestamp": stamp,
        "X-Nonce": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    }
    headers["X-Signature"] = sign(client, key, stamp, headers["X-Nonce"])
    return headers


def test_gateway_answers_signed_calls_only(portal):
    record = next(r for r in portal.catalogue.all() if r.services)
    address = f"{portal.origin}/gateway/api/1/{record.services[0].context}"
    good = httpx.get(address, params={"STARTNUM": 0, "PAGENUM": 5}, headers=signed()).json()
    assert str(good["code"]) == "200"
    assert len(json.loads(good["data"])) == 5
    for headers, message in (
        ({}, "请求者标识不存在"),
        (signed(client="nobody"), "请求者标识不存在"),
        (signed(key="wrong"), "权限认证失败"),
        (signed(age_ms=11 * 60 * 1000), "权限认证失败"),
        (signed() | {"X-Nonce": ""}, "权限认证失败"),
    ):
        answer = httpx.get(address, headers=headers)
        assert answer.status_code == 200
        assert (answer.json()["code"], answer.json()["msg"]) == (300, message)


def test_gateway_reads_a_catalogue_by_pages(portal):
    record = portal.catalogue.all()[0]
    base = f"{portal.origin}/gateway/api/1.0/cataLog_{record.record_id}"
    count = httpx.get(f"{base}/get_data_count", headers=signed()).json()["data"][0]["count"]
    assert count == int(record.row_count)
    rows, page = [], 1
    while part := httpx.post(
        f"{base}/get_datalist_page", data={"PAGE": page, "PAGENUM": 15}, headers=signed()
    ).json()["data"]:
        rows += part
        page += 1
    assert len(rows) == count


# --- counts and replay ---------------------------------------------------------------------------


def test_requests_are_counted_by_route():
    with PortalServer("oportal", jilinshi()[:12]) as portal:
        crawl(portal)
        assert portal.counts["list"] == 3
        assert portal.counts["detail"] == 0
        get(portal, f"/catalog/{jilinshi()[0].record_id}")
        assert portal.counts["detail"] == 1


@pytest.mark.catalogues
@pytest.mark.skipif(not REAL.exists(), reason="real records are not beside the project")
def test_replay_serves_every_real_record():
    records = read_replay(REAL)
    assert len(records) == 548
    assert len({record.title for record in records}) == 539
    assert records == read_replay(REAL)
    with PortalServer("oportal", records) as portal:
        assert listing(portal, 1).select("div.top-title span")[0].get_text() == "548"
        ids = crawl(portal)
        assert set(ids) == {record.record_id for record in records}
        for line, record in list(
            zip(REAL.read_text(encoding="utf-8").splitlines(), records, strict=True)
        )[::61]:
            row = json.loads(line)
            page = soup(get(portal, f"/catalog/{record.record_id}").content)
            assert head(page)["来源部门"] == row["来源部门"]
            assert head(page)["重点领域"] in (row["重点领域"], "暂无")
            assert basics(page)["更新频率"] == row["更新频率"]
            label = "数据量" if record.files[0].generated else "文件量"
            assert basics(page)[label] == row["数据量"]
