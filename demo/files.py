"""The small real files behind the sample datasets: CSV, XLSX, JSON and XML.

A file depends on its record alone: the same bytes on every machine, every row marked 示例数据.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from functools import lru_cache
from xml.etree import ElementTree

from openpyxl import Workbook

from demo.records import Column, File, Record
from demo.rows import MARK, Value, rows_of

__all__ = ["build", "media_type"]

_MEDIA = {
    "csv": "text/csv",
    "json": "application/json",
    "xml": "application/xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
_SAVED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_ZIP_STAMP = (2026, 11, 20, 0, 0, 0)


def media_type(file: File) -> str:
    """Return the media type of a file, with its encoding where it is text."""
    kind = _MEDIA.get(file.format, "application/octet-stream")
    if file.format != "csv":
        return kind
    return f"{kind}; charset={file.encoding.removesuffix('-sig')}"


@lru_cache(maxsize=1024)
def build(record: Record, file: File) -> bytes:
    """Make a file of a record.

    Args:
        record: the dataset; its columns and sheet decide the content.
        file: one of its files; an unknown format is answered as CSV.

    Returns:
        The bytes of the file.
    """
    if file.format in {"xlsx", "xls", "et"}:
        return _xlsx(record)
    if file.format == "json":
        return _json(record)
    if file.format in {"xml", "rdf"}:
        return _xml(record)
    if file.format == "zip":
        return _zip(f"{record.title}.csv", _csv(record, "utf-8-sig"))
    return _csv(record, file.encoding)


def _table(record: Record) -> tuple[tuple[Column, ...], list[list[Value]]]:
    """Return columns and rows; a replayed record, whose data nobody has, gets only the mark."""
    if record.columns:
        return record.columns, rows_of(record)
    return (Column("sm", "说明", "C", "10", "mark"),), [[MARK]]


def _csv(record: Record, encoding: str) -> bytes:
    columns, rows = _table(record)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.label for column in columns])
    writer.writerows(rows)
    return out.getvalue().encode(encoding, errors="replace")


def _json(record: Record) -> bytes:
    columns, rows = _table(record)
    labels = [column.label for column in columns]
    content = {
        "名称": record.title,
        "提供单位": record.department,
        "说明": MARK,
        "数据": [dict(zip(labels, row, strict=True)) for row in rows],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _xml(record: Record) -> bytes:
    columns, rows = _table(record)
    root = ElementTree.Element("dataset", title=record.title, note=MARK)
    for row in rows:
        node = ElementTree.SubElement(root, "row")
        for column, value in zip(columns, row, strict=True):
            ElementTree.SubElement(node, column.name, label=column.label).text = str(value)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _xlsx(record: Record) -> bytes:
    columns, rows = _table(record)
    book = Workbook(write_only=True)
    book.properties.creator = "jilinopen"
    book.properties.title = f"{record.title}（{MARK}）"
    sheet = book.create_sheet("数据")
    sheet.append([column.label for column in columns])
    for row in rows:
        sheet.append(row)
    note = book.create_sheet("说明")
    note.append(["本文件为示例数据，不代表真实情况。"])
    out = io.BytesIO()
    book.save(out)
    return _same_stamps(out.getvalue())


def _same_stamps(archive: bytes) -> bytes:
    """Write the archive anew without the time of day that openpyxl leaves in it.

    Stored, not deflated: releases of zlib do not all compress to the same bytes.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.infolist():
            content = old.read(item)
            if item.filename == "docProps/core.xml":
                content = _SAVED.sub(rb"\g<1>2026-11-20T00:00:00Z", content)
            entry = zipfile.ZipInfo(item.filename, _ZIP_STAMP)
            entry.compress_type = zipfile.ZIP_STORED
            new.writestr(entry, content)
    return out.getvalue()


def _zip(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo(name, _ZIP_STAMP)
        entry.compress_type = zipfile.ZIP_STORED
        archive.writestr(entry, content)
    return out.getvalue()
