"""What a dataset's page says, sorted for people: facts, terms, columns, files, origin."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.jilinopen.catalogue import vocabulary
from ckanext.jilinopen.portal import dates, labels, prose
from ckanext.jilinopen.portal.freshness import Freshness, Promise, judge

__all__ = [
    "Column",
    "Fact",
    "FileView",
    "Origin",
    "Part",
    "State",
    "Terms",
    "about",
    "cite",
    "columns",
    "fact",
    "file_facts",
    "file_view",
    "formats",
    "origin",
    "state",
    "terms",
    "today",
]

Package = Mapping[str, Any]
MAX_ROWS = 500


@dataclass(frozen=True)
class Part:
    """A piece of a fact: words, perhaps with an address."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Fact:
    """One line of a table of facts.

    Attributes:
        label: what it is.
        parts: what it says.
        wide: whether it needs the whole width.
        kind: ``text``, ``tags``, ``code`` or ``path``, whose parts lie one within another.
    """

    label: str
    parts: tuple[Part, ...]
    wide: bool = False
    kind: str = "text"


@dataclass(frozen=True)
class State:
    """How fresh a dataset is, in words.

    Attributes:
        state: as in ``freshness``.
        label: a sentence for the dataset's page, a short word for ``late`` and ``old``.
        promise: the promised frequency, empty where none was made.
        changed: day or moment of the last change of the data.
    """

    state: str
    label: str
    promise: str
    changed: date | datetime | None


@dataclass(frozen=True)
class Terms:
    """Under which conditions a dataset may be had.

    Attributes:
        open: ring and words.
        facts: who may have it, for what, and why not.
    """

    open: labels.Openness
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Column:
    """A row of the data dictionary, ready to show."""

    title: str
    name: str
    type: str
    length: str
    required: str
    definition: str


@dataclass(frozen=True)
class FileView:
    """A file of a dataset, ready to show.

    Attributes:
        id: of the resource.
        title: its name.
        format: its format in capitals, empty where unknown.
        details: size, rows and date.
        page: its own page.
        url: where the data lie; empty unless it is an http(s) address.
        host: the site that has the file; empty for files of this portal.
    """

    id: str
    title: str
    format: str
    details: str
    page: str
    url: str
    host: str


@dataclass(frozen=True)
class Origin:
    """Where a harvested dataset came from.

    Attributes:
        portal: the source portal.
        url: the dataset's page there, if it is a web address.
        id: its id there.
        first: when it was first taken from there.
        changed: when a change there was last taken over.
        missing: since when the source no longer lists it, ``None`` while it does.
        values: the source's own words for what we translated, as pairs of field and text.
        note: what was done to it on the way.
    """

    portal: str
    url: str
    id: str
    first: date | datetime | None
    changed: date | datetime | None
    missing: date | datetime | None
    values: tuple[tuple[str, str], ...]
    note: tuple[str, ...]


def fact(label: str, *texts: object) -> Fact:
    """A fact of plain words; empty ones are left out."""
    return Fact(label, _parts(*texts))


def today() -> date:
    """Today in the site's time zone."""
    return datetime.now(tk.h.get_display_timezone()).date()


def state(package: Package) -> State:
    """How fresh a dataset is against what its provider promised."""
    # The table ends with the frequency that nobody stated.
    frequency = vocabulary.frequency(package.get("frequency") or "") or vocabulary.frequencies()[-1]
    changed = _changed(package)
    verdict = judge(
        Promise(bool(frequency.iso8601), frequency.stale_after_days),
        dates.day_of(changed),
        today(),
    )
    promise = _promise(frequency)
    return State(verdict.state, _verdict_label(verdict, promise, changed), promise, changed)


def _changed(package: Package) -> date | datetime | None:
    """The last change of the data; where the source does not tell, of the record about them."""
    zone = tk.h.get_display_timezone()
    stated = dates.parse(package.get("modified"))
    if stated is not None:
        return dates.localise(stated, zone)
    if package.get("jl_source_id"):
        return None
    return dates.localise(dates.from_utc(dates.parse(package.get("metadata_modified"))), zone)


