"""Validators of our schemas.

One rule stands above all of them: a form blocks, a harvest warns and keeps the source's value. A
validator that refuses a value therefore lets it pass for a harvested dataset; the harvest reports
it as a finding of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.common import _
from ckan.lib.navl.dictization_functions import missing
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey

from ckanext.scheming.validation import scheming_validator

from ckanext.jilinopen.catalogue import codes, computed, crosswalk, naming, vocabulary
from ckanext.jilinopen.catalogue.dates import SHANGHAI, parse_date
from ckanext.jilinopen.catalogue.harvested import group_extras, is_empty, is_harvested
from ckanext.jilinopen.catalogue.text import fold, squeeze, tidy

__all__ = [
    "jl_choice",
    "jl_contact",
    "jl_dataset_after",
    "jl_dataset_before",
    "jl_date",
    "jl_document_number",
    "jl_email",
    "jl_tidy",
    "jl_format",
    "jl_index_number",
    "jl_json_list",
    "jl_json_object",
    "jl_level_of_region",
    "jl_link",
    "jl_max_length",
    "jl_multiple_choice",
    "jl_not_future",
    "jl_notes",
    "jl_parent",
    "jl_required",
    "jl_required_if",
    "jl_resource_code",
    "jl_tag_string",
    "jl_title",
    "jl_url",
    "jl_uscc",
    "jl_year",
    "tag_length_validator",
]

Invalid = tk.Invalid
StopOnError = tk.StopOnError
Check = Callable[[FlattenKey, FlattenDataDict, FlattenErrorDict, Context], None]

TITLE_LIMIT = 100
TAGS = range(1, 11)
TAG_LENGTHS = range(1, 101)
THEMES = range(1, 4)
FIRST_YEAR = 1949

_EMPTY_TITLES = re.compile(r"^(?:表\d*|sheet\d*|新建.*|工作簿\d*|未命名.*|测试\d*)$", re.IGNORECASE)
_EMAIL = re.compile(r"^[^@\s<>\"']{1,64}@[^@\s<>\"']+\.[^@\s<>\"']{2,}$")
_SCHEME = re.compile(r"^\s*([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_SAFE_SCHEMES = frozenset({"http", "https", "ftp"})
_URL = re.compile(r"^https?://[^\s<>\"]{1,2000}$", re.IGNORECASE)


def _refuse(
    key: FlattenKey,
    data: FlattenDataDict,
    errors: FlattenErrorDict,
    context: Context,
    message: str,
) -> None:
    """An error for somebody who edits here, nothing for a harvested dataset."""
    if not is_harvested(data, context):
        errors.setdefault(key, []).append(message)
        raise StopOnError


def _drop_and_stop(key: FlattenKey, data: FlattenDataDict) -> None:
    data.pop(key, None)
    raise StopOnError


# --- presence ----------------------------------------------------------------------------------


@scheming_validator
def jl_required(field: dict[str, Any], schema: dict[str, Any]) -> Check:
    """Ask for a value where the field says ``required: true``, except from a harvest."""

    def check(
        key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
    ) -> None:
        if not is_empty(data.get(key)):
            return
        if field.get("required"):
            _refuse(key, data, errors, context, _("Missing value"))
        _drop_and_stop(key, data)

    return check


def jl_required_if(name: str, *values: str) -> Check:
    """Ask for a value where another field has one of some values.

    Args:
        name: the other field.
        values: what it may hold for this one to be needed.
    """

    def check(
        key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
    ) -> None:
        if not is_empty(data.get(key)):
            return
        if data.get((*key[:-1], name)) in values:
            _refuse(key, data, errors, context, _("Missing value"))
        _drop_and_stop(key, data)

    return check


# --- text --------------------------------------------------------------------------------------


def jl_tidy(value: Any) -> Any:
    """Full-width letters to half-width, white space to single blanks."""
    return tidy(value) if isinstance(value, str) else value


def jl_max_length(limit: int) -> Check:
    """Refuse text longer than a number of characters."""

    def check(
        key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
    ) -> None:
        value = data.get(key)
        if isinstance(value, str) and len(value) > limit:
            message = _("At most {limit} characters, this has {length}").format(
                limit=limit, length=len(value)
            )
            _refuse(key, data, errors, context, message)

    return check


def jl_title(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """A title says something and is the only one of its provider."""
    title = data[key] = tidy(str(data[key]))
    if _EMPTY_TITLES.match(title):
        message = _("“{title}” does not say what the data is about").format(title=title)
        _refuse(key, data, errors, context, message)
    if not is_harvested(data, context) and _title_taken(title, data, context):
        errors[key].append(_("This provider has a dataset of the same title already"))


def _title_taken(title: str, data: FlattenDataDict, context: Context) -> bool:
    owner = data.get(("owner_org",))
    organization = model.Group.get(owner) if isinstance(owner, str) and owner else None
    if organization is None:
        return False
    query = model.Session.query(model.Package.id).filter_by(
        title=title, owner_org=organization.id, state="active"
    )
    package = context.get("package")
    return any(package is None or row.id != package.id for row in query)


def jl_notes(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """An abstract says more than the title."""
    title = data.get(("title",))
    if isinstance(title, str) and squeeze(str(data[key])) == squeeze(title):
        _refuse(key, data, errors, context, _("The abstract only repeats the title"))


# --- values of controlled lists ----------------------------------------------------------------


def _known_value(name: str, value: str) -> str | None:
    """The value of a controlled list that a posted one means."""
    found = vocabulary.division(value) if name == "divisions" else vocabulary.term(name, value)
    return found.value if found else None


@scheming_validator
def jl_choice(field: dict[str, Any], schema: dict[str, Any]) -> Check:
    """One value of the list that the field names as its ``vocabulary``.

    A former division code is taken for today's.
    """
    name = field["vocabulary"]

    def check(
        key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
    ) -> None:
        value = str(data[key]).strip()
        found = _known_value(name, value)
        if found is None:
            message = _("“{value}” is not one of the allowed values").format(value=value)
            _refuse(key, data, errors, context, message)
        data[key] = found or value

    return check


@scheming_validator
def jl_multiple_choice(field: dict[str, Any], schema: dict[str, Any]) -> Check:
    """Several values of a list, in the list's order, stored as JSON.

    The field may give ``minimum`` and ``maximum``.
    """
    name = field["vocabulary"]
    most = field.get("maximum")

    def check(
        key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
    ) -> None:
        posted = _as_list(data.get(key))
        if not posted:
            if field.get("required"):
                _refuse(key, data, errors, context, _("Select at least one"))
            _drop_and_stop(key, data)
        values = [_known_value(name, value) or value for value in posted]
        order = [item.value for item in vocabulary.terms(name)]
        unknown = [value for value in values if value not in order]
        if unknown:
            message = _("“{value}” is not one of the allowed values").format(value=unknown[0])
            _refuse(key, data, errors, context, message)
        if most and len(set(values)) > most:
            message = _("Choose at most {limit}").format(limit=most)
            _refuse(key, data, errors, context, message)
        ranked = sorted(set(values), key=lambda value: (value not in order, value))
        known = [value for value in order if value in ranked]
        data[key] = computed.as_json(known + [value for value in ranked if value not in order])

    return check


def _as_list(value: Any) -> list[str]:
    """Values posted as a list, as one string, or as the JSON in which they are stored."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            value = [value]
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list | tuple):
        return []
    return [str(item).strip() for item in value if item not in (None, "")]


