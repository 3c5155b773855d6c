"""The newer Inspur product: HTML listing, HTML details, JSON file lists, and what differs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.jilinopen.harvest.errors import PortalError, RecordError
from ckanext.jilinopen.harvest.portals.oportal import (
    Oportal,
    bases,
    parse_detail,
    parse_files,
    parse_list,
    parse_services,
    static_files,
)
from ckanext.jilinopen.harvest.records import Entry, RemoteRecord

from .portalsite import Asked, Said, data, listing_of, page, portal_at, refused, site

REAL = Path(__file__).parents[2].parent / "shared" / "catalogues" / "oportal"
BASE = "http://data.example.cn/oportal"
TOKEN = "EWdl9taVR/bpZxCLv8PV4rdE9Y1Jh3yQkXPRH/Ku8hZTjBDKB+lRZfRYbwx9QKgJ="

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner),
    max_leaves=12,
)


def parsed(html: str) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(html)


def item(number: int, extra: str = "", base: str = "/oportal", **words: str) -> str:
    title = words.get("title", f"吉林市停车场{number}")
    formats = words.get("formats", "<li class='xls'>XLS</li><li class='api'>接口</li>")
    link = f"{base}/catalog/{number:032x}"
    return (
        f"<li><div class='cata-title'><a href='{link}'>\n {title} </a></div>"
        f"<div class='file-type'><ul>{formats}</ul></div>{extra}<a href='{link}'>详情</a></li>"
    )


def listing(items: str, total: str = "1,987") -> str:
    return (
        f"<ul class='nav'><li><a href='/oportal/catalog/index'>数据目录</a></li></ul>"
        f"<div class='top-title'>共找到 <span>{total}</span> 个数据目录</div>"
        f"<div class='bottom-content'><ul>{items}</ul>"
        "<ul class='pagination'><li><a href='?page=2'>2</a></li></ul></div>"
        "<div class='hot'><ul><li><a href='/oportal/catalog/ffff'>热门数据</a></li></ul></div>"
    )


DETAIL = """
<input type="hidden" id="rootPath" value="/oportal"><input type="hidden" id="cata_name"
 value="吉林市停车场 信息">
<ul class="d-title pull-left"><li><h4>吉林市停车场 <i>开放</i></h4></li></ul>
<ul class="list-inline">
 <li>来源部门：<span class="text-primary">市城管局</span></li>
 <li>重点领域：<span class="text-primary">城建住房</span></li>
 <li>发布时间：<span class="text-primary">2021-11-26</span></li>
 <li>更新时间：<span class="text-primary">2026-06-17</span></li>
 <li>开放条件：<span class="text-primary">无条件开放</span></li></ul>
<ul><li name="basicinfo"><table>
 <tr><td>数据量</td><td>469,585</td><td>所属行业</td><td>其他</td></tr>
 <tr><td>更新频率</td><td>每月</td><td>部门电话</td><td>暂无</td></tr>
 <tr><td>部门邮箱</td><td>无</td><td>标签</td><td>停车场\r\n\t城建住房\r\n\t信息</td></tr>
 <tr><td>描述</td><td colspan="3">全市停车场信息。来源部门：见附件</td></tr></table></li>
<li name="file-download"><table><thead>
 <tr><th>文件名</th><th>更新时间</th><th>操作</th></tr></thead><tbody>%s</tbody></table></li></ul>
