"""From a source's words to our codes: nothing is lost, nothing is invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.jilinopen.harvest.config_model import SourceConfig
from ckanext.jilinopen.harvest.mapping import SourceContext, map_record, mapping_key
from ckanext.jilinopen.harvest.records import RemoteFile, RemoteItem, RemoteRecord, Severity


def source(**settings):
    config = SourceConfig(family="odweb", division="220100", **settings)
    return SourceContext("source-1", "长春市公共信息资源开放平台", config)


def record(**changes):
    fields = {
        "remote_id": "728e66",
        "title": "长春市停车场信息",
        "url": "http://data.example.cn/odweb/catalog/catalogDetail.htm?cata_id=728e66",
        "department": "市教育局",
        "themes": ("文化、体育",),
        "frequency": "每年",
        "open_type": "无条件开放",
        "issued": "2022-03-25",
        "modified": "2022-5-4",
        "description": "停车场的位置和泊位数",
        "formats": ("xls", "json"),
    }
    return RemoteRecord(**{**fields, **changes})


def mapped(settings=None, **changes):
    return map_record(record(**changes), source(**(settings or {})))


def codes(result):
    return [finding.code for finding in result.findings]


def test_plain_record_maps_without_a_finding():
    result = mapped()
    dataset = result.dataset
    assert codes(result) == []
    assert dataset.provider == "长春市教育局"
    assert dataset.themes == ("jywh",)
    assert (dataset.frequency, dataset.open_type) == ("annual", "unconditional")
    assert (dataset.issued, dataset.modified) == ("2022-03-25", "2022-05-04")
    assert dataset.division == "220100"
    assert {resource.format for resource in dataset.resources} == {"xls", "json"}


class TestThemes:
    def test_several_themes_in_one_text(self):
        assert set(mapped(themes=("文化、体育，卫生健康",)).dataset.themes) == {"jywh", "ylws"}

    def test_unknown_theme_is_kept_and_reported(self):
        result = mapped(themes=("星际航行",))
        assert result.dataset.themes == ("qita",)
        assert codes(result) == ["theme.unmapped"]
        assert result.dataset.source_values["themes"] == ["星际航行"]

    def test_source_that_names_none(self):
        result = mapped(themes=("暂无",))
        assert result.dataset.themes == ("qita",)
        assert codes(result) == ["theme.missing"]

    def test_table_of_the_source_goes_first(self):
        assert mapped({"themes": {"文化、体育": "shfw"}}).dataset.themes == ("shfw",)

    def test_catch_all_never_stands_beside_a_real_theme(self):
        assert mapped(themes=("其他", "交通运输")).dataset.themes == ("jtys",)


class TestTags:
    def test_lists_in_one_tag_are_split_and_own_fields_left_out(self):
        tags = ("学校,教职工、统计", "文化、体育", "教育", "水")
        found = mapped(tags=tags, industries=("教育",)).dataset.tags
        assert found == ("学校", "教职工", "统计", "水")

    def test_tag_that_ckan_takes_stays_whole(self):
        assert mapped(tags=("轨道 交通", "open data", "2026年")).dataset.tags == (
            "轨道 交通",
            "open data",
            "2026年",
        )


class TestProvider:
    @pytest.mark.parametrize("stated", ["市卫健委", "长春市卫生健康委员会", "【长春市】市卫健委"])
    def test_short_and_full_names_meet(self, stated):
        assert mapped(department=stated).dataset.provider == "长春市卫生健康委员会"

    def test_unknown_department_keeps_its_name_and_gets_its_place(self):
        result = mapped(department="市葡萄酒产业发展服务中心")
        assert result.dataset.provider == "长春市葡萄酒产业发展服务中心"
        assert codes(result) == ["department.unmapped"]

    def test_unknown_department_may_stay_with_the_source(self):
        result = mapped({"unknown_department": "source"}, department="市葡萄酒产业发展服务中心")
        assert result.dataset.provider == ""
        assert codes(result) == ["department.unmapped"]

    def test_record_without_a_department(self):
        result = mapped(department="")
        assert result.dataset.provider == ""
        assert codes(result) == ["department.missing"]


class TestOpenness:
    def test_typing_error_of_real_portals(self):
        assert mapped(open_type="无条件开发").dataset.open_type == "unconditional"

    def test_silence_is_not_a_promise(self):
        """Nobody else may declare a source's data open."""
        result = mapped(open_type="")
        assert result.dataset.open_type == ""
        assert codes(result) == ["openness.missing"]

    def test_conditional_data_gets_no_open_licence(self):
        assert mapped(open_type="有条件开放").dataset.license_id == "jilin-conditional"


class TestDates:
    @pytest.mark.parametrize(
        ("stated", "read"),
        [
            ("2022-3-24", "2022-03-24"),
            ("2023/06/12 17:33:10", "2023-06-12T17:33:10+08:00"),
            ("20230616103000", "2023-06-16T10:30:00+08:00"),
            ("Dec 15, 2019 3:00:49 AM", "2019-12-15T03:00:49+08:00"),
            ("1507618805000", "2017-10-10T15:00:05+08:00"),
            ("", ""),
        ],
    )
    def test_forms_of_real_portals(self, stated, read):
        assert mapped(issued="2010-01-01", modified=stated).dataset.modified == read

    def test_unreadable_date_is_kept_in_the_words_of_the_source(self):
        result = mapped(modified="去年夏天")
        assert result.dataset.modified == ""
        assert codes(result) == ["date.unreadable"]
        assert result.dataset.source_values["modified"] == "去年夏天"

    def test_update_before_release_keeps_both(self):
        result = mapped(issued="2022-03-25", modified="2021-12-14")
        assert (result.dataset.issued, result.dataset.modified) == ("2022-03-25", "2021-12-14")
        assert codes(result) == ["date.order"]


