"""What both families of simulated portals share: counting, faults, downloads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from flask import Flask, Request, Response, g, request

from demo.files import build, media_type
from demo.portals.counts import Counts
from demo.portals.faults import Faults
from demo.portals.store import Catalogue
from demo.records import File, Record

__all__ = ["as_catalogue", "new_app", "number", "send_file", "slice_page"]

_TEMPLATES = Path(__file__).parent / "templates"
_NUMBER_LIMIT = 1_000_000


def as_catalogue(records: Catalogue | Sequence[Record]) -> Catalogue:
    """Return the records as a catalogue that can change while the portal runs."""
    return records if isinstance(records, Catalogue) else Catalogue(records)


def new_app(catalogue: Catalogue, route_of: Callable[[Request], str]) -> Flask:
    """Make an application that counts its requests and obeys its faults.

    Args:
        catalogue: what the portal holds.
        route_of: names the route of a request, ``other`` for unknown ones.

    Returns:
        An application whose config holds ``CATALOGUE``, ``COUNTS`` and ``FAULTS``.
    """
    app = Flask("demo.portals", template_folder=str(_TEMPLATES), static_folder=None)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    counts, faults = Counts(), Faults()
    app.config.update(CATALOGUE=catalogue, COUNTS=counts, FAULTS=faults)

    @app.before_request
    def arrive() -> Response | None:
        g.route = route_of(request)
        counts.add(g.route)
        return faults.before(g.route)

    @app.after_request
    def leave(response: Response) -> Response:
        return faults.after(g.route, response)

    return app


def number(text: str | None, default: int) -> int:
    """Return a request parameter as a number from 0 on; anything else gives ``default``."""
    if text is None or not text.isdecimal():
        return default
    return min(int(text), _NUMBER_LIMIT)


def slice_page(
    records: Sequence[Record], start: int, length: int, faults: Faults
) -> tuple[int, list[Record]]:
    """Return the total and one page of a listing, as the listing faults leave them.

    Args:
        records: the whole listing in its order.
        start: offset of the page from 0.
        length: records a page.
        faults: the portal's faults.
    """
    if faults.take("list", "empty_listing"):
        return 0, []
    if faults.take("list", "duplicate_id") and records:
        middle = len(records) // 2
        records = [*records[:middle], records[0], *records[middle:]]
    total = len(records)
    wrong = faults.take("list", "wrong_total")
    if wrong:
        total = max(0, total + wrong.by)
    if faults.take("list", "ignore_start"):
        start = 0
    page = list(records[start : start + length])
    if faults.take("list", "empty_page"):
        page = []
    return total, page


def send_file(record: Record, file: File) -> Response:
    """Return a file as an attachment under its Chinese name."""
    response = Response(build(record, file), content_type=media_type(file))
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
    return response
