"""The controlled vocabularies, read from the tables in ``schemas/vocabularies``.

This is the only module that opens those tables; whatever needs a code, a label or an alias asks
here. Nothing knows of CKAN, everything is immutable and read once.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import TypeVar

__all__ = [
    "Department",
    "Division",
    "EuTheme",
    "Format",
    "Frequency",
    "Industry",
    "Licence",
    "OpenType",
    "ResourceClass",
    "Term",
    "Theme",
    "ancestors",
    "children",
    "department",
    "department_named",
    "department_words",
    "departments",
    "departments_of",
    "division",
    "divisions",
    "eu_theme",
    "eu_themes",
    "featured_themes",
    "file_format",
    "formats",
    "frequencies",
    "frequency",
    "gov_themes",
    "industries",
    "industry",
    "is_within",
    "licence",
    "licences",
    "open_type",
    "open_types",
    "pinyin_phrases",
    "region_of",
    "regions",
    "resource_classes",
    "term",
    "terms",
    "theme",
    "theme_aliases",
    "theme_named",
    "themes",
    "vocabulary_path",
]

PACKAGE = "ckanext.jilinopen.schemas"
PROVINCE = "220000"

# Plain lists of value, label_zh, label_en (and columns that only one reader needs).
LISTS = (
    "crs",
    "data_levels",
    "desensitise_methods",
    "encodings",
    "format_categories",
    "item_types",
    "languages",
    "levels",
    "open_methods",
    "org_types",
    "pi_declarations",
    "pi_kinds",
    "pii_statuses",
    "sensitivity",
    "share_methods",
    "share_types",
    "yes_no",
)


@dataclass(frozen=True, kw_only=True)
class Term:
    """One value of a controlled list.

    Attributes:
        value: what is stored.
        label_zh: what Chinese pages show.
        label_en: what English pages show.
        aliases: other spellings that mean the same, for matching only.
    """

    value: str
    label_zh: str
    label_en: str = ""
    aliases: tuple[str, ...] = ()

    def label(self, locale: str = "zh_Hans_CN") -> str:
        """The label in a language.

        Args:
            locale: a CKAN locale; every ``zh…`` locale gets the Chinese label.
        """
        if locale.startswith("zh"):
            return self.label_zh
        return self.label_en or self.label_zh


@dataclass(frozen=True, kw_only=True)
class Theme(Term):
    """A theme of the portal; every theme is a CKAN group.

    Attributes:
        order: position in the official order, from 1.
        icon: name of the icon.
        gbt21063_4: top classes of GB/T 21063.4 that the theme covers.
        gbt4754: sections of GB/T 4754 that the theme covers.
        eu_data_theme: codes of the EU data-theme table.
        source: where the theme comes from.
    """

    order: int = 0
    icon: str = ""
    gbt21063_4: tuple[str, ...] = ()
    gbt4754: tuple[str, ...] = ()
    eu_data_theme: tuple[str, ...] = ()
    source: str = ""

    @property
    def slug(self) -> str:
        """The name of the CKAN group."""
        return self.value

    @property
    def name_zh(self) -> str:
        """The Chinese name."""
        return self.label_zh

    @property
    def name_en(self) -> str:
        """The English name."""
        return self.label_en


@dataclass(frozen=True, kw_only=True)
class Division(Term):
    """An administrative division or functional area of the province.

    Attributes:
        level: 1 province, 2 prefecture and its equals, 3 county and its equals.
        kind: ``province``, ``prefecture_city``, ``autonomous_prefecture``, ``district``,
            ``county``, ``county_city``, ``autonomous_county``, ``functional_area`` or ``zone``.
        short_zh: the name without its class word.
        pinyin: the official romanisation.
        parent_code: the unit above by GB/T 2260; empty for the province.
        region: code of the one of the 11 regions that the unit counts under; empty for the
            province itself.
        region_order: position among the 11 regions, 0 where the unit is none.
        alias_codes: former and statistical codes of the same unit.
        seat: longitude and latitude of the seat in degrees, ``None`` where unknown.
        box: west, south, east, north in degrees, ``None`` where unknown.
    """

    level: int
    kind: str
    short_zh: str
    pinyin: str
    parent_code: str
    region: str
    region_order: int
    alias_codes: tuple[str, ...] = ()
    seat: tuple[float, float] | None = None
    box: tuple[float, float, float, float] | None = None

    @property
    def code(self) -> str:
        """The code: GB/T 2260 where one exists, else a local id."""
        return self.value

    @property
    def name_zh(self) -> str:
        """The Chinese name."""
        return self.label_zh

    @property
    def name_en(self) -> str:
        """The English name."""
        return self.label_en

    @property
    def is_region(self) -> bool:
        """Whether the unit is one of the 11 regions."""
        return self.region_order > 0


@dataclass(frozen=True, kw_only=True)
class Frequency(Term):
    """How often a dataset is updated.

    Attributes:
        guide2017_code: digit of the 2017 catalogue guide, empty where it has none.
        eu_code: code of the EU frequency table.
        iso8601: the period as an ISO 8601 duration, empty where there is none.
        stale_after_days: age in days at which the data counts as late, ``None`` for never.
    """

    guide2017_code: str = ""
    eu_code: str = ""
    iso8601: str = ""
    stale_after_days: int | None = None


@dataclass(frozen=True, kw_only=True)
class OpenType(Term):
    """How far a dataset is open.

    Attributes:
        eu_access_right: code of the EU access-right table.
        private: whether such a dataset is hidden from the public.
        open_flag: 是否向社会开放, ``1`` or ``0``.
        requires: the field that has to explain the choice, empty for none.
    """

    eu_access_right: str
    private: bool
    open_flag: str
    requires: str = ""


@dataclass(frozen=True, kw_only=True)
class Format(Term):
    """A file format, named by its lower-case extension.

    Attributes:
        category: 信息资源格式分类, a value of ``format_categories``; ``0`` for archives.
        machine_readable: ``None`` where it depends on the content.
        non_proprietary: likewise.
        stars: openness stars, 0 to 5.
        media_type: IANA media type, empty where there is none.
        eu_file_type: code of the EU file-type table, empty where there is none.
    """

    category: str
    machine_readable: bool | None
    non_proprietary: bool | None
    stars: int
    media_type: str
    eu_file_type: str

    @property
    def ext(self) -> str:
        """The lower-case extension."""
        return self.value


@dataclass(frozen=True, kw_only=True)
class Industry(Term):
    """A section of GB/T 4754-2017; ``aliases`` holds its divisions (the second level)."""


@dataclass(frozen=True, kw_only=True)
class Licence(Term):
    """A licence that datasets may name.

    Attributes:
        url: the text of the licence, empty where it is not published.
        is_open: whether it is an open licence.
    """

    url: str
    is_open: bool


@dataclass(frozen=True, kw_only=True)
class ResourceClass(Term):
    """A class of the 2017 catalogue guide or of GB/T 21063.4.

    Attributes:
        parent_code: the class above, empty at the top.
    """

    parent_code: str


@dataclass(frozen=True, kw_only=True)
class EuTheme(Term):
    """A concept of the EU data-theme table.

    Attributes:
        uri: its address.
    """

    uri: str


@dataclass(frozen=True, kw_only=True)
class Department(Term):
    """A department that provides data; every department is a CKAN organization.

    Attributes:
        short_name: the name used in speech, e.g. 市卫健委.
        division: code of the division it belongs to.
        level: a value of ``levels``.
        org_type: a value of ``org_types``.
        parent: name of the department above, empty for none.
        jl_uscc: unified social credit code, empty where unknown.
    """

    short_name: str
    division: str
    level: str
    org_type: str
    parent: str = ""
    jl_uscc: str = ""

    @property
    def name(self) -> str:
        """The name of the CKAN organization."""
        return self.value

    @property
    def name_zh(self) -> str:
        """The full title."""
        return self.label_zh


AnyTerm = TypeVar("AnyTerm", bound=Term)


def vocabulary_path(file_name: str) -> str:
    """Where a table lies on disk, for CKAN settings that want a file.

    Args:
        file_name: e.g. ``licences.json``.
    """
    return str(files(PACKAGE) / "vocabularies" / file_name)


def _text(file_name: str) -> str:
    return (files(PACKAGE) / "vocabularies" / file_name).read_text(encoding="utf-8")


def _rows(file_name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(_text(file_name))))


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(";") if part)


def _flag(text: str) -> bool | None:
    return None if text == "" else text == "1"


def _term(row: dict[str, str]) -> Term:
    return Term(
        value=row["value"],
        label_zh=row["label_zh"],
        label_en=row["label_en"],
        aliases=_split(row.get("aliases", "")),
    )


def _find(found: tuple[AnyTerm, ...], value: str) -> AnyTerm | None:
    return next((item for item in found if item.value == value), None)


@cache
def _list(name: str) -> tuple[Term, ...]:
    return tuple(_term(row) for row in _rows(f"{name}.csv"))


def terms(name: str) -> tuple[Term, ...]:
    """A controlled list, in its official order.

    Args:
        name: one of ``LISTS``, or the name of a function of this module that gives a whole list,
            such as ``themes`` or ``divisions``.

    Raises:
        KeyError: there is no such list.
    """
    if name in LISTS:
        return _list(name)
    return _SPECIAL[name]()


def term(name: str, value: str) -> Term | None:
    """One value of a controlled list, ``None`` where the list does not hold it."""
    return _find(terms(name), value)


def _theme(row: dict[str, str]) -> Theme:
    return Theme(
        value=row["slug"],
        label_zh=row["name_zh"],
        label_en=row["name_en"],
        order=int(row["order"]),
        icon=row["icon"],
        gbt21063_4=_split(row["gbt21063_4"]),
        gbt4754=_split(row["gbt4754"]),
        eu_data_theme=_split(row["eu_data_theme"]),
        source=row["source"],
    )


@cache
def themes() -> tuple[Theme, ...]:
    """The 24 themes in the official order."""
    return tuple(_theme(row) for row in _rows("themes.csv"))


@cache
def featured_themes() -> tuple[Theme, ...]:
    """Collections of Jilin that cut across the themes."""
    return tuple(_theme(row) for row in _rows("themes_featured.csv"))


def theme(slug: str) -> Theme | None:
    """The theme of that slug."""
    return _find(themes(), slug)


def theme_named(name_zh: str) -> Theme | None:
    """The theme of exactly that Chinese name."""
    return next((item for item in themes() if item.label_zh == name_zh), None)


@cache
def theme_aliases() -> dict[str, str]:
    """Other portals' theme words and the slug of the theme they belong to."""
    return {row["alias"]: row["slug"] for row in _rows("theme_aliases.csv")}


