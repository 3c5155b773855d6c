"""The sample catalogues of two municipal portals and of the province itself.

Each catalogue is generated from the tables in ``demo/data``: departments publish the topics of
their function. Nothing is random in the sense of changing: a record depends on its own key alone,
so that adding a topic leaves the other records as they are.

The quirks of real portals are kept on purpose: titles that occur twice, several themes joined or
none, departments under short and former names, odd words for frequencies, an update that lies
before the release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache

from demo import tables
from demo.dice import Dice, hex_id
from demo.records import File, Record, Service, Sheet
from demo.rows import MARK, TODAY, columns_of
from demo.tables import Department, Topic

__all__ = ["CATALOGUES", "changchun", "jilinshi", "province"]


@dataclass(frozen=True, slots=True)
class _Profile:
    """What tells one catalogue from another.

    Attributes:
        size: number of records.
        twins: how many of them carry the title of another one.
        level: letter of the topics that suit.
        tidy: official names only, one frequency word, no gaps: the province's own catalogue.
    """

    key: str
    place: str
    division: str
    level: str
    size: int
    twins: int
    domain: str
    phone: str
    tidy: bool = False


@dataclass(frozen=True, slots=True)
class _Draft:
    """One dataset to be made: a topic of a department, perhaps of one year or one district."""

    department: Department
    topic: Topic
    place: str
    division: str
    year: int = 0
    twin: int = 0

    @property
    def title(self) -> str:
        year = f"{self.year}年" if self.year else ""
        return f"{self.place}{year}{self.topic.subject}"

    @property
    def key(self) -> str:
        return "/".join(
            (self.department.catalogue, self.department.code, self.title, str(self.twin))
        )


_CHANGCHUN = _Profile(
    "changchun", "长春市", "220100", "c", 901, 6, "changchun.example", "0431-80000"
)
_JILINSHI = _Profile("jilinshi", "吉林市", "220200", "j", 348, 3, "jilinshi.example", "0432-60000")
_PROVINCE = _Profile(
    "province", "吉林省", "220000", "p", 240, 0, "jilin.example", "0431-80001", tidy=True
)

_YEARS = (2024, 2023, 2022)
_MONTHS_BACK = {
    "realtime": 1,
    "daily": 1,
    "weekly": 1,
    "monthly": 2,
    "quarterly": 5,
    "semiannual": 10,
    "annual": 22,
    "irregular": 50,
}
_FORMATS = (
    (("csv", "xlsx", "json", "xml"), 32),
    (("csv", "xlsx"), 22),
    (("xlsx",), 20),
    (("csv",), 12),
    (("csv", "json", "xml"), 14),
)
_CONDITIONAL_SHAPES = frozenset({"register", "permit", "hotline", "inspect", "budget", "air"})
_SERVICE_SHAPES = frozenset({"air", "weather", "price", "parking", "busstop", "hotline", "bike"})


@cache
def changchun() -> tuple[Record, ...]:
    """Return the 901 records of 长春市 (51 departments)."""
    return _records(_CHANGCHUN)


@cache
def jilinshi() -> tuple[Record, ...]:
    """Return the 348 records of 吉林市 (65 departments)."""
    return _records(_JILINSHI)


@cache
def province() -> tuple[Record, ...]:
    """Return the province's own 240 records (57 departments, all 24 themes)."""
    return _records(_PROVINCE)


CATALOGUES: dict[str, Callable[[], tuple[Record, ...]]] = {
    "changchun": changchun,
    "jilinshi": jilinshi,
    "province": province,
}


def _records(profile: _Profile) -> tuple[Record, ...]:
    chosen = _chosen(profile)
    return tuple(_record(profile, draft) for draft in (*chosen, *_twins(profile, chosen)))


def _chosen(profile: _Profile) -> list[_Draft]:
    """Choose the drafts so that every department gives the same share of what it could give."""
    ranked: list[tuple[float, int, _Draft]] = []
    departments = [d for d in tables.departments() if d.catalogue == profile.key]
    for order, department in enumerate(departments):
        drafts = list(_drafts(profile, department))
        ranked += [((i + 0.5) / len(drafts), order, draft) for i, draft in enumerate(drafts)]
    ranked.sort(key=lambda entry: entry[:2])
    wanted = profile.size - profile.twins
    if len(ranked) < wanted:
        raise ValueError(
            f"demo/data/topics.csv 的主题不足：{profile.key} 需要 {wanted} 条，"
            f"只有 {len(ranked)} 条，请补充 levels 含 {profile.level} 的行"
        )
    return [draft for _share, _order, draft in ranked[:wanted]]