def _promise(frequency: vocabulary.Frequency) -> str:
    name = frequency.label(labels.locale())
    if frequency.value == "unknown":
        return ""
    if frequency.stale_after_days is None:
        return name
    return tk._("Updates: {frequency}").format(frequency=name)


def _verdict_label(verdict: Freshness, promise: str, changed: date | datetime | None) -> str:
    days = verdict.days
    if verdict.state == "late":
        text = tk.ungettext("{days} day overdue", "{days} days overdue", days)
        return text.format(days=days)
    if verdict.state == "old":
        return tk.ungettext("No change for {days} day", "No change for {days} days", days).format(
            days=days
        )
    if changed is None:
        return promise
    return tk._("changed {when}").format(when=tk.h.jl_when(changed))


def formats(package: Package) -> list[str]:
    """The formats of a dataset's files, each once, in capitals."""
    found = [str(item.get("format") or "").upper() for item in package.get("resources") or []]
    return list(dict.fromkeys(name for name in found if name))


def about(package: Package) -> list[Fact]:
    """The facts of the first section of the page."""
    locale = labels.locale()
    licence = vocabulary.licence(package.get("license_id") or "")
    industries = [
        found.label(locale)
        for code in _listed(package.get("jl_industry"))
        if (found := vocabulary.industry(str(code)))
    ]
    rows = [
        _links(tk._("Themes"), labels.themes_of(package)),
        _links(tk._("Region"), labels.region_trail(package.get("jl_region") or ""), kind="path"),
        fact(tk._("Update frequency"), _frequency_name(package)),
        fact(tk._("Last change"), _long(_changed(package))),
        fact(tk._("First published"), _long(dates.parse(package.get("issued")))),
        fact(tk._("Period covered"), _periods(package)),
        fact(tk._("Industry"), *industries),
        Fact(
            tk._("Licence"),
            (Part(licence.label(locale), licence.url),)
            if licence
            else (Part(package.get("license_title") or tk._("not stated")),),
        ),
        fact(tk._("Data level"), _level(package)),
        fact(tk._("Unit in charge"), package.get("jl_maintainer_dept")),
        Fact(tk._("Contact"), tuple(_contacts(package)), wide=True),
        Fact(
            tk._("Keywords"),
            tuple(
                Part(tag["display_name"], tk.h.url_for("dataset.search", tags=tag["name"]))
                for tag in package.get("tags") or []
            ),
            wide=True,
            kind="tags",
        ),
        Fact(
            tk._("Resource code"),
            _parts(package.get("jl_resource_code")),
            wide=True,
            kind="code",
        ),
    ]
    return [fact for fact in rows if fact.parts]


def terms(package: Package) -> Terms | None:
    """Under which conditions a dataset may be had; ``None`` where its type is not known."""
    open_type = labels.openness(package.get("jl_open_type") or "")
    if open_type is None:
        return None
    methods = [
        labels.term_label("open_methods", str(value))
        for value in _listed(package.get("jl_open_method"))
    ]
    rows = [
        fact(tk._("Condition"), package.get("jl_open_condition")),
        fact(tk._("Who may apply"), package.get("jl_open_scope")),
        fact(tk._("Allowed purposes"), package.get("jl_use_purpose")),
        fact(tk._("How it is given"), *methods),
        fact(tk._("Legal basis for not opening"), package.get("jl_open_basis")),
    ]
    return Terms(open_type, tuple(fact for fact in rows if fact.parts))


def columns(package: Package) -> list[Column]:
    """The data dictionary."""
    found: list[Column] = []
    for item in _records(package.get("jl_items"))[:MAX_ROWS]:
        kind = labels.term_label("item_types", str(item.get("data_type") or ""))
        nullable = str(item.get("nullable") or "").lower()
        required = {"false": tk._("yes"), "0": tk._("yes"), "true": tk._("no"), "1": tk._("no")}
        found.append(
            Column(
                title=str(item.get("label_zh") or item.get("name") or ""),
                name=str(item.get("name") or ""),
                type=kind,
                length=str(item.get("length") or ""),
                required=required.get(nullable, ""),
                definition=prose.brief(str(item.get("definition") or ""), 400),
            )
        )
    return found


