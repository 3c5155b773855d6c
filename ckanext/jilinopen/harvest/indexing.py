"""Bring many datasets into Solr with one request, through the same hooks as CKAN's own path.

CKAN's index class sends one document a dataset over a new connection and commits hard each time.
Here the connection is replaced, for the time of one batch, by a collector; every hook, label and
field stays CKAN's own.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pysolr

from ckan import logic
from ckan.lib import search
from ckan.lib.search import index as ckan_index
from ckan.lib.search.common import make_connection

__all__ = ["commit", "index_datasets"]

log = logging.getLogger(__name__)

COMMIT_WITHIN_MS = "5000"


class _Collector:
    """Stands in for a Solr connection: keeps documents, passes deletions on."""

    def __init__(self) -> None:
        self.url = "collector"
        self.documents: list[dict[str, Any]] = []

    def add(self, docs: Sequence[dict[str, Any]], **_options: object) -> None:
        self.documents.extend(docs)

    def delete(self, **options: Any) -> None:
        make_connection().delete(**{**options, "commit": False})


@contextmanager
def _collecting() -> Iterator[_Collector]:
    collector = _Collector()
    original = ckan_index.make_connection
    ckan_index.make_connection = lambda: collector  # type: ignore[assignment]
    try:
        yield collector
    finally:
        ckan_index.make_connection = original


def index_datasets(package_ids: Sequence[str]) -> bool:
    """Index datasets that are committed to the database.

    Args:
        package_ids: their ids; a deleted one leaves the index.

    Returns:
        Whether Solr took them. A refusal is logged; the caller keeps the ids for a later try.
    """
    index = search.index_for("Package")
    try:
        with _collecting() as collector:
            for package_id in package_ids:
                default, custom = logic.package_show_default_and_custom_schemas(
                    {"ignore_auth": True, "user": ""}, package_id
                )
                index.update_dict({**default, "with_custom_schema": custom}, defer_commit=True)
        if collector.documents:
            make_connection().add(collector.documents, commit=False, commitWithin=COMMIT_WITHIN_MS)
    except (search.SearchError, pysolr.SolrError, OSError):
        log.exception("Search index refused a batch of %s datasets", len(package_ids))
        return False
    return True


def commit() -> None:
    """Make everything that was indexed visible to searches."""
    try:
        make_connection().commit()
    except (search.SearchError, pysolr.SolrError, OSError):
        log.exception("Search index did not commit")