def _drafts(profile: _Profile, department: Department) -> Iterable[_Draft]:
    """Yield what a department could publish, the most telling first."""
    place, division = _seat(profile, department)
    topics = [
        topic
        for topic in tables.topics()
        if topic.function == department.function and profile.level in topic.levels
    ]
    for topic in topics:
        yield _Draft(department, topic, place, division)
    if profile.level != "c":
        return
    for year in _YEARS:
        for topic in topics:
            if "y" in topic.variants:
                yield _Draft(department, topic, place, division, year)
    for name in tables.places()[(profile.key, "area")].names:
        for topic in topics:
            if "d" in topic.variants:
                code = tables.divisions()[(profile.key, name)]
                yield _Draft(department, topic, f"{place}{name}", code)


def _seat(profile: _Profile, department: Department) -> tuple[str, str]:
    """Return the place name and division code that a department speaks for."""
    if department.function == "county":
        name = department.title.removesuffix("人民政府")
        return name, tables.divisions()[(profile.key, name)]
    if department.function == "zone":
        short = "高新区" if "高新" in department.title else "经开区"
        return f"吉林{short}", profile.division
    return profile.place, profile.division


def _twins(profile: _Profile, chosen: list[_Draft]) -> list[_Draft]:
    """Return drafts that repeat the title of another record with content of their own."""
    step = max(1, len(chosen) // (profile.twins + 1))
    return [replace(chosen[n * step], twin=n) for n in range(1, profile.twins + 1)]


def _record(profile: _Profile, draft: _Draft) -> Record:
    dice = Dice("record", draft.key)
    sheet = _sheet(profile, draft, dice)
    columns = columns_of(sheet)
    released, updated = _dates(profile, draft, dice)
    department = _department(profile, draft, dice)
    themes = _themes(profile, draft, dice)
    frequency = _frequency(profile, draft, dice)
    open_type, condition = _openness(draft, dice)
    record_id = _record_id(profile, draft, dice)
    files, formats = _files(draft, record_id, dice)
    services = _services(draft, record_id, dice)
    base = Record(
        record_id=record_id,
        title=draft.title,
        description="",
        department=department,
        official_department=draft.department.title,
        department_code=draft.department.code,
        region_code=draft.division,
        themes=themes,
        industries=tables.functions()[draft.topic.function][0],
        frequency=frequency,
        open_type=open_type,
        open_condition=condition,
        released=released,
        updated=updated,
        formats=(*formats, *(("api",) if services else ())),
        columns=columns,
        files=files,
        services=services,
        phone=f"{profile.phone}{int(draft.department.code[-3:]):03d}",
        email=f"{draft.topic.function}@{profile.domain}",
        row_count=str(sheet.rows),
        sheet=sheet,
    )
    tags = _tags(profile, draft, base, dice)
    return replace(base, tags=tags, description=_description(draft, base, dice))


def _sheet(profile: _Profile, draft: _Draft, dice: Dice) -> Sheet:
    place = draft.place if draft.division.endswith("00") else draft.place.removeprefix("长春市")
    return Sheet(
        shape=draft.topic.shape,
        object=draft.topic.object,
        place=place,
        area=profile.key,
        year=draft.year,
        rows=dice.between(20, 60),
    )


def _record_id(profile: _Profile, draft: _Draft, dice: Dice) -> str:
    """Return an id of the portal: mostly 32 hex digits, sometimes of an older make."""
    plain = hex_id("id", draft.key)
    if profile.tidy or not dice.chance(0.04):
        return plain
    if profile.level == "c":
        return str(10_000_000 + int(plain[:6], 16))
    return f"20{dice.between(18, 23)}{int(plain, 16) % 10**17:017d}"


def _department(profile: _Profile, draft: _Draft, dice: Dice) -> str:
    title = draft.department.title
    if profile.tidy:
        return title
    return dice.weighted([(alias.wording, alias.share) for alias in tables.aliases()[title]])


def _themes(profile: _Profile, draft: _Draft, dice: Dice) -> tuple[str, ...]:
    words = tables.themes()[draft.topic.theme]
    if profile.tidy:
        return (words[0],)
    if dice.chance(0.03):
        return ()
    first = words[0] if dice.chance(0.75) else dice.pick(words)
    if dice.chance(0.09):
        other = tables.themes()[dice.pick(("msfw", "zhzw", "shfw", "xyfw", "dlkj"))][0]
        return (first,) if other == words[0] else (first, other)
    return (first,)


def _frequency(profile: _Profile, draft: _Draft, dice: Dice) -> str:
    row = tables.frequencies()[draft.topic.frequency]
    if profile.tidy or dice.chance(0.85):
        return row["label"]
    return row["odd"] if dice.chance(0.8) else dice.pick(("其他", "自定义", ""))


def _openness(draft: _Draft, dice: Dice) -> tuple[str, str]:
    share = 0.2 if draft.topic.shape in _CONDITIONAL_SHAPES else 0.03
    if not dice.chance(share):
        return "无条件开放", ""
    return "有条件开放", dice.pick(tables.wording()["condition"])


def _dates(profile: _Profile, draft: _Draft, dice: Dice) -> tuple[str, str]:
    """Return release and last update as ``yyyy-MM-dd HH:mm:ss``."""
    first = date(max(2019, draft.year + 1), 1 if draft.year else 3, 1)
    released = dice.day(first, date(2026, 6, 30))
    months = _MONTHS_BACK[draft.topic.frequency]
    updated = dice.day(TODAY - timedelta(days=30 * months), TODAY)
    if draft.year:
        updated = released + timedelta(days=dice.between(0, 60))
    if updated < released:
        updated = released + timedelta(days=dice.between(0, 30))
    if not profile.tidy and dice.chance(0.015):
        updated = released - timedelta(days=dice.between(20, 140))
    return _moment(released, dice), _moment(min(updated, TODAY), dice)


def _moment(day: date, dice: Dice) -> str:
    clock = time(dice.between(8, 17), dice.between(0, 59), dice.between(0, 59))
    return datetime.combine(day, clock).strftime("%Y-%m-%d %H:%M:%S")


def _files(draft: _Draft, record_id: str, dice: Dice) -> tuple[tuple[File, ...], tuple[str, ...]]:
    """Return the files and the formats that the listing names.

    The portal itself makes CSV, JSON and XML from its tables; a workbook is what the provider
    uploaded, and listings do not name it.
    """
    encoding = dice.weighted((("utf-8", 35), ("utf-8-sig", 35), ("gbk", 30)))
    formats = dice.weighted(_FORMATS)
    files = tuple(
        File(
            file_id=hex_id("file", record_id, extension),
            name=f"{draft.title}_{MARK}.{extension}",
            format=extension,
            encoding=encoding if extension == "csv" else "utf-8",
            generated=extension != "xlsx",
        )
        for extension in formats
    )
    return files, tuple(file.format for file in files if file.generated)


def _services(draft: _Draft, record_id: str, dice: Dice) -> tuple[Service, ...]:
    share = 0.7 if draft.topic.shape in _SERVICE_SHAPES else 0.06
    if not dice.chance(share):
        return ()
    service_id = hex_id("service", record_id)
    return (Service(service_id, f"{draft.title}查询接口", f"sample_{service_id[:12]}"),)


def _tags(profile: _Profile, draft: _Draft, record: Record, dice: Dice) -> tuple[str, ...]:
    words = [
        draft.topic.object,
        *tables.functions()[draft.topic.function][1],
        tables.themes()[draft.topic.theme][0],
        profile.place,
        dice.pick(record.columns[:-1]).label,
        MARK,
    ]
    return tuple(dict.fromkeys(word for word in words if 2 <= len(word) <= 20))


def _description(draft: _Draft, record: Record, dice: Dice) -> str:
    labels = "、".join(column.label for column in record.columns[: dice.between(4, 6)])
    sentence = dice.pick(tables.wording()["description"]).format(
        title=record.title,
        department=draft.department.title,
        labels=labels,
        frequency=tables.frequencies()[draft.topic.frequency]["label"],
        place=draft.place,
        object=draft.topic.object,
    )
    return f"{sentence}本数据为{MARK}。"
