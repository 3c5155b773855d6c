"""What the portal's templates may call. Every helper is thin; the work is done in the modules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.jilinopen.portal import (
    addresses,
    config,
    cut,
    dataset,
    dates,
    empty,
    errors,
    facets,
    home,
    labels,
    prose,
    sources,
)
from ckanext.jilinopen.portal.figures import NO_ANSWER, ORDERS, Figures, current

__all__ = [
    "jl_about",
    "jl_api_search_url",
    "jl_brief",
    "jl_chips",
    "jl_cite",
    "jl_clear_url",
    "jl_columns",
    "jl_comma",
    "jl_cut",
    "jl_datetime",
    "jl_department_facts",
    "jl_departments",
    "jl_divisions_below",
    "jl_error",
    "jl_facet_more",
    "jl_facet_rows",
    "jl_facet_title",
    "jl_figures",
    "jl_file",
    "jl_file_facts",
    "jl_footer_columns",
    "jl_formats",
    "jl_found",
    "jl_freshness",
    "jl_home",
    "jl_icon",
    "jl_is_here",
    "jl_kept_fields",
    "jl_languages",
    "jl_legal_lines",
    "jl_mark",
    "jl_nav",
    "jl_notice",
    "jl_openness",
    "jl_origin",
    "jl_page_numbers",
    "jl_page_url",
    "jl_paragraphs",
    "jl_region_bars",
    "jl_region_tiles",
    "jl_scope_counts",
    "jl_shows_header_search",
    "jl_size",
    "jl_sort",
    "jl_sorts",
    "jl_sources",
    "jl_terms",
    "jl_theme_name",
    "jl_theme_tiles",
    "jl_themes_of",
    "jl_ways_out",
    "jl_when",
    "render_markdown",
]

ICONS = Path(__file__).parent / "public" / "jilinopen" / "icons"


@dataclass(frozen=True)
class Language:
    """A language the site can be read in."""

    tag: str
    name: str
    url: str


@dataclass(frozen=True)
class Column:
    """A column of the footer."""

    title: str
    places: list[home.Place]


@dataclass(frozen=True)
class Order:
    """An order of results."""

    label: str
    url: str
    current: bool


# ---- look


@cache
def _icon_body(name: str) -> str | None:
    """The shapes of an icon; only names of our own files are asked for."""
    if not re.fullmatch(r"[a-z0-9-]{1,40}", name):
        return None
    path = ICONS / f"{name}.svg"
    if not path.is_file():
        return None
    found = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(encoding="utf-8"), re.DOTALL)
    return found[1].strip() if found else None


def jl_icon(name: str, fallback: str = "", large: bool = False) -> Markup:
    """An icon of our own set as inline SVG, hidden from screen readers: words stand beside it.

    Args:
        name: file name in ``public/jilinopen/icons`` without its ending.
        fallback: the icon to use where there is none of that name.
        large: for headings.
    """
    body = _icon_body(name) or (_icon_body(fallback) if fallback else None)
    if body is None:
        return Markup("")
    css = "i i-lg" if large else "i"
    drawn = f'<svg class="{css}" viewBox="0 0 24 24" aria-hidden="true">{body}</svg>'
    return Markup(drawn)  # noqa: S704 - the shapes come from our own files


def jl_notice() -> str:
    """The notice of the top bar."""
    return config.notice()


def jl_legal_lines() -> list[str]:
    """The lines at the very bottom."""
    return config.legal_lines()


def jl_languages() -> list[Language]:
    """The other languages of the site, each with this page in it."""
    here = labels.locale()
    return [
        Language(
            tk.h.unix_locale_to_bcp47(str(found)),
            found.display_name if found.language != "zh" else "中文",
            tk.h.url_for(tk.h.current_url(), locale=str(found)),
        )
        for found in tk.h.get_available_locales()
        if str(found) != here
    ]


def jl_nav() -> list[home.Place]:
    """The main navigation."""
    blueprint = (tk.request.endpoint or "").partition(".")[0]
    places = [
        (tk._("Home"), "home.index", {"jilinopen_front"}),
        (tk._("Data"), "dataset.search", {"dataset", "dataset_resource"}),
        (tk._("Themes"), "group.index", {"group"}),
        (tk._("Regions"), "region.index", {"region"}),
        (tk._("Departments"), "organization.index", {"organization"}),
    ]
    if p.plugin_loaded("harvest"):
        places.append((tk._("Sources"), "harvest.search", {"harvest", "harvester"}))
    about = tk.request.endpoint == "home.about"
    found = [
        home.Place(label, tk.h.url_for(route), blueprint in names and not about)
        for label, route, names in places
    ]
    return [*found, home.Place(tk._("About"), tk.h.url_for("home.about"), about)]


def jl_footer_columns() -> list[Column]:
    """The columns of the footer."""
    url = tk.h.url_for
    find = [
        home.Place(tk._("All datasets"), url("dataset.search")),
        home.Place(tk._("By theme"), url("group.index")),
        home.Place(tk._("By region"), url("region.index")),
        home.Place(tk._("By department"), url("organization.index")),
    ]
    use = [
        home.Place(tk._("Query the catalogue by program"), url("api.get_api", ver=3)),
        home.Place(tk._("Feed of updates"), url("feeds.general")),
    ]
    about = [home.Place(tk._("About this portal"), url("home.about"))]
    if p.plugin_loaded("harvest"):
        about.append(home.Place(tk._("Source portals"), url("harvest.search")))
    return [
        Column(tk._("Find data"), find),
        Column(tk._("Use data"), use),
        Column(tk._("About"), about),
    ]


def jl_shows_header_search() -> bool:
    """Whether the head of the page has a search box: not where the page has its own."""
    own = {
        "jilinopen_front.index",
        "dataset.search",
        "group.read",
        "organization.read",
        "region.read",
    }
    return tk.request.endpoint not in own


# ---- words and numbers


@tk.chained_helper
def render_markdown(
    next_helper: Callable[..., Any], data: str, auto_link: bool = True, allow_html: bool = False
) -> Any:
    """CKAN's Markdown without pictures, on every page, so that no page asks another site."""
    rendered = next_helper(data, auto_link=auto_link, allow_html=allow_html)
    return Markup(prose.without_pictures(str(rendered)))  # noqa: S704 - CKAN has cleaned it


