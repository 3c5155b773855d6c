"""What the portal holds: counted by one search, the same that a click repeats.

A count is kept until the search index changes, never longer, so that a figure is true of the moment
that it names. It is kept apart for each set of permission labels: nobody sees counts of datasets
that the search would hide from them.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import redis
import sqlalchemy as sa

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.lib.plugins import get_permission_labels
from ckan.lib.redis import connect_to_redis
from ckan.lib.search import SearchError, SolrConnectionError
from ckan.lib.search.common import make_connection
from ckan.types import Context

from ckanext.jilinopen.catalogue import vocabulary
from ckanext.jilinopen.portal import featured

__all__ = [
    "NO_ANSWER",
    "OPEN_FIELD",
    "ORDERS",
    "REGION_FIELD",
    "Entry",
    "Figures",
    "count",
    "current",
    "facet",
    "search",
]

log = logging.getLogger(__name__)

REGION_FIELD = "vocab_jl_region"
OPEN_FIELD = "jl_open_type"
# The orders of results. Those that search for words see the best matches first, and what was
# changed last among equals; a search without words finds only equals.
ORDERS = {
    "relevance": "score desc, modified desc, metadata_modified desc",
    "updated": "modified desc, metadata_modified desc",
    "newest": "metadata_created desc",
    "title": "title_string asc",
}
# CKAN raises the one for a refused search and the other for an index that does not answer.
NO_ANSWER = (SearchError, SolrConnectionError)
KEEP_SECONDS = 3600
LIST_LENGTH = 6
TITLES = 3


@dataclass(frozen=True)
class Entry:
    """A dataset in a short list.

    Attributes:
        name: its name in addresses.
        title: its title.
        provider: title of the providing department.
        when: ISO 8601 time that the list is about.
    """

    name: str
    title: str
    provider: str
    when: str


@dataclass(frozen=True)
class Figures:
    """Counts of one moment.

    Attributes:
        datasets: all that this reader may find.
        departments: departments with at least one dataset.
        files: files of the public datasets.
        sources: harvest sources.
        open_types, themes, regions, departments_by_name: datasets by value; a division's count
            includes what lies below it.
        updated, newest: the datasets changed last, and those that came last.
        collections: number of datasets and first titles by slug of the collection.
        as_of: ISO 8601 time at which they were true.
    """

    datasets: int = 0
    departments: int = 0
    files: int = 0
    sources: int = 0
    open_types: dict[str, int] = field(default_factory=dict)
    themes: dict[str, int] = field(default_factory=dict)
    regions: dict[str, int] = field(default_factory=dict)
    departments_by_name: dict[str, int] = field(default_factory=dict)
    updated: list[Entry] = field(default_factory=list)
    newest: list[Entry] = field(default_factory=list)
    collections: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    as_of: str = ""

    @property
    def province_only(self) -> int:
        """Datasets of the province itself; its code is on no other dataset in the index."""
        return self.regions.get(vocabulary.PROVINCE, 0)


def search(fq: str = "", **parameters: Any) -> dict[str, Any]:
    """Search as the result page does: the same type, the same reader, the same private datasets.

    Args:
        fq: further conditions.
        parameters: of ``package_search``.
    """
    context: Context = {"user": tk.current_user.name, "auth_user_obj": tk.current_user}
    return tk.get_action("package_search")(
        context,
        {
            "fq": f"{fq} +dataset_type:dataset".strip(),
            "include_private": tk.config["ckan.search.default_include_private"],
            **parameters,
        },
    )


def count(fq: str, q: str = "") -> int:
    """How many datasets a search finds."""
    return search(fq, q=q, rows=0, facet="false")["count"]


def facet(result: Mapping[str, Any], name: str) -> dict[str, int]:
    """Counts of one facet by value."""
    items: Sequence[Mapping[str, Any]] = result["search_facets"].get(name, {}).get("items", [])
    return {item["name"]: item["count"] for item in items if item["count"]}


def current() -> Figures:
    """The figures of this moment, for this reader.

    Raises:
        SearchError, SolrConnectionError: the search index does not answer (``NO_ANSWER``).
    """
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    key = _key()
    if key is None:
        return _counted(now)
    store = connect_to_redis()
    try:
        kept = store.get(key)
        if isinstance(kept, bytes):
            # The index has not changed since, so the counts are true of this moment too.
            return replace(msgspec.json.decode(kept, type=Figures), as_of=now)
        found = _counted(now)
        store.set(key, msgspec.json.encode(found), ex=KEEP_SECONDS)
    except redis.RedisError:
        log.warning("Redis does not keep the portal's figures", exc_info=True)
        return _counted(now)
    return found


def _key() -> str | None:
    """Name of the kept figures: state of the index, reader's labels; ``None`` when unknown."""
    state = _index_state()
    if state is None:
        return None
    user = tk.current_user
    if user.is_authenticated and authz.is_sysadmin(user.name):
        labels = ["*"]
    else:
        labels = sorted(get_permission_labels().get_user_dataset_labels(user))  # type: ignore
    digest = hashlib.sha256("\n".join([state, *labels]).encode()).hexdigest()
    return f"ckan:{tk.config['ckan.site_id']}:jilinopen:figures:{digest}"


