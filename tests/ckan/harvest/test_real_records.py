"""Real catalogue records, replayed over the wire protocols, must arrive as they were stated.

The records lie beside the project and never in it; without them these tests are skipped.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ckanext.jilinopen.catalogue import crosswalk
from ckanext.jilinopen.catalogue.dates import parse_date
from ckanext.jilinopen.harvest.runs import run_source
from demo.portals.server import PortalServer
from demo.records import Record
from demo.replay import read_replay

CATALOGUES = Path(__file__).parents[4] / "shared" / "catalogues"
AT_LEAST = 0.995

pytestmark = [
    pytest.mark.catalogues,
    pytest.mark.slow,
    pytest.mark.skipif(not CATALOGUES.is_dir(), reason="no real catalogue records here"),
]


def as_date(value: str) -> str:
    found = parse_date(value)
    return found.isoformat()[:10] if found else ""


def themes_of(record: Record) -> set[str]:
    found = {slug for theme in record.themes for slug in crosswalk.match_theme(theme)}
    if len(found) > 1:
        found.discard("qita")
    return found or {"qita"}


def formats_of(record: Record, stated: str) -> set[str]:
    """Formats of the file itself, not of the simulator's reading of it."""
    words = ast.literal_eval(stated or "[]")
    return {found for word in words if (found := crosswalk.match_format(word))}


Check = Callable[[Record, dict[str, Any], dict[str, str]], bool]


def checks(division: str) -> dict[str, tuple[str, Check]]:
    """For each field the label that states it and whether the dataset agrees with it."""
    return {
        "title": ("标题", lambda r, d, row: d["title"] == " ".join(row["标题"].split())),
        "department": (
            "来源部门",
            lambda r, d, row: (
                d["organization"]["title"]
                == crosswalk.official_department_name(row["来源部门"], division)
            ),
        ),
        "theme": (
            "所属主题|重点领域",
            lambda r, d, row: {group["name"] for group in d["groups"]} == themes_of(r),
        ),
        "frequency": (
            "更新频率",
            lambda r, d, row: d["frequency"] == crosswalk.match_frequency(row["更新频率"]),
        ),
        "openness": (
            "开放状态",
            lambda r, d, row: d["jl_open_type"] == crosswalk.match_open_type(row["开放状态"]),
        ),
        "issued": ("发布时间", lambda r, d, row: d["issued"][:10] == as_date(row["发布时间"])),
        "modified": (
            "最后更新|更新时间",
            lambda r, d, row: d["modified"][:10] == as_date(r.updated),
        ),
        "formats": (
            "数据格式",
            lambda r, d, row: (
                formats_of(r, row["数据格式"])
                <= {resource["format"].lower() for resource in d["resources"]}
            ),
        ),
        "description": (
            "描述",
            lambda r, d, row: d["notes"].split() == row["描述"].split(),
        ),
        "source link": ("标题", lambda r, d, row: r.record_id in d["jl_source_url"]),
    }


@pytest.mark.parametrize(
    ("family", "file", "division", "number"),
    [
        ("odweb", "odweb/yinchuan.jsonl", "220100", 1_005),
        ("oportal", "oportal/luan.jsonl", "220200", 548),
    ],
)
def test_every_record_arrives_and_every_stated_field_agrees(  # noqa: PLR0917
    family, file, division, number, add_source, datasets, capsys
):
    path = CATALOGUES / file
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    records = read_replay(path)
    with PortalServer(family, records) as portal:
        result = run_source(add_source(portal, division=division))
        again = run_source(add_source(portal, division=division))
    arrived = datasets()
    assert (result.counts["created"], result.counts["failed"]) == (number, 0)
    assert set(arrived) == {record.record_id for record in records}
    assert {again.counts[name] for name in ("created", "updated", "removed")} == {0}
    table = _agreement(records, rows, arrived, checks(division))
    lines = [f"\n{file}: {number} records, {result.seconds:.1f} s, then {again.seconds:.1f} s"]
    for field, (stated, agree) in table.items():
        lines.append(f"  {field:12} stated {stated:5}  agree {agree:5}  {agree / stated:8.3%}")
    with capsys.disabled():
        sys.stdout.write("\n".join([*lines, ""]))
    assert {field for field, (stated, agree) in table.items() if agree < AT_LEAST * stated} == set()


def _agreement(
    records: tuple[Record, ...],
    rows: list[dict[str, str]],
    arrived: dict[str, dict[str, Any]],
    wanted: dict[str, tuple[str, Check]],
) -> dict[str, tuple[int, int]]:
    """How many records state each field, and how many of these arrived with that value."""
    table = {}
    for field, (labels, agrees) in wanted.items():
        pairs = [
            (record, row)
            for record, row in zip(records, rows, strict=True)
            if any(row.get(label) for label in labels.split("|"))
        ]
        if pairs:
            good = sum(agrees(record, arrived[record.record_id], row) for record, row in pairs)
            table[field] = (len(pairs), good)
    return table
