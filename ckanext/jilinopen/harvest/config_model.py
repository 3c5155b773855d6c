"""The settings of one harvest source, read from the JSON that CKAN stores with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

__all__ = ["SourceConfig", "parse_config"]

Code = Annotated[str, msgspec.Meta(pattern=r"^\d{6}$|^[a-z][a-z0-9-]{1,30}$")]


class SourceConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of one source.

    Attributes:
        family: portal family, e.g. ``odweb``.
        division: code of the division that the portal speaks for; records without a division of
            their own get it.
        region_code: the portal's own region filter where it differs from ``division``.
        portal_title: the name shown as 来源平台; empty means the source's title.
        page_size: rows asked for at once; 0 means the family's usual size.
        pace: seconds between two requests to the same host; ``None`` means the site's setting.
        max_records: a listing longer than this is a fault of the portal, not a catalogue.
        details: ``changed`` reads details of new and changed records, ``always`` of all.
        api_key: sent to portals that ask for one (CKAN: the ``Authorization`` header).
        removal: what happens to datasets that the source no longer lists.
        grace_days: days that a vanished dataset is kept before ``removal`` acts.
        unknown_department: ``create`` makes the organization, ``source`` files the dataset under
            the source's own organization.
        default_license: licence of unconditionally open datasets whose source names none.
        themes, departments, frequencies, open_types, formats: the source's words mapped by hand;
            they go before the portal's own tables.
    """

    family: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    division: Code = "220000"
    region_code: str = ""
    portal_title: Annotated[str, msgspec.Meta(max_length=100)] = ""
    page_size: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    pace: Annotated[float, msgspec.Meta(ge=0, le=60)] | None = None
    max_records: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 200_000
    details: Literal["changed", "always"] = "changed"
    api_key: str = ""
    removal: Literal["keep", "delete"] = "keep"
    grace_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 7
    unknown_department: Literal["create", "source"] = "create"
    default_license: str = "jilin-open-1.0"
    themes: Mapping[str, str] = {}
    departments: Mapping[str, str] = {}
    frequencies: Mapping[str, str] = {}
    open_types: Mapping[str, str] = {}
    formats: Mapping[str, str] = {}


def parse_config(text: str | None) -> SourceConfig:
    """Read a source's settings.

    Raises:
        msgspec.ValidationError: a setting is unknown or has the wrong type; the message names it.
        msgspec.DecodeError: the text is not JSON.
    """
    return msgspec.json.decode((text or "{}").encode(), type=SourceConfig)