def jl_comma() -> str:
    """What stands between the members of a list."""
    return labels.comma()


def jl_paragraphs(text: str | None) -> list[str]:
    """Text of unknown origin as plain paragraphs."""
    return prose.paragraphs(text)


def jl_brief(text: str | None, length: int = 120) -> str:
    """The beginning of a text of unknown origin, on one line."""
    return prose.brief(text, length)


def jl_mark(text: str, query: str | None) -> Markup:
    """A text with the words of a query marked; everything is escaped."""
    words = sorted({word for word in (query or "").split() if word}, key=len, reverse=True)[:8]
    if not words:
        return escape(text)
    pattern = re.compile("|".join(re.escape(word) for word in words), re.IGNORECASE)
    pieces: list[Markup] = []
    at = 0
    for found in pattern.finditer(text):
        pieces += [
            escape(text[at : found.start()]),
            Markup("<mark>"),
            escape(found[0]),
            Markup("</mark>"),
        ]
        at = found.end()
    return Markup("").join([*pieces, escape(text[at:])])


def jl_datetime(when: object) -> str:
    """A day or moment with its year."""
    found = dates.localise(dates.parse(when), tk.h.get_display_timezone())
    return dates.long_moment(found, labels.locale()) if found else ""


def jl_when(when: object) -> str:
    """A day or moment as lists show it: 今天 03:12, 11月18日, 2024年5月17日."""
    found = dates.localise(dates.parse(when), tk.h.get_display_timezone())
    if found is None:
        return ""
    if found == dataset.today():
        return tk._("today")
    text, is_clock = dates.short_moment(found, dataset.today(), labels.locale())
    return tk._("today {time}").format(time=text) if is_clock else text


