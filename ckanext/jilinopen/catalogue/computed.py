"""Fields that follow from others, worked out before a dataset is validated.

What somebody posts in them is not an error, it is replaced: editors see these fields, and
harvesters send them back.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime

from ckan import model
from ckan.lib.navl.dictization_functions import missing
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey

from ckanext.jilinopen.catalogue import naming, vocabulary
from ckanext.jilinopen.catalogue.dates import SHANGHAI
from ckanext.jilinopen.catalogue.harvested import (
    SOURCE_FIELDS,
    group_extras,
    is_empty,
    is_harvested,
    is_trusted,
    stored,
)
from ckanext.jilinopen.catalogue.text import key as word_key

__all__ = ["as_json", "compute_fields", "theme_names"]


def compute_fields(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Settle the source fields, then fill every computed field of a dataset.

    This is the schema's ``before_validators``.
    """
    _settle_source(data, context)
    _take_themes(data)
    _set(data, "theme", _eu_themes(data, context))
    _set(data, "jl_open_flag", _open_flag(data))
    _set(data, "jl_provider_code", _provider_code(data))
    _set(data, "issued", _issued(data, context))
    _set(data, "modified", _modified(data, context))
    _set(data, "identifier", stored(context).get("identifier"))
    _name_it(data)
    _close_if_not_open(data)
    for index in _indexes(data, "resources"):
        _set_format_category(data, index)


def _set(data: FlattenDataDict, name: str, value: object) -> None:
    data[(name,)] = missing if is_empty(value) else value


def _indexes(data: FlattenDataDict, name: str) -> list[int]:
    return sorted({key[1] for key in data if key[0] == name and len(key) == 3})


def _settle_source(data: FlattenDataDict, context: Context) -> None:
    """A trusted caller states the source as a whole; for anybody else it stays as it is."""
    if is_trusted(context) and not is_empty(data.get(("jl_source_id",))):
        return
    before = stored(context)
    for name in SOURCE_FIELDS:
        _set(data, name, before.get(name))


def _take_themes(data: FlattenDataDict) -> None:
    """The form posts themes as ``jl_themes``, because CKAN's forms have no field for groups."""
    posted = data.get(("jl_themes",))
    data[("jl_themes",)] = missing
    if posted is missing or posted is None:
        return
    slugs = [posted] if isinstance(posted, str) else list(posted)
    for old in [old for old in data if old[0] == "groups"]:
        del data[old]
    for index, slug in enumerate(slug for slug in slugs if slug):
        data[("groups", index, "name")] = slug


def theme_names(data: FlattenDataDict, context: Context) -> list[str]:
    """Names of the groups that a dataset will be in."""
    rows = _indexes(data, "groups")
    if not rows:
        package = context.get("package")
        posted = any(key[0] == "groups" for key in data)
        return [] if posted or package is None else [group.name for group in package.get_groups()]
    names = (_group_name(data, index) for index in rows)
    return [name for name in names if name]


def _group_name(data: FlattenDataDict, index: int) -> str:
    name = data.get(("groups", index, "name"))
    if not is_empty(name):
        return str(name)
    group_id = data.get(("groups", index, "id"))
    group = None if is_empty(group_id) else model.Group.get(group_id)
    return (group.name or "") if group else ""


def _eu_themes(data: FlattenDataDict, context: Context) -> list[str]:
    found: dict[str, None] = {}
    for name in theme_names(data, context):
        theme = vocabulary.theme(name)
        for code in theme.eu_data_theme if theme else ():
            concept = vocabulary.eu_theme(code)
            if concept:
                found[concept.uri] = None
    return list(found)


def _open_flag(data: FlattenDataDict) -> str:
    found = vocabulary.open_type(_text(data, "jl_open_type"))
    return found.open_flag if found else ""


def _text(data: FlattenDataDict, name: str) -> str:
    value = data.get((name,))
    return value if isinstance(value, str) else ""


def _provider_code(data: FlattenDataDict) -> str:
    owner = _text(data, "owner_org")
    group = model.Group.get(owner) if owner else None
    return group_extras(group).get("jl_uscc", "") if group else ""


def _today() -> str:
    return datetime.now(SHANGHAI).date().isoformat()


def _issued(data: FlattenDataDict, context: Context) -> str:
    """The source's date for harvested datasets, else the day of the first save."""
    posted = _text(data, "issued")
    if is_harvested(data, context) and posted:
        return posted
    return stored(context).get("issued") or _today()


def _modified(data: FlattenDataDict, context: Context) -> str:
    """The source's date for harvested datasets, else the last change of a file."""
    posted = _text(data, "modified")
    if is_harvested(data, context) and posted:
        return posted
    changes = [
        value
        for index in _indexes(data, "resources")
        for name in ("modified", "last_modified", "created")
        if isinstance(value := data.get(("resources", index, name)), str)
    ]
    return max(changes, default="") or stored(context).get("modified") or _today()


def _name_it(data: FlattenDataDict) -> None:
    """An address from the title for datasets made without one."""
    if is_empty(data.get(("name",))):
        data[("name",)] = naming.dataset_name(_text(data, "title"), uuid.uuid4().hex)


def _close_if_not_open(data: FlattenDataDict) -> None:
    found = vocabulary.open_type(_text(data, "jl_open_type"))
    if found and found.private:
        data[("private",)] = True


def _set_format_category(data: FlattenDataDict, index: int) -> None:
    value = data.get(("resources", index, "format"))
    found = vocabulary.file_format(word_key(value)) if isinstance(value, str) else None
    category = found.category if found and found.category != "0" else missing
    data[("resources", index, "jl_format_category")] = category


def as_json(value: object) -> str:
    """JSON as it is stored in an extra: readable Chinese, stable order of keys."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
