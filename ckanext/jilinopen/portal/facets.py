"""The filters of a result page: rows with names, counts and addresses, and the chips above."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.jilinopen.catalogue import vocabulary
from ckanext.jilinopen.catalogue.helpers import jl_facet_label
from ckanext.jilinopen.portal import addresses, labels
from ckanext.jilinopen.portal.figures import OPEN_FIELD, REGION_FIELD

__all__ = ["Chip", "FacetRow", "More", "chips", "label", "more", "rows", "title"]

SHOWN = 6
Item = Mapping[str, Any]


@dataclass(frozen=True)
class FacetRow:
    """One value of a filter.

    Attributes:
        label: its name.
        count: datasets that have it, under the other conditions.
        url: the page with the condition set, or without it where it is set.
        active: whether it is set.
        icon: name of an icon, if it has one.
        item: CKAN's own row, for templates that name values themselves.
        children: rows below it.
    """

    label: str
    count: int
    url: str
    active: bool = False
    icon: str = ""
    item: Item | None = None
    children: tuple[FacetRow, ...] = ()


@dataclass(frozen=True)
class Chip:
    """A condition that is set; its address takes it away."""

    label: str
    url: str


@dataclass(frozen=True)
class More:
    """A link that shows the rest of a filter, or only its beginning again."""

    label: str
    url: str


def label(name: str, value: str, fallback: str = "") -> str:
    """The name of a facet's value in the reader's language.

    Args:
        name: the facet.
        value: its value in the index.
        fallback: what CKAN would show.
    """
    if name == REGION_FIELD and value == vocabulary.PROVINCE:
        return tk._("Provincial departments")
    if name == "res_format":
        # CKAN stores the formats that it knows in capitals, the others as they came.
        return value.upper()
    named = jl_facet_label(name, value)
    return fallback or value if named in ("", value) else named


def title(name: str) -> str:
    """The name of a facet in the reader's language."""
    titles = {
        "groups": tk._("Theme"),
        "organization": tk._("Department"),
        "res_format": tk._("Format"),
        "tags": tk._("Keyword"),
        "license_id": tk._("Licence"),
        OPEN_FIELD: tk._("Openness"),
        REGION_FIELD: tk._("Region"),
        "frequency": tk._("Update frequency"),
    }
    return titles.get(name, name)


def rows(name: str, items: Iterable[Item], args: addresses.Args) -> list[FacetRow]:
    """The rows of a filter: set ones first where they would be cut off, regions as a tree."""
    found = list(items)
    if name == REGION_FIELD:
        return _region_rows(found, args)
    listed = [_row(name, item, args) for item in found]
    limit = _limit(name, args)
    if not limit:
        return listed
    return [row for at, row in enumerate(listed) if at < limit or row.active]


def more(name: str, total: int, args: addresses.Args) -> More | None:
    """The link below a filter that has more values than it shows."""
    if name == REGION_FIELD or total <= SHOWN:
        return None
    switch = f"_{name}_limit"
    if _limit(name, args):
        text = tk.ungettext("Show {number} more", "Show {number} more", total - SHOWN)
        return More(text.format(number=total - SHOWN), addresses.with_only(args, switch, "0"))
    return More(tk._("Show fewer"), addresses.without_param(args, switch))


def chips(
    fields_grouped: Mapping[str, Sequence[str]],
    search_facets: Mapping[str, Any],
    args: addresses.Args,
) -> list[Chip]:
    """The conditions that are set, each with the address that takes it away."""
    found: list[Chip] = []
    for name, values in fields_grouped.items():
        shown = {
            item["name"]: item["display_name"]
            for item in search_facets.get(name, {}).get("items", [])
        }
        for value in values:
            text = label(name, value, shown.get(value, value))
            found.append(Chip(text, addresses.without_param(args, name, value)))
    return found


def _limit(name: str, args: addresses.Args) -> int:
    """How many rows a filter shows; 0 for all."""
    return 0 if (f"_{name}_limit", "0") in args else SHOWN


def _row(
    name: str, item: Item, args: addresses.Args, children: tuple[FacetRow, ...] = ()
) -> FacetRow:
    value = item["name"]
    active = (name, value) in args
    change = addresses.without_param if active else addresses.with_param
    icon = ""
    if name == OPEN_FIELD:
        open_type = labels.openness(value)
        icon = open_type.icon if open_type else ""
    text = label(name, value, item.get("display_name", ""))
    return FacetRow(text, item["count"], change(args, name, value), active, icon, item, children)


def _region_rows(items: list[Item], args: addresses.Args) -> list[FacetRow]:
    """The regions by count, then the province's own; the one that is set shows its counties."""
    by_code = {item["name"]: item for item in items}
    set_codes = {value for name, value in args if name == REGION_FIELD}
    opened = {region.code for code in set_codes if (region := vocabulary.region_of(code))}
    shown = [
        (by_code[region.code], region) for region in vocabulary.regions() if region.code in by_code
    ]
    found: list[FacetRow] = []
    for item, region in sorted(shown, key=lambda pair: -pair[0]["count"]):
        below: tuple[FacetRow, ...] = ()
        if region.code in opened:
            below = tuple(
                _row(REGION_FIELD, by_code[child.code], args)
                for child in vocabulary.children(region.code)
                if child.code in by_code
            )
        found.append(_row(REGION_FIELD, item, args, below))
    if vocabulary.PROVINCE in by_code:
        found.append(_row(REGION_FIELD, by_code[vocabulary.PROVINCE], args))
    return found
