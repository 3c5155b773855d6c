"""The simulated odweb portal keeps to its protocol, over a real socket."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from bs4 import BeautifulSoup

from demo.catalogue import changchun
from demo.portals.odweb import OdwebOptions
from demo.portals.server import PortalServer
from demo.replay import read_replay

REAL = Path(__file__).parents[3] / "shared" / "catalogues" / "odweb" / "yinchuan.jsonl"
LIST = "/catalog/catalog.do?method=GetCatalog"
DATES = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|[A-Z][a-z]{2} \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d [AP]M"
)


def soup(content):
    return BeautifulSoup(content, "lxml")


class Visitor:
    """A client of one portal; it opens a session unless told otherwise."""

    def __init__(self, portal: PortalServer, session: bool = True):
        self.portal = portal
        self.http = httpx.Client(base_url=portal.url + "/", timeout=10)
        if session:
            self.http.get("index.htm")

    def list(self, **form):
        return self.http.post(LIST.lstrip("/"), data=form)

    def rows(self, **form):
        return self.list(**form).json()["data"]

    def call(self, path, **form):
        return self.http.post(path, data=form)

    def download(self, file_id, method="getFileDownloadAddr"):
        params = {"method": method, "fileId": file_id}
        return self.http.get("catalog/CatalogDetailDownload.do", params=params)

    def page(self, record_id):
        return soup(
            self.http.get("catalog/catalogDetail.htm", params={"cata_id": record_id}).content
        )


@pytest.fixture
def portal():
    with PortalServer("odweb", changchun()[:40]) as server:
        yield server


@pytest.fixture
def visitor(portal):
    return Visitor(portal)


def pairs(page):
    found = {}
    for item in page.select("div.detail-info-list.tab-body li[action=data-info] div.info-list li"):
        label = item.select("div.info-header")[0].get_text().strip().rstrip("：")
        body = item.select("div.info-body")[0]
        found[label] = body.get("tags") if label == "标签" else body.get_text().strip()
    return found


# --- session -------------------------------------------------------------------------------------


def test_front_page_sets_the_cookies_of_the_family(portal):
    answer = httpx.get(portal.url + "/index.htm")
    assert {"JSESSIONID", "sub_domain_cokie", "region_name"} <= set(answer.cookies)
    assert answer.cookies["region_name"] == "%E9%95%BF%E6%98%A5%E5%B8%82"


def test_without_a_session_another_region_answers(portal):
    stranger = Visitor(portal, session=False)
    answer = stranger.list(start=0, length=6, region_code="220100").json()
    assert answer["recordsTotal"] == 3
    assert {row["region_code"] for row in answer["data"]} == {"220700"}


def test_without_a_session_a_list_may_be_empty():
    options = OdwebOptions(without_session="empty")
    with PortalServer("odweb", changchun()[:5], options=options) as portal:
        stranger = Visitor(portal, session=False)
        assert stranger.list(start=0, length=6).json()["recordsTotal"] == 0
        assert Visitor(portal).list(start=0, length=6).json()["recordsTotal"] == 5


def test_the_city_switch_binds_the_session_not_the_request():
    district = [replace(r, region_code="220104") for r in changchun()[:3]]
    with PortalServer("odweb", [*district, *changchun()[3:9]]) as portal:
        visitor = Visitor(portal)
        assert visitor.list(length=50).json()["recordsTotal"] == 9
        visitor.http.get("index.htm", params={"region_code": "220104"})
        assert visitor.list(length=50).json()["recordsTotal"] == 3
        assert visitor.list(length=50, region_code="220100").json()["recordsTotal"] == 3


# --- listing -------------------------------------------------------------------------------------


def test_offset_paging_lists_every_record_once(portal, visitor):
    seen = []
    for start in range(0, 60, 6):
        answer = visitor.list(draw=3, start=start, length=6).json()
        assert answer["draw"] == 3
        assert answer["recordsTotal"] == answer["recordsFiltered"] == 40
        seen += [row["cata_id"] for row in answer["data"]]
    assert len(seen) == len(set(seen)) == 40
    assert set(seen) == {record.record_id for record in portal.catalogue.all()}


def test_page_numbers_and_get_give_the_same(visitor):
    by_offset = [row["cata_id"] for row in visitor.rows(start=10, length=10)]
    by_page = [row["cata_id"] for row in visitor.rows(page=2, pageSize=10)]
    by_get = visitor.http.get(LIST.lstrip("/") + "&start=10&pageLength=10").json()["data"]
    assert by_offset == by_page == [row["cata_id"] for row in by_get]


def test_newest_first_and_the_other_way_round(portal, visitor):
    newest = [record.record_id for record in portal.catalogue.listing(lambda _: True)]
    assert [row["cata_id"] for row in visitor.rows(length=40, _order="1:b")] == newest
    assert [row["cata_id"] for row in visitor.rows(length=40, _order="1:a")] == newest[::-1]


def test_a_page_is_never_longer_than_the_portal_likes():
    options = OdwebOptions(max_length=7)
    with PortalServer("odweb", changchun()[:20], options=options) as portal:
        assert len(Visitor(portal).rows(start=0, length=500)) == 7


def test_rows_have_the_shape_of_the_family(visitor):
    rows = visitor.rows(length=40)
    for row in rows:
        assert DATES.fullmatch(row["update_time"])
        assert isinstance(row["conf_update_time"], int)
        assert isinstance(row["cataLogGroups"], list)
        assert row["conf_use_type"].endswith(",")
        assert row["open_type"] in ("无条件开放", "有条件开放")
        assert all(group["group_type"] == "10" for group in row["cataLogGroups"])
    formats = [row["conf_catalog_format"] for row in rows]
    assert any(value is None for value in formats)
    assert any(value and value.endswith(",") for value in formats)
    assert any(value and not value.endswith(",") for value in formats)
    assert any("M" in row["update_time"] for row in rows)


def test_only_the_counters_change_between_two_requests(visitor):
    first, second = visitor.rows(length=40), visitor.rows(length=40)
    for before, after in zip(first, second, strict=True):
        assert before["catalogStatistic"] != after["catalogStatistic"]
        for row in (before, after):
            del row["catalogStatistic"], row["conf_view_num"]
        assert before == after


def test_filters(portal, visitor):
    record = portal.catalogue.all()[0]
    code = record.department_code
    rows = visitor.rows(length=100, org_code=code)
    assert rows
    assert {row["org_code"] for row in rows} == {code}
    assert len(visitor.rows(length=100, org_code="-1")) == 40
    assert visitor.rows(keywords=record.title)[0]["cata_title"] == record.title
    assert visitor.list(keywords="没有这样的目录").json()["recordsTotal"] == 0


def test_facets_count_departments_and_themes(visitor):
    facets = {
        facet["column_id_desc"]: facet
        for facet in visitor.call("catalog/catalog.do?method=GetCatalogStaticsByMutiDimi").json()
    }
    assert list(facets) == ["部门", "主题", "数据使用方式", "数据格式"]
    departments = facets["部门"]["group_count_num"]
    assert sum(item["count_num"] for item in departments) == 40
    theme = facets["主题"]["group_count_num"][0]
    rows = visitor.rows(length=100, group_id=theme["item_value"])
    assert len(rows) == theme["count_num"]


# --- detail --------------------------------------------------------------------------------------


def test_detail_page_shows_the_record(portal, visitor):
    for record in portal.catalogue.all():
        page = visitor.page(record.record_id)
        title = page.select("div.detail-header span.detail-title")[0].get_text()
        found = pairs(page)
        assert title == record.title
        assert found["来源部门"] == record.department
        assert found["所属主题"] == "，".join(record.themes)
        assert found["标签"].split(",") == list(record.tags)
        assert found["更新频率"] == record.frequency
        assert found["描述"] == record.description
        items = page.select("div.detail-table tr")
        assert len(items) == 1 + len(record.columns)
        assert len(page.select("li[action=data-download] div.tab-header li")) >= 1


def test_detail_pages_have_two_orders_of_labels_and_loose_dates():
    with PortalServer("odweb", changchun()[:60]) as portal:
        visitor = Visitor(portal)
        orders, dates = set(), set()
        for record in portal.catalogue.all():
            found = pairs(visitor.page(record.record_id))
            orders.add(tuple(found))
            dates.add(re.sub(r"\d", "9", found["发布时间"]))
    assert len(orders) == 2
    assert {"9999-99-99", "9999-99-99 99:99:99"} <= dates
    assert any(len(form) < 10 for form in dates)


def test_the_other_skin():
    with PortalServer("odweb", changchun()[:3], options=OdwebOptions(skin="wuxi")) as portal:
        record = portal.catalogue.all()[0]
        visitor = Visitor(portal)
        page = visitor.page(record.record_id)
        assert page.select("div.data-name.data-con")[0].get_text() == record.title
        cells = [c.get_text() for c in page.select("div.baseInfo.s1 table td")]
        assert cells[cells.index("来源部门：") + 1] == record.department
        answer = visitor.call(
            "catalog/CatalogDetail.do?method=getDownLoadPageInfo&cata_id=" + record.record_id
        ).json()
        row = answer["data"][0]
        assert (row["fileFormat"], row["fileName"][-4:]) == ("zip", "_csv")
        body = visitor.download(row["fileId"], "getFileDownloadAddrby").content
        assert zipfile.ZipFile(io.BytesIO(body)).namelist()[0].endswith(".csv")


def test_a_missing_record_is_said_in_a_page(visitor):
    page = visitor.page("0" * 32)
    assert not page.select("span.detail-title")
    assert "不存在" in page.get_text()


def test_json_detail_can_be_switched_off(portal, visitor):
    record = portal.catalogue.all()[0]
    path = "catalog/catalogDetail.do?method=GetCatalogDetailForApp&cata_id=" + record.record_id
    answer = visitor.call(path).json()
    assert answer["openCatalog"]["cata_title"] == record.title
    assert len(answer["openCatalog"]["columns"]) == len(record.columns)
    with PortalServer("odweb", [record], options=OdwebOptions(detail_app=False)) as other:
        assert "openCatalog" not in Visitor(other).call(path).json()


# --- files ---------------------------------------------------------------------------------------


def test_file_lists_lead_to_real_files(portal, visitor):
    record = next(r for r in portal.catalogue.all() if len(r.files) == 4 and not r.conditional)
    path = "catalog/catalogDetail.do?method=GetDownLoadInfo"
    answer = visitor.call(path, cata_id=record.record_id, conf_type="2", file_type="1,3")
    assert answer.headers["content-type"].startswith("text/html")
    listed = json.loads(answer.text)["data"]
    assert [row["fileFormat"] for row in listed] == [file.format for file in record.files]
    for row in listed:
        probe = visitor.call(
            "catalog/catalogDetail.do?method=CheckDownloadAuth", fileId=row["fileId"]
        )
        assert probe.json()["code"] == "0000"
        got = visitor.download(row["fileId"])
        assert "attachment" in got.headers["content-disposition"]
        assert len(got.content) > 500


def test_conditional_files_are_listed_but_refused():
    record = replace(changchun()[0], open_type="有条件开放", open_condition="须申请")
    with PortalServer("odweb", [record]) as portal:
        visitor = Visitor(portal)
        answer = visitor.download(record.files[0].file_id)
        assert answer.status_code == 200
        assert answer.json()["code"] == "0009"


def test_downloads_may_want_a_login():
    options = OdwebOptions(login_for_files=True)
    with PortalServer("odweb", changchun()[:1], options=options) as portal:
        visitor = Visitor(portal)
        answer = visitor.download(portal.catalogue.all()[0].files[0].file_id)
        assert "用户登录" in answer.text


def test_sized_file_page_pages_and_filters(portal, visitor):
    record = next(r for r in portal.catalogue.all() if len(r.files) == 4)
    path = f"catalog/CatalogDetail.do?method=getDownLoadPageInfo&cata_id={record.record_id}"
    answer = visitor.call(path, draw=2, start=1, length=2).json()
    assert (answer["draw"], answer["recordsTotal"], len(answer["data"])) == (2, 4, 2)
    assert answer["data"][0]["formattedFileSize"].endswith("KB")
    only = visitor.call(path, file_typs="1", keywords="csv").json()["data"]
    assert [row["fileFormat"] for row in only] == ["csv"]
    uploaded = visitor.call(path, file_typs="3").json()["data"]
    assert [row["fileFormat"] for row in uploaded] == ["xlsx"]


def test_services_of_a_record_and_of_the_portal():
    with_api = [record for record in changchun() if record.services][:13]
    with PortalServer("odweb", with_api) as portal:
        visitor = Visitor(portal)
        record = with_api[0]
        path = "catalog/catalogDetail.do?method=GetApi&cata_id=" + record.record_id
        row = visitor.call(path).json()["data"][0]
        assert row["open_service_id"] == record.services[0].service_id
        pages = [
            visitor.http.get(
                "dev/developer/serviceList.do", params={"method": "queryApiList", "page": n}
            ).json()["data"]
            for n in (1, 2)
        ]
        assert [len(page) for page in pages] == [10, 3]


def test_preview_of_rows(portal, visitor):
    record = portal.catalogue.all()[0]
    answer = httpx.post(
        portal.origin + "/dataanaly/data/CatalogDetail.do?method=GetDataListForGrid",
        data={"cata_id": record.record_id, "rows": 10, "page": 2},
    ).json()
    assert len(answer["rows"]) == 10
    assert set(answer["rows"][0]) == {column.name for column in record.columns}


# --- changes and counts --------------------------------------------------------------------------


def test_requests_are_counted_by_route(portal, visitor):
    visitor.list(start=0, length=6)
    visitor.list(start=6, length=6)
    assert portal.counts["index"] == 1
    assert portal.counts["list"] == 2
    assert portal.counts["detail"] == 0
    visitor.page(portal.catalogue.all()[0].record_id)
    assert portal.counts["detail"] == 1
    portal.counts.clear()
    assert portal.counts.total == 0


def test_records_can_come_change_and_go_while_it_runs(portal, visitor):
    first, second = portal.catalogue.all()[:2]
    portal.catalogue.remove(first.record_id)
    portal.catalogue.change(second.record_id, title="改过的标题", updated="2026-11-20 23:59:59")
    portal.catalogue.add(replace(first, record_id="f" * 32))
    rows = visitor.rows(length=100)
    assert rows[0]["cata_title"] == "改过的标题"
    ids = {row["cata_id"] for row in rows}
    assert first.record_id not in ids
    assert "f" * 32 in ids
    with pytest.raises(ValueError, match="已存在"):
        portal.catalogue.add(second)


@pytest.mark.catalogues
@pytest.mark.skipif(not REAL.exists(), reason="real records are not beside the project")
def test_replay_serves_every_real_record():
    records = read_replay(REAL)
    assert len(records) == 1005
    assert records == read_replay(REAL)
    with PortalServer("odweb", records) as portal:
        visitor = Visitor(portal)
        seen = {}
        for start in range(0, 1100, 100):
            answer = visitor.list(start=start, length=100).json()
            assert answer["recordsTotal"] == 1005
            seen |= {row["cata_id"]: row for row in answer["data"]}
        assert len(seen) == 1005
        lines = REAL.read_text(encoding="utf-8").splitlines()
        for line in lines[::97]:
            row = json.loads(line)
            record_id = row["详情页网址"].partition("cata_id=")[2]
            found = pairs(visitor.page(record_id))
            for label in ("来源部门", "所属主题", "发布时间", "最后更新", "更新频率", "所属行业"):
                assert found[label] == row[label]
