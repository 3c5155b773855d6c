"""The tables of ``demo/data`` as typed rows; each is read once."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from demo.records import Column

__all__ = [
    "Alias",
    "Department",
    "Place",
    "Topic",
    "aliases",
    "columns",
    "departments",
    "divisions",
    "frequencies",
    "functions",
    "places",
    "themes",
    "topics",
    "wording",
]

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Department:
    """A providing department; ``function`` says which topics it publishes."""

    catalogue: str
    code: str
    title: str
    function: str


@dataclass(frozen=True, slots=True)
class Alias:
    """A way in which a portal writes a department, and how often it does (``share``)."""

    catalogue: str
    title: str
    wording: str
    kind: str
    share: int


@dataclass(frozen=True, slots=True)
class Topic:
    """A kind of dataset that departments of one function publish.

    Attributes:
        levels: letters of the catalogues it suits: c 长春, j 吉林市, p province.
        variants: ``y`` one more dataset a year, ``d`` one more a district, or empty.
    """

    function: str
    subject: str
    object: str
    theme: str
    shape: str
    frequency: str
    levels: str
    variants: str


@dataclass(frozen=True, slots=True)
class Place:
    """Names of one kind in one catalogue, and the box (degrees, WGS84) they lie in."""

    names: tuple[str, ...]
    west: float
    south: float
    east: float
    north: float


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def departments() -> tuple[Department, ...]:
    """Return the departments of all catalogues in official order."""
    return tuple(Department(**row) for row in _rows("departments"))


@cache
def aliases() -> dict[str, tuple[Alias, ...]]:
    """Return by official title how portals write the department."""
    found: dict[str, list[Alias]] = {}
    for row in _rows("aliases"):
        alias = Alias(
            row["catalogue"], row["title"], row["wording"], row["kind"], int(row["share"])
        )
        found.setdefault(alias.title, []).append(alias)
    return {title: tuple(items) for title, items in found.items()}


@cache
def topics() -> tuple[Topic, ...]:
    """Return the topics in the order of their weight within a function."""
    return tuple(Topic(**row) for row in _rows("topics"))


@cache
def columns() -> dict[str, tuple[Column, ...]]:
    """Return the columns of every shape; ``{object}`` in a label is still to be filled."""
    found: dict[str, list[Column]] = {}
    for row in _rows("columns"):
        found.setdefault(row["shape"], []).append(
            Column(row["name"], row["label"], row["type"], row["length"], row["maker"])
        )
    return {shape: tuple(items) for shape, items in found.items()}


@cache
def functions() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return by function the industries and the key words of its datasets."""
    return {
        row["function"]: (tuple(row["industry"].split("，")), tuple(row["words"].split()))
        for row in _rows("functions")
    }


@cache
def themes() -> dict[str, tuple[str, ...]]:
    """Return by theme slug its name and, after it, other words that portals use for it."""
    return {
        row["slug"]: (row["name"], *filter(None, row["synonyms"].split("|")))
        for row in _rows("themes")
    }


@cache
def frequencies() -> dict[str, dict[str, str]]:
    """Return by frequency slug: ``label``, ``odd`` (another wording) and portal ``code``."""
    return {row["slug"]: row for row in _rows("frequency")}


@cache
def places() -> dict[tuple[str, str], Place]:
    """Return names and boxes by (catalogue, kind)."""
    return {
        (row["catalogue"], row["kind"]): Place(
            tuple(row["names"].split("|")),
            float(row["west"]),
            float(row["south"]),
            float(row["east"]),
            float(row["north"]),
        )
        for row in _rows("places")
    }


@cache
def divisions() -> dict[tuple[str, str], str]:
    """Return the six-digit code by (catalogue, name)."""
    return {(row["catalogue"], row["name"]): row["code"] for row in _rows("divisions")}


@cache
def wording() -> dict[str, tuple[str, ...]]:
    """Return sentences and word lists by kind; lists are separated by ``|``."""
    found: dict[str, list[str]] = {}
    for row in _rows("wording"):
        found.setdefault(row["kind"], []).extend(row["text"].split("|"))
    return {kind: tuple(texts) for kind, texts in found.items()}