def _numbers(row: dict[str, str], *names: str) -> tuple[float, ...] | None:
    values = [row[name] for name in names]
    return tuple(float(value) for value in values) if all(values) else None


def _division(row: dict[str, str]) -> Division:
    seat = _numbers(row, "lon", "lat")
    box = _numbers(row, "west", "south", "east", "north")
    return Division(
        value=row["code"],
        label_zh=row["name_zh"],
        label_en=row["name_en"],
        aliases=_split(row["aliases"]),
        level=int(row["level"]),
        kind=row["kind"],
        short_zh=row["short_zh"],
        pinyin=row["pinyin"],
        parent_code=row["parent_code"],
        region=row["region"],
        region_order=int(row["region_order"] or 0),
        alias_codes=_split(row["alias_codes"]),
        seat=(seat[0], seat[1]) if seat else None,
        box=(box[0], box[1], box[2], box[3]) if box else None,
    )


@cache
def divisions() -> tuple[Division, ...]:
    """All divisions and functional areas, the province first."""
    return tuple(_division(row) for row in _rows("divisions.csv"))


@cache
def _divisions_by_code() -> dict[str, Division]:
    found = {code: item for item in divisions() for code in item.alias_codes}
    found.update({item.code: item for item in divisions()})
    return found


def division(code: str) -> Division | None:
    """The division of a code; former and statistical codes lead to today's unit."""
    return _divisions_by_code().get(code)


