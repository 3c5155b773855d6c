"""A search that found nothing: which conditions it had, and what giving one up would find."""

from __future__ import annotations

from dataclasses import dataclass

import ckan.plugins.toolkit as tk

from ckanext.jilinopen.portal import addresses, facets
from ckanext.jilinopen.portal.figures import NO_ANSWER, count

__all__ = ["WaysOut", "ways_out"]

MAX_TRIED = 5


@dataclass(frozen=True)
class WaysOut:
    """What to say and offer.

    Attributes:
        title: what was not found.
        chips: searches with one condition less that do find something.
    """

    title: str
    chips: list[facets.Chip]


def ways_out(args: addresses.Args, scope: str) -> WaysOut:
    """Try the search again with each condition left out.

    Args:
        args: the parameters of the page.
        scope: the fixed condition of the page, a Solr filter.
    """
    words = next((value for key, value in args if key == "q" and value.strip()), "")
    conditions = addresses.filters(args)[:MAX_TRIED]
    names = [facets.label(name, value) for name, value in conditions]
    tries = [
        (name, _filter([*conditions[:at], *conditions[at + 1 :]], scope), words, (key, value))
        for at, (name, (key, value)) in enumerate(zip(names, conditions, strict=True))
    ]
    if words and conditions:
        tries.append((words, _filter(conditions, scope), "", ("q", words)))
    found: list[facets.Chip] = []
    for name, fq, q, (key, value) in tries:
        try:
            number = count(fq, q)
        except NO_ANSWER:
            continue
        if number:
            text = tk.ungettext(
                "Without “{name}”: {number}", "Without “{name}”: {number}", number
            ).format(name=name, number=tk.h.localised_number(number))
            found.append(facets.Chip(text, addresses.without_param(args, key, value)))
    return WaysOut(_title(words, names), found)


def _title(words: str, names: list[str]) -> str:
    asked = [*([words] if words else []), *names]
    if not asked:
        return tk._("There are no datasets here yet")
    quoted = tk._(" and ").join(tk._("“{name}”").format(name=name) for name in asked)
    if len(asked) == 1:
        return tk._("No dataset fits {conditions}").format(conditions=quoted)
    return tk._("No dataset fits all of {conditions}").format(conditions=quoted)


def _filter(conditions: addresses.Args, scope: str) -> str:
    return " ".join([scope, *(addresses.solr_condition(key, value) for key, value in conditions)])