def file_view(package: Package, resource: Mapping[str, Any]) -> FileView:
    """A file as the page lists it."""
    address = str(resource.get("url") or "")
    url = address if prose.is_web_address(address) else ""
    local = bool(url) and resource.get("url_type") == "upload"
    rows = _number(resource.get("jl_row_count"))
    size = _number(resource.get("size"))
    changed = dates.parse(resource.get("modified") or resource.get("last_modified"))
    details = [
        tk.h.jl_size(size) if size else "",
        tk.ungettext("{number} row", "{number} rows", rows).format(
            number=tk.h.localised_number(rows)
        )
        if rows
        else "",
        tk.h.jl_when(changed) if changed else "",
    ]
    return FileView(
        id=resource["id"],
        title=resource.get("name") or tk._("Unnamed file"),
        format=str(resource.get("format") or "").upper(),
        details=tk._(", ").join(text for text in details if text),
        page=tk.h.url_for("dataset_resource.read", id=package["name"], resource_id=resource["id"]),
        url=url,
        host="" if local or not url else prose.host_of(url),
    )


def file_facts(resource: Mapping[str, Any]) -> list[Fact]:
    """The facts of a file's own page."""
    changed = dates.parse(resource.get("modified") or resource.get("last_modified"))
    rows = _number(resource.get("jl_row_count"))
    items = _number(resource.get("jl_col_count"))
    category = str(resource.get("jl_format_category") or "")
    address = str(resource.get("url") or "")
    crs = str(resource.get("jl_crs") or "")
    facts = [
        fact(tk._("Format"), str(resource.get("format") or "").upper()),
        fact(tk._("Kind of format"), labels.term_label("format_categories", category)),
        fact(tk._("Size"), tk.h.jl_size(_number(resource.get("size")) or None)),
        fact(tk._("Rows"), tk.h.localised_number(rows) if rows else ""),
        fact(tk._("Data items"), tk.h.localised_number(items) if items else ""),
        fact(tk._("Last change"), tk.h.jl_datetime(changed) if changed else ""),
        fact(tk._("Encoding"), resource.get("jl_encoding")),
        fact(tk._("Coordinate system"), labels.term_label("crs", crs)),
        Fact(tk._("Address"), _parts(address), wide=True, kind="code"),
        Fact(tk._("Checksum"), _parts(resource.get("hash")), wide=True, kind="code"),
        Fact(tk._("Interface description"), _address(resource.get("jl_api_doc")), wide=True),
    ]
    return [item for item in facts if item.parts]


def origin(package: Package) -> Origin | None:
    """Where a harvested dataset came from; ``None`` for one that was published here."""
    if not package.get("jl_source_portal") and not package.get("jl_source_url"):
        return None
    seen = _seen(package)
    url = str(package.get("jl_source_url") or "")
    return Origin(
        portal=str(package.get("jl_source_portal") or prose.host_of(url)),
        url=url if prose.is_web_address(url) else "",
        id=str(package.get("jl_source_id") or ""),
        first=seen[0],
        changed=seen[1],
        missing=seen[2],
        values=tuple(_source_words(package)),
        note=tuple(prose.paragraphs(str(package.get("provenance") or ""))),
    )


def cite(package: Package) -> str:
    """How to name the dataset in a text, after GB/T 7714 for electronic resources."""
    organization = package.get("organization") or {}
    provider = organization.get("title") or organization.get("name") or ""
    day = dates.day_of(_changed(package))
    pieces = [
        provider,
        f"{package.get('title') or package['name']}[DS]",
        ", ".join(filter(None, [tk.config["ckan.site_title"], day.isoformat() if day else ""])),
    ]
    return ". ".join(piece for piece in pieces if piece) + "."