<div class="page-footer">联系电话：0432-1111111</div>"""


def entry(**changes) -> Entry:
    return Entry(**{"remote_id": "a1", "title": "停车场", "row": {"base": BASE}, **changes})


@dataclass
class Simulated:
    """An oportal installation with switches for what real ones do differently."""

    count: int
    base: str = "/oportal"
    detail: str = DETAIL % ""
    total: str = ""
    ignores_page: bool = False
    clamps: bool = False
    empties: dict[int, int] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Said:
        self.asked.append(asked)
        name = asked.path.removeprefix(self.base)
        if self.base and name == asked.path:
            return refused(404)
        if name == "/catalog/index":
            return self.listing(int(asked.values.get("page", "1")))
        if name.startswith("/catalog/get"):
            return refused(404)
        return page(self.detail) if self.detail else refused(404)

    def listing(self, number: int) -> Said:
        if self.empties.get(number):
            self.empties[number] -= 1
            return page(listing("", ""))
        last = (self.count + 9) // 10
        shown = 1 if self.ignores_page else min(number, last) if self.clamps else number
        numbers = range((shown - 1) * 10, min(shown * 10, self.count))
        total = self.total or f"{self.count:,}"
        return page(
            listing(
                "".join(item(each, base=self.base) for each in numbers),
                "" if total == "-" else total,
            )
        )


def listed(simulated, path: str = "/oportal", **settings):
    with site(simulated) as address, portal_at(address + path, "oportal", **settings) as portal:
        return listing_of(Oportal(), portal)


def recorded(simulated, **settings) -> RemoteRecord:
    with site(simulated) as address, portal_at(address, "oportal", **settings) as portal:
        first = next(Oportal().pages(portal)).entries[0]
        return Oportal().record(portal, first)


class TestListing:
    @pytest.mark.parametrize(
        "path",
        [
            "",
            "/",
            "/oportal",
            "/oportal/",
            "/oportal/catalog/index?page=3",
            "/oportal/index",
            "/oportal/catalog/0123",
            "/oportal/api/index",
        ],
    )
    def test_any_address_of_the_portal_leads_to_its_catalogue(self, path):
        entries, total = listed(Simulated(3), path)
        assert [found.title for found in entries] == [
            "吉林市停车场0",
            "吉林市停车场1",
            "吉林市停车场2",
        ]
        assert total == 3

    @pytest.mark.parametrize("base", ["/portal", "/jilinshi", ""])
    def test_other_paths(self, base):
        path = "" if base in ("/portal", "") else base
        assert len(listed(Simulated(3, base=base), path)[0]) == 3

    def test_thousands(self):
        entries, total = listed(Simulated(1_034))
        assert len({found.remote_id for found in entries}) == len(entries) == total == 1_034

    def test_empty_pages_under_load_are_asked_for_again(self):
        entries, total = listed(Simulated(35, empties={2: 1, 4: 2}))
        assert len(entries) == total == 35

    @pytest.mark.parametrize("notice", [page("系统繁忙"), page(listing("", "0"))])
    def test_a_single_senseless_answer_does_not_end_the_listing(self, notice):
        simulated, answers = Simulated(15), []

        def answer(asked):
            answers.append(asked)
            return notice if len(answers) == 1 else simulated(asked)

        entries, total = listed(answer)
        assert len(entries) == total == 15

    def test_pages_that_stay_empty_leave_the_listing_below_its_total(self):
        entries, total = listed(Simulated(35, empties={2: 99}))
        assert (len(entries), total) == (10, 35)

    @pytest.mark.parametrize(
        ("count", "clamps"),
        [
            (7, False),
            (7, True),
            (10, False),
            (20, True),
            (23, False),
            (23, True),
        ],
    )
    def test_without_a_total_the_end_is_still_found(self, count, clamps):
        entries, total = listed(Simulated(count, total="-", clamps=clamps))
        assert (len(entries), total) == (count, None)

    def test_a_portal_that_ignores_the_page_is_a_fault(self):
        with pytest.raises(PortalError) as caught:
            listed(Simulated(30, ignores_page=True))
        assert caught.value.code == "source.paging"

    def test_a_page_that_is_no_listing_is_a_fault(self):
        with pytest.raises(PortalError) as caught:
            listed(lambda asked: page("<p>系统维护中</p>"))
        assert caught.value.code == "source.shape"

    def test_another_product_at_the_address_is_a_fault(self):
        with pytest.raises(PortalError) as caught:
            listed(lambda asked: refused(404))
        assert caught.value.code == "source.not_found"

    @pytest.mark.parametrize(("region", "chosen"), [("", None), ("220200", "220200")])
    def test_a_provincial_portal_is_asked_for_one_region(self, region, chosen):
        simulated = Simulated(1)
        listed(simulated, region_code=region)
        assert simulated.asked[-1].values.get("filterParamCode") == chosen

    def test_host_alone_tries_the_usual_paths(self):
        assert bases("data.example.cn") == (
            "http://data.example.cn/oportal",
            "http://data.example.cn/portal",
            "http://data.example.cn",
        )


class TestItems:
    def sheet(self, html: str):
        found = parse_list(parsed(html), f"{BASE}/catalog/index", BASE)
        assert found is not None
        return found

    def test_only_items_of_the_list_are_records(self):
        sheet = self.sheet(listing(item(1) + item(2)))
        assert [found.remote_id for found in sheet.entries] == [f"{1:032x}", f"{2:032x}"]
        assert sheet.total == 1987

    def test_formats_from_texts_and_classes(self):
        marks = (
            "<li class='xls active'></li><li class='csv'>CSV</li><li class='api'>接口</li>"
            "<li class='x'>其他</li><li class='ico-link'>链接</li>"
        )
        assert self.sheet(listing(item(1, formats=marks))).entries[0].row["formats"] == [
            "xls",
            "csv",
            "api",
            "其他",
            "link",
        ]

    def test_the_skin_without_a_list(self):
        html = (
            "<div class='mrline1'><div class='mrline1-title'><a href='/oportal/catalog/20181203"
            "192046100500' title='企业 名录'>企业…</a></div></div>"
        )
        found = self.sheet(html).entries[0]
        assert (found.remote_id, found.title) == ("20181203192046100500", "企业 名录")

    @pytest.mark.parametrize(
        "href",
        [
            "./02C4AECE",
            "/oportal/catalog/02C4AECE/",
            "//data.example.cn/oportal/catalog/02C4AECE",
            "https://data.example.cn/oportal/catalog/02C4AECE?x=1#y",
            "../catalog/02C4AECE",
        ],
    )
    def test_all_forms_of_links(self, href):
        html = listing(f"<li><div class='cata-title'><a href='{href}'>甲</a></div></li>")
        found = self.sheet(html).entries[0]
        assert found.remote_id == "02C4AECE"
        assert found.row["base"] == BASE

    @pytest.mark.parametrize(
        "href",
        [
            "http://evil.example/oportal/catalog/1",
            "javascript:void(0)",
            "/oportal/catalog/index",
            "http://[",
            "/oportal/news/1",
            "",
        ],
    )
    def test_links_that_lead_to_no_record_of_this_portal(self, href):
        html = listing(f"<li><div class='cata-title'><a href='{href}'>甲</a></div></li>")
        assert self.sheet(html).entries == ()

    def test_a_repeated_item_is_passed_on_for_the_caller_to_count(self):
        assert len(self.sheet(listing(item(1) + item(1))).entries) == 2

    def test_without_a_time_of_update_the_item_tells_nothing(self):
        assert self.sheet(listing(item(1, "<p>发布时间：2021-11-26</p>"))).entries[0].stamp is None

    def stamp(self, extra: str):
        return self.sheet(listing(item(1, extra))).entries[0].stamp

    def test_the_time_of_update_makes_the_stamp(self):
        before = self.stamp("<p>更新时间：<span>2026-06-17</span></p>")
        assert before is not None
        assert before != self.stamp("<p>更新时间：<span>2026-06-18</span></p>")

    def test_visits_and_downloads_do_not_matter(self):
        text = "<p>更新时间：2026-06-17</p><p>浏览量：<b>{}</b>次</p><p>下载{}次</p><em>{}</em>"
        assert self.stamp(text.format(1, 2, 3)) == self.stamp(text.format("1,000", 99, "4.5"))

    def test_other_states_matter(self):
        text = "<p>更新时间：2026-06-17</p><p>{}</p>"
        assert self.stamp(text.format("无条件开放")) != self.stamp(text.format("有条件开放"))


class TestDetail:
    def test_a_page_in_full(self):
        record = recorded(Simulated(1))
        assert record.title == "吉林市停车场 信息"
        assert record.url.endswith(f"/oportal/catalog/{0:032x}")
        assert record.department == "市城管局"
        assert record.themes == ("城建住房",)
        assert record.industries == ("其他",)
        assert record.tags == ("停车场", "城建住房", "信息")
        assert (record.issued, record.modified) == ("2021-11-26", "2026-06-17")
        assert (record.open_type, record.open_condition) == ("无条件开放", "")
        assert record.frequency == "每月"
        assert (record.phone, record.email) == ("", "")
        assert record.description == "全市停车场信息。来源部门：见附件"
        assert record.formats == ("xls", "api")
        assert record.extra == {"数据量": "469,585"}

    @pytest.mark.parametrize(
        ("theirs", "name", "value"),
        [
            ("数据更新时间", "modified", "2026-06-17"),
            ("最后更新", "modified", "2026-06-17"),
            ("更新日期", "modified", "2026-06-17"),
        ],
    )
    def test_words_for_the_time_of_update(self, theirs, name, value):
        html = DETAIL.replace("<li>更新时间：", f"<li>{theirs}：") % ""
        record = parse_detail(parsed(html), entry(), BASE)
        assert record is not None
        assert getattr(record, name) == value

    @pytest.mark.parametrize("label", ["开放类型", "开放状态", "开放属性", "开放条件"])
    def test_words_for_openness(self, label):
        html = DETAIL.replace("开放条件", label) % ""
        record = parse_detail(parsed(html), entry(), BASE)
        assert record is not None
        assert record.open_type == "无条件开放"

    def test_a_condition_beside_the_type(self):
        html = DETAIL.replace(
            "<li>开放条件：", "<li>开放类型：<span>有条件开放</span></li><li>开放条件："
        )
        record = parse_detail(parsed(html.replace("无条件开放", "签订协议") % ""), entry(), BASE)
        assert record is not None
        assert (record.open_type, record.open_condition) == ("有条件开放", "签订协议")

    @pytest.mark.parametrize("label", ["主题", "所属主题", "重 点 领 域"])
    def test_words_for_the_theme(self, label):
        record = parse_detail(parsed(DETAIL.replace("重点领域", label) % ""), entry(), BASE)
        assert record is not None
        assert record.themes == ("城建住房",)

    def test_a_word_like_none_for_the_theme_is_kept(self):
        record = parse_detail(parsed(DETAIL.replace("城建住房", "暂无") % ""), entry(), BASE)
        assert record is not None
        assert record.themes == ("暂无",)

    def test_the_skin_with_a_list_of_details(self):
        html = (
            "<div class='list-details'><ul><li>来源部门：<span>市城管局</span></li>"
            "<li>所属主题：<span></span></li><li>更新频率：<span>每年</span></li>"
            "<li>数据更新时间：<span>2026-1-2</span></li></ul></div>"
        )
        record = parse_detail(parsed(html), entry(), BASE)
        assert record is not None
        assert (record.department, record.themes, record.frequency) == ("市城管局", (), "每年")
        assert record.title == "停车场"

    def test_tags_as_single_elements(self):
        html = DETAIL.replace("停车场\r\n\t城建住房\r\n\t信息", "<span>a b</span><span>c</span>")
        record = parse_detail(parsed(html % ""), entry(), BASE)
        assert record is not None
        assert record.tags == ("a b", "c")

    @pytest.mark.parametrize(
        ("detail", "code"),
        [
            ("", "record.gone"),
            ("<p>您访问的数据目录不存在</p>", "record.gone"),
            ("<p>出错了</p><div class='footer'>联系电话：1</div>", "record.detail_unreadable"),
        ],
    )
    def test_records_that_cannot_be_read(self, detail, code):
        with pytest.raises(RecordError) as caught:
            recorded(Simulated(1, detail=detail))
        assert caught.value.code == code

    def test_a_portal_in_trouble_is_not_a_broken_record(self):
        simulated = Simulated(1)
        with pytest.raises(PortalError) as caught:
            recorded(lambda asked: simulated(asked) if "index" in asked.path else refused(502))
        assert caught.value.code == "source.http_status"


ROWS = [
    {
        "fileId": "f1",
        "fileName": "停车场",
        "fileDescription": "停车场.xls",
        "fileFormat": "XLS",
        "fileSize": 18432,
        "dataCount": 469585,
        "updateTime": 1781654400000,
        "idInRc": TOKEN,
    },
    {"fileId": 2, "fileName": None, "fileDescription": "乙", "fileFormat": "csv"},
    None,
    {},
]


def with_json(answers, **switches):
    """A simulated portal that answers its two JSON lists."""
    simulated = Simulated(1, **switches)

    def answer(asked: Asked) -> Said:
        name = asked.path.rsplit("/", 1)[-1]
        return answers(asked) if name.startswith("get") else simulated(asked)

    return answer


class TestFiles:
    @pytest.mark.parametrize(
        "envelope",
        [
            lambda rows: {"code": 0, "object": {"total": len(rows), "records": rows}},
            lambda rows: {"code": "0", "data": {"total": str(len(rows)), "records": rows}},
            lambda rows: {"code": 200, "data": rows},
        ],
    )
    def test_the_file_list_in_json(self, envelope):
        def answer(asked):
            return data(envelope(ROWS if asked.path.endswith("getResourceWithFormat") else []))

        record = recorded(with_json(answer))
        assert record.files_known
        assert [
            (file.file_id, file.name, file.format, file.size, file.rows, file.modified)
            for file in record.files
        ] == [
            ("f1", "停车场", "xls", "18432", "469585", "1781654400000"),
            ("2", "乙", "csv", "", "", ""),
        ]

    def test_download_addresses_are_quoted_in_full(self):
        record = RemoteRecord(remote_id="a1", title="A&B 停车场/名录", url=BASE)
        url = parse_files(ROWS[:1], record, BASE)[0].url
        assert "+" not in url
        assert "/" not in urlsplit(url).query
        assert parse_qs(urlsplit(url).query) == {
            "cataId": ["a1"],
            "cataName": ["A&B 停车场/名录"],
            "idInRc": [TOKEN],
        }

    def test_file_lists_of_many_pages(self):
        rows = [{"fileId": str(at), "fileName": "a", "idInRc": str(at)} for at in range(250)]

        def answer(asked):
            if not asked.path.endswith("getResourceWithFormat"):
                return data({"code": 0, "object": {"total": 0, "records": []}})
            start = (int(asked.values["pageNum"]) - 1) * 100
            return data({"code": 0, "object": {"total": 250, "records": rows[start : start + 100]}})

        assert len(recorded(with_json(answer)).files) == 250

    def test_rows_in_the_page_need_no_further_list(self):
        box = f"<input type='checkbox' file-id='{TOKEN}' file-name='停车场.xls'>"
        row = f"<tr fileFormat='xls'><td>{box}</td><td>停车场</td></tr><tr><td>无格式</td></tr>"
        html = DETAIL % row
        record = RemoteRecord(remote_id="a1", title="停车场", url=BASE)
        files = static_files(parsed(html), record, BASE)
        assert [(file.name, file.format) for file in files] == [("停车场.xls", "xls")]
        assert parse_qs(urlsplit(files[0].url).query)["idInRc"] == [TOKEN]

    @pytest.mark.parametrize(
        "said",
        [
            refused(404),
            refused(500),
            refused(403),
            page("<p>请先登录</p>"),
            data({"code": 401, "msg": "无权限"}),
            data({"error": "无权限下载"}),
        ],
    )
    def test_a_refused_file_list_leaves_the_files_unknown(self, said):
        record = recorded(with_json(lambda asked: said))
        assert (record.files, record.files_known) == ((), False)

    def test_services_lead_to_the_gateway(self):
        rows = [
            {"serviceId": "s1", "serviceName": "停车场接口", "context": "/parking/list"},
            {"serviceId": "s2"},
            {"serviceName": "无标识"},
        ]
        services = parse_services(rows, BASE)
        assert [service.url for service in services] == [
            "http://data.example.cn/gateway/api/1/parking/list",
            f"{BASE}/api/s2/detail",
        ]
        assert all(service.is_service and service.format == "api" for service in services)

    def test_services_are_asked_for_only_where_promised(self):
        asked_for = []

        def answer(asked):
            asked_for.append(asked.path.rsplit("/", 1)[-1])
            return data({"code": 0, "object": {"records": []}})

        simulated = with_json(answer)
        recorded(
            lambda asked: (
                page(listing(item(0, formats="<li class='xls'>XLS</li>"), "1"))
                if asked.path.endswith("index")
                else simulated(asked)
            )
        )
        assert asked_for == ["getResourceWithFormat"]


class TestHostileData:
    @settings(deadline=None)
    @given(
        st.lists(
            st.sampled_from(
                [
                    "<table>",
                    "<tr>",
                    "<td>",
                    "<th>",
                    "<ul class='list-inline'>",
                    "<li>",
                    "<span>",
                    "<!--x-->",
                    "<li name='basicinfo'>",
                    "</li>",
                    "</td>",
                    "<div class='bottom-content'>",
                    "来源部门：",
                    "标签",
                    "重点领域：",
                    "描述",
                    "值",
                    "\x0b",
                    "<a href='/oportal/catalog/1'>",
                    "<a href='//['>",
                    "</a>",
                    "<div class='top-title'>",
                    "<span>1,9</span>",
                    "<div class='file-type'>",
                    "更新时间：2026-01-01",
                    "<tr fileformat='xls' file-id='1'>",
                    "<li name='file-download'>",
                    "<input id='cata_name'>",
                ]
            ),
            min_size=1,
            max_size=40,
        )
    )
    def test_any_page_can_be_read(self, pieces):
        root = parsed("<body><p>" + "".join(pieces) + "</p></body>")
        parse_list(root, f"{BASE}/catalog/index", BASE)
        record = parse_detail(root, entry(), BASE)
        if record is not None:
            static_files(root, record, BASE)

    @settings(deadline=None)
    @given(
        st.lists(
            st.dictionaries(
                st.sampled_from(
                    [
                        "fileId",
                        "idInRc",
                        "fileName",
                        "fileFormat",
                        "fileSize",
                        "updateTime",
                        "serviceId",
                        "context",
                    ]
                ),
                JSON_VALUES,
            ),
            max_size=3,
        )
    )
    def test_any_file_list_can_be_read(self, rows):
        record = RemoteRecord(remote_id="a1", title="停车场", url=BASE)
        parse_files(rows, record, BASE)
        parse_services(rows, BASE)

    def test_sizes_and_control_characters(self):
        html = DETAIL.replace("吉林市停车场 信息", "长\x01" * 5_000).replace("全市", "全" * 50_000)
        record = parse_detail(parsed((html % "").replace("\x01", "&#1;\u202e")), entry(), BASE)
        assert record is not None
        assert record.title == "长" * 2_000
        assert len(record.description) == 20_000


@pytest.mark.catalogues
@pytest.mark.skipif(not REAL.exists(), reason="no real catalogue records here")
@pytest.mark.parametrize("portal", ["luan", "ningxia", "guangxi_beihai"])
def test_real_records_come_through_unchanged(portal):
    head = {
        "来源部门": "department",
        "发布时间": "issued",
        "更新时间": "modified",
        "开放条件": "open_type",
    }
    for text in (REAL / f"{portal}.jsonl").read_text(encoding="utf-8").splitlines()[::20]:
        stated = json.loads(text)
        items = "".join(
            f"<li>{label}：<span class='text-primary'>{stated.get(label, '')}</span></li>"
            for label in [*head, "重点领域"]
        )
        rows = "".join(
            f"<tr><td>{label}</td><td>{stated[label]}</td></tr>"
            for label in ("更新频率", "部门电话", "标签", "描述")
        )
        root = parsed(
            f"<ul class='list-inline'>{items}</ul><ul><li name='basicinfo'>"
            f"<table>{rows}</table></li></ul>"
        )
        record = parse_detail(root, entry(title=stated["标题"]), BASE)
        assert record is not None
        for label, name in head.items():
            assert getattr(record, name) == stated.get(label, "")
        assert record.frequency == stated["更新频率"]
        assert "".join(record.themes) == stated["重点领域"]
        assert list(record.tags) == list(dict.fromkeys(stated["标签"].split()))
        assert record.phone == stated["部门电话"].replace("暂无", "")
        assert "".join(record.description.split()) == "".join(
            lxml.html.fromstring(f"<p>{stated['描述']} </p>").text_content().split()
        )
