"""Addresses inside a result page: the same page with other parameters. Pure.

They begin with ``?`` and so stay on the page, its language and its mount point.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

__all__ = [
    "PAGING",
    "filters",
    "page_numbers",
    "solr_condition",
    "with_only",
    "with_param",
    "without_param",
]

Args = list[tuple[str, str]]
PAGING = frozenset(["page"])
_NOT_FILTERS = frozenset(["q", "sort", "page"])


def _query(args: Iterable[tuple[str, str]]) -> str:
    return "?" + urlencode([(key, value) for key, value in args if value != ""])


def with_param(args: Args, name: str, value: str) -> str:
    """The page with one more condition, from its first page on."""
    kept = [pair for pair in args if pair[0] not in PAGING]
    return _query(kept if (name, value) in kept else [*kept, (name, value)])


def without_param(args: Args, name: str, value: str | None = None) -> str:
    """The page without one condition, or without all of that name."""
    kept = [
        (key, text)
        for key, text in args
        if key not in PAGING and not (key == name and value in (None, text))
    ]
    return _query(kept)


def with_only(args: Args, name: str, value: str) -> str:
    """The page with one parameter replaced, e.g. its order or its page number."""
    dropped = {name} if name in PAGING else {name, *PAGING}
    kept = [pair for pair in args if pair[0] not in dropped]
    return _query([*kept, (name, value)])


def filters(args: Args) -> Args:
    """The conditions among the parameters: everything but words, order, page and switches."""
    return [
        (key, value)
        for key, value in args
        if value and key not in _NOT_FILTERS and not key.startswith(("_", "ext_"))
    ]


def page_numbers(current: int, last: int) -> list[int | None]:
    """The numbers a pager shows; ``None`` stands for a gap.

    Args:
        current: the page shown, from 1.
        last: number of pages.
    """
    shown = {1, last, *range(current - 2, current + 3)}
    numbers: list[int | None] = []
    for number in sorted(shown & set(range(1, last + 1))):
        before = numbers[-1] if numbers else 0
        if before is not None and number - before > 1:
            numbers.append(number - 1 if number - before == 2 else None)
        numbers.append(number)
    return numbers


def solr_condition(name: str, value: str) -> str:
    """One condition of an address as a Solr filter; a quote in it cannot end the value."""
    field = "".join(letter for letter in name if letter.isalnum() or letter in "_-")
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'+{field}:"{quoted}"'