def jl_size(size: int | str | None) -> str:
    """A number of bytes for people: 286 KB."""
    try:
        number = float(str(size))
    except ValueError:
        return ""
    for unit in ("B", "KB", "MB", "GB"):
        if number < 1024 or unit == "GB":
            digits = 0 if unit in ("B", "KB") or number >= 100 else 1
            return f"{number:.{digits}f} {unit}"
        number /= 1024
    return ""


def jl_error(code: object, content: object) -> errors.Sorry:
    """The words of an error page."""
    return errors.sorry(code, content)


# ---- figures


def _figures() -> Figures:
    try:
        return current()
    except NO_ANSWER:
        return Figures()


def jl_figures() -> Figures:
    """What the portal holds at this moment, for this reader."""
    return _figures()


def jl_home() -> home.Home:
    """What the home page shows."""
    return home.contents()


def jl_theme_tiles() -> list[home.ThemeTile]:
    """All themes with their counts, in the official order."""
    return home.theme_tiles(_figures())


def jl_region_tiles(current_code: str = "") -> Any:
    """The map of the regions with the counts of the whole portal."""
    return home.region_tiles(_figures(), current_code=current_code)


def jl_departments(listed: Sequence[Mapping[str, Any]]) -> list[cut.Department]:
    """Departments of a list with level, division and number of datasets."""
    return cut.departments(listed, _figures())


def jl_department_facts(organization: Mapping[str, Any]) -> list[dataset.Fact]:
    """What a department's page says about it."""
    return cut.department_facts(organization)


def jl_region_bars() -> list[cut.Bar]:
    """The regions as a ranking."""
    return cut.region_bars(_figures())


def jl_divisions_below(code: str) -> cut.Below | None:
    """The counties and districts of a region with their counts."""
    return cut.below(code, _figures().regions)


def jl_cut(scope: str) -> cut.Cut:
    """How the datasets of a theme, department or region spread."""
    return cut.of(scope)


# ---- result pages


def _args() -> addresses.Args:
    return list(tk.request.args.items(multi=True))


def jl_sort(name: str) -> str:
    """The parameter of an order: ``relevance``, ``updated``, ``newest`` or ``title``."""
    return ORDERS[name]


def jl_sorts(selected: str | None, query: str | None) -> list[Order]:
    """The orders of a result page; relevance only where words were searched for."""
    names = {
        "relevance": tk._("Best match"),
        "updated": tk._("Last updated"),
        "newest": tk._("Newest"),
        "title": tk._("Title"),
    }
    if not query:
        del names["relevance"]
    default = "relevance" if query else "updated"
    chosen = next((name for name in names if ORDERS[name] == selected), default)
    return [
        Order(text, addresses.with_only(_args(), "sort", ORDERS[name]), name == chosen)
        for name, text in names.items()
    ]


def jl_found(number: int) -> Markup:
    """How many datasets were found, the number set off."""
    return _counted(
        tk.ungettext("{number} dataset found", "{number} datasets found", number), number
    )


def jl_facet_title(name: str) -> str:
    """The name of a filter."""
    return facets.title(name)


def jl_facet_rows(
    name: str, search_facets: Mapping[str, Any], items: Iterable[Mapping[str, Any]] | None = None
) -> list[facets.FacetRow]:
    """The rows of a filter."""
    listed = items if items else tk.h.get_facet_items_dict(name, search_facets, limit=0)
    return facets.rows(name, listed, _args())


def jl_facet_more(name: str, search_facets: Mapping[str, Any]) -> facets.More | None:
    """The link to the rest of a filter."""
    total = len(search_facets.get(name, {}).get("items", []))
    return facets.more(name, total, _args())


def jl_chips(
    fields_grouped: Mapping[str, Sequence[str]] | None,
    facet_titles: Mapping[str, str] | None,
    search_facets: Mapping[str, Any] | None,
) -> list[facets.Chip]:
    """The conditions that are set."""
    return facets.chips(fields_grouped or {}, search_facets or {}, _args())


def jl_clear_url() -> str:
    """The page with its words but without any condition."""
    return "?" + addresses.with_only([], "q", tk.request.args.get("q", ""))[1:]


