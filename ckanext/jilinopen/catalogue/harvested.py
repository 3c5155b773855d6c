"""What makes a dataset a harvested one, and who may say so.

A form blocks bad values, a harvest warns and keeps what the source says. So validators ask here
first. The four fields that name the source are trusted only from the harvest and from system
administrators; others could use them to pass the checks.
"""

from __future__ import annotations

from typing import Any

from ckan import authz, model
from ckan.lib.navl.dictization_functions import missing
from ckan.types import Context, FlattenDataDict

__all__ = [
    "CONTEXT_FLAG",
    "SOURCE_FIELDS",
    "group_extras",
    "is_empty",
    "is_harvested",
    "is_trusted",
    "stored",
]

CONTEXT_FLAG = "jl_harvested"
SOURCE_FIELDS = ("jl_source_portal", "jl_source_url", "jl_source_id", "jl_source_values")


def is_empty(value: Any) -> bool:
    """Whether a posted value says nothing."""
    return value is missing or value is None or value in ("", [], {})


def is_harvested(data: FlattenDataDict, context: Context) -> bool:
    """Whether the dataset under validation came from a source."""
    return bool(context.get(CONTEXT_FLAG)) or not is_empty(data.get(("jl_source_id",)))


def is_trusted(context: Context) -> bool:
    """Whether the caller may say where a dataset came from."""
    return bool(
        context.get(CONTEXT_FLAG)
        or context.get("ignore_auth")
        or authz.is_sysadmin(context.get("user"))
    )


def group_extras(group: model.Group) -> dict[str, str]:
    """The extras of a group or organization as they are stored."""
    return dict(group.extras)  # pyright: ignore[reportAttributeAccessIssue]  # CKAN declares none


def stored(context: Context) -> dict[str, str]:
    """The extras of the dataset as it is stored, empty for a new one."""
    package = context.get("package")
    return dict(package.extras) if package else {}
