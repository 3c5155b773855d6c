"""What the demo reads from outside: request numbers, fault texts, replay files."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.dice import Dice
from demo.portals.base import number
from demo.portals.faults import NAMES, parse_fault
from demo.portals.oportal import id_in_rc
from demo.records import File
from demo.replay import read_replay


@given(st.none() | st.text(max_size=20))
def test_any_request_number_is_a_number_within_bounds(text):
    assert 0 <= number(text, 10) <= 1_000_000


@given(st.text(max_size=60).filter(lambda text: text.partition(",")[0] not in NAMES))
def test_an_unknown_fault_is_refused_with_the_known_ones(text):
    with pytest.raises(ValueError, match="可用的有"):
        parse_fault(text)


@given(st.sampled_from(NAMES), st.integers(0, 99), st.integers(0, 99))
def test_a_known_fault_is_read(name, times, skip):
    fault = parse_fault(f"{name},times={times},skip={skip}")
    assert (fault.name, fault.times, fault.skip) == (name, times, skip)


@given(st.text(min_size=1, max_size=40))
def test_every_stored_file_has_an_id_that_needs_quoting(file_id):
    text = id_in_rc(File(file_id, "a.csv", "csv"))
    assert len(text) == 64
    assert {"/", "+", "="} <= set(text)


@given(st.text(), st.integers(-50, 50), st.integers(0, 50))
def test_dice_stay_within_their_faces_and_repeat_themselves(seed, low, width):
    drawn = [Dice(seed).between(low, low + width) for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert low <= drawn[0] <= low + width


def line(**labels):
    return json.dumps({"标题": "示例", **labels}, ensure_ascii=False) + "\n"


def test_replay_takes_ids_from_addresses_and_makes_the_others(tmp_path):
    path = tmp_path / "records.jsonl"
    path.write_text(
        line(
            详情页网址="http://a.example/odweb/catalog/catalogDetail.htm?cata_id=abc123", 描述=None
        )
        + line(详情页网址="http://a.example/oportal/catalog/20181203192046100500")
        + line(标签="甲\r\n\t乙,丙", 数据格式="['file']")
        + line(标签="甲\r\n\t乙,丙", 数据格式="['file']"),
        encoding="utf-8",
    )
    records = read_replay(path)
    assert [record.record_id for record in records[:2]] == ["abc123", "20181203192046100500"]
    assert records[2].record_id != records[3].record_id
    assert records[2].tags == ("甲", "乙", "丙")
    assert records[2].formats == ()
    assert records[2].files[0].format == "csv"
    assert records[0].description == ""


@pytest.mark.parametrize("bad", ["{", "[1]", "null"])
def test_replay_names_the_line_that_is_no_record(tmp_path, bad):
    path = tmp_path / "records.jsonl"
    path.write_text(f"{line()}{bad}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"records\.jsonl 第 2 行"):
        read_replay(path)
