"""Names of codes in the reader's language, and links to what they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.jilinopen.catalogue import vocabulary

__all__ = [
    "Named",
    "Openness",
    "comma",
    "division_name",
    "is_chinese",
    "locale",
    "openness",
    "region_trail",
    "term_label",
    "theme_name",
    "themes_of",
]

_RINGS = {"unconditional": "full", "conditional": "half", "none": "none"}


@dataclass(frozen=True)
class Named:
    """Something with a name and a page.

    Attributes:
        key: its code or slug.
        name: its name in the reader's language.
        url: its page.
    """

    key: str
    name: str
    url: str


@dataclass(frozen=True)
class Openness:
    """How a dataset may be had.

    Attributes:
        kind: ``full``, ``half`` or ``none``: the shape of the ring and its class.
        icon: name of the icon.
        label: the words beside it.
    """

    kind: str
    icon: str
    label: str


def locale() -> str:
    """The reader's locale."""
    return tk.h.lang() or "zh_Hans_CN"


def is_chinese() -> bool:
    """Whether the reader's language is Chinese."""
    return locale().startswith("zh")


def comma() -> str:
    """What stands between the members of a list: Chinese has a mark of its own for it."""
    return "、" if is_chinese() else ", "


def theme_name(slug: str, fallback: str = "") -> str:
    """The name of a theme; a group that is no theme keeps its own title."""
    found = vocabulary.theme(slug)
    return found.label(locale()) if found else fallback or slug


def themes_of(package: Mapping[str, Any]) -> list[Named]:
    """The themes of a dataset in the official order."""
    order = {theme.slug: theme.order for theme in vocabulary.themes()}
    groups: Iterable[Mapping[str, Any]] = package.get("groups") or []
    ranked = sorted(groups, key=lambda group: order.get(group["name"], len(order) + 1))
    return [
        Named(
            group["name"],
            theme_name(group["name"], group.get("display_name") or group.get("title") or ""),
            tk.h.url_for("group.read", id=group["name"]),
        )
        for group in ranked
    ]


def division_name(code: str) -> str:
    """The name of a division; an unknown code stays as it is."""
    found = vocabulary.division(code)
    return found.label(locale()) if found else code


def region_trail(code: str) -> list[Named]:
    """A division with those above it up to its region, the largest first."""
    found = vocabulary.division(code)
    if found is None:
        return []
    above = [item for item in vocabulary.ancestors(found.code) if item.level > 1]
    return [
        Named(item.code, item.label(locale()), tk.h.url_for("region.read", code=item.code))
        for item in reversed((found, *above))
    ]


def openness(value: str) -> Openness | None:
    """How a dataset of this type may be had; ``None`` where the type is not known."""
    found = vocabulary.open_type(value)
    if found is None:
        return None
    kind = _RINGS[found.value]
    return Openness(kind, f"open-{kind}", found.label(locale()))


def term_label(name: str, value: str) -> str:
    """The label of a value of a plain list; an unknown value stays as it is."""
    found = vocabulary.term(name, value) if value else None
    return found.label(locale()) if found else value
