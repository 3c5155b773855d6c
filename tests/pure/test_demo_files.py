"""The files behind the sample datasets are real, marked, and the same on every machine."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from xml.etree import ElementTree

import openpyxl
import pytest

from demo.catalogue import CATALOGUES, changchun
from demo.files import build, media_type
from demo.rows import MARK, rows_of


def every_file(catalogue):
    return [(record, file) for record in CATALOGUES[catalogue]() for file in record.files]


def table(record, file):
    text = build(record, file).decode(file.encoding)
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("catalogue", sorted(CATALOGUES))
def test_csv_files_parse_in_their_encoding(catalogue):
    files = [(r, f) for r, f in every_file(catalogue) if f.format == "csv"]
    assert set(Counter(file.encoding for _record, file in files)) == {"utf-8", "utf-8-sig", "gbk"}
    for record, file in files:
        rows = table(record, file)
        assert rows[0] == [column.label for column in record.columns]
        assert 20 <= len(rows) - 1 <= 60
        assert len(rows) - 1 == int(record.row_count)
        assert all(len(row) == len(rows[0]) for row in rows)
        assert all(row[-1] == MARK for row in rows[1:])
        assert "\ufffd" not in str(rows)
        assert not any("?" in cell for row in rows for cell in row)


def test_utf8_files_carry_a_byte_order_mark_or_not():
    marks = {
        file.encoding: build(record, file).startswith(b"\xef\xbb\xbf")
        for record, file in every_file("changchun")
        if file.format == "csv"
    }
    assert marks == {"utf-8": False, "utf-8-sig": True, "gbk": False}


def test_workbooks_open():
    files = [(r, f) for r, f in every_file("jilinshi") if f.format == "xlsx"][:40]
    for record, file in files:
        book = openpyxl.load_workbook(io.BytesIO(build(record, file)), read_only=True)
        rows = list(book["数据"].values)
        assert rows[0] == tuple(column.label for column in record.columns)
        assert len(rows) - 1 == int(record.row_count)
        assert MARK in str(book["说明"]["A1"].value)


def test_json_and_xml_load():
    for record, file in every_file("province"):
        if file.format == "json":
            content = json.loads(build(record, file))
            assert content["说明"] == MARK
            assert len(content["数据"]) == int(record.row_count)
        if file.format == "xml":
            root = ElementTree.fromstring(build(record, file))
            assert root.attrib["note"] == MARK
            assert len(root) == int(record.row_count)


@pytest.mark.parametrize("extension", ["csv", "xlsx", "json", "xml"])
def test_the_same_file_has_the_same_bytes(extension):
    record, file = next((r, f) for r, f in every_file("changchun") if f.format == extension)
    first = build(record, file)
    build.cache_clear()
    assert build(record, file) == first


def test_media_types_tell_the_encoding():
    for record, file in every_file("changchun"):
        if file.format == "csv":
            charset = media_type(file).partition("charset=")[2]
            assert build(record, file).decode(charset)


def test_car_parks_of_changchun_lie_in_changchun():
    record = next(r for r in changchun() if r.title == "长春市停车场信息")
    names = [column.name for column in record.columns]
    for row in rows_of(record):
        cells = dict(zip(names, row, strict=True))
        assert 125.1 < float(cells["jd"]) < 125.6
        assert 43.7 < float(cells["wd"]) < 44.1
        assert cells["ssqx"] in {"南关区", "宽城区", "朝阳区", "二道区", "绿园区"}
    assert len({row[0] for row in rows_of(record)}) == len(rows_of(record))


def test_rows_of_a_district_stay_in_it():
    record = next(r for r in changchun() if r.title == "长春市朝阳区停车场信息")
    place = [column.name for column in record.columns].index("ssqx")
    assert {row[place] for row in rows_of(record)} == {"朝阳区"}


def test_rows_of_a_year_stay_in_it():
    record = next(
        r
        for r in changchun()
        if r.title.startswith("长春市2024年") and r.sheet is not None and r.sheet.shape == "count"
    )
    assert {row[0] for row in rows_of(record)} == {2024}
