"""Rows in a portal's JSON answers, and the walk through all pages of a listing.

The walk trusts nothing: a portal may ignore the page that is asked for, answer empty under load,
show the last page again beyond the end, or change its total meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from ckanext.jilinopen.harvest.errors import PortalError
from ckanext.jilinopen.harvest.portals.values import MAX_FILES, digest, line, mappings, number
from ckanext.jilinopen.harvest.records import Entry, Page

if TYPE_CHECKING:
    from ckanext.jilinopen.harvest.client import Answer
    from ckanext.jilinopen.harvest.portals import Portal

__all__ = ["Rows", "Sheet", "all_rows", "answered_rows", "is_success", "read_rows", "twice", "walk"]

EMPTY_RETRIES = 2

Given = TypeVar("Given")

_ROW_KEYS = ("data", "rows", "records", "list", "aaData", "items", "results")
_TOTAL_KEYS = ("recordsTotal", "total", "totalCount", "totalRecord", "recordsFiltered", "count")
_INNER_KEYS = ("data", "object", "result", "page")
_SUCCESS_CODES = frozenset({"", "0", "1", "200", "0000", "000000"})
_MOST_ENVELOPES = 4
_SENSELESS = frozenset({"source.not_json", "source.not_html", "source.shape"})


@dataclass(frozen=True)
class Rows:
    """Rows of one page of a JSON answer.

    Attributes:
        rows: the rows as they came; they need not be mappings.
        total: how many there are in all, where the answer says so.
    """

    rows: tuple[object, ...]
    total: int | None = None

    @property
    def mappings(self) -> list[Mapping[str, Any]]:
        """The rows that can be read at all."""
        return mappings(self.rows, limit=len(self.rows))


@dataclass(frozen=True)
class Sheet:
    """One page of a listing, as its family read it.

    Attributes:
        entries: the records on it.
        ids: what each row is known by, whether it became an entry or not.
        total: how many rows the portal says there are in all.
        skipped: rows that are no records and are rightly left out.
    """

    entries: tuple[Entry, ...]
    ids: tuple[object, ...]
    total: int | None = None
    skipped: int = 0


def twice(read: Callable[[], Given]) -> Given:
    """Read once more where the first answer makes no sense: portals under load send notices.

    The client repeats failures of the network and of the server by itself.

    Raises:
        PortalError: what the second reading met, or the first if it is of another kind.
    """
    try:
        return read()
    except PortalError as error:
        if error.code not in _SENSELESS:
            raise
    return read()


def is_success(answer: object) -> bool:
    """Whether a JSON answer says nothing of a failure; portals send failures with status 200."""
    if not isinstance(answer, Mapping):
        return True
    if answer.get("success") in (False, "false"):
        return False
    return line(answer.get("code")) in _SUCCESS_CODES


def answered_rows(answer: Answer) -> Rows:
    """The rows that a portal answered with.

    Raises:
        PortalError: ``source.not_json``; ``source.shape`` for a refusal or an answer without rows.
    """
    content = answer.json()
    rows = read_rows(content) if is_success(content) else None
    if rows is None:
        raise PortalError("source.shape", answer.url, line(answer.text(), 120))
    return rows


def read_rows(answer: object) -> Rows | None:
    """Find the rows in a JSON answer, whatever envelope they come in.

    Known envelopes: DataTables (``data``, ``recordsTotal``), ``object.records`` with ``total``,
    a bare list, JSON text inside JSON.

    Returns:
        The rows, or ``None`` where the answer holds no list at all.
    """
    return _read_rows(answer, 0)


def _read_rows(answer: object, depth: int) -> Rows | None:
    if depth > _MOST_ENVELOPES:
        return None
    content = _parsed(answer) if isinstance(answer, str) else answer
    if isinstance(content, list):
        return Rows(tuple(content))
    return _rows_inside(content, depth) if isinstance(content, Mapping) else None


def _parsed(text: str) -> object:
    try:
        return json.loads(text) if text[:1] in ("{", "[") else None
    except (ValueError, RecursionError):
        return None


def _rows_inside(answer: Mapping[str, Any], depth: int) -> Rows | None:
    totals = (number(answer.get(key)) for key in _TOTAL_KEYS)
    total = next((found for found in totals if found is not None), None)
    for key in _ROW_KEYS:
        if isinstance(answer.get(key), list):
            return Rows(tuple(answer[key]), total)
    for key in _INNER_KEYS:
        inner = _read_rows(answer.get(key), depth + 1)
        if inner is not None:
            return Rows(inner.rows, total if inner.total is None else inner.total)
    return None


def all_rows(read: Callable[[int, int], Rows]) -> list[Mapping[str, Any]]:
    """Read a paged list to its end, at most ``MAX_FILES`` rows.

    Args:
        read: gives the page of a number (from 1) that starts at an offset (from 0).
    """
    rows: list[Mapping[str, Any]] = []
    seen: set[str] = set()
    received = page = 0
    while received < MAX_FILES:
        page += 1
        answer = read(page, received)
        if not answer.rows or _is_repeated(answer.rows, seen):
            break
        rows += answer.mappings
        received += len(answer.rows)
        if answer.total is None or received >= answer.total:
            break
    return rows[:MAX_FILES]


def _is_repeated(rows: tuple[object, ...], seen: set[str]) -> bool:
    """Whether just these rows have been shown before; they have from now on."""
    key = digest([digest(row) for row in rows])
    known = key in seen
    seen.add(key)
    return known


def walk(
    portal: Portal,
    address: str,
    read: Callable[[int, int], Sheet],
    size: int,
    opening: Sheet | None = None,
) -> Iterator[Page]:
    """Walk through a listing, page by page, until everything has been shown.

    An empty page before the end is asked for again. ``Page.total`` is the highest total that the
    portal has named so far: where records vanish meanwhile, others slip through between two pages,
    and the listing must not count as complete.

    Args:
        portal: the portal; its settings limit how much is read.
        address: where the listing is, for messages.
        read: gives the page of a number (from 1) that starts at an offset (from 0).
        size: rows on a full page.
        opening: the first page, where it has been read already.

    Raises:
        PortalError: ``source.paging``: a page was shown before; ``source.too_many_records``; and
            what ``read`` raises.
    """
    sheet = opening or read(1, 0)
    page, received, empty, skipped = 1, 0, 0, 0
    most: int | None = None
    seen: set[str] = set()
    while True:
        most = sheet.total if most is None else max(most, sheet.total or 0)
        if sheet.ids and _is_repeated(sheet.ids, seen):
            # Without a total, some portals show their last page again and again at the end.
            if most is None and (page > 2 or len(sheet.ids) < size):
                return
            raise PortalError("source.paging", address, f"page {page}")
        skipped += sheet.skipped
        if sheet.ids or (received == 0 and empty == 0):
            total = None if most is None else max(most - skipped, 0)
            yield Page(entries=sheet.entries, total=total, address=address)
        received += len(sheet.ids)
        empty = 0 if sheet.ids else empty + 1
        if _is_end(sheet, most, received, empty):
            return
        if received > 2 * portal.config.max_records:
            raise PortalError("source.too_many_records", address, str(received))
        page += bool(sheet.ids)
        sheet = read(page, received)


def _is_end(sheet: Sheet, most: int | None, received: int, empty: int) -> bool:
    """Whether all has been shown, or nothing comes although it was asked for again.

    Even a portal that says that it has nothing is asked once more: under load some say so.
    """
    if sheet.ids:
        return sheet.total is not None and received >= sheet.total
    return empty > (EMPTY_RETRIES if most else 1)
