"""How the datasets of a theme or region spread over regions, departments and themes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.jilinopen.catalogue import vocabulary
from ckanext.jilinopen.portal import dataset, home, labels, prose, tilemap
from ckanext.jilinopen.portal.figures import NO_ANSWER, REGION_FIELD, Figures, search

__all__ = [
    "Bar",
    "Below",
    "Cut",
    "Department",
    "below",
    "department_facts",
    "departments",
    "of",
    "region_bars",
]

LONGEST = 8


@dataclass(frozen=True)
class Bar:
    """A row of a ranking; ``share`` is its length in percent of the longest."""

    label: str
    url: str
    count: int
    share: int


@dataclass(frozen=True)
class Cut:
    """The spread of some datasets.

    Attributes:
        tiles: over the regions; a tile leads to the same page within that region.
        providers: over the departments that have most.
        themes: over the themes that have most.
        formats: over the formats that most of them have.
    """

    tiles: tilemap.TileMap
    providers: list[Bar]
    themes: list[Bar]
    formats: list[Bar]


@dataclass(frozen=True)
class Department:
    """A department in a list."""

    name: str
    title: str
    url: str
    level: str
    division: str
    count: int


@dataclass(frozen=True)
class Below:
    """The units of a division with their share of its datasets, in percent."""

    rows: list[Bar]
    total: int


def of(scope: str) -> Cut:
    """Count the datasets of a page once more, by region, department, theme and format.

    Args:
        scope: the fixed condition of the page, a Solr filter.
    """
    try:
        found = search(
            scope,
            q="*:*",
            rows=0,
            **{
                "facet.field": [REGION_FIELD, "organization", "groups", "res_format"],
                "facet.limit": -1,
            },
        )
    except NO_ANSWER:
        found = {"count": 0, "search_facets": {}}
    regions = {item["name"]: item["count"] for item in _items(found, REGION_FIELD)}
    tiles = home.region_tiles(
        Figures(regions=regions),
        url=lambda code: (
            tk.h.url_for("region.read", code=code)
            if code == vocabulary.PROVINCE
            else f"?{REGION_FIELD}={code}"
        ),
    )
    return Cut(
        tiles=replace(tiles, province=None),
        providers=_bars(
            [
                (item["display_name"], f"?organization={item['name']}", item["count"])
                for item in _items(found, "organization")
            ]
        ),
        themes=_bars(
            [
                (
                    labels.theme_name(item["name"], item["display_name"]),
                    f"?groups={item['name']}",
                    item["count"],
                )
                for item in _items(found, "groups")
            ]
        ),
        formats=_bars(
            [
                (item["name"].upper(), f"?res_format={item['name']}", item["count"])
                for item in _items(found, "res_format")
            ]
        ),
    )


def departments(listed: Sequence[Mapping[str, Any]], found: Figures) -> list[Department]:
    """Departments with their number of datasets.

    Args:
        listed: organizations as ``organization_list`` gives them.
        found: the counts of the portal.
    """
    return [
        Department(
            name=item["name"],
            title=item.get("title") or item["name"],
            url=tk.h.url_for("organization.read", id=item["name"]),
            level=labels.term_label("levels", _field(item, "jl_level")),
            division=labels.division_name(_field(item, "jl_region")),
            count=found.departments_by_name.get(item["name"], 0),
        )
        for item in listed
    ]


def department_facts(organization: Mapping[str, Any]) -> list[dataset.Fact]:
    """What the page of a department says about it.

    Args:
        organization: as ``organization_show`` gives it.
    """
    division = _field(organization, "jl_region")
    place = labels.region_trail(division)[-1:] if division else []
    homepage = _field(organization, "homepage")
    email = _field(organization, "email")
    rows = [
        dataset.fact(tk._("Level"), labels.term_label("levels", _field(organization, "jl_level"))),
        dataset.fact(
            tk._("Kind"), labels.term_label("org_types", _field(organization, "jl_org_type"))
        ),
        dataset.Fact(tk._("Region"), tuple(dataset.Part(item.name, item.url) for item in place)),
        dataset.Fact(
            tk._("Unified code"),
            tuple(dataset.Part(text) for text in [_field(organization, "jl_uscc")] if text),
            kind="code",
        ),
        dataset.fact(tk._("Address"), _field(organization, "jl_address")),
        dataset.fact(tk._("Telephone"), _field(organization, "phone")),
        dataset.Fact(
            tk._("E-mail"), tuple(dataset.Part(text, f"mailto:{text}") for text in [email] if text)
        ),
        dataset.Fact(
            tk._("Website"),
            tuple(
                dataset.Part(prose.host_of(text), text)
                for text in [homepage]
                if prose.is_web_address(text)
            ),
        ),
    ]
    return [row for row in rows if row.parts]


def region_bars(found: Figures) -> list[Bar]:
    """All regions, most datasets first."""
    locale = labels.locale()
    counted = [(region, found.regions.get(region.code, 0)) for region in vocabulary.regions()]
    longest = max((number for _, number in counted), default=0) or 1
    return [
        Bar(
            region.label(locale),
            tk.h.url_for("region.read", code=region.code),
            number,
            round(100 * number / longest),
        )
        for region, number in sorted(counted, key=lambda pair: -pair[1])
    ]


def below(code: str, counts: Mapping[str, int]) -> Below | None:
    """The units of a division; ``None`` where it has none.

    Args:
        code: of the division.
        counts: datasets by division code, including what lies below.
    """
    children = vocabulary.children(code)
    if not children:
        return None
    locale = labels.locale()
    total = counts.get(code, 0)
    rows = [
        (item.label(locale), tk.h.url_for("region.read", code=item.code), counts.get(item.code, 0))
        for item in children
    ]
    rows.sort(key=lambda row: -row[2])
    own = total - sum(row[2] for row in rows)
    rows.insert(0, (tk._("The division itself"), "", max(own, 0)))
    return Below(
        [Bar(*row, share=round(100 * row[2] / total) if total else 0) for row in rows], total
    )


def _field(item: Mapping[str, Any], name: str) -> str:
    """A field of an organization: at its top, or among CKAN's extras in lists."""
    if item.get(name):
        return str(item[name])
    extras = item.get("extras") or []
    return next((str(extra["value"]) for extra in extras if extra.get("key") == name), "")


def _items(found: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return found["search_facets"].get(name, {}).get("items", [])


def _bars(rows: Sequence[tuple[str, str, int]]) -> list[Bar]:
    ranked = sorted(rows, key=lambda row: (-row[2], row[0]))[:LONGEST]
    longest = max((row[2] for row in ranked), default=1)
    return [Bar(label, url, number, round(100 * number / longest)) for label, url, number in ranked]
