"""The home page: what it shows, as data for its template."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.jilinopen.catalogue import vocabulary
from ckanext.jilinopen.portal import config, dates, featured, labels, tilemap
from ckanext.jilinopen.portal.figures import NO_ANSWER, OPEN_FIELD, Entry, Figures, current

__all__ = ["Home", "Place", "ThemeTile", "contents", "region_tiles", "theme_tiles"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Figure:
    """A number on the home page.

    Attributes:
        key: which one, for tests and scripts.
        number: its value.
        label: what is counted.
        url: a page that shows what is counted; empty where no page does.
    """

    key: str
    number: int
    label: str
    url: str


@dataclass(frozen=True)
class ThemeTile:
    """A theme with its count."""

    slug: str
    name: str
    count: int
    url: str


@dataclass(frozen=True)
class CollectionCard:
    """A collection with its count and first titles."""

    slug: str
    name: str
    count: int
    url: str
    titles: list[str]


@dataclass(frozen=True)
class ListedDataset:
    """A dataset in a short list, with its address."""

    title: str
    url: str
    provider: str
    when: str


@dataclass(frozen=True)
class Place:
    """A link with a name."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True)
class Entrance:
    """Links for one kind of reader."""

    title: str
    hint: str
    icon: str
    places: list[Place]


@dataclass(frozen=True)
class Home:
    """Everything on the home page."""

    lead: str
    examples: list[str]
    figures: list[Figure]
    as_of: date | datetime | None
    tiles: tilemap.TileMap
    themes: list[ThemeTile]
    collections: list[CollectionCard]
    updated: list[ListedDataset]
    newest: list[ListedDataset]
    entrances: list[Entrance]


def contents() -> Home:
    """What the home page shows now. Without a search index it shows no counts but still stands."""
    try:
        found = current()
    except NO_ANSWER:
        log.warning("The home page has no counts: the search index does not answer", exc_info=True)
        found = Figures()
    zone = tk.h.get_display_timezone()
    return Home(
        lead=_lead(found),
        examples=config.example_words(),
        figures=_figures(found),
        as_of=dates.localise(dates.parse(found.as_of), zone),
        tiles=region_tiles(found),
        themes=theme_tiles(found),
        collections=_collections(found),
        updated=[_listed(entry) for entry in found.updated],
        newest=[_listed(entry) for entry in found.newest],
        entrances=_entrances(),
    )


def theme_tiles(found: Figures) -> list[ThemeTile]:
    """All themes in the official order."""
    locale = labels.locale()
    return [
        ThemeTile(
            theme.slug,
            theme.label(locale),
            found.themes.get(theme.slug, 0),
            tk.h.url_for("group.read", id=theme.slug),
        )
        for theme in vocabulary.themes()
    ]


def region_tiles(
    found: Figures, *, current_code: str = "", url: Callable[[str], str] | None = None
) -> tilemap.TileMap:
    """The map of the regions.

    Args:
        found: the counts to show.
        current_code: the region that the page is about.
        url: where a tile leads; the region's page unless told.
    """
    address = url or (lambda code: tk.h.url_for("region.read", code=code))
    province = tilemap.Tile(
        code=vocabulary.PROVINCE,
        place="prov",
        name=tk._("Provincial"),
        count=found.province_only,
        step=0,
        url=address(vocabulary.PROVINCE),
        current=current_code == vocabulary.PROVINCE,
    )
    return tilemap.draw(
        found.regions,
        address,
        chinese=labels.is_chinese(),
        province=province,
        current=current_code,
    )


def _lead(found: Figures) -> str:
    if not found.datasets:
        return tk._("Public data of the province's departments: search, download, use.")
    return tk._(
        "{departments} departments of the province have opened {datasets} datasets. "
        "Searching, downloading and using them is free."
    ).format(
        departments=tk.h.localised_number(found.departments),
        datasets=tk.h.localised_number(found.datasets),
    )


def _figures(found: Figures) -> list[Figure]:
    catalogue = tk.h.url_for("dataset.search")
    free = found.open_types.get("unconditional", 0)
    figures = [
        Figure("datasets", found.datasets, tk._("Datasets"), catalogue),
        Figure(
            "unconditional",
            free,
            tk._("Open without conditions"),
            tk.h.url_for("dataset.search", **{OPEN_FIELD: "unconditional"}),
        ),
        Figure("files", found.files, tk._("Files and interfaces"), ""),
        Figure(
            "departments",
            found.departments,
            tk._("Departments with data"),
            tk.h.url_for("organization.index"),
        ),
    ]
    if p.plugin_loaded("harvest"):
        sources = tk.h.url_for("harvest.search")
        figures.append(Figure("sources", found.sources, tk._("Source portals"), sources))
    return figures


def _collections(found: Figures) -> list[CollectionCard]:
    cards: list[CollectionCard] = []
    for item in featured.collections():
        number, titles = found.collections.get(item.slug, (0, []))
        url = tk.h.url_for("collection.read", slug=item.slug)
        cards.append(CollectionCard(item.slug, item.label(labels.locale()), number, url, titles))
    return cards


def _listed(entry: Entry) -> ListedDataset:
    url = tk.h.url_for("dataset.read", id=entry.name)
    return ListedDataset(entry.title, url, entry.provider, entry.when)


def _search(label: str, words: str, **filters: str) -> Place:
    return Place(label, tk.h.url_for("dataset.search", q=words, **filters))


def _entrances() -> list[Entrance]:
    """What people come for, as searches; the words searched for are those of the data."""
    return [
        Entrance(
            tk._("Citizens"),
            tk._("everyday matters"),
            "user",
            [
                _search(tk._("Find a car park"), "停车"),
                _search(tk._("Look up clinics and hospitals"), "医院"),
                _search(tk._("See the air quality"), "空气质量"),
                _search(tk._("Look up schools"), "学校"),
            ],
        ),
        Entrance(
            tk._("Businesses"),
            tk._("running a business"),
            "building",
            [
                _search(tk._("Check credit and permits"), "行政许可"),
                _search(tk._("Look up enterprise lists"), "企业名录"),
                _search(tk._("Find tenders and procurement"), "采购"),
                Place(
                    tk._("See data open on application"),
                    tk.h.url_for("dataset.search", **{OPEN_FIELD: "conditional"}),
                ),
            ],
        ),
        Entrance(
            tk._("Research"),
            tk._("data in bulk"),
            "kjcx",
            [
                Place(tk._("Browse the whole catalogue"), tk.h.url_for("dataset.search")),
                Place(
                    tk._("Find data interfaces"),
                    tk.h.url_for("dataset.search", res_format="api"),
                ),
                _search(tk._("Look up statistics"), "统计"),
                Place(tk._("Query the catalogue by program"), tk.h.url_for("api.get_api", ver=3)),
            ],
        ),
    ]
