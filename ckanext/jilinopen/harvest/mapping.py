"""From the words of a source to our fields and codes.

A value that no table knows never gets lost: the record keeps it in ``source_values`` and a finding
says so. Nothing here raises for a strange value; only a record without an id or a title is refused
(by ``rules.py``).
"""

from __future__ import annotations

import functools
import hashlib
import html
import importlib.resources
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import lxml.html
import msgspec
from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from ckanext.jilinopen.catalogue import crosswalk, naming, vocabulary
from ckanext.jilinopen.catalogue.dates import parse_date
from ckanext.jilinopen.harvest.config_model import SourceConfig
from ckanext.jilinopen.harvest.records import (
    DataItem,
    Dataset,
    Finding,
    RemoteFile,
    RemoteRecord,
    Resource,
    Severity,
)

__all__ = ["MAPPING_VERSION", "Mapped", "SourceContext", "map_record", "mapping_key"]

MAPPING_VERSION = 1
"""Raised whenever the code below maps the same words to other values."""

FALLBACK_THEME = "qita"
MAX_TITLE = 500
MAX_NOTES = 20_000
MAX_RESOURCES = 2_000
MAX_ITEMS = 500
MAX_VALUE = 200

NOTHING_SAID = frozenset({"", "无", "暂无", "空", "null", "None", "-", "--", "—", "——", "/"})

# Words that name a file without naming its format; they are no gap in our tables.
PLAIN_FILE = frozenset({"file", "文件", "data", "数据", "电子文件", "其他", "其它", "link", "链接"})

_MARKUP = re.compile(r"<[a-zA-Z/!][^>]{0,2000}>")
_WHOLE_TAG = re.compile(r"^(?=.{2,100}$)\w[\w .-]*$")
_MOBILE = re.compile(r"(?<!\d)(1[3-9]\d)[\s-]?(\d{4})[\s-]?(\d{4})(?!\d)")
_EMAIL = re.compile(r"^[^@\s<>\"']{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}$")
_OFFICE = re.compile(r"科|处|室|局|中心|办|股|站|院|馆|委|热线|电话|联系")
_NUMBER = re.compile(r"^\d[\d,，]*$")
_SIZE = re.compile(r"^([\d.,]+)\s*(B|字节|K|KB|M|MB|G|GB)?$", re.IGNORECASE)
_SIZE_UNITS = {
    "": 1,
    "B": 1,
    "字节": 1,
    "K": 1 << 10,
    "KB": 1 << 10,
    "M": 1 << 20,
    "MB": 1 << 20,
    "G": 1 << 30,
    "GB": 1 << 30,
}


@dataclass(frozen=True)
class SourceContext:
    """What the mapping has to know of the source a record comes from.

    Attributes:
        source_id: id of the harvest source; part of every identity.
        portal_title: shown as 来源平台.
        config: the source's settings with its own word tables.
    """

    source_id: str
    portal_title: str
    config: SourceConfig


@dataclass(frozen=True)
class Mapped:
    """A mapped record and what was noticed on the way."""

    dataset: Dataset
    findings: tuple[Finding, ...]


class _Notes:
    """Collects the findings of one record."""

    def __init__(self, remote_id: str) -> None:
        self._remote_id = remote_id
        self._findings: list[Finding] = []

    def warn(self, code: str, field: str, value: object = "") -> None:
        self._findings.append(
            Finding(
                code=code,
                severity=Severity.WARNING,
                field=field,
                value=str(value)[:MAX_VALUE],
                remote_id=self._remote_id,
            )
        )

    def all(self) -> tuple[Finding, ...]:
        return tuple(self._findings)


def map_record(record: RemoteRecord, source: SourceContext) -> Mapped:
    """Map one record.

    Args:
        record: the record in the words of its portal.
        source: the source it comes from, with its own word tables.

    Returns:
        The dataset in our codes and one finding for each value that could not be mapped.
    """
    notes = _Notes(record.remote_id)
    config = source.config
    division = _division(record, config, notes)
    open_type = _open_type(record, config, notes)
    issued, modified = _dates(record, notes)
    dataset = Dataset(
        remote_id=record.remote_id,
        title=_title(record, notes),
        notes=_text(record.description, MAX_NOTES, "notes", notes),
        provider=_provider(record, division, config, notes),
        division=division,
        themes=_themes(record, config, notes),
        industries=_industries(record, notes),
        tags=_tags(record),
        frequency=_frequency(record, config, notes),
        open_type=open_type,
        open_condition=_text(record.open_condition, 2_000, "jl_open_condition", notes),
        license_id=_license(record, open_type, config, notes),
        issued=issued,
        modified=modified,
        phone=_phone(record.phone, notes),
        email=_email(record.email, notes),
        contact_name=_contact_name(record.contact_name, notes),
        source_url=_http_url(record.url) or "",
        source_portal=source.portal_title,
        resources=_resources(record, config, notes),
        items=_items(record, notes),
        provenance=record.provenance[:MAX_NOTES],
        source_values=_source_values(record),
    )
    return Mapped(dataset, notes.all())


