"""The older Inspur product: its listing, its skins, its refusals and its surprises."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.jilinopen.harvest.errors import PortalError, RecordError
from ckanext.jilinopen.harvest.portals.odweb import Odweb, bases, region_of
from ckanext.jilinopen.harvest.portals.odweb_parse import (
    entry_of,
    merge,
    parse_app_detail,
    parse_detail,
    parse_files,
    parse_row,
    parse_services,
    stamp_of,
)
from ckanext.jilinopen.harvest.portals.paging import read_rows
from ckanext.jilinopen.harvest.records import RemoteRecord

from .portalsite import Asked, Said, data, listing_of, page, portal_at, refused, site

REAL = Path(__file__).parents[2].parent / "shared" / "catalogues" / "odweb" / "yinchuan.jsonl"
BASE = "http://data.example.cn/odweb"

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner),
    max_leaves=12,
)
ROW_KEYS = st.sampled_from(
    [
        "cata_id",
        "cata_title",
        "description",
        "open_type",
        "cata_tags",
        "cata_items",
        "columns",
        "conf_update_cycle",
        "conf_use_type",
        "conf_catalog_format",
        "cataLogGroups",
        "update_time",
        "cataLogIndustrys",
        "catalogStatistic",
        "region_code",
        "suffixes",
        "fileId",
        "fileName",
        "fileType",
        "fileFormat",
        "service_uri",
        "open_service_id",
        "openCatalog",
    ]
)


def row(number: int, **changes) -> dict:
    return {
        "cata_id": f"{number:032x}",
        "cata_title": f"长春市停车场信息{number}",
        "description": "停车场的位置和泊位数",
        "org_code": "220100001",
        "org_name": "市城市管理局",
        "region_code": "220100",
        "open_type": "无条件开放",
        "cata_tags": "停车场,泊位，位置",
        "conf_update_cycle": "4",
        "conf_use_type": "1,2,",
        "conf_catalog_format": "1,2,3,4,",
        "update_time": "2026-05-04 10:00:00",
        "released_time": "2025-01-02 08:00:00",
        "cataLogGroups": [{"group_name": "城乡建设、环境保护", "group_type": "10"}],
        "cataLogIndustrys": [{"group_name": "公共管理、社会保障和社会组织"}],
        "catalogStatistic": {"data_count": 11, "file_count": 1, "api_count": 0, "use_visit": 864},
        "contact_phone": "暂无",
        **changes,
    }


YINCHUAN_SKIN = """
<div class="detail-header"><span class="detail-title"> 长春市停车场信息 </span></div>
<div class="detail-info-list tab-body"><ul><li action="data-info">
 <div class="info-list"><ul>
  <li><div class="info-header"> 来源部门 </div><div class="info-body">
     市城市管理局 </div></li>
  <li><div class="info-header">所属主题：</div>
      <div class="info-body">综合政务，科技、教育</div></li>
  <li><div class="info-header">最后更新</div>
      <div class="info-body"> Dec 15, 2025 3:00:49 AM</div></li>
  <li><div class="info-header">更新频率</div><div class="info-body">每季度</div></li>
  <li><div class="info-header">开放状态</div><div class="info-body">有条件开放</div></li>
  <li><div class="info-header">标签</div>
      <div class="info-body" tags="停车,泊位,"><span>停…</span></div></li>
  <li><div class="info-header">描述</div><div class="info-body">全市公共停车场。<br>
     联系电话：见附件，更新时间：每天</div></li>
 </ul></div>
 <div class="detail-table"><table>
   <tr><th>序号</th><th>英文名称</th><th>中文名称</th><th>数据类型</th><th>描述</th></tr>
   <tr><td>1</td><td>name</td><td>名称</td><td>C</td><td>停车场名称</td></tr>
   <tr><td>2</td><td>lots</td><td>泊位数</td><td>N</td><td></td></tr>
 </table></div>
</li><li action="data-download"><table><tr><th>文件名称</th><th>更新时间</th><th>操作</th></tr>
 <tr><td>停车场.xls</td><td>2026-01-01</td><td>下载</td></tr></table></li></ul></div>