@cache
def regions() -> tuple[Division, ...]:
    """The 11 regions in the official order."""
    found = [item for item in divisions() if item.is_region]
    return tuple(sorted(found, key=lambda item: item.region_order))


def region_of(code: str) -> Division | None:
    """The region that a division counts under, ``None`` for the province and unknown codes."""
    found = division(code)
    return division(found.region) if found else None


@cache
def ancestors(code: str) -> tuple[Division, ...]:
    """The units above a division, the nearest first and the province last.

    A region's only ancestor is the province: 梅河口市 counts under itself, not under 通化市.
    """
    found = division(code)
    if found is None or not found.parent_code:
        return ()
    above = division(PROVINCE if found.is_region else found.parent_code)
    return (above, *ancestors(above.code)) if above else ()


def is_within(code: str, ancestor: str) -> bool:
    """Whether a division is, or counts under, another one."""
    found, above = division(code), division(ancestor)
    if found is None or above is None:
        return False
    return found == above or above in ancestors(found.code)


@cache
def children(code: str) -> tuple[Division, ...]:
    """The units directly below a division, in the order of the table."""
    above = division(code)
    if above is None:
        return ()
    return tuple(item for item in divisions() if ancestors(item.code)[:1] == (above,))


@cache
def frequencies() -> tuple[Frequency, ...]:
    """All update frequencies, from the shortest to the unknown."""
    return tuple(
        Frequency(
            value=row["value"],
            label_zh=row["label_zh"],
            label_en=row["label_en"],
            aliases=_split(row["aliases"]),
            guide2017_code=row["guide2017_code"],
            eu_code=row["eu_code"],
            iso8601=row["iso8601"],
            stale_after_days=int(row["stale_after_days"]) if row["stale_after_days"] else None,
        )
        for row in _rows("frequency.csv")
    )