def _title(record: RemoteRecord, notes: _Notes) -> str:
    title = " ".join(record.title.split())
    if len(title) > MAX_TITLE:
        notes.warn("title.shortened", "title", title)
    return title[:MAX_TITLE]


def _text(value: str, limit: int, field: str, notes: _Notes) -> str:
    """Plain text of a remote description: markup of other sites is never stored."""
    text = html.unescape(value.replace("\\n", "\n")).strip()
    if _MARKUP.search(text):
        text = _without_markup(text)
    if len(text) > limit:
        notes.warn("text.shortened", field, f"{len(text)} > {limit}")
    return text[:limit]


def _without_markup(text: str) -> str:
    try:
        root = lxml.html.document_fromstring(f"<div>{text}</div>")
    except (etree.LxmlError, ValueError, AssertionError):
        return _MARKUP.sub(" ", text)
    for unwanted in root.xpath(".//script | .//style"):
        unwanted.drop_tree()
    for block in root.xpath(".//p | .//br | .//div | .//li | .//tr"):
        block.tail = "\n" + (block.tail or "")
    lines = (" ".join(line.split()) for line in root.text_content().splitlines())
    return "\n".join(line for line in lines if line)


def _division(record: RemoteRecord, config: SourceConfig, notes: _Notes) -> str:
    if record.division in NOTHING_SAID:
        return config.division
    found = crosswalk.match_division(record.division, config.division)
    if found is None:
        notes.warn("division.unmapped", "jl_region", record.division)
        return config.division
    if not vocabulary.is_within(found.code, config.division):
        notes.warn("division.foreign", "jl_region", record.division)
    return found.code


def _provider(record: RemoteRecord, division: str, config: SourceConfig, notes: _Notes) -> str:
    """Full name of the providing department, or "" to file the record under the source's own."""
    stated = " ".join(record.department.split())
    if stated in NOTHING_SAID:
        notes.warn("department.missing", "owner_org")
        return ""
    if stated in config.departments:
        return config.departments[stated]
    known = crosswalk.match_department(stated, division)
    if known is not None:
        return known.name_zh
    notes.warn("department.unmapped", "owner_org", stated)
    if config.unknown_department == "source":
        return ""
    return crosswalk.official_department_name(stated, division)


def _themes(record: RemoteRecord, config: SourceConfig, notes: _Notes) -> tuple[str, ...]:
    slugs: dict[str, None] = {}
    stated = [theme for theme in record.themes if theme.strip() not in NOTHING_SAID]
    for theme in stated:
        found = _mapped_theme(theme.strip(), config)
        if not found:
            notes.warn("theme.unmapped", "groups", theme)
        slugs.update(dict.fromkeys(found))
    if not stated:
        notes.warn("theme.missing", "groups")
    if len(slugs) > 1:
        slugs.pop(FALLBACK_THEME, None)
    return tuple(slugs) or (FALLBACK_THEME,)


def _mapped_theme(theme: str, config: SourceConfig) -> Iterable[str]:
    if theme in config.themes:
        return [config.themes[theme]]
    return crosswalk.match_theme(theme)


def _industries(record: RemoteRecord, notes: _Notes) -> tuple[str, ...]:
    letters: dict[str, None] = {}
    for stated in record.industries:
        if stated.strip() in NOTHING_SAID:
            continue
        found = crosswalk.match_industry(stated)
        if not found:
            notes.warn("industry.unmapped", "jl_industry", stated)
        letters.update(dict.fromkeys(found))
    return tuple(letters)


def _tags(record: RemoteRecord) -> tuple[str, ...]:
    """The source's tags; a list of words in one tag is split, a tag that CKAN takes stays whole.

    Some portals repeat theme and industry among the tags; those have fields of their own.
    """
    own_fields = {*record.themes, *record.industries}
    tags: dict[str, None] = {}
    for tag in record.tags:
        text = " ".join(tag.split())
        if text in own_fields:
            continue
        tags.update(dict.fromkeys([text] if _WHOLE_TAG.match(text) else naming.clean_tags([text])))
    return tuple(tags)[: naming.TAG_COUNT]


