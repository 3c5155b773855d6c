"""How an odweb portal writes a record: listing rows, dates, codes, file rows. Pure."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from demo import tables
from demo.dice import Dice, hex_id
from demo.files import build
from demo.records import File, Record

__all__ = [
    "FORMAT_CODES",
    "facet",
    "file_row",
    "files_of_kind",
    "format_codes",
    "label_pairs",
    "listing_row",
    "page_date",
    "sized_row",
    "theme_code",
    "uses_of",
    "zipped",
]

FORMAT_CODES = {"xls": "1", "xlsx": "1", "xml": "2", "json": "3", "csv": "4"}
_BEIJING = timezone(timedelta(hours=8))


def theme_code(label: str) -> str:
    """Return the portal's code of a theme label."""
    words = [word for words in tables.themes().values() for word in words]
    place = words.index(label) + 1 if label in words else 100 + int(hex_id(label)[:3], 16)
    return f"sub-{place}"


def _industry_code(label: str) -> str:
    return f"ind-{int(hex_id('industry', label)[:2], 16)}"


def uses_of(record: Record) -> list[tuple[str, str]]:
    """Return (code, name) of the ways in which a record's data may be used."""
    uses = []
    if any(file.generated for file in record.files):
        uses.append(("1", "数据集"))
    if any(not file.generated for file in record.files):
        uses.append(("2", "文件集"))
    if record.services or "api" in record.formats:
        uses.append(("3", "API服务"))
    return uses


def format_codes(record: Record) -> list[str]:
    """Return the codes of the formats that the portal makes itself, sorted."""
    codes = {FORMAT_CODES[name] for name in record.formats if name in FORMAT_CODES}
    return sorted(codes)


def facet(label: str, name: str, counter: Counter[tuple[str, str]]) -> dict[str, Any]:
    """Return one facet of the listing with its values, the most frequent first."""
    ranked = counter.most_common()
    return {
        "column_id_desc": label,
        "column_id_en": name,
        "group_num": len(ranked),
        "group_count_num": [
            {"item": item, "item_value": code, "count_num": count, "seq": seq}
            for seq, ((item, code), count) in enumerate(ranked, 1)
        ],
    }


def _moment(text: str) -> datetime | None:
    """Return a record's date, or ``None`` where a replayed one is empty or odd."""
    day, _, clock = text.partition(" ")
    try:
        year, month, date = (int(part) for part in day.split("-"))
        hour, minute, second = (int(part) for part in (clock or "00:00:00").split(":"))
        return datetime(year, month, date, hour, minute, second, tzinfo=_BEIJING)
    except ValueError:
        return None


def _java_text(moment: datetime) -> str:
    """Return the form of a Java server in the US locale: ``Dec 15, 2019 3:00:49 AM``."""
    hour = moment.hour % 12 or 12
    half = "AM" if moment.hour < 12 else "PM"
    month = calendar.month_abbr[moment.month]
    return f"{month} {moment.day}, {moment.year} {hour}:{moment:%M:%S} {half}"


def _row_date(record: Record, text: str) -> str:
    moment = _moment(text)
    if moment is None:
        return text
    if Dice("row date", record.record_id).chance(0.08):
        return _java_text(moment)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def page_date(record: Record, text: str) -> str:
    """Return a date as the page prints it: padded or not, with or without the time of day."""
    moment = _moment(text)
    if moment is None or " " not in text:
        return text
    forms = (
        moment.strftime("%Y-%m-%d"),
        moment.strftime("%Y-%m-%d %H:%M:%S"),
        f"{moment.year}-{moment.month}-{moment.day}",
    )
    return Dice("page date", record.record_id).weighted(tuple(zip(forms, (6, 2, 2), strict=True)))


def _milliseconds(text: str) -> int | None:
    moment = _moment(text)
    return int(moment.timestamp() * 1000) if moment else None