def _index_state() -> str | None:
    """A text that changes with every commit to the search index."""
    connection = make_connection(decode_dates=False)
    try:
        answer = connection.get_session().get(
            f"{connection.url.rstrip('/')}/admin/luke",
            params={"show": "index", "numTerms": 0, "wt": "json"},
            timeout=connection.timeout,
        )
        answer.raise_for_status()
        index = answer.json()["index"]
        return f"{index['version']}/{index['lastModified']}/{index['numDocs']}"
    except (OSError, ValueError, KeyError):
        log.warning("Solr does not tell the state of its index", exc_info=True)
        return None


def _counted(now: str) -> Figures:
    result = search(
        q="*:*",
        rows=0,
        **{
            "facet.field": ["groups", "organization", REGION_FIELD, OPEN_FIELD],
            "facet.limit": -1,
        },
    )
    departments = facet(result, "organization")
    return Figures(
        datasets=result["count"],
        departments=len(departments),
        files=_public_files(),
        sources=_sources(),
        open_types=facet(result, OPEN_FIELD),
        themes=facet(result, "groups"),
        regions=facet(result, REGION_FIELD),
        departments_by_name=departments,
        updated=_updated(),
        newest=_newest(),
        collections={item.slug: _holding(item) for item in featured.collections()},
        as_of=now,
    )


def _updated() -> list[Entry]:
    """The datasets whose data changed last; a date that lies ahead is no change yet."""
    tomorrow = datetime.now(timezone.utc).date() + timedelta(days=1)
    found = search(
        f'+modified:[* TO "{tomorrow.isoformat()}~"]',
        q="*:*",
        rows=LIST_LENGTH,
        sort=ORDERS["updated"],
        facet="false",
    )
    return [_entry(package, package["modified"]) for package in found["results"]]


def _newest() -> list[Entry]:
    found = search(q="*:*", rows=LIST_LENGTH, sort=ORDERS["newest"], facet="false")
    return [_entry(package, f"{package['metadata_created']}Z") for package in found["results"]]


def _holding(collection: featured.Collection) -> tuple[int, list[str]]:
    found = search(collection.condition, q="*:*", rows=TITLES, facet="false")
    return found["count"], [package["title"] for package in found["results"]]


def _entry(package: Mapping[str, Any], when: str) -> Entry:
    organization = package.get("organization") or {}
    return Entry(
        name=package["name"],
        title=package.get("title") or package["name"],
        provider=organization.get("title") or organization.get("name") or "",
        when=when,
    )


def _public_files() -> int:
    """Files of public datasets; the index does not count files, so the database does."""
    query = (
        sa.select(sa.func.count(model.Resource.id))
        .join(model.Package, model.Package.id == model.Resource.package_id)
        .where(
            model.Resource.state == "active",
            model.Package.state == "active",
            model.Package.type == "dataset",
            model.Package.private.is_(False),
        )
    )
    return model.Session.scalar(query) or 0


def _sources() -> int:
    """Harvest sources, as the page of sources counts them."""
    if not p.plugin_loaded("harvest"):
        return 0
    context: Context = {"user": tk.current_user.name, "auth_user_obj": tk.current_user}
    found = tk.get_action("package_search")(
        context, {"fq": "+dataset_type:harvest", "rows": 0, "facet": "false"}
    )
    return found["count"]