def jl_format(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """A file format as its lower-case extension; names and media types are understood."""
    value = data.get(key)
    if is_empty(value):
        return
    found = crosswalk.match_format(str(value))
    if found is None:
        message = _("Unknown format “{value}”").format(value=value)
        _refuse(key, data, errors, context, message)
    data[key] = found or fold(str(value)).lower()


# --- dates and numbers -------------------------------------------------------------------------


def jl_date(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """A date, or a date and time in Shanghai time, stored in ISO 8601."""
    found = parse_date(data[key]) if not isinstance(data[key], date) else data[key]
    if found is None:
        message = _("“{value}” is not a date; write it like 2026-03-05").format(value=data[key])
        _refuse(key, data, errors, context, message)
        return
    if isinstance(found, datetime) and found.tzinfo is None:
        found = found.replace(tzinfo=SHANGHAI)
    data[key] = found.isoformat()


def jl_year(value: Any) -> str:
    """A year since 1949, the next one included."""
    text = squeeze(str(value))
    last = datetime.now(SHANGHAI).year + 1
    if not text.isdecimal() or not FIRST_YEAR <= int(text) <= last:
        raise Invalid(
            _("A year between {first} and {last} is needed").format(first=FIRST_YEAR, last=last)
        )
    return text


def jl_not_future(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """A date that has come."""
    today = datetime.now(SHANGHAI).date().isoformat()
    if isinstance(data[key], str) and data[key][:10] > today:
        _refuse(key, data, errors, context, _("The date lies in the future"))


# --- contact -----------------------------------------------------------------------------------


def jl_email(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """An e-mail address."""
    value = data[key] = squeeze(str(data[key]))
    if value and not _EMAIL.match(value):
        message = _("“{value}” is not an e-mail address").format(value=value)
        _refuse(key, data, errors, context, message)


def jl_url(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """A web address that begins with http:// or https://."""
    value = data[key] = str(data[key]).strip()
    if not _URL.match(value):
        errors[key].append(_("A web address begins with http:// or https://"))


def jl_link(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """An address that a page may link to; a harvest's ``javascript:`` is dropped, not kept."""
    value = str(data[key])
    scheme = _SCHEME.match("".join(char for char in value if char.isprintable()))
    if scheme and scheme[1].lower() not in _SAFE_SCHEMES:
        data[key] = ""
        _refuse(key, data, errors, context, _("A web address begins with http:// or https://"))


def jl_contact(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """At least one telephone number or e-mail address under which the provider is reached."""
    stated = any(
        key[0] == "contact" and key[-1] in ("phone", "email") and not is_empty(value)
        for key, value in data.items()
    )
    if not stated and not is_harvested(data, context):
        message = _("Give a telephone number or an e-mail address of the provider")
        errors.setdefault(("contact", 0, "phone"), []).append(message)


# --- codes -------------------------------------------------------------------------------------


def jl_uscc(value: Any) -> Any:
    """A unified social credit code with the right check character."""
    code = codes.uscc(str(value))
    if not code or codes.is_uscc(code):
        return code
    expected = codes.uscc_check_character(code)
    if len(code) == 18 and expected:
        raise Invalid(
            _("Credit code {code}: the last character should be {expected}").format(
                code=code, expected=expected
            )
        )
    raise Invalid(_("A credit code has 18 digits and capital letters without I, O, S, V, Z"))


def _coded(read: Callable[[str], str | None], example: str) -> Check:
    def check(
        key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
    ) -> None:
        value = str(data[key])
        found = read(value)
        if found is None:
            message = _("“{value}” has not the form of {example}").format(
                value=value, example=example
            )
            _refuse(key, data, errors, context, message)
        data[key] = found or value

    return check


jl_resource_code = _coded(codes.resource_code, "307022000123/000001")
jl_index_number = _coded(codes.index_number, "11220000MB1726532P/2020-00754")
jl_document_number = _coded(codes.document_number, "吉政数字〔2020〕18号")


# --- JSON --------------------------------------------------------------------------------------


def jl_json_list(value: Any) -> str:
    """A list of texts, stored as JSON."""
    return computed.as_json(_as_list(value))


def jl_json_object(value: Any) -> str:
    """An object, given as such or as JSON, stored as JSON."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise Invalid(_("Not valid JSON")) from error
    if not isinstance(value, dict):
        raise Invalid(_("A JSON object is needed"))
    return computed.as_json(value)


# --- tags --------------------------------------------------------------------------------------


def jl_tag_string(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Tags typed in one line, split at commas, 、 and blanks; at least one is needed."""
    posted = data.pop(key, missing)
    if isinstance(posted, list):
        posted = ",".join(str(tag) for tag in posted)
    rows = {tag_key[1] for tag_key in data if tag_key[0] == "tags" and len(tag_key) == 3}
    if isinstance(posted, str):
        known = {data.get(("tags", row, "name")) for row in rows}
        start = max(rows, default=-1) + 1
        tags = [tag for tag in naming.clean_tags([posted]) if tag not in known]
        for index, tag in enumerate(tags, start=start):
            data["tags", index, "name"] = tag
            rows.add(index)
    if len(rows) not in TAGS:
        package = context.get("package")
        untouched = not rows and posted is missing and package and package.get_tags()
        message = _("Give between {least} and {most} keywords").format(
            least=TAGS.start, most=TAGS.stop - 1
        )
        if not untouched:
            _refuse(key, data, errors, context, message)
    raise StopOnError


def tag_length_validator(value: Any, context: Context) -> Any:
    """In place of CKAN's: one Han character is a word (水, 电), one letter is not."""
    if len(value) not in TAG_LENGTHS or (len(value) == 1 and not naming.is_han(value)):
        raise Invalid(
            _("Tag “{tag}” is too short or too long").format(tag=value[: TAG_LENGTHS.stop])
        )
    return value


# --- whole datasets ----------------------------------------------------------------------------

jl_dataset_before = computed.compute_fields


def jl_dataset_after(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """What can only be said of a dataset as a whole."""
    jl_contact(key, data, errors, context)
    if is_harvested(data, context):
        return
    names = computed.theme_names(data, context)
    if len(set(names)) not in THEMES:
        message = _("Choose between {least} and {most} themes").format(
            least=THEMES.start, most=THEMES.stop - 1
        )
        errors.setdefault(("jl_themes",), []).append(message)
    unknown = [name for name in names if model.Group.get(name) is None]
    if unknown:
        message = _("There is no theme “{theme}”; “ckan jilinopen init” creates the themes").format(
            theme=unknown[0]
        )
        errors.setdefault(("jl_themes",), []).append(message)


# --- organizations -----------------------------------------------------------------------------


def jl_level_of_region(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """The level of a department whose level is not given: that of its division."""
    if is_empty(data.get(key)):
        region = data.get((*key[:-1], "jl_region"))
        found = vocabulary.division(region) if isinstance(region, str) else None
        levels = {1: "province", 2: "prefecture", 3: "county"}
        data[key] = levels[found.level] if found else "province"


def jl_parent(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """The department above exists, and no department is above itself."""
    own = {data.get((*key[:-1], "name")), data.get((*key[:-1], "id"))}
    name = str(data[key])
    seen: set[str] = set()
    while name and name not in seen:
        seen.add(name)
        parent = model.Group.get(name)
        if parent is None or not parent.is_organization:
            errors[key].append(_("There is no department “{name}”").format(name=name))
            return
        if own & {parent.name, parent.id}:
            errors[key].append(_("A department cannot stand above itself"))
            return
        name = group_extras(parent).get("parent", "")