def jl_kept_fields() -> list[tuple[str, str]]:
    """The parameters that a new search on this page keeps."""
    args = _args()
    return [*addresses.filters(args), *(pair for pair in args if pair[0] == "sort")]


def jl_page_url(number: int) -> str:
    """The same results, another page of them."""
    return addresses.with_only(_args(), "page", str(number))


def jl_page_numbers(page: int, last: int) -> list[int | None]:
    """The numbers of a pager."""
    return addresses.page_numbers(page, last)


def jl_ways_out(scope: str | None = None) -> empty.WaysOut:
    """What to do with a search that found nothing."""
    return empty.ways_out(_args(), scope or "")


def jl_scope_counts(page: Any, search_facets: Mapping[str, Any]) -> list[Markup]:
    """What a theme, department or region holds: numbers, set off, with measure words."""
    number = page.item_count
    counts = [_counted(tk.ungettext("{number} dataset", "{number} datasets", number), number)]
    departments = len(search_facets.get("organization", {}).get("items", []))
    if departments > 1:
        text = tk.ungettext("{number} department", "{number} departments", departments)
        counts.append(_counted(text, departments))
    return counts


def _counted(text: str, number: int) -> Markup:
    """A sentence with ``{number}``, the number set off and everything else escaped."""
    return escape(text).format(number=Markup("<b>{}</b>").format(tk.h.localised_number(number)))


def jl_api_search_url() -> str:
    """The same search for programs."""
    args = _args()
    fq = " ".join(f'{name}:"{value}"' for name, value in addresses.filters(args))
    found = {"q": tk.request.args.get("q", ""), "fq": fq}
    kept = {name: value for name, value in found.items() if value}
    return tk.h.url_for("api.action", ver=3, logic_function="package_search", **kept)


def jl_sources(listed: Sequence[Mapping[str, Any]]) -> list[sources.Source]:
    """The source portals of a list."""
    return sources.sources(listed)


# ---- datasets


def jl_openness(package: Mapping[str, Any]) -> labels.Openness | None:
    """How open a dataset is."""
    return labels.openness(package.get("jl_open_type") or "")


def jl_freshness(package: Mapping[str, Any]) -> dataset.State:
    """How fresh a dataset is."""
    return dataset.state(package)


def jl_formats(package: Mapping[str, Any]) -> list[str]:
    """The formats of a dataset's files."""
    return dataset.formats(package)


def jl_themes_of(package: Mapping[str, Any]) -> list[labels.Named]:
    """The themes of a dataset."""
    return labels.themes_of(package)


def jl_theme_name(slug: str, fallback: str = "") -> str:
    """The name of a theme."""
    return labels.theme_name(slug, fallback)


def jl_about(package: Mapping[str, Any]) -> list[dataset.Fact]:
    """The facts of a dataset."""
    return dataset.about(package)


def jl_terms(package: Mapping[str, Any]) -> dataset.Terms | None:
    """The conditions of a dataset."""
    return dataset.terms(package)


def jl_columns(package: Mapping[str, Any]) -> list[dataset.Column]:
    """The data dictionary of a dataset."""
    return dataset.columns(package)


def jl_file(package: Mapping[str, Any], resource: Mapping[str, Any]) -> dataset.FileView:
    """A file of a dataset."""
    return dataset.file_view(package, resource)


def jl_file_facts(resource: Mapping[str, Any]) -> list[dataset.Fact]:
    """The facts of a file."""
    return dataset.file_facts(resource)


def jl_origin(package: Mapping[str, Any]) -> dataset.Origin | None:
    """Where a dataset came from."""
    return dataset.origin(package)


def jl_cite(package: Mapping[str, Any]) -> str:
    """How to name a dataset."""
    return dataset.cite(package)


def jl_is_here(resource: Mapping[str, Any]) -> bool:
    """Whether a file lies on this portal, so that a preview asks nobody else for it."""
    return resource.get("url_type") in ("upload", "datastore", "tabledesigner")