<div class="footer">主办单位：长春市政府 联系电话：0431-00000000</div>
"""

WUXI_SKIN = """
<div class="data-name data-con">停车场 <span>收藏</span></div>
<div class="baseInfo s1"><table>
 <tr><td>来源部门：</td><td>市城管局</td><td>数据量：</td><td> 1,234 </td></tr>
 <tr><td>联系电话：</td><td>0431-12345</td><td>邮箱地址：</td><td>无</td></tr>
 <tr><td>所属主题：</td><td></td><td>更新频率：</td><td>每年</td></tr>
 <tr><td>目录发布/更新时间：</td><td>2025-3-4</td><td>资源发布/更新时间：</td><td>2026-01-01</td></tr>
 <tr><td>条件开放：</td><td>无条件开放</td></tr>
 <tr><td>标签：</td><td><span>停车</span> <span>泊位 信息</span></td></tr>
 <tr><td>简介：</td><td>短</td></tr>
</table></div>"""

THIRD_SKIN = """
<div class="dt-intro"><div class="dt-intro-row">
 <div class="dt-intro-info"><label>来源部门：</label>
   <span>市城管局</span></div>
 <div class="dt-intro-info"><label>更 新 频 率：</label><span>每月</span></div>
 <div class="dt-intro-info"><label>更新时间：</label><span>2026-02-03 04:05:06</span></div>
 <p>开放类型: <b>无条件开放</b> 所属行业：<b>教育</b></p>