def frequency(value: str) -> Frequency | None:
    """The frequency of that value."""
    return _find(frequencies(), value)


@cache
def open_types() -> tuple[OpenType, ...]:
    """The types of openness, from open to closed."""
    return tuple(
        OpenType(
            value=row["value"],
            label_zh=row["label_zh"],
            label_en=row["label_en"],
            aliases=_split(row["aliases"]),
            eu_access_right=row["eu_access_right"],
            private=row["private"] == "1",
            open_flag=row["open_flag"],
            requires=row["requires"],
        )
        for row in _rows("open_types.csv")
    )


def open_type(value: str) -> OpenType | None:
    """The openness of that value."""
    return _find(open_types(), value)


@cache
def formats() -> tuple[Format, ...]:
    """All known file formats."""
    return tuple(
        Format(
            value=row["ext"],
            label_zh=row["ext"].upper(),
            label_en=row["ext"].upper(),
            aliases=_split(row["aliases"]),
            category=row["category"],
            machine_readable=_flag(row["machine_readable"]),
            non_proprietary=_flag(row["non_proprietary"]),
            stars=int(row["stars"]),
            media_type=row["media_type"],
            eu_file_type=row["eu_file_type"],
        )
        for row in _rows("formats.csv")
    )


def file_format(ext: str) -> Format | None:
    """The format of that extension, in any case and with or without its dot."""
    return _find(formats(), ext.lower().lstrip("."))


@cache
def industries() -> tuple[Industry, ...]:
    """The 20 sections of GB/T 4754-2017."""
    return tuple(
        Industry(
            value=row["code"],
            label_zh=row["name_zh"],
            label_en=row["name_en"],
            aliases=_split(row["aliases"]),
        )
        for row in _rows("industries.csv")
    )


def industry(code: str) -> Industry | None:
    """The section of that letter."""
    return _find(industries(), code)