def _frequency(record: RemoteRecord, config: SourceConfig, notes: _Notes) -> str:
    stated = record.frequency.strip()
    if stated in config.frequencies:
        return config.frequencies[stated]
    if stated in NOTHING_SAID:
        notes.warn("frequency.missing", "frequency")
        return "unknown"
    found = crosswalk.match_frequency(stated)
    if found is None:
        notes.warn("frequency.unmapped", "frequency", stated)
    return found or "unknown"


def _open_type(record: RemoteRecord, config: SourceConfig, notes: _Notes) -> str:
    """Openness, or "" where the source does not say: nobody else may promise it for the source."""
    stated = record.open_type.strip()
    if stated in config.open_types:
        return config.open_types[stated]
    if stated in NOTHING_SAID:
        notes.warn("openness.missing", "jl_open_type")
        return ""
    found = crosswalk.match_open_type(stated)
    if found is None:
        notes.warn("openness.unmapped", "jl_open_type", stated)
    return found or ""


def _license(record: RemoteRecord, open_type: str, config: SourceConfig, notes: _Notes) -> str:
    stated = record.license.strip()
    if vocabulary.licence(stated):
        return stated
    if stated not in NOTHING_SAID:
        notes.warn("license.unmapped", "license_id", stated)
        return "notspecified"
    if open_type == "unconditional":
        return config.default_license
    return "jilin-conditional" if open_type == "conditional" else "notspecified"


def _dates(record: RemoteRecord, notes: _Notes) -> tuple[str, str]:
    issued = _date(record.issued, "issued", notes)
    modified = _date(record.modified, "modified", notes)
    if issued and modified and modified[:10] < issued[:10]:
        notes.warn("date.order", "modified", f"{record.issued} > {record.modified}")
    return issued[:10], modified


def _date(stated: str, field: str, notes: _Notes) -> str:
    if stated.strip() in NOTHING_SAID:
        return ""
    found = parse_date(stated)
    if found is None:
        notes.warn("date.unreadable", field, stated)
        return ""
    return found.isoformat()


def _phone(stated: str, notes: _Notes) -> str:
    """Office telephone; a mobile number belongs to a person and is masked (PIPL art. 4, 6)."""
    phone = "" if stated.strip() in NOTHING_SAID else " ".join(stated.split())[:100]
    masked = _MOBILE.sub(r"\1****\3", phone)
    if masked != phone:
        notes.warn("contact.mobile", "contact", masked)
    return masked


def _email(stated: str, notes: _Notes) -> str:
    email = stated.strip()
    if email in NOTHING_SAID:
        return ""
    if not _EMAIL.match(email):
        notes.warn("contact.email_invalid", "contact", email)
        return ""
    return email


def _contact_name(stated: str, notes: _Notes) -> str:
    """An office may be named, a person may not (the record is about data, not about people)."""
    name = stated.strip()
    if name in NOTHING_SAID:
        return ""
    if _OFFICE.search(name) or len(name) > 8:
        return name[:100]
    notes.warn("contact.person", "contact")
    return ""


def _resources(record: RemoteRecord, config: SourceConfig, notes: _Notes) -> tuple[Resource, ...]:
    files = record.files
    if len(files) > MAX_RESOURCES:
        notes.warn("resources.capped", "resources", len(files))
        files = files[:MAX_RESOURCES]
    resources: dict[str, Resource] = {}
    for remote in files:
        resource = _resource(remote, config, notes)
        if resource is not None:
            resources[_free_key(resource.key, resources)] = resource
    present = {resource.format for resource in resources.values()}
    for extra in _stated_formats(record, config, notes):
        if extra not in present:
            page = _page_resource(record, extra)
            if page is not None:
                resources[page.key] = page
    return tuple(
        resource if key == resource.key else _with_key(resource, key)
        for key, resource in resources.items()
    )


def _free_key(key: str, taken: Mapping[str, Any]) -> str:
    """The key itself, or with a number where the source lists one file id twice."""
    free, number = key, 1
    while free in taken:
        number += 1
        free = f"{key}#{number}"
    return free


def _with_key(resource: Resource, key: str) -> Resource:
    return msgspec.structs.replace(resource, key=key)


