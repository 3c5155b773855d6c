"""What a run decides before it writes anything."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.jilinopen.harvest.plan import (
    Brake,
    Known,
    Reading,
    brake_holds,
    content_hash,
    dataset_id,
    differences,
    next_step,
    resource_id,
    vanished,
)
from ckanext.jilinopen.harvest.records import Dataset, Entry, Resource

NOW = datetime(2026, 11, 23, tzinfo=timezone.utc)


def known(remote_id="a", **changes):
    fields = {
        "remote_id": remote_id,
        "package_id": "p",
        "stamp": "s1",
        "content_hash": "h",
        "mapping_key": "m1",
    }
    return Known(**{**fields, **changes})


def dataset(**changes):
    fields = {
        "remote_id": "a",
        "title": "长春市停车场信息",
        "notes": "停车场的位置和泊位数",
        "provider": "长春市城市管理局",
        "division": "220100",
        "themes": ("jtys",),
        "tags": ("停车",),
        "frequency": "annual",
        "open_type": "unconditional",
        "source_url": "http://data.example.cn/odweb/1",
        "source_portal": "长春市公共信息资源开放平台",
    }
    return Dataset(**{**fields, **changes})


class TestNextStep:
    def test_unknown_record_is_read_in_full(self):
        assert next_step(Entry(remote_id="b", title="t", stamp="s1"), {"a": known()}, "m1") is (
            Reading.DETAIL
        )

    def test_same_stamp_needs_nothing(self):
        assert next_step(Entry(remote_id="a", title="t", stamp="s1"), {"a": known()}, "m1") is (
            Reading.NOTHING
        )

    def test_other_stamp_is_read_again(self):
        assert next_step(Entry(remote_id="a", title="t", stamp="s2"), {"a": known()}, "m1") is (
            Reading.DETAIL
        )

    def test_listing_that_tells_nothing_is_never_trusted(self):
        silent = {"a": known(stamp=None)}
        assert next_step(Entry(remote_id="a", title="t"), silent, "m1") is Reading.DETAIL

    def test_new_mapping_asks_the_store_and_not_the_portal(self):
        entry = Entry(remote_id="a", title="t", stamp="s1")
        assert next_step(entry, {"a": known()}, "m2") is Reading.STORED

    @pytest.mark.parametrize("change", [{"missing_since": NOW}, {"is_removed": True}])
    def test_record_that_comes_back_is_looked_at(self, change):
        entry = Entry(remote_id="a", title="t", stamp="s1")
        assert next_step(entry, {"a": known(**change)}, "m1") is Reading.STORED

    def test_full_run_reads_everything(self):
        entry = Entry(remote_id="a", title="t", stamp="s1")
        assert next_step(entry, {"a": known()}, "m1", always_detail=True) is Reading.DETAIL


class TestIdentity:
    def test_same_id_in_two_sources_is_two_datasets(self):
        assert dataset_id("source-1", "42") != dataset_id("source-2", "42")

    def test_ids_never_move(self):
        """Stored datasets hang on these values: a change of the rule orphans them all."""
        assert dataset_id("source-1", "42") == "55ba9833-aac5-5cf9-b27c-ba440014a693"

    @given(st.text(), st.text(), st.text(), st.text())
    def test_different_pairs_have_different_ids(self, source, remote, other_source, other_remote):
        if "\n" in source + other_source or (source, remote) == (other_source, other_remote):
            return
        try:
            first, second = dataset_id(source, remote), dataset_id(other_source, other_remote)
        except UnicodeEncodeError:
            return
        assert first != second

    def test_resource_ids_belong_to_their_dataset(self):
        assert resource_id("p1", "f") != resource_id("p2", "f")


class TestContentHash:
    def test_equal_datasets_have_equal_hashes(self):
        assert content_hash(dataset(source_values={"a": 1, "b": 2})) == content_hash(
            dataset(source_values={"b": 2, "a": 1})
        )

    @pytest.mark.parametrize(
        "change",
        [
            {"title": "x"},
            {"tags": ("停车", "交通")},
            {"resources": (Resource(key="1", name="n", url="http://a/b"),)},
            {"source_values": {"themes": ["文物保护"]}},
        ],
    )
    def test_every_change_shows(self, change):
        assert content_hash(dataset()) != content_hash(dataset(**change))


class TestBrake:
    @pytest.mark.parametrize(
        ("gone", "stored", "holds"),
        [
            (0, 0, False),
            (10, 10, False),
            (11, 12, True),
            (11, 55, False),
            (11, 54, True),
            (500, 500, True),
            (100, 1_000, False),
        ],
    )
    def test_both_limits_must_be_passed(self, gone, stored, holds):
        assert brake_holds(gone, stored, Brake(count=10, share=20)) is holds


def test_vanished_are_the_stored_ones_that_were_not_listed():
    stored = {key: known(key) for key in ("c", "a", "b")}
    assert [record.remote_id for record in vanished(stored, ["b", "x"])] == ["a", "c"]


def test_differences_name_each_field_with_both_values():
    found = differences({"title": "旧", "same": 1}, {"title": "新", "same": 1, "more": 2})
    assert [(item.field, item.before, item.after) for item in found] == [
        ("more", None, 2),
        ("title", "旧", "新"),
    ]