def listing_row(record: Record, turn: int) -> dict[str, Any]:
    """Return a listing row; ``turn`` moves the counters that are no part of the metadata."""
    codes = format_codes(record)
    comma = "," if Dice("comma", record.record_id).chance(0.6) else ""
    cycles = {row["label"]: row["code"] for row in tables.frequencies().values()}
    return {
        "cata_id": record.record_id,
        "cata_title": record.title,
        "description": record.description,
        "cata_code": f"ml_{record.record_id[:12]}",
        "org_code": record.department_code,
        "org_name": record.department,
        "region_code": record.region_code,
        "cata_type": "10",
        "open_type": record.open_type,
        "shared_type": "2" if record.conditional else "1",
        "cata_tags": ",".join(record.tags),
        "cata_items": "|".join(column.label for column in record.columns),
        "conf_update_cycle": cycles.get(record.frequency, ""),
        "conf_update_cycle_user": "" if record.frequency in cycles else record.frequency,
        "conf_use_type": "".join(f"{code}," for code, _name in uses_of(record)),
        "conf_catalog_format": ",".join(codes) + comma if codes else None,
        "conf_status": "4",
        "status": 2,
        "conf_is_view": 0,
        "update_time": _row_date(record, record.updated),
        "released_time": _row_date(record, record.released),
        "conf_create_time": _milliseconds(record.released),
        "conf_update_time": _milliseconds(record.updated),
        "conf_released_time": _milliseconds(record.released),
        "conf_data_update_time": _milliseconds(record.updated),
        "conf_datafile_update_time": _milliseconds(record.updated),
        "conf_offline_time": None,
        "cataLogGroups": _groups(record, record.themes, "10", theme_code),
        "cataLogIndustrys": _groups(record, record.industries, "20", _industry_code),
        "catalogStatistic": _statistic(record, turn),
        "contact_name": "",
        "contact_phone": record.phone,
        "contact_email": record.email,
        "columns": None,
        "conf_view_num": turn,
    }


def _groups(
    record: Record, labels: Sequence[str], kind: str, code_of: Callable[[str], str]
) -> list[dict[str, str]]:
    return [
        {
            "group_id": code_of(label),
            "group_name": label,
            "group_type": kind,
            "link_id": str(int(hex_id("link", record.record_id, label)[:6], 16)),
            "cata_id": record.record_id,
        }
        for label in labels
    ]


def _statistic(record: Record, turn: int) -> dict[str, float]:
    rows = record.row_count.replace(",", "")
    return {
        "data_count": int(rows) if rows.isdecimal() else 0,
        "file_count": len(record.files),
        "api_count": len(record.services),
        "use_visit": 100 + turn * 3,
        "use_file_count": 10 + turn,
        "use_data_count": 0,
        "use_api_count": 0,
        "use_favs": 1,
        "use_comments": 0,
        "use_points": 0,
        "use_scores": 0,
        "use_grade": 0.0,
        "use_task_count": 0,
    }


def label_pairs(record: Record) -> list[tuple[str, str]]:
    """Return (label, key) in one of the two orders that pages of this family have."""
    pairs = [
        ("来源部门", "department"),
        ("所属主题", "themes"),
        ("发布时间", "released"),
        ("最后更新", "updated"),
        ("开放状态", "open_type"),
        ("所属行业", "industries"),
        ("更新频率", "frequency"),
        ("标签", "tags"),
        ("描述", "description"),
    ]
    if Dice("label order", record.record_id).chance(0.5):
        return pairs
    order = (4, 1, 3, 0, 6, 2, 5, 7, 8)
    return [(f"{pairs[place][0]}：", pairs[place][1]) for place in order]


def files_of_kind(record: Record | None, kinds: Sequence[str]) -> list[File]:
    """Return a record's files of kinds 1 (made from a table) and 3 (uploaded)."""
    files = record.files if record else ()
    return [file for file in files if ("1" if file.generated else "3") in kinds]


def file_row(record: Record, file: File) -> dict[str, Any]:
    """Return a file as file lists name it."""
    moment = _moment(record.updated) or _moment(record.released)
    return {
        "fileId": file.file_id,
        "fileName": file.name,
        "fileFormat": file.format,
        "fileDescription": "",
        "fileType": "1" if file.generated else "3",
        "updateTime": moment.strftime("%Y-%m-%d %H:%M:%S") if moment else "",
    }


def sized_row(record: Record, file: File, *, as_zip: bool) -> dict[str, Any]:
    """Return a file row with its size; the other skin shows made files as ``…_csv`` zips."""
    shown = zipped(file) if as_zip and file.generated else file
    row = file_row(record, shown)
    if shown is not file:
        row["fileName"] = f"{record.title}_{file.format}"
    return row | {"formattedFileSize": f"{len(build(record, shown)) / 1024:.2f}KB"}


def zipped(file: File) -> File:
    """Return the zip that the other skin makes of a file."""
    return File(file.file_id, f"{file.name.rpartition('.')[0]}.zip", "zip", file.encoding)