class TestResources:
    def test_files_become_resources_and_missing_formats_lead_to_the_source(self):
        files = (RemoteFile(file_id="f1", name="停车场.csv", url="http://data.example.cn/f1"),)
        dataset = mapped(files=files, files_known=True, formats=("csv", "xml")).dataset
        assert [(r.key, r.format) for r in dataset.resources] == [
            ("f1", "csv"),
            ("page:xml", "xml"),
        ]
        assert dataset.resources[1].url == dataset.source_url

    def test_one_file_id_listed_twice_is_two_resources(self):
        files = tuple(
            RemoteFile(file_id="f1", name=name, url="http://data.example.cn/f", format="csv")
            for name in ("甲", "乙")
        )
        keys = [r.key for r in mapped(files=files, formats=()).dataset.resources]
        assert keys == ["f1", "f1#2"]

    @pytest.mark.parametrize(
        "url",
        [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "\\\\host\\share",
            "data:text/html,x",
            "http://user:secret@host/x",
            "http://[bad",
            "",
        ],
    )
    def test_address_that_is_no_web_address_is_left_out(self, url):
        files = (RemoteFile(file_id="f", name="n", url=url, format="csv"),)
        result = mapped(files=files, files_known=True, formats=())
        assert result.dataset.resources == ()
        assert "resource.url_refused" in codes(result)

    def test_too_many_files_are_capped_and_reported(self):
        files = tuple(
            RemoteFile(file_id=str(n), name="n", url=f"http://a.cn/{n}", format="csv")
            for n in range(2_100)
        )
        result = mapped(files=files, formats=())
        assert len(result.dataset.resources) == 2_000
        assert "resources.capped" in codes(result)

    @pytest.mark.parametrize(
        ("stated", "size"), [("12,345", 12_345), ("3.5 KB", 3_584), ("2MB", 2 << 20), ("大", None)]
    )
    def test_sizes(self, stated, size):
        files = (RemoteFile(file_id="f", name="n.csv", url="http://a.cn/f", size=stated),)
        assert mapped(files=files, formats=()).dataset.resources[0].size == size


class TestContact:
    def test_mobile_number_is_masked(self):
        result = mapped(phone="13812345678")
        assert result.dataset.phone == "138****5678"
        assert codes(result) == ["contact.mobile"]

    def test_office_number_stays(self):
        result = mapped(phone="0431-82752000")
        assert result.dataset.phone == "0431-82752000"
        assert codes(result) == []

    def test_name_of_a_person_is_left_out_and_not_repeated_in_the_finding(self):
        result = mapped(contact_name="王某某")
        assert result.dataset.contact_name == ""
        assert [finding.value for finding in result.findings] == [""]

    def test_name_of_an_office_stays(self):
        assert mapped(contact_name="信息科").dataset.contact_name == "信息科"


class TestText:
    def test_markup_of_the_source_becomes_plain_text(self):
        notes = mapped(description="<p>一</p><script>x()</script><p>二&amp;三</p>").dataset.notes
        assert notes == "一\n二&三"

    def test_entities_and_written_line_ends_are_read(self):
        assert mapped(description="一&amp;二\\n三&nbsp;").dataset.notes == "一&二\n三"

    def test_comparison_signs_are_not_markup(self):
        assert mapped(description="面积<90平方米").dataset.notes == "面积<90平方米"

    @given(st.text(max_size=300))
    def test_no_tag_survives(self, text):
        notes = mapped(description=f"{text}<script>alert(1)</script>").dataset.notes
        assert "<script" not in notes


def test_data_items_are_taken_over():
    items = (RemoteItem(name="tccmc", label="停车场名称", data_type="字符型", length="50"),)
    assert [
        (item.name, item.label_zh, item.data_type) for item in mapped(items=items).dataset.items
    ] == [("tccmc", "停车场名称", "C")]


@given(
    st.builds(
        RemoteRecord,
        remote_id=st.text(max_size=20),
        title=st.text(max_size=50),
        url=st.text(max_size=50),
        department=st.text(max_size=20),
        division=st.text(max_size=10),
        themes=st.lists(st.text(max_size=20), max_size=3).map(tuple),
        industries=st.lists(st.text(max_size=20), max_size=3).map(tuple),
        tags=st.lists(st.text(max_size=20), max_size=5).map(tuple),
        frequency=st.text(max_size=10),
        open_type=st.text(max_size=10),
        issued=st.text(max_size=30),
        modified=st.text(max_size=30),
        description=st.text(max_size=200),
        formats=st.lists(st.text(max_size=10), max_size=4).map(tuple),
        phone=st.text(max_size=30),
        email=st.text(max_size=30),
    )
)
def test_no_record_is_too_strange_to_map(strange):
    result = map_record(strange, source())
    assert result.dataset.themes
    assert all(finding.severity is Severity.WARNING for finding in result.findings)


def test_mapping_key_moves_with_the_settings():
    assert mapping_key(source().config) == mapping_key(source().config)
    assert mapping_key(source().config) != mapping_key(source(themes={"甲": "jtys"}).config)