def _seen(package: Package) -> list[date | datetime | None]:
    """First taken, last changed, missing since: what the harvest remembers of the dataset."""
    zone = tk.h.get_display_timezone()
    remembered = tk.h.jl_harvest_record(package["id"]) if "jl_harvest_record" in tk.h else None
    record = remembered or {}
    return [
        dates.localise(dates.from_utc(dates.parse(record.get(name))), zone)
        for name in ("first_seen", "changed", "missing_since")
    ]


def _source_words(package: Package) -> Iterable[tuple[str, str]]:
    """The source's own words with the names of our fields; ``extra`` holds fields of its own."""
    stated = package.get("jl_source_values")
    if isinstance(stated, str):
        try:
            stated = json.loads(stated)
        except ValueError:
            stated = None
    if not isinstance(stated, Mapping):
        return
    extra = stated.get("extra")
    fields = {name: value for name, value in stated.items() if name != "extra"}
    if isinstance(extra, Mapping):
        fields |= extra
    names = _source_field_names()
    for name, value in list(fields.items())[:MAX_ROWS]:
        text = labels.comma().join(map(str, value)) if isinstance(value, list) else str(value)
        if text.strip():
            yield names.get(str(name), str(name)), prose.brief(text, 400)


def _source_field_names() -> dict[str, str]:
    return {
        "department": tk._("Provider"),
        "department_code": tk._("Code of the provider"),
        "division": tk._("Region"),
        "themes": tk._("Theme"),
        "industries": tk._("Industry"),
        "frequency": tk._("Update frequency"),
        "open_type": tk._("Openness"),
        "license": tk._("Licence"),
        "issued": tk._("First published"),
        "modified": tk._("Last change"),
        "formats": tk._("Format"),
    }


def _listed(value: object) -> list[Any]:
    """A stored list; scheming keeps some as JSON text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return [value] if value else []
    return list(value) if isinstance(value, (list, tuple)) else []


def _records(value: object) -> list[Mapping[str, Any]]:
    return [item for item in _listed(value) if isinstance(item, Mapping)]


def _number(value: object) -> int:
    try:
        return max(int(str(value)), 0)
    except ValueError:
        return 0


def _long(when: date | datetime | None) -> str:
    return dates.long_moment(when, labels.locale()) if when else ""


def _frequency_name(package: Package) -> str:
    found = vocabulary.frequency(package.get("frequency") or "")
    return found.label(labels.locale()) if found else ""


def _level(package: Package) -> str:
    level = labels.term_label("data_levels", package.get("jl_data_level") or "")
    sensitivity = labels.term_label("sensitivity", package.get("jl_sensitivity") or "")
    return labels.comma().join(text for text in (level, sensitivity) if text)


def _periods(package: Package) -> str:
    periods = []
    for period in _records(package.get("temporal_coverage")):
        start = dates.day_of(dates.parse(period.get("start")))
        end = dates.day_of(dates.parse(period.get("end")))
        if start or end:
            periods.append(f"{_long(start) or '…'} – {_long(end) or '…'}")
    return labels.comma().join(periods)


def _contacts(package: Package) -> Iterable[Part]:
    for contact in _records(package.get("contact")):
        if contact.get("name"):
            yield Part(str(contact["name"]))
        if contact.get("phone"):
            yield Part(str(contact["phone"]))
        if contact.get("email"):
            yield Part(str(contact["email"]), f"mailto:{contact['email']}")


def _address(value: object) -> tuple[Part, ...]:
    text = str(value or "").strip()
    return (Part(text, text if prose.is_web_address(text) else ""),) if text else ()


def _parts(*texts: object) -> tuple[Part, ...]:
    return tuple(Part(str(text)) for text in texts if text)


def _links(label: str, named: Iterable[labels.Named], kind: str = "text") -> Fact:
    return Fact(label, tuple(Part(item.name, item.url) for item in named), kind=kind)
