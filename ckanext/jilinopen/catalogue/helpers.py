"""Template helpers: choices and labels of codes."""

from __future__ import annotations

from typing import Any

from flask import has_request_context

import ckan.plugins.toolkit as tk

from ckanext.jilinopen.catalogue import vocabulary

__all__ = ["jl_choices", "jl_facet_label", "jl_label"]

# Facets of the index and the lists that their values come from.
_FACETS = {
    "frequency": "frequencies",
    "groups": "themes",
    "jl_open_type": "open_types",
    "license_id": "licences",
    "vocab_jl_region": "divisions",
}


def jl_choices(field: dict[str, Any]) -> list[dict[str, Any]]:
    """Choices of a field from the list that it names as its ``vocabulary``."""
    return [
        {"value": item.value, "label": {"zh_Hans_CN": _choice(item), "en": item.label("en")}}
        for item in vocabulary.terms(field["vocabulary"])
    ]


def _choice(item: vocabulary.Term) -> str:
    """A county stands behind its region, because 朝阳区 alone could be anywhere."""
    if isinstance(item, vocabulary.Division) and not item.is_region:
        region = vocabulary.division(item.region)
        return f"{region.name_zh} · {item.name_zh}" if region else item.name_zh
    return item.label_zh


def jl_label(name: str, value: str) -> str:
    """The label of a value in the reader's language; an unknown value stays as it is.

    Args:
        name: a list that ``vocabulary.terms`` knows.
        value: the stored code.
    """
    found = vocabulary.division(value) if name == "divisions" else vocabulary.term(name, value)
    return found.label(_locale()) if found else value


def _locale() -> str:
    """The reader's language; outside a request the portal's."""
    return (tk.h.lang() if has_request_context() else "") or tk.config["ckan.locale_default"]


def jl_facet_label(facet: str, value: str) -> str:
    """The label of a facet's value; empty where the facet's values name themselves.

    Args:
        facet: field of the index.
        value: value in the index.
    """
    name = _FACETS.get(facet)
    return jl_label(name, value) if name else ""