</div></div>
<table id="metaTable"><thead><tr><th>序号</th><th>英文名称</th><th>中文名称</th><th>数据格式</th>
<th>中文描述</th></tr></thead><tbody><tr><td>1</td><td>a</td><td>甲</td><td>字符型</td><td>说明甲</td>
</tr></tbody></table>"""


@dataclass
class Simulated:
    """An odweb installation with switches for what real ones do differently."""

    rows: list[dict]
    base: str = "/odweb"
    detail: str = YINCHUAN_SKIN
    cap: int = 1000
    ignores_start: bool = False
    pages_by_number: bool = False
    only_get: bool = False
    total_text: bool = False
    empties: int = 0
    session_region: str = ""
    files: list[dict] = field(default_factory=list)
    variant: int = 2
    asked: list[Asked] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Said:
        self.asked.append(asked)
        if self.only_get and asked.method == "POST":
            return refused(405)
        name = asked.path.removeprefix(self.base)
        if name == asked.path and self.base:
            return refused(404)
        if name == "/catalog/index.htm":
            return page("<h1>数据目录</h1>", cookie="JSESSIONID=s1; Path=/")
        if name == "/changeCity/index.do" and asked.values.get("cityName") == "长春市":
            self.session_region = "2201"
            return data("success")
        if name == "/catalog/catalogDetail.htm":
            return page(self.detail) if self.detail else refused(404)
        return self.action(asked)

    def action(self, asked: Asked) -> Said:
        if asked.action == "GetCatalog":
            return self.listing(asked)
        if asked.action == "getDownLoadPageInfo" and self.variant == 2:
            start = int(asked.values["start"])
            return data(
                {
                    "draw": 1,
                    "recordsTotal": len(self.files),
                    "data": self.files[start : start + 100],
                }
            )
        if asked.action == "GetDownLoadInfo" and self.variant == 1:
            return data({"data": self.files})
        return refused(404)

    def listing(self, asked: Asked) -> Said:
        if "JSESSIONID" not in asked.cookies:
            return page("会话已失效")
        if self.empties:
            self.empties -= 1
            return data({"recordsTotal": len(self.rows), "data": []})
        rows = [
            each for each in self.rows if str(each["region_code"]).startswith(self.session_region)
        ]
        size = min(self.cap, int(asked.values["length"]))
        start = 0 if self.ignores_start else int(asked.values["start"])
        if self.pages_by_number:
            size = min(self.cap, int(asked.values["pageSize"]))
            start = (int(asked.values["page"]) - 1) * size
        total = f"{len(rows):,}" if self.total_text else len(rows)
        return data(
            {
                "draw": 1,
                "recordsTotal": total,
                "recordsFiltered": total,
                "data": rows[start : start + size],
            }
        )


def listed(simulated: Simulated, path: str = "/odweb", **settings):
    with site(simulated) as address, portal_at(address + path, "odweb", **settings) as portal:
        return listing_of(Odweb(), portal)


def recorded(simulated: Simulated, **settings) -> RemoteRecord:
    with site(simulated) as address, portal_at(address, "odweb", **settings) as portal:
        entry = next(Odweb().pages(portal)).entries[0]
        return Odweb().record(portal, entry)


class TestListing:
    @pytest.mark.parametrize(
        "path",
        [
            "",
            "/",
            "/odweb",
            "/odweb/",
            "/odweb/catalog/index.htm?cata_type=default",
            "/odweb/catalog/catalogDetail.htm?cata_id=1",
            "/odweb/index.htm",
        ],
    )
    def test_any_address_of_the_portal_leads_to_its_catalogue(self, path):
        entries, total = listed(Simulated([row(1)]), path)
        assert [entry.title for entry in entries] == ["长春市停车场信息1"]
        assert total == 1

    @pytest.mark.parametrize("base", ["/data", "", "/cc/odweb"])
    def test_other_base_paths(self, base):
        path = "" if base in ("/data", "") else base
        entries, _ = listed(Simulated([row(1)], base=base), path)
        assert len(entries) == 1

    @pytest.mark.parametrize(
        "switches",
        [
            {},
            {"cap": 6},
            {"pages_by_number": True},
            {"pages_by_number": True, "cap": 10},
            {"only_get": True},
            {"total_text": True},
            {"empties": 2},
        ],
    )
    def test_every_row_is_listed_once_whatever_the_paging(self, switches):
        rows = [row(number) for number in range(1_050)]
        entries, total = listed(Simulated(rows, **switches))
        assert [entry.remote_id for entry in entries] == [each["cata_id"] for each in rows]
        assert total == 1_050

    def test_page_size_of_the_source_is_used(self):
        simulated = Simulated([row(number) for number in range(20)])
        listed(simulated, page_size=10)
        assert sum(asked.action == "GetCatalog" for asked in simulated.asked) == 2

    def test_a_portal_that_ignores_the_offset_is_a_fault(self):
        rows = [row(number) for number in range(30)]
        with pytest.raises(PortalError) as caught:
            listed(Simulated(rows, cap=10, ignores_start=True))
        assert caught.value.code == "source.paging"

    def test_a_listing_that_stops_early_stays_below_its_total(self):
        entries, total = listed(Simulated([row(1)], empties=10**6))
        assert (entries, total) == ([], 1)

    @pytest.mark.parametrize(
        "notice",
        [
            page("系统繁忙"),
            data({"code": 500, "msg": "系统繁忙"}),
            data({"recordsTotal": 0, "data": []}),
        ],
    )
    @pytest.mark.parametrize("at", [1, 2])
    def test_a_single_senseless_answer_does_not_end_the_listing(self, notice, at):
        simulated = Simulated([row(number) for number in range(15)], cap=10)
        answers = []

        def answer(asked):
            said = simulated(asked)
            if asked.action == "GetCatalog":
                answers.append(said)
                return notice if len(answers) == at else said
            return said

        entries, total = listed(answer)
        assert len(entries) == total == 15

    def test_a_total_that_shrinks_meanwhile_keeps_the_listing_incomplete(self):
        simulated = Simulated([row(number) for number in range(15)], cap=10)

        def answer(asked):
            said = simulated(asked)
            if asked.action == "GetCatalog":
                del simulated.rows[0]
            return said

        entries, total = listed(answer)
        assert (len(entries), total) == (14, 15)

    def test_an_empty_portal_ends_at_once(self):
        assert listed(Simulated([])) == ([], 0)

    def test_a_row_without_id_is_missing_from_the_listing(self):
        rows = [row(1), row(2, cata_id=None), row(3, cata_id="  "), row(4, cata_id=98381)]
        entries, total = listed(Simulated(rows))
        assert [entry.remote_id for entry in entries] == [row(1)["cata_id"], "98381"]
        assert total == 4

    def test_repeated_rows_are_passed_on_for_the_caller_to_count(self):
        entries, total = listed(Simulated([row(1), row(1), row(2)]))
        assert len(entries) == total == 3

    def test_no_answer_but_pages_is_a_fault_with_the_address(self):
        with pytest.raises(PortalError) as caught:
            listed(lambda asked: page("系统维护中"))  # type: ignore[arg-type]
        assert caught.value.code == "source.not_json"
        assert "GetCatalog" in caught.value.address

    def test_json_without_rows_is_a_fault(self):
        with pytest.raises(PortalError) as caught:
            listed(lambda asked: data({"code": 500, "msg": "系统繁忙"}))  # type: ignore[arg-type]
        assert caught.value.code == "source.shape"
        assert "系统繁忙" in caught.value.cause

    def test_nobody_there(self):
        with (
            portal_at("http://127.0.0.1:9/odweb", "odweb") as portal,
            pytest.raises(PortalError) as caught,
        ):
            list(Odweb().pages(portal))
        assert caught.value.code == "source.unreachable"

    @pytest.mark.parametrize("address", ["", "ftp://data.example.cn/odweb", "http://[::1/odweb"])
    def test_an_address_that_is_none(self, address):
        with pytest.raises(PortalError) as caught:
            bases(address)
        assert caught.value.code == "source.address_invalid"


class TestRegion:
    def test_the_division_goes_along_as_region_code(self):
        simulated = Simulated([row(1)])
        listed(simulated)
        assert simulated.asked[-1].values["region_code"] == "220100"

    def test_the_city_is_chosen_when_the_session_shows_another(self):
        rows = [row(1, region_code="220200"), row(2), row(3, region_code="220182")]
        entries, total = listed(Simulated(rows))
        assert [entry.remote_id for entry in entries] == [rows[1]["cata_id"], rows[2]["cata_id"]]
        assert total == 2

    @pytest.mark.parametrize("code", ["220200", "2202", "220200000000", 220200])
    def test_a_listing_of_another_division_is_refused(self, code):
        simulated = Simulated([row(1, region_code=code)], session_region="2202")
        simulated.base = "/odweb"
        with pytest.raises(PortalError) as caught:
            listed(
                lambda asked: (
                    refused(404)
                    if "changeCity" in asked.path  # type: ignore[arg-type]
                    else simulated(asked)
                )
            )
        assert caught.value.code == "source.wrong_region"
        assert "2202" in caught.value.cause
        assert "220100" in caught.value.cause

    def test_single_foreign_rows_are_kept_where_the_city_cannot_be_chosen(self):
        simulated = Simulated([row(1), row(2, region_code="220200")])
        entries, _ = listed(
            lambda asked: (
                refused(404)
                if "changeCity" in asked.path  # type: ignore[arg-type]
                else simulated(asked)
            )
        )
        assert len(entries) == 2

    def test_rows_that_name_no_division_are_never_foreign(self):
        entries, _ = listed(Simulated([row(1, region_code="")]))
        assert len(entries) == 1

    @pytest.mark.parametrize(
        ("settings", "region"),
        [
            ({"division": "220100"}, "220100"),
            ({"division": "220000"}, ""),
            ({"division": "changbaishan"}, ""),
            ({"division": "220100", "region_code": "3701"}, "3701"),
        ],
    )
    def test_region_of_a_source(self, settings, region):
        with portal_at(BASE, "odweb", **settings) as portal:
            assert region_of(portal.config) == region


class TestStamp:
    def test_counters_of_visitors_do_not_matter(self):
        busy = row(
            1,
            conf_view_num=99,
            use_favs=3,
            catalogStatistic={**row(1)["catalogStatistic"], "use_visit": 10_000},
        )
        assert stamp_of(busy) == stamp_of(row(1))

    @pytest.mark.parametrize(
        "change",
        [
            {"update_time": "2026-05-05 10:00:00"},
            {"cata_title": "停车场"},
            {"open_type": "有条件开放"},
            {"conf_datafile_update_time": 1507618805000},
            {"catalogStatistic": {"data_count": 11, "file_count": 2, "api_count": 0}},
            {"cataLogGroups": []},
        ],
    )
    def test_whatever_tells_of_a_change_matters(self, change):
        assert stamp_of(row(1, **change)) != stamp_of(row(1))

    def test_order_of_fields_does_not_matter(self):
        assert stamp_of(dict(reversed(row(1).items()))) == stamp_of(row(1))

    def test_without_a_time_of_change_the_row_tells_nothing(self):
        assert stamp_of(row(1, update_time="")) is None


class TestRow:
    def test_a_row_in_full(self):
        record = parse_row(row(1), BASE)
        assert record.url == f"{BASE}/catalog/catalogDetail.htm?cata_id={row(1)['cata_id']}"
        assert record.department == "市城市管理局"
        assert record.division == "220100"
        assert record.themes == ("城乡建设、环境保护",)
        assert record.industries == ("公共管理、社会保障和社会组织",)
        assert record.tags == ("停车场", "泊位", "位置")
        assert record.formats == ("xls", "xml", "json", "csv")
        assert (record.issued, record.modified) == ("2025-01-02 08:00:00", "2026-05-04 10:00:00")
        assert record.phone == ""
        assert record.extra["data_count"] == "11"

    @pytest.mark.parametrize(
        ("cycle", "said"),
        [
            ("7", "每年"),
            (0, "实时"),
            ("4", "代码 4"),
            ("8", "代码 8"),
            ("每两周", "每两周"),
            (None, ""),
        ],
    )
    def test_a_code_that_cities_use_differently_stays_a_code(self, cycle, said):
        assert parse_row(row(1, conf_update_cycle=cycle), BASE).frequency == said

    @pytest.mark.parametrize(
        ("codes", "uses", "formats"),
        [
            ("1,3", "1,3,", ("xls", "json", "api")),
            (None, "2,", ("file",)),
            ("", "3", ("api",)),
            (None, None, ()),
            ("xls,csv", "1", ("xls", "csv")),
        ],
    )
    def test_formats_come_from_codes(self, codes, uses, formats):
        stated = row(1, conf_catalog_format=codes, conf_use_type=uses)
        assert parse_row(stated, BASE).formats == formats

    def test_columns_and_items(self):
        columns = [
            {
                "name_cn": "姓名",
                "data_format": "字符型",
                "cataLogOpenColumnConfigure": {"meta_column_name_en": "xm"},
            },
            None,
            {},
        ]
        assert [
            (item.name, item.label) for item in parse_row(row(1, columns=columns), BASE).items
        ] == [("xm", "姓名")]
        assert [
            item.name for item in parse_row(row(1, cata_items="姓名|荣誉|姓名"), BASE).items
        ] == ["姓名", "荣誉"]

    def test_epoch_milliseconds_stay_digits(self):
        stated = row(1, update_time=None, conf_update_time=1506688210000)
        assert parse_row(stated, BASE).modified == "1506688210000"

    def test_an_opaque_id_is_quoted_in_addresses(self):
        assert parse_row(row(1, cata_id="a/b c=1"), BASE).url.endswith("cata_id=a%2Fb%20c%3D1")


class TestDetail:
    def test_words_of_the_page_win_over_codes_of_the_row(self):
        record = recorded(Simulated([row(1)]))
        assert record.title == "长春市停车场信息1"
        assert record.themes == ("综合政务", "科技、教育")
        assert record.frequency == "每季度"
        assert record.open_type == "有条件开放"
        assert record.tags == ("停车", "泊位")
        assert record.modified == "Dec 15, 2025 3:00:49 AM"
        assert record.issued == "2025-01-02 08:00:00"
        assert [(item.name, item.label, item.data_type) for item in record.items] == [
            ("name", "名称", "C"),
            ("lots", "泊位数", "N"),
        ]

    def test_labels_inside_a_description_and_in_the_footer_are_no_labels(self):
        record = recorded(Simulated([row(1)]))
        assert record.description.splitlines() == [
            "全市公共停车场。",
            "联系电话：见附件，更新时间：每天",
        ]
        assert record.phone == ""

    def test_table_skin(self):
        record = recorded(Simulated([row(1, released_time=None)], detail=WUXI_SKIN))
        assert record.department == "市城管局"
        assert record.themes == ("城乡建设、环境保护",)
        assert record.tags == ("停车", "泊位 信息")
        assert record.phone == "0431-12345"
        assert record.email == ""
        assert (record.issued, record.modified) == ("2025-3-4", "2026-01-01")
        assert record.open_type == "无条件开放"
        assert record.description == "停车场的位置和泊位数"
        assert record.extra["数据量"] == "1,234"

    @pytest.mark.parametrize(
        "stated",
        [
            "2025-3-4/2026-1-2",
            "2025/3/4/2026/1/2",
            "2025-3-4 2026-1-2",
        ],
    )
    def test_two_dates_in_one_cell(self, stated):
        html = WUXI_SKIN.replace("2025-3-4", stated).replace("2026-01-01", stated)
        record = recorded(Simulated([row(1, released_time=None)], detail=html))
        assert record.issued.replace("/", "-") == "2025-3-4"
        assert record.modified.replace("/", "-") == "2026-1-2"

    def test_the_time_of_day_comes_from_the_row(self):
        html = YINCHUAN_SKIN.replace(" Dec 15, 2025 3:00:49 AM", "2026-05-04")
        assert recorded(Simulated([row(1)], detail=html)).modified == "2026-05-04 10:00:00"

    def test_label_skin(self):
        detail = parse_detail(lxml.html.document_fromstring(THIRD_SKIN))
        assert detail is not None
        record = merge(parse_row(row(1), BASE), detail)
        assert record.department == "市城管局"
        assert record.frequency == "每月"
        assert record.modified == "2026-02-03 04:05:06"
        assert record.open_type == "无条件开放"
        assert record.industries == ("教育",)
        assert [(item.name, item.label, item.description) for item in record.items] == [
            ("a", "甲", "说明甲")
        ]

    def test_a_skin_nobody_has_seen_yet(self):
        html = (
            "<div class='x'><p><em>来源部门</em>：市城管局</p>"
            "<dl><dt>更新周期</dt><dd>每周</dd></dl>"
            "<table><tr><th>所属主题</th><td>综合政务</td></tr></table></div>"
            "<div id='footer'><p>联系电话：0431-00000000</p></div>"
            "<table><tr><th>文件名称</th><th>类型</th></tr><tr><td>a.xls</td><td>xls</td></tr>"
            "</table><table><tr><th>字段名称</th><th>字段说明</th></tr>"
            "<tr><td>泊位数</td><td>个数</td></tr></table>"
        )
        record = recorded(Simulated([row(1)], detail=html))
        assert record.department == "市城管局"
        assert (record.frequency, record.themes) == ("每周", ("综合政务",))
        assert record.phone == ""
        assert [(item.name, item.description) for item in record.items] == [("泊位数", "个数")]

    def test_empty_values_of_the_page_leave_the_row_alone(self):
        html = YINCHUAN_SKIN.replace("每季度", " ").replace("有条件开放", "")
        record = recorded(Simulated([row(1, conf_update_cycle="7")], detail=html))
        assert (record.frequency, record.open_type) == ("每年", "无条件开放")

    def test_without_a_page_the_interface_for_apps_speaks(self):
        simulated = Simulated([row(1)], detail="<h1>出错了</h1>")
        app = {
            "cata_id": "x",
            "openCatalog": {**row(1), "open_type": "3", "description": "应用"},
            "openCatalogFromDict": {"open_type": "有条件开放", "conf_update_cycle": "每月"},
        }

        def answer(asked):
            return data(app) if asked.action == "GetCatalogDetailForApp" else simulated(asked)

        record = recorded(answer)  # type: ignore[arg-type]
        assert (record.open_type, record.frequency) == ("有条件开放", "每月")
        assert record.description == "应用"
        assert record.remote_id == row(1)["cata_id"]

    @pytest.mark.parametrize(
        ("detail", "code"),
        [
            ("", "record.gone"),
            ("<p>该数据目录不存在或已下线</p>", "record.gone"),
            ("<p>出错了</p>", "record.detail_unreadable"),
        ],
    )
    def test_records_that_cannot_be_read(self, detail, code):
        with pytest.raises(RecordError) as caught:
            recorded(Simulated([row(1)], detail=detail))
        assert caught.value.code == code
        assert caught.value.remote_id == row(1)["cata_id"]

    def test_a_portal_in_trouble_is_not_a_broken_record(self):
        simulated = Simulated([row(1)])
        with pytest.raises(PortalError) as caught:
            recorded(
                lambda asked: (
                    refused(503)
                    if "etail" in asked.path  # type: ignore[arg-type]
                    else simulated(asked)
                )
            )
        assert caught.value.code == "source.http_status"


FILES = [
    {
        "fileId": "f1",
        "fileName": "停车场_csv",
        "fileFormat": "zip",
        "fileType": 1,
        "formattedFileSize": "3.2 MB",
        "updateTime": "2026-05-04 10:00:00",
    },
    {"fileId": 7, "fileName": "说明.docx", "fileFormat": "DOCX", "fileType": "3"},
    {"fileId": "f3", "fileName": "不可下载", "fileFormat": "xls", "fileType": 4},
    {"fileId": "f1", "fileName": "重复", "fileFormat": "csv"},
    {"fileName": "无标识"},
]


class TestFiles:
    @pytest.mark.parametrize("variant", [1, 2])
    def test_both_variants_of_the_file_list(self, variant):
        record = recorded(Simulated([row(1)], files=FILES, variant=variant))
        assert record.files_known
        assert [(file.file_id, file.format, file.size) for file in record.files] == [
            ("f1", "csv", "3.2 MB"),
            ("7", "docx", ""),
        ]
        assert record.files[0].url.endswith(
            "/odweb/catalog/CatalogDetailDownload.do?method=getFileDownloadAddr&fileId=f1"
        )

    def test_file_lists_of_many_pages(self):
        files = [{"fileId": f"f{number}", "fileName": "a.csv"} for number in range(250)]
        assert len(recorded(Simulated([row(1)], files=files)).files) == 250

    def test_a_refused_file_list_leaves_the_files_unknown(self):
        record = recorded(Simulated([row(1)], variant=0))
        assert (record.files, record.files_known) == ((), False)

    @pytest.mark.parametrize(
        "answer",
        [
            page("<form><input type=password></form>"),
            refused(500),
            refused(403),
            data({"code": "0008", "msg": "未登录", "data": []}),
            data({"data": None}),
        ],
    )
    def test_so_does_a_login_or_an_error(self, answer):
        simulated = Simulated([row(1)])
        record = recorded(
            lambda asked: (
                answer
                if "DownLoad" in asked.action  # type: ignore[arg-type]
                else simulated(asked)
            )
        )
        assert not record.files_known

    def test_no_files_is_an_answer_too(self):
        assert recorded(Simulated([row(1)])).files_known

    def test_services(self):
        services = [
            {
                "open_service_id": "s1",
                "service_name": "停车场接口",
                "service_desc": "说明",
                "service_uri": "/odweb/api/s1",
            }
        ]
        simulated = Simulated([row(1, conf_use_type="1,3,", catalogStatistic=None)])
        record = recorded(
            lambda asked: (
                data({"data": services})  # type: ignore[arg-type]
                if asked.action == "GetApi"
                else simulated(asked)
            )
        )
        assert [(file.name, file.format, file.is_service) for file in record.files] == [
            ("停车场接口", "api", True)
        ]
        assert record.files[0].url.endswith("/odweb/api/s1")

    def test_a_service_address_that_is_none_leads_to_its_page(self):
        stated = {"service_id": "s 1", "service_uri": "javascript:alert(1)"}
        assert parse_services([stated], BASE)[0].url == (
            f"{BASE}/dev/developer/serviceDetail.htm?service_id=s%201"
        )

    def test_promised_services_that_are_refused_leave_the_files_unknown(self):
        promising = row(1, conf_use_type="3,", catalogStatistic=None)
        assert not recorded(Simulated([promising])).files_known


class TestHostileData:
    @settings(deadline=None)
    @given(st.dictionaries(ROW_KEYS, JSON_VALUES))
    def test_any_row_can_be_read(self, stated):
        entry = entry_of(stated, BASE)
        record = parse_row(stated, BASE)
        parse_files([stated], BASE)
        parse_services([stated], BASE)
        parse_app_detail(stated)
        if entry is not None:
            json.dumps(entry.row)
            assert entry.remote_id == record.remote_id

    @settings(deadline=None)
    @given(JSON_VALUES)
    def test_any_answer_can_be_looked_through(self, answer):
        rows = read_rows(answer)
        assert rows is None or isinstance(rows.rows, tuple)
        parse_app_detail(answer)

    @settings(deadline=None)
    @given(
        st.lists(
            st.sampled_from(
                [
                    "<table>",
                    "<tr>",
                    "<td>",
                    "<th>",
                    "<div class='info-list'>",
                    "<span>",
                    "<!--x-->",
                    "<br>",
                    "<li>",
                    "</div>",
                    "</td>",
                    "<div class='detail-table'>",
                    "来源部门：",
                    "所属主题",
                    "标签：",
                    "描述",
                    "值",
                    " ",
                    "<div tags='a,b'>",
                    "<script>来源部门：x</script>",
                    "\x07",
                    "更新频率: 每年",
                ]
            ),
            min_size=1,
            max_size=40,
        )
    )
    def test_any_page_can_be_read(self, pieces):
        root = lxml.html.document_fromstring("<body><p>" + "".join(pieces) + "</p></body>")
        detail = parse_detail(root)
        if detail is not None:
            record = merge(parse_row(row(1), BASE), detail)
            assert "来源部门：x" not in record.description

    def test_control_characters_and_halves_of_characters_go(self):
        record = parse_row(
            row(1, cata_title="停\x00车\ud800场\u202e", description="a\r\nb\x1f"), BASE
        )
        assert record.title == "停车场"
        assert record.description == "a\nb"
        record.title.encode()

    def test_sizes_are_limited(self):
        record = parse_row(
            row(
                1,
                cata_title="长" * 10**5,
                description="长" * 10**5,
                cata_tags=",".join(map(str, range(999))),
            ),
            BASE,
        )
        assert len(record.title) == 2_000
        assert len(record.description) == 20_000
        assert len(record.tags) == 200
        assert entry_of(row(1, cata_id="x" * 301), BASE) is None
        assert len(parse_files([{"fileId": str(at)} for at in range(3_000)], BASE)) == 2_000


@pytest.mark.catalogues
@pytest.mark.skipif(not REAL.exists(), reason="no real catalogue records here")
def test_real_records_come_through_both_skins_unchanged():
    words = {
        "来源部门": "department",
        "更新频率": "frequency",
        "开放状态": "open_type",
        "发布时间": "issued",
        "最后更新": "modified",
    }
    for text in REAL.read_text(encoding="utf-8").splitlines()[::20]:
        stated = json.loads(text)
        pairs = "".join(
            f"<li><div class='info-header'>{label}</div><div class='info-body'>{stated[label]}"
            "</div></li>"
            for label in [*words, "所属主题", "描述"]
        )
        cells = "".join(
            f"<tr><td>{label}：</td><td>{stated[label]}</td></tr>"
            for label in [*words, "所属主题", "描述"]
        )
        for html in (
            f"<div class='info-list'><ul>{pairs}</ul></div>",
            f"<div class='baseInfo s1'><table>{cells}</table></div>",
        ):
            detail = parse_detail(lxml.html.document_fromstring(html))
            assert detail is not None
            record = merge(RemoteRecord(remote_id="1", title=stated["标题"], url=BASE), detail)
            for label, name in words.items():
                assert getattr(record, name) == " ".join(stated[label].split())
            assert "，".join(record.themes) == stated["所属主题"]
            assert "".join(record.description.split()) == "".join(
                lxml.html.fromstring(f"<p>{stated['描述']} </p>").text_content().split()
            )
