"""Pages of the portal that CKAN does not have: regions and collections."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

import ckan.plugins.toolkit as tk
from ckan.lib.pagination import Page
from ckan.lib.search import SearchQueryError

from ckanext.jilinopen.catalogue import vocabulary
from ckanext.jilinopen.portal import addresses, featured, labels
from ckanext.jilinopen.portal.figures import NO_ANSWER, OPEN_FIELD, ORDERS, REGION_FIELD, search

__all__ = ["collection", "front", "region"]

# CKAN registers plugins before itself, so this rule wins over its own for the same address.
front = Blueprint("jilinopen_front", __name__)
region = Blueprint("region", __name__, url_prefix="/region")
collection = Blueprint("collection", __name__, url_prefix="/collection")

FACETS = ("groups", OPEN_FIELD, "organization", "res_format")


@front.route("/", endpoint="index")
def front_index() -> str:
    """The home page, in the place of CKAN's own view.

    That one searches once more for nothing and fails when the search index does not answer.
    """
    return tk.render("home/index.html", {})


@region.route("/", endpoint="index", strict_slashes=False)
def region_index() -> str:
    """The map and the table of all regions."""
    return tk.render("jilinopen/region/index.html", {})


@region.route("/<code>", endpoint="read")
def region_read(code: str) -> Any:
    """The datasets of one division, with everything below it."""
    division = vocabulary.division(code)
    if division is None:
        tk.abort(404, tk._("There is no region with the code {code}").format(code=code))
        return None
    if division.code != code:
        return tk.redirect_to("region.read", code=division.code)
    scope = region_scope(division)
    return tk.render(
        "jilinopen/region/read.html",
        {
            "division": division,
            "name": division.label(labels.locale()),
            "trail": labels.region_trail(division.code)[:-1],
            "province_only": division.code == vocabulary.PROVINCE,
            **_listing(scope),
        },
    )


@collection.route("/<slug>", endpoint="read")
def collection_read(slug: str) -> Any:
    """The datasets of one collection."""
    found = featured.collection(slug)
    if found is None:
        tk.abort(404, tk._("There is no collection {slug}").format(slug=slug))
        return None
    return tk.render(
        "jilinopen/collection/read.html",
        {
            "collection": found,
            "name": found.label(labels.locale()),
            **_listing(found.condition),
        },
    )


def region_scope(division: vocabulary.Division) -> str:
    """The Solr filter for a division: its own datasets and, except for the province, all below."""
    return f'+{REGION_FIELD}:"{division.code}"'


def _listing(scope: str) -> dict[str, Any]:
    """The datasets within a fixed condition, under the conditions of the address.

    Args:
        scope: the fixed condition, a Solr filter.

    Returns:
        What ``jilinopen/snippets/results.html`` and the filters need.
    """
    args = list(tk.request.args.items(multi=True))
    conditions = addresses.filters(args)
    fields: dict[str, list[str]] = {}
    for name, value in conditions:
        fields.setdefault(name, []).append(value)
    number = tk.h.get_page_number(tk.request.args)
    size = tk.config["ckan.datasets_per_page"]
    sort = tk.request.args.get("sort", "")
    variables: dict[str, Any] = {
        "q": tk.request.args.get("q", ""),
        "fields_grouped": fields,
        "facet_titles": {name: tk.h.jl_facet_title(name) for name in FACETS},
        "sort_by_selected": sort,
        "scope": scope,
        "query_error": False,
    }
    try:
        found = search(
            " ".join(
                [scope, *(addresses.solr_condition(name, value) for name, value in conditions)]
            ),
            q=variables["q"],
            rows=size,
            start=(number - 1) * size,
            sort=sort if sort in ORDERS.values() else ORDERS["relevance"],
            **{"facet.field": list(FACETS)},
        )
    except SearchQueryError:
        tk.abort(400, tk._("The search could not be understood. Use plain words."))
        raise
    except NO_ANSWER:
        variables["query_error"] = True
        found = {"results": [], "count": 0, "search_facets": {}}
    page = Page(
        collection=found["results"],
        page=number,
        items_per_page=size,
        item_count=found["count"],
        presliced_list=True,
    )
    variables |= {"page": page, "search_facets": found["search_facets"]}
    return variables
