"""Enrichment of the documents that CKAN sends to Solr. Pure.

The stock schema is enough: ``vocab_*`` is a list of strings, ``extras_*`` is analysed text, and
both are copied to the field that a plain query searches.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ckanext.jilinopen.catalogue import vocabulary

__all__ = ["LABELS", "REGION", "enriched"]

Document = dict[str, Any]

REGION = "vocab_jl_region"
LABELS = "extras_jl_labels"

# Solr refuses an indexed string of more than 32,766 bytes; this leaves room for its own marks.
STRING_BYTES = 32_000

# Structures stored as JSON. As text they are noise in the index; what they say to a searcher is
# put into the labels.
_STRUCTURES = ("contact", "jl_items", "jl_source_values", "temporal_coverage", "theme")


def enriched(document: Document) -> Document:
    """A document with regions, searchable labels and compact JSON.

    Args:
        document: as ``before_dataset_index`` gets it; it is changed in place.
    """
    shown = json.loads(document.get("validated_data_dict") or "{}")
    for name in _STRUCTURES:
        document.pop(name, None)
        document.pop(f"extras_{name}", None)
    regions = _regions(str(document.get("jl_region") or ""))
    if regions:
        document[REGION] = regions
    for name in ("jl_industry", "jl_open_method", "language"):
        values = shown.get(name)
        document.pop(name, None)
        document.pop(f"extras_{name}", None)
        if isinstance(values, list) and values:
            document[f"vocab_{name}"] = values
    labels = dict.fromkeys(label for label in _labels(shown) if label)
    document[LABELS] = "\n".join(labels)
    # Chinese takes six bytes a character in ASCII JSON, three in UTF-8.
    document["validated_data_dict"] = _compact(shown)
    if isinstance(document.get("data_dict"), str):
        document["data_dict"] = _compact(json.loads(document["data_dict"]))
    return {name: _fitting(name, value) for name, value in document.items()}


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _regions(code: str) -> list[str]:
    """A division and those above it up to its region; the province stands only for itself."""
    found = vocabulary.division(code)
    if found is None:
        return []
    above = [item.code for item in vocabulary.ancestors(found.code) if item.level > 1]
    return [found.code, *above]


def _labels(shown: Document) -> Iterator[str]:
    """Words by which people look for a dataset and that stand in it only as codes."""
    organization = shown.get("organization") or {}
    yield organization.get("title") or ""
    department = vocabulary.department(organization.get("name") or "")
    if department:
        yield department.short_name
    for group in shown.get("groups") or []:
        yield group.get("title") or group.get("display_name") or ""
    region = vocabulary.division(shown.get("jl_region") or "")
    if region:
        yield region.name_zh
        yield from (item.name_zh for item in vocabulary.ancestors(region.code))
    yield shown.get("jl_source_portal") or ""
    for code in shown.get("jl_industry") or []:
        industry = vocabulary.industry(code)
        yield industry.label_zh if industry else ""
    for item in shown.get("jl_items") or []:
        yield item.get("label_zh") or ""


def _fitting(name: str, value: Any) -> Any:
    """A value that Solr takes; longer strings are cut between two characters."""
    if isinstance(value, str) and not name.startswith(("extras_", "res_extras_")):
        stored_only = name in ("data_dict", "validated_data_dict", "notes", "title")
        if not stored_only and len(value.encode()) > STRING_BYTES:
            return value.encode()[:STRING_BYTES].decode("utf-8", "ignore")
    return value
