"""Sample rows for a dataset, made from its columns; the same record always gives the same rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from demo import tables
from demo.dice import Dice
from demo.records import Column, Record, Sheet

__all__ = ["MARK", "TODAY", "Value", "columns_of", "rows_of"]

Value = str | int | float

MARK = "示例数据"
TODAY = date(2026, 11, 20)
"""Last day of the sample data. Fixed, so that the catalogue does not change by itself."""

_FIRST_YEAR, _LAST_YEAR = 2019, 2025
_MARK_COLUMN = Column("sjxz", "数据性质", "C", "10", "mark")
_UNITS = {"统计": "件", "人数": "人", "里程": "公里", "面积": "公顷", "产量": "吨"}
_PHONES = {"changchun": "0431-80000", "jilinshi": "0432-60000", "province": "0431-80001"}


def columns_of(sheet: Sheet) -> tuple[Column, ...]:
    """Return the columns of a dataset's files; the last one marks every row as a sample."""
    filled = (
        Column(c.name, c.label.replace("{object}", sheet.object), c.data_type, c.length, c.maker)
        for c in tables.columns()[sheet.shape]
    )
    return (*filled, _MARK_COLUMN)


@dataclass(slots=True)
class _Line:
    """One row in the making, and all that a maker may look at."""

    sheet: Sheet
    index: int
    dice: Dice
    names: tuple[str, ...]
    row: list[Value] = field(default_factory=list)

    def words(self, kind: str) -> tuple[str, ...]:
        return tables.places()[(self.sheet.area, kind)].names

    @property
    def whole(self) -> bool:
        """Whether the dataset covers its catalogue's whole area, not one district."""
        return (self.sheet.area, self.sheet.place) in tables.divisions() and (
            tables.divisions()[(self.sheet.area, self.sheet.place)].endswith("00")
        )


def rows_of(record: Record) -> list[list[Value]]:
    """Return the rows of a record's data, one value a column of ``record.columns``.

    A record without a sheet (a replayed one) has no rows.
    """
    sheet = record.sheet
    if sheet is None:
        return []
    names = _names(sheet, Dice("names", record.record_id))
    rows: list[list[Value]] = []
    for index in range(sheet.rows):
        line = _Line(sheet, index, Dice("row", record.record_id, index), names)
        for column in record.columns:
            kind, _, argument = column.maker.partition(":")
            line.row.append(_MAKERS[kind](line, argument))
        rows.append(line.row)
    return rows


def _names(sheet: Sheet, dice: Dice) -> tuple[str, ...]:
    """Return the places of a dataset in an order of their own, so that no name repeats early."""
    words = [
        *tables.places()[(sheet.area, "landmark")].names,
        *tables.places()[(sheet.area, "road")].names,
    ]
    drawn = [(dice.real(0, 1, 9), word) for word in words]
    return tuple(word for _draw, word in sorted(drawn))


def _site(line: _Line, _argument: str) -> str:
    turn, place = divmod(line.index, len(line.names))
    ordinal = "" if not turn else f"第{'二三四五六'[min(turn, 5) - 1]}"
    return f"{line.names[place]}{ordinal}{line.sheet.object}"


def _district(line: _Line, _argument: str) -> str:
    if not line.whole:
        return line.sheet.place
    return line.dice.pick(line.words("district"))


def _area(line: _Line, _argument: str) -> str:
    if not line.whole:
        return line.sheet.place
    areas = (line.sheet.place, *line.words("area"))
    return areas[line.index % len(areas)]


def _address(line: _Line, _argument: str) -> str:
    return f"{line.dice.pick(line.words('road'))}{line.dice.between(1, 5) * 111}号"


def _lon(line: _Line, _argument: str) -> float:
    box = tables.places()[(line.sheet.area, "road")]
    return line.dice.real(box.west, box.east, 6)


def _lat(line: _Line, _argument: str) -> float:
    box = tables.places()[(line.sheet.area, "road")]
    return line.dice.real(box.south, box.north, 6)


def _phone(line: _Line, _argument: str) -> str:
    return f"{_PHONES[line.sheet.area]}{line.dice.between(0, 999):03d}"


def _hours(line: _Line, _argument: str) -> str:
    return line.dice.pick(("全天", "08:30-16:30", "09:00-17:00", "09:00-20:00", "06:00-21:00"))


def _choice(line: _Line, argument: str) -> str:
    return line.dice.pick(argument.split("/"))


def _int(line: _Line, argument: str) -> int:
    low, high = argument.split(":")
    return line.dice.between(int(low), int(high))


def _dec(line: _Line, argument: str) -> float:
    low, high, digits = argument.split(":")
    return line.dice.real(float(low), float(high), int(digits))


