"""From our record of a dataset to the dictionary that CKAN's actions take. Pure."""

from __future__ import annotations

from typing import Any

from ckanext.jilinopen.harvest.plan import resource_id
from ckanext.jilinopen.harvest.records import DataItem, Dataset, Resource

__all__ = ["package_dict"]


def package_dict(dataset: Dataset, *, package_id: str, name: str, owner_org: str) -> dict[str, Any]:
    """The dataset as ``package_create`` and ``package_update`` take it.

    Args:
        dataset: the mapped record.
        package_id: its id here; resource ids derive from it.
        name: its address; kept for ever once given.
        owner_org: id of the providing organization.

    Returns:
        A dictionary with our scheming fields; empty values are left out.
    """
    fields: dict[str, Any] = {
        "id": package_id,
        "name": name,
        "type": "dataset",
        "state": "active",
        "title": dataset.title,
        "notes": dataset.notes,
        "owner_org": owner_org,
        "private": dataset.open_type == "none",
        "groups": [{"name": theme} for theme in dataset.themes],
        "tags": [{"name": tag} for tag in dataset.tags],
        "license_id": dataset.license_id,
        "issued": dataset.issued,
        "modified": dataset.modified,
        "frequency": dataset.frequency,
        "provenance": dataset.provenance,
        "contact": _contact(dataset),
        "jl_region": dataset.division,
        "jl_industry": list(dataset.industries),
        "jl_open_type": dataset.open_type,
        "jl_open_condition": dataset.open_condition,
        "jl_source_portal": dataset.source_portal,
        "jl_source_url": dataset.source_url,
        "jl_source_id": dataset.remote_id,
        "jl_source_values": dict(dataset.source_values),
        "jl_items": [_item(item) for item in dataset.items],
        "resources": [_resource(package_id, resource) for resource in dataset.resources],
    }
    always = {"private", "groups", "tags", "resources", "notes"}
    return {key: value for key, value in fields.items() if value or key in always}


def _contact(dataset: Dataset) -> list[dict[str, str]]:
    stated = {"name": dataset.contact_name, "email": dataset.email, "phone": dataset.phone}
    contact = {key: value for key, value in stated.items() if value}
    return [contact] if contact else []


def _item(item: DataItem) -> dict[str, str]:
    stated = {
        "name": item.name,
        "label_zh": item.label_zh,
        "data_type": item.data_type,
        "length": item.length,
        "definition": item.definition,
    }
    return {key: value for key, value in stated.items() if value}


def _resource(package_id: str, resource: Resource) -> dict[str, Any]:
    stated: dict[str, Any] = {
        "id": resource_id(package_id, resource.key),
        "name": resource.name,
        "url": resource.url,
        "format": resource.format,
        "description": resource.description,
        "size": resource.size,
        "modified": resource.modified,
        "jl_row_count": resource.row_count,
    }
    return {key: value for key, value in stated.items() if value not in ("", None)}
