"""Which mapped datasets may come in, and what is said of the others."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from ckanext.jilinopen.harvest.records import Dataset, Resource, Severity
from ckanext.jilinopen.harvest.rules import RuleContext, check

CONTEXT = RuleContext(today=date(2026, 11, 23), own_address="https://data.jl.example")

GOOD = Dataset(
    remote_id="1",
    title="长春市停车场信息",
    notes="停车场的位置和泊位数",
    provider="长春市城市管理局",
    division="220100",
    themes=("jtys",),
    tags=("停车",),
    frequency="annual",
    open_type="unconditional",
    issued="2024-01-01",
    modified="2026-11-23",
    source_url="http://data.example.cn/odweb/1",
    source_portal="长春",
    resources=(Resource(key="1", name="n", url="http://a/b"),),
)


def codes(**changes):
    found = check(msgspec.structs.replace(GOOD, **changes), CONTEXT)
    return [(finding.code, finding.severity) for finding in found]


def test_good_dataset_has_no_finding():
    assert codes() == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": ""}, "title.missing"),
        ({"remote_id": ""}, "record.id_unusable"),
        ({"remote_id": "x" * 301}, "record.id_unusable"),
        ({"source_url": "https://data.jl.example/dataset/x"}, "record.own"),
    ],
)
def test_what_no_catalogue_can_hold_is_an_error(change, code):
    assert (code, Severity.ERROR) in codes(**change)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"notes": ""}, "notes.missing"),
        ({"issued": "2027-01-01"}, "date.ahead"),
        ({"modified": "2126-11-25T00:00:00"}, "date.ahead"),
        ({"resources": ()}, "resources.missing"),
    ],
)
def test_what_a_form_would_block_only_warns(change, code):
    assert codes(**change) == [(code, Severity.WARNING)]


def test_tomorrow_is_not_ahead():
    """A portal east of us, or one whose clock runs fast, is no fault."""
    assert codes(modified="2026-11-24T08:00:00") == []


def test_address_that_only_begins_like_ours_is_foreign():
    assert codes(source_url="https://data.jl.example.org/dataset/x") == []


def test_closed_dataset_needs_no_file():
    assert codes(open_type="none", resources=()) == []
