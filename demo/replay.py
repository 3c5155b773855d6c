"""Records of a crawl, read so that a simulated portal can serve them again.

The files hold one JSON object a line under the labels that the portal showed. They are not part
of the project; see the folder's own README.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from demo.dice import hex_id
from demo.records import File, Record, Service

__all__ = ["read_replay"]


def read_replay(path: Path) -> tuple[Record, ...]:
    """Read a file of crawled records, the ones with equal titles included.

    Args:
        path: a JSON-lines file.

    Returns:
        The records in the file's order; ids come from the address of the detail page, else from
        the content.

    Raises:
        ValueError: a line is no JSON object.
    """
    seen: Counter[str] = Counter()
    records = []
    with path.open(encoding="utf-8") as lines:
        for line_number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                labels = {str(key): str(value or "") for key, value in row.items()}
            except (ValueError, AttributeError) as error:
                raise ValueError(f"{path.name} 第 {line_number} 行不是 JSON 对象") from error
            seen[line] += 1
            records.append(_record(labels, seen[line]))
    return tuple(records)


def _record(row: dict[str, str], turn: int) -> Record:
    record_id = _id_of(row, turn)
    formats = _formats(row.get("数据格式", ""))
    shown = tuple(name for name in formats if name != "file")
    return Record(
        record_id=record_id,
        title=row["标题"],
        description=row.get("描述", ""),
        department=row.get("来源部门", ""),
        department_code=str(int(hex_id(row.get("来源部门", ""))[:9], 16)),
        themes=_split(row.get("所属主题") or row.get("重点领域") or "", "，"),
        industries=_split(row.get("所属行业", ""), "，"),
        tags=_split(row.get("标签", ""), r",|\s+"),
        frequency=row.get("更新频率", ""),
        open_type=_first(row, "开放状态", "开放条件", "开放类型"),
        released=row.get("发布时间", ""),
        updated=_first(row, "最后更新", "更新时间"),
        formats=shown,
        files=_files(record_id, row["标题"], formats),
        services=_services(record_id, row["标题"], formats),
        phone=row.get("部门电话", ""),
        email=row.get("部门邮箱", ""),
        row_count=row.get("数据量", ""),
    )


def _id_of(row: dict[str, str], turn: int) -> str:
    address = urlsplit(row.get("详情页网址", ""))
    given = parse_qs(address.query).get("cata_id", [""])[0] or address.path.rpartition("/")[2]
    if re.fullmatch(r"[0-9A-Za-z_-]{5,64}", given):
        return given
    return hex_id(json.dumps(row, ensure_ascii=False, sort_keys=True), turn)


def _first(row: dict[str, str], *labels: str) -> str:
    return next((row[label] for label in labels if label in row), "")


def _split(text: str, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(separator, text) if part.strip())


def _formats(text: str) -> tuple[str, ...]:
    try:
        found = ast.literal_eval(text) if text.startswith("[") else text.split(",")
    except (ValueError, SyntaxError):
        found = []
    return tuple(str(name).strip().lower() for name in found if str(name).strip())


def _files(record_id: str, title: str, formats: tuple[str, ...]) -> tuple[File, ...]:
    return tuple(
        File(
            file_id=hex_id("file", record_id, name),
            name=f"{title}.{'csv' if name == 'file' else name}",
            format="csv" if name == "file" else name,
            generated=name != "file",
        )
        for name in formats
        if name not in ("api", "link")
    )


def _services(record_id: str, title: str, formats: tuple[str, ...]) -> tuple[Service, ...]:
    if "api" not in formats:
        return ()
    service_id = hex_id("service", record_id)
    return (Service(service_id, f"{title}接口", f"sample_{service_id[:12]}"),)