def _resource(remote: RemoteFile, config: SourceConfig, notes: _Notes) -> Resource | None:
    url = _http_url(remote.url)
    if url is None:
        notes.warn("resource.url_refused", "resources", remote.url)
        return None
    stated = remote.format or _suffix(remote.name)
    return Resource(
        key=remote.file_id or url,
        name=" ".join(remote.name.split())[:MAX_TITLE] or url.rsplit("/", 1)[-1],
        url=url,
        format="api" if remote.is_service else _format(stated, config, notes),
        description=_text(remote.description, 2_000, "resources", notes),
        size=_size(remote.size),
        row_count=_count(remote.rows),
        modified=_date(remote.modified, "resources", notes),
    )


def _stated_formats(record: RemoteRecord, config: SourceConfig, notes: _Notes) -> Iterable[str]:
    formats: dict[str, None] = {}
    for stated in record.formats:
        formats.setdefault(_format(stated, config, notes))
    return formats


def _format(stated: str, config: SourceConfig, notes: _Notes) -> str:
    word = stated.strip()
    if word in config.formats:
        return config.formats[word]
    if word in NOTHING_SAID or word.lower() in PLAIN_FILE:
        return ""
    found = crosswalk.match_format(word)
    if found is None:
        notes.warn("format.unmapped", "resources", word)
    return found or ""


def _page_resource(record: RemoteRecord, format_: str) -> Resource | None:
    """A link to the source's own page, for a format that the source offers only there."""
    url = _http_url(record.url)
    if url is None or (not format_ and (record.files_known or record.files)):
        return None
    label = f"（{format_.upper()}）" if format_ else ""
    return Resource(
        key=f"page:{format_}", name=f"{record.title}{label}"[:MAX_TITLE], url=url, format=format_
    )


def _items(record: RemoteRecord, notes: _Notes) -> tuple[DataItem, ...]:
    if len(record.items) > MAX_ITEMS:
        notes.warn("items.capped", "jl_items", len(record.items))
    return tuple(
        DataItem(
            name=item.name[:100],
            label_zh=(item.label or item.name)[:100],
            data_type=_item_type(item.data_type),
            length=item.length[:20],
            definition=item.description[:1_000],
        )
        for item in record.items[:MAX_ITEMS]
    )


def _item_type(stated: str) -> str:
    """Letter of a 信息项's data type, or "" where the table does not know the word."""
    word = stated.strip()
    for term in vocabulary.terms("item_types"):
        if word in (term.value, term.label_zh, *term.aliases):
            return term.value
    return ""


def _source_values(record: RemoteRecord) -> dict[str, Any]:
    """The source's own words for each field that was mapped; empty ones are left out."""
    stated: dict[str, Any] = {
        "department": record.department,
        "department_code": record.department_code,
        "division": record.division,
        "themes": list(record.themes),
        "industries": list(record.industries),
        "frequency": record.frequency,
        "open_type": record.open_type,
        "license": record.license,
        "issued": record.issued,
        "modified": record.modified,
        "formats": list(record.formats),
        "extra": dict(record.extra),
    }
    return {name: value for name, value in stated.items() if value}


def _http_url(stated: str) -> str | None:
    url = stated.strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    usable = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    return url if usable and len(url) <= 4_000 else None


def _suffix(name: str) -> str:
    return name.rsplit(".", 1)[-1] if "." in name[-6:] else ""


def _count(stated: str) -> int | None:
    text = stated.strip()
    return int(re.sub(r"[,，]", "", text)) if _NUMBER.match(text) and len(text) < 20 else None


def _size(stated: str) -> int | None:
    """Bytes of a size such as ``12,345``, ``3.2 MB`` or ``18KB``; None where it is not one."""
    found = _SIZE.match(stated.strip())
    if not found:
        return None
    try:
        number = float(found[1].replace(",", ""))
    except ValueError:
        return None
    size = int(number * _SIZE_UNITS[(found[2] or "").upper()])
    return size if 0 <= size < 1 << 50 else None


def mapping_key(config: SourceConfig) -> str:
    """Digest of all that decides how words are mapped: this code, the tables, the settings.

    A stored record whose key differs is mapped anew from its stored words, without a request.
    """
    parts = (str(MAPPING_VERSION).encode(), _tables_digest(), msgspec.json.encode(config))
    return hashlib.sha256(b"\n".join(parts)).hexdigest()[:16]


@functools.cache
def _tables_digest() -> bytes:
    folder = importlib.resources.files("ckanext.jilinopen.schemas") / "vocabularies"
    digest = hashlib.sha256()
    for table in sorted(folder.iterdir(), key=lambda item: item.name):
        if table.name.endswith(".csv"):
            digest.update(table.name.encode() + b"\n" + table.read_bytes())
    return digest.digest()