def _year(line: _Line, _argument: str) -> int:
    if line.sheet.year:
        return line.sheet.year
    areas = 1 if not line.whole else len(line.words("area")) + 1
    return _LAST_YEAR - (line.index // areas) % (_LAST_YEAR - _FIRST_YEAR + 1)


def _month(line: _Line, _argument: str) -> str:
    last = TODAY.year * 12 + TODAY.month - 2 - line.index
    if line.sheet.year:
        last = line.sheet.year * 12 + 11 - line.index % 12
    return f"{last // 12}-{last % 12 + 1:02d}"


def _start(line: _Line) -> date:
    return date(line.sheet.year or _FIRST_YEAR, 1, 1)


def _end(line: _Line) -> date:
    return date(line.sheet.year, 12, 31) if line.sheet.year else TODAY - timedelta(days=20)


def _date(line: _Line, _argument: str) -> str:
    return line.dice.day(_start(line), _end(line)).isoformat()


def _future(line: _Line, _argument: str) -> str:
    return line.dice.day(date(2027, 1, 1), date(2031, 12, 31)).isoformat()


def _day(line: _Line, _argument: str) -> str:
    return (_end(line) - timedelta(days=line.index)).isoformat()


def _hour(line: _Line, _argument: str) -> str:
    day, hour = divmod(line.index, 24)
    return f"{(_end(line) - timedelta(days=day)).isoformat()} {23 - hour:02d}:00:00"


def _serial(line: _Line, argument: str) -> str:
    return f"{argument}{line.sheet.year or _LAST_YEAR}{line.index + 1:04d}"


def _company(line: _Line, _argument: str) -> str:
    trade = line.dice.pick(tables.wording()["trade"])
    return f"示例{trade}有限公司（{line.index + 1:03d}）"


def _project(line: _Line, _argument: str) -> str:
    return f"{line.dice.pick(line.names)}{line.sheet.object}示例项目{line.index + 1:02d}"


def _document_number(line: _Line, _argument: str) -> str:
    year = line.dice.day(_start(line), _end(line)).year
    return f"示例发〔{year}〕{line.index + 1}号"


def _stop(line: _Line, _argument: str) -> str:
    return f"{line.dice.pick(line.names)}站"


def _lines(line: _Line, _argument: str) -> str:
    return "、".join(f"{line.dice.between(1, 362)}路" for _ in range(line.dice.between(1, 4)))


def _total(line: _Line, _argument: str) -> float:
    previous = line.row[-1]
    return round(float(previous) * line.dice.real(1, 11, 2), 2)


def _division_code(line: _Line, _argument: str) -> str:
    code = tables.divisions().get((line.sheet.area, line.sheet.place), "220000")
    return f"{code}{line.index + 1:03d}"


def _subject(line: _Line, _argument: str) -> str:
    return f"2{line.index + 1:02d}{line.dice.between(1, 99):02d}"


def _unit(line: _Line, _argument: str) -> str:
    return next((u for word, u in _UNITS.items() if word in line.sheet.object), "个")


def _word(kind: str) -> Callable[[_Line, str], str]:
    def make(line: _Line, _argument: str) -> str:
        words = tables.wording()[kind]
        return words[line.index % len(words)]

    return make


def _numbered(suffix: str) -> Callable[[_Line, str], str]:
    def make(line: _Line, _argument: str) -> str:
        return f"{line.sheet.object}{suffix}（示例{line.index + 1:02d}）"

    return make


_MAKERS: dict[str, Callable[[_Line, str], Value]] = {
    "address": _address,
    "area": _area,
    "choice": _choice,
    "company": _company,
    "cross": lambda line, _: f"{line.dice.pick(line.words('road'))}路口",
    "date": _date,
    "day": _day,
    "dec": _dec,
    "district": _district,
    "divcode": _division_code,
    "divname": lambda line, _: f"{line.names[line.index % len(line.names)]}街道",
    "docno": _document_number,
    "document": _numbered("文件"),
    "duty": lambda line, _: f"承担{line.sheet.object}相关的组织协调与公共服务工作",
    "entry": _numbered(""),
    "eventname": _numbered("活动"),
    "feeitem": _numbered("项目"),
    "future": _future,
    "goods": _word("goods"),
    "hour": _hour,
    "hours": _hours,
    "index": lambda line, _: line.index + 1,
    "int": _int,
    "lat": _lat,
    "line": lambda line, _: f"{line.index * 3 + 1}路",
    "lines": _lines,
    "lon": _lon,
    "mark": lambda _line, _: MARK,
    "market": lambda line, _: f"{line.dice.pick(line.names)}市场",
    "matter": lambda line, _: f"{line.sheet.object}{_word('matter')(line, '')}",
    "month": _month,
    "phone": _phone,
    "place": lambda line, _: line.sheet.place,
    "project": _project,
    "road": lambda line, _: line.dice.pick(line.words("road")),
    "roadnote": lambda line, _: f"{line.sheet.object}，以现场公告为准",
    "serial": _serial,
    "site": _site,
    "station": lambda line, _: f"{line.names[line.index % 10]}站",
    "stop": _stop,
    "subject": _subject,
    "subjectname": _word("subject"),
    "total": _total,
    "unit": _unit,
    "year": _year,
}
