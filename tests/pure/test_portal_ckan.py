"""Other CKAN sites: the search, whole datasets, foreign field names, and sites like ours."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.jilinopen.harvest.errors import PortalError, RecordError
from ckanext.jilinopen.harvest.portals.ckan import (
    Ckan,
    entry_of,
    parse_dataset,
    parse_search,
    site_of,
    stamp_of,
)
from ckanext.jilinopen.harvest.records import Entry

from .portalsite import Asked, Said, data, listing_of, page, portal_at, refused, site

SITE = "https://data.example.cn"

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner),
    max_leaves=12,
)


def dataset(number: int = 1, **changes) -> dict:
    return {
        "id": f"{number:08d}-0000-4000-8000-000000000000",
        "name": f"tingchechang-{number}",
        "title": f"四平市停车场{number}",
        "notes": "停车场\r\n的位置",
        "type": "dataset",
        "state": "active",
        "private": False,
        "metadata_created": "2025-01-02T03:04:05.678",
        "metadata_modified": "2026-05-04T10:00:00",
        "organization": {"name": "cgj", "title": "四平市城市管理局"},
        "groups": [{"name": "cjzf", "title": "城建住房", "display_name": "城建住房"}],
        "tags": [{"name": "停车场", "display_name": "停车场"}, {"name": "parking lot"}],
        "license_id": "cc-by-4.0",
        "license_title": "知识共享",
        "resources": [
            {
                "id": "r1",
                "name": "停车场",
                "url": f"{SITE}/f/a.csv",
                "format": "CSV",
                "size": 1234,
                "last_modified": "2026-05-01T00:00:00",
            }
        ],
        "extras": [],
        **changes,
    }


@dataclass
class Simulated:
    """A CKAN site with switches for what real ones do differently."""

    datasets: list[dict]
    root: str = ""
    cap: int = 1000
    ignores_start: bool = False
    asked: list[Asked] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Said:
        self.asked.append(asked)
        if asked.path != f"{self.root}/api/3/action/package_search":
            return refused(404)
        start = 0 if self.ignores_start else int(asked.values["start"])
        rows = min(self.cap, int(asked.values["rows"]))
        return data(
            {
                "success": True,
                "result": {
                    "count": len(self.datasets),
                    "results": self.datasets[start : start + rows],
                },
            }
        )


def listed(simulated, path: str = "", **settings):
    settings = {"division": "220300", **settings}
    with site(simulated) as address, portal_at(address + path, "ckan", **settings) as portal:
        return listing_of(Ckan(), portal)


class TestListing:
    @pytest.mark.parametrize(
        "path",
        [
            "",
            "/",
            "/zh_CN",
            "/zh_Hans_CN/dataset/?q=1",
            "/dataset/tingchechang-1",
            "/api/3/action",
            "/api/3/action/package_search?rows=5",
            "/en/organization/cgj",
        ],
    )
    def test_any_address_of_the_site_leads_to_its_api(self, path):
        entries, total = listed(Simulated([dataset()]), path)
        assert [entry.title for entry in entries] == ["四平市停车场1"]
        assert total == 1

    def test_a_site_below_a_path(self):
        assert len(listed(Simulated([dataset()], root="/data"), "/data/zh_CN/dataset")[0]) == 1

    @pytest.mark.parametrize("address", ["http://en", "http://en/", "https://zh_CN"])
    def test_a_host_named_like_a_locale(self, address):
        assert site_of(address) == address.rstrip("/")

    @pytest.mark.parametrize(
        ("count", "requests"),
        [
            (0, 2),
            (1, 1),
            (100, 1),
            (101, 2),
            (250, 3),  # a site with nothing is asked once more
        ],
    )
    def test_no_request_too_many(self, count, requests):
        simulated = Simulated([dataset(number) for number in range(count)])
        entries, total = listed(simulated)
        assert len(entries) == total == count
        assert len(simulated.asked) == requests

    def test_a_site_with_smaller_pages(self):
        entries, _ = listed(Simulated([dataset(number) for number in range(95)], cap=10))
        assert len({entry.remote_id for entry in entries}) == 95

    def test_the_order_is_one_that_changes_do_not_disturb(self):
        simulated = Simulated([dataset()])
        listed(simulated)
        assert simulated.asked[0].values["sort"] == "id asc"

    def test_a_site_that_ignores_the_offset_is_a_fault(self):
        with pytest.raises(PortalError) as caught:
            listed(Simulated([dataset(number) for number in range(30)], cap=10, ignores_start=True))
        assert caught.value.code == "source.paging"

    def test_what_is_no_public_dataset_is_left_out_of_the_total_too(self):
        entries, total = listed(
            Simulated(
                [
                    dataset(1),
                    dataset(2, type="harvest"),
                    dataset(3, type="showcase"),
                    dataset(4, private=True),
                    dataset(5, state="deleted"),
                ]
            )
        )
        assert len(entries) == total == 1

    def test_a_dataset_without_id_stays_in_the_total(self):
        entries, total = listed(Simulated([dataset(1), dataset(2, id=None, name="")]))
        assert (len(entries), total) == (1, 2)

    @pytest.mark.parametrize(("key", "sent"), [("", None), ("secret", "secret")])
    def test_the_key_goes_along_only_where_there_is_one(self, key, sent):
        simulated = Simulated([dataset()])
        listed(simulated, api_key=key)
        assert simulated.asked[0].headers.get("authorization") == sent

    @pytest.mark.parametrize(
        ("error", "cause"),
        [
            ({"message": "Search error", "__type": "Search Error"}, "Search error"),
            ("拒绝访问", "拒绝访问"),
            ({"q": ["缺失"]}, "缺失"),
            (None, ""),
        ],
    )
    def test_the_message_of_the_site_is_passed_on(self, error, cause):
        with pytest.raises(PortalError) as caught:
            listed(lambda asked: data({"success": False, "error": error}))
        assert caught.value.code == "source.api_error"
        assert cause in caught.value.cause

    @pytest.mark.parametrize(
        ("said", "code"),
        [
            (page("<p>维护中</p>"), "source.not_json"),
            (refused(404), "source.not_found"),
            (data([]), "source.shape"),
            (data({"success": True, "result": []}), "source.shape"),
        ],
    )
    def test_other_answers_are_faults(self, said, code):
        with pytest.raises(PortalError) as caught:
            listed(lambda asked: said)
        assert caught.value.code == code


class TestStamp:
    def test_counters_do_not_matter(self):
        counted = dataset(
            tracking_summary={"total": 9},
            resources=[{**dataset()["resources"][0], "tracking_summary": {"recent": 1}}],
        )
        assert stamp_of(counted) == stamp_of(dataset())

    @pytest.mark.parametrize(
        "change",
        [
            {"title": "停车场"},
            {"metadata_modified": "2026-05-05T10:00:00"},
            {"resources": []},
            {"extras": [{"key": "更新频率", "value": "每年"}]},
            {"groups": []},
        ],
    )
    def test_everything_else_does(self, change):
        assert stamp_of(dataset(**change)) != stamp_of(dataset())


class TestDataset:
    def test_a_stock_dataset(self):
        record = parse_dataset(dataset(), SITE)
        assert record.url == f"{SITE}/dataset/tingchechang-1"
        assert record.department == "四平市城市管理局"
        assert record.themes == ("城建住房",)
        assert record.tags == ("停车场", "parking lot")
        assert record.description == "停车场\n的位置"
        assert record.license == "cc-by-4.0"
        assert (record.issued, record.modified) == (
            "2025-01-02T03:04:05.678",
            "2026-05-04T10:00:00",
        )
        assert record.files_known
        assert [(file.name, file.url, file.format, file.size) for file in record.files] == [
            ("停车场", f"{SITE}/f/a.csv", "csv", "1234")
        ]
        assert record.extra == {}

    def test_no_request_is_made_for_a_record(self):
        simulated = Simulated([dataset()])
        with site(simulated) as address, portal_at(address, "ckan") as portal:
            entry = next(Ckan().pages(portal)).entries[0]
            record = Ckan().record(portal, entry)
            assert record.url == f"{address}/dataset/tingchechang-1"
            assert portal.client.requests == 1

    @pytest.mark.parametrize(
        ("key", "name", "value"),
        [
            ("更新频率", "frequency", "每年"),
            ("update_frequency", "frequency", "每年"),
            ("gengxinpinlv", "frequency", "每年"),
            ("开放类型", "open_type", "有条件开放"),
            ("openness", "open_type", "有条件开放"),
            ("行政区划", "division", "220300"),
            ("发布日期", "issued", "2024-1-2"),
            ("更新时间", "modified", "2024-1-2"),
            ("联系电话", "phone", "0434-1"),
            ("contact_email", "email", "a@example.cn"),
            ("开放条件", "open_condition", "签订协议"),
        ],
    )
    @pytest.mark.parametrize("place", ["extras", "top"])
    def test_fields_under_the_names_of_other_sites(self, key, name, value, place):
        extras = [{"key": key, "value": value}] if place == "extras" else []
        more: dict = {"extras": extras} if extras else {key: value}
        record = parse_dataset(dataset(**more), SITE)
        assert getattr(record, name) == value
        assert key not in record.extra

    def test_department_and_themes_in_extras(self):
        extras = [
            {"key": "提供单位", "value": "市城管局"},
            {"key": "所属主题", "value": "综合政务，科技、教育"},
            {"key": "所属行业", "value": '["教育", "金融业"]'},
        ]
        record = parse_dataset(dataset(organization=None, groups=[], extras=extras), SITE)
        assert record.department == "市城管局"
        assert record.themes == ("综合政务", "科技、教育")
        assert record.industries == ("教育", "金融业")

    def test_a_site_with_this_same_extension_reads_completely(self):
        record = parse_dataset(
            dataset(
                jl_region="220300",
                frequency="annual",
                jl_open_type="conditional",
                jl_open_condition="签订协议",
                jl_industry=["P", "J"],
                jl_provider_code="11220300MB0",
                issued="2024-01-02",
                modified="2024-03-04",
                contact=[{"name": "数据科", "email": "a@example.cn", "phone": "0434-1"}],
                jl_items=[
                    {
                        "name": "lots",
                        "label_zh": "泊位数",
                        "data_type": "N",
                        "length": "8",
                        "definition": "个数",
                    }
                ],
                provenance="普查\n整理",
                jl_source_url="https://other.example.cn/1",
                resources=[
                    {**dataset()["resources"][0], "jl_row_count": 99, "modified": "2024-05-06"}
                ],
            ),
            SITE,
        )
        assert (record.division, record.frequency) == ("220300", "annual")
        assert (record.open_type, record.open_condition) == ("conditional", "签订协议")
        assert record.industries == ("P", "J")
        assert record.department_code == "11220300MB0"
        assert (record.issued, record.modified) == ("2024-01-02", "2024-03-04")
        assert (record.contact_name, record.email, record.phone) == (
            "数据科",
            "a@example.cn",
            "0434-1",
        )
        assert [
            (item.name, item.label, item.data_type, item.length, item.description)
            for item in record.items
        ] == [("lots", "泊位数", "N", "8", "个数")]
        assert record.provenance == "普查\n整理"
        assert (record.files[0].rows, record.files[0].modified) == ("99", "2024-05-06")
        assert record.extra == {"jl_source_url": "https://other.example.cn/1"}

    def test_unknown_fields_are_kept_within_limits(self):
        extras = [{"key": f"k{at}", "value": "长" * 5_000} for at in range(300)]
        record = parse_dataset(dataset(extras=extras, spatial={"type": "Point"}), SITE)
        assert len(record.extra) == 100
        assert len(record.extra["k0"]) == 2_000

    @pytest.mark.parametrize(
        ("url", "read"),
        [
            (
                "/dataset/x/resource/r1/download/a.csv",
                f"{SITE}/dataset/x/resource/r1/download/a.csv",
            ),
            ("", f"{SITE}/dataset/tingchechang-1/resource/r1"),
            ("javascript:alert(1)", "javascript:alert(1)"),
        ],
    )
    def test_addresses_of_files(self, url, read):
        stated = dataset(resources=[{"id": "r1", "url": url}])
        assert parse_dataset(stated, SITE).files[0].url == read

    @pytest.mark.parametrize(
        ("format_", "is_service"),
        [
            ("API", True),
            ("WMS", True),
            ("csv", False),
        ],
    )
    def test_services_by_their_format(self, format_, is_service):
        stated = dataset(resources=[{"id": "r1", "url": SITE, "format": format_}])
        assert parse_dataset(stated, SITE).files[0].is_service is is_service

    def test_texts_in_several_languages(self):
        stated = dataset(title="", title_translated={"en": "Parking", "zh_Hans_CN": "停车"})
        assert parse_dataset(stated, SITE).title == "停车"

    def test_a_row_that_holds_no_dataset(self):
        with portal_at(SITE, "ckan") as portal, pytest.raises(RecordError) as caught:
            Ckan().record(portal, Entry(remote_id="1", title="停车场"))
        assert caught.value.code == "record.detail_unreadable"


class TestHostileData:
    @settings(deadline=None)
    @given(
        st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "name",
                    "title",
                    "notes",
                    "type",
                    "extras",
                    "tags",
                    "groups",
                    "organization",
                    "resources",
                    "contact",
                    "jl_items",
                    "jl_industry",
                    "frequency",
                    "license_id",
                    "更新频率",
                    "provenance",
                    "spatial",
                    "所属主题",
                ]
            ),
            JSON_VALUES,
        )
    )
    def test_any_dataset_can_be_read(self, stated):
        entry = entry_of(stated, SITE)
        parse_dataset(stated, SITE)
        if entry is not None:
            json.dumps(entry.row)

    @settings(deadline=None)
    @given(
        st.dictionaries(
            st.sampled_from(["id", "url", "name", "format", "key", "value", "title"]), JSON_VALUES
        )
    )
    def test_any_part_of_a_dataset_can_be_read(self, part):
        parse_dataset(
            dataset(
                resources=[part],
                extras=[part],
                tags=[part],
                groups=[part],
                organization=part,
                contact=[part],
                jl_items=[part],
            ),
            SITE,
        )

    @settings(deadline=None)
    @given(JSON_VALUES)
    def test_any_answer_is_read_or_refused(self, answer):
        for whole in (answer, {"success": True, "result": answer}):
            with suppress(PortalError):
                assert parse_search(whole, SITE).ids is not None

    def test_deep_and_broken_values(self):
        deep: list = []
        for _ in range(500):
            deep = [deep]
        entry = entry_of(dataset(spatial=deep, title="停\ud800车\x00场"), SITE)
        assert entry is not None
        assert entry.title == "停车场"
        json.dumps(entry.row).encode()