@cache
def licences() -> tuple[Licence, ...]:
    """The licences; the table is in CKAN's own format because CKAN reads it too."""
    return tuple(
        Licence(
            value=row["id"],
            label_zh=row["title"],
            label_en=row["title_en"],
            url=row["url"],
            is_open=row["od_conformance"] == "approved",
        )
        for row in json.loads(_text("licences.json"))
    )


def licence(value: str) -> Licence | None:
    """The licence of that id."""
    return _find(licences(), value)


def _classes(file_name: str) -> tuple[ResourceClass, ...]:
    return tuple(
        ResourceClass(
            value=row["code"],
            label_zh=row["name_zh"],
            label_en=row["name_en"],
            parent_code=row["parent_code"],
        )
        for row in _rows(file_name)
    )


@cache
def resource_classes() -> tuple[ResourceClass, ...]:
    """The classes of the 2017 catalogue guide: 类 and 项."""
    return _classes("resource_classes.csv")


@cache
def gov_themes() -> tuple[ResourceClass, ...]:
    """The classes of GB/T 21063.4, both levels."""
    return _classes("gov_themes.csv")


@cache
def eu_themes() -> tuple[EuTheme, ...]:
    """The EU data-theme table."""
    return tuple(
        EuTheme(value=row["code"], label_zh=row["name_zh"], label_en=row["name_en"], uri=row["uri"])
        for row in _rows("eu_themes.csv")
    )


def eu_theme(code: str) -> EuTheme | None:
    """The EU data theme of that code."""
    return _find(eu_themes(), code)


@cache
def departments() -> tuple[Department, ...]:
    """The departments that ``init`` creates: province, 长春市, 吉林市."""
    columns = {field.name for field in fields(Department)}
    return tuple(
        Department(
            value=row["name"],
            label_zh=row["name_zh"],
            aliases=_split(row["aliases"]),
            **{
                key: text
                for key, text in row.items()
                if key in columns and key not in {"value", "label_zh", "aliases"}
            },
        )
        for row in _rows("departments.csv")
    )


@cache
def _departments_by_name() -> dict[str, Department]:
    return {item.name: item for item in departments()}


@cache
def _departments_by_title() -> dict[str, Department]:
    found = {alias: item for item in departments() for alias in item.aliases}
    found.update({item.name_zh: item for item in departments()})
    return found


def department(name: str) -> Department | None:
    """The department of that organization name."""
    return _departments_by_name().get(name)


def department_named(title: str) -> Department | None:
    """The department of exactly that title or of one of its listed aliases."""
    return _departments_by_title().get(title)


@cache
def departments_of(code: str) -> tuple[Department, ...]:
    """The departments of one division itself, without the divisions below it."""
    return tuple(item for item in departments() if item.division == code)


@cache
def department_words() -> dict[str, tuple[str, ...]]:
    """Short and former words for a kind of department, with the standard words they may mean.

    局 also stands for the provincial 厅, so 人社局 and 人社厅 are both found.
    """
    found: dict[str, list[str]] = {}
    for row in _rows("department_words.csv"):
        for form in _split(row["forms"]):
            found.setdefault(form, []).append(row["standard"])
            if form.endswith("局") and row["standard"].endswith("局"):
                as_provincial = row["standard"].removesuffix("局") + "厅"
                found.setdefault(form.removesuffix("局") + "厅", []).append(as_provincial)
    return {form: tuple(dict.fromkeys(standard)) for form, standard in found.items()}


_SPECIAL: dict[str, Callable[[], tuple[Term, ...]]] = {
    "departments": departments,
    "divisions": divisions,
    "eu_themes": eu_themes,
    "featured_themes": featured_themes,
    "formats": formats,
    "frequencies": frequencies,
    "gov_themes": gov_themes,
    "industries": industries,
    "licences": licences,
    "open_types": open_types,
    "resource_classes": resource_classes,
    "themes": themes,
}


@cache
def pinyin_phrases() -> dict[str, tuple[str, ...]]:
    """Syllables of the place names and abbreviations that pypinyin reads wrongly."""
    return {row["phrase"]: tuple(row["pinyin"].split()) for row in _rows("pinyin.csv")}
