"""What rows, pages and file lists of the older Inspur product (浪潮 odweb) say.

Pure: takes parsed JSON and HTML, asks nobody. Protocol facts: reference/portals.md, section 1.B.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin

import msgspec

from ckanext.jilinopen.harvest.portals.pages import (
    Shown,
    class_test,
    labelled_within,
    read_items,
    shown_tags,
    text_of,
)
from ckanext.jilinopen.harvest.portals.paging import is_success
from ckanext.jilinopen.harvest.portals.values import (
    MAX_FILES,
    MAX_ITEMS,
    MAX_PROSE,
    MAX_TITLE,
    contact,
    digest,
    extra_values,
    first,
    identity,
    line,
    mappings,
    plain,
    prose,
    split_tags,
    split_words,
)
from ckanext.jilinopen.harvest.records import Entry, RemoteFile, RemoteItem, RemoteRecord

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = [
    "Detail",
    "division_of",
    "entry_of",
    "merge",
    "over",
    "parse_app_detail",
    "parse_detail",
    "parse_files",
    "parse_row",
    "parse_services",
    "stamp_of",
]

_VOLATILE = re.compile(
    r"^(use_|conf_view_num$|view|visit|down_?load|draw$|row_?num|rn$|is_?fav|score|grade|hot)"
    r"|(_visit|_views?|_hits?|visits?_count|apply_count|download_count)$",
    re.IGNORECASE,
)
_COUNTS_OF_CONTENT = ("data_count", "file_count", "api_count")
_UPDATE_KEYS = (
    "update_time",
    "conf_update_time",
    "conf_data_update_time",
    "conf_datafile_update_time",
    "data_update_time",
    "datafile_update_time",
    "updateTime",
)
_RELEASE_KEYS = ("released_time", "conf_released_time", "release_time", "create_time")
_KEPT_KEYS = (
    "cata_id",
    "cata_title",
    "description",
    "cata_code",
    "org_code",
    "org_name",
    "region_code",
    "open_type",
    "cata_tags",
    "cata_items",
    "conf_update_cycle",
    "conf_update_cycle_user",
    "conf_use_type",
    "conf_catalog_format",
    "suffixes",
    "cataLogGroups",
    "cataLogIndustrys",
    "catalogStatistic",
    "contact_name",
    "contact_phone",
    "contact_email",
    "columns",
    "total_storage",
    "openresdataCount",
    *_UPDATE_KEYS,
    *_RELEASE_KEYS,
)

_FORMAT_CODES: Mapping[str, str] = {"1": "xls", "2": "xml", "3": "json", "4": "csv"}
_USE_CODES: Mapping[str, str] = {"2": "file", "3": "api"}
_OPEN_CODES: Mapping[str, str] = {"1": "无条件开放", "3": "有条件开放"}
_CYCLE_CODES: Mapping[str, str] = {"0": "实时", "2": "每日", "5": "每半年", "7": "每年"}
"""Only codes that every known city uses alike; 4 is 每月 in one city and 每季度 in another."""

_LABELS: Mapping[str, str] = {
    "来源部门": "department",
    "提供部门": "department",
    "数据提供方": "department",
    "提供单位": "department",
    "所属部门": "department",
    "所属主题": "themes",
    "主题": "themes",
    "主题分类": "themes",
    "所属领域": "themes",
    "所属行业": "industries",
    "行业": "industries",
    "发布时间": "issued",
    "发布日期": "issued",
    "首次发布时间": "issued",
    "目录发布/更新时间": "catalogued",
    "最后更新": "modified",
    "最后更新时间": "modified",
    "更新时间": "modified",
    "数据更新时间": "modified",
    "更新日期": "modified",
    "资源发布/更新时间": "renewed",
    "开放状态": "open_type",
    "开放类型": "open_type",
    "条件开放": "open_type",
    "开放属性": "open_type",
    "开放方式": "open_type",
    "开放条件": "open_condition",
    "更新频率": "frequency",
    "更新周期": "frequency",
    "更新频度": "frequency",
    "标签": "tags",
    "关键字": "tags",
    "关键词": "tags",
    "描述": "description",
    "简介": "description",
    "摘要": "description",
    "数据描述": "description",
    "目录描述": "description",
    "联系电话": "phone",
    "部门电话": "phone",
    "联系方式": "phone",
    "邮箱地址": "email",
    "电子邮箱": "email",
    "部门邮箱": "email",
    "联系邮箱": "email",
    "联系人": "contact_name",
    "数据量": "数据量",
    "文件数": "文件数",
    "接口数": "接口数",
    "数据格式": "数据格式",
}
_CORE = frozenset(
    {
        "department",
        "themes",
        "issued",
        "modified",
        "open_type",
        "frequency",
        "description",
        "catalogued",
        "renewed",
    }
)
_ENOUGH = 3
_SCOPE = " or ".join(
    class_test(name) for name in ("info-list", "baseInfo", "dt-intro", "detail-base-list")
)
# Outermost ones only: a page of nested ones would be read once for each level.
_SCOPES = f".//*[{_SCOPE}][not(ancestor::*[{_SCOPE}])]"
_DATE = re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?")
_ZIPPED = re.compile(r"_(csv|jsonl?|xlsx?|xml|rdf|txt|et|shp)(?:\.zip)?$", re.IGNORECASE)


def division_of(code: object) -> str:
    """A region code of any usual length (2, 4, 6, 9 or 12 digits) as GB/T 2260, else as it is."""
    text = line(code, 40)
    return text.ljust(6, "0")[:6] if re.fullmatch(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}", text) else text


def entry_of(row: Mapping[str, Any], base: str) -> Entry | None:
    """The entry for a row of the listing, ``None`` for a row without a usable id."""
    remote_id = identity(row.get("cata_id"))
    if not remote_id:
        return None
    kept = {key: plain(row[key]) for key in _KEPT_KEYS if row.get(key) not in (None, "", [])}
    return Entry(
        remote_id=remote_id,
        title=line(row.get("cata_title"), MAX_TITLE),
        stamp=stamp_of(row),
        row={"base": base, "cata": kept},
    )


def stamp_of(row: Mapping[str, Any]) -> str | None:
    """Digest of all that a row says about its record, ``None`` if it names no time of change.

    Counters of visitors stay out: they move every day. Counts of rows, files and services stay in.
    """
    if not first(*(row.get(key) for key in _UPDATE_KEYS)):
        return None
    state = {key: value for key, value in row.items() if not _VOLATILE.search(str(key))}
    counts = state.pop("catalogStatistic", None)
    if isinstance(counts, Mapping):
        state["counts"] = [counts.get(key) for key in _COUNTS_OF_CONTENT]
    return digest(state)


def parse_row(row: Mapping[str, Any], base: str) -> RemoteRecord:
    """What a row of the listing says; codes that differ from city to city stay codes."""
    remote_id = identity(row.get("cata_id"))
    return RemoteRecord(
        remote_id=remote_id,
        title=line(row.get("cata_title"), MAX_TITLE),
        url=f"{base}/catalog/catalogDetail.htm?cata_id={quote(remote_id, safe='')}",
        department=line(row.get("org_name")),
        department_code=line(row.get("org_code"), 100),
        division=division_of(row.get("region_code")),
        themes=_group_names(row.get("cataLogGroups")),
        industries=_group_names(row.get("cataLogIndustrys")),
        tags=split_tags(prose(row.get("cata_tags"))),
        frequency=_frequency(row),
        open_type=_decoded(row.get("open_type"), _OPEN_CODES),
        issued=first(*(row.get(key) for key in _RELEASE_KEYS), limit=100),
        modified=first(*(row.get(key) for key in _UPDATE_KEYS), limit=100),
        description=prose(row.get("description")),
        formats=_formats(row),
        phone=contact(row.get("contact_phone")),
        email=contact(row.get("contact_email")),
        contact_name=contact(row.get("contact_name")),
        items=_row_items(row),
        extra=_row_extra(row),
    )


def _group_names(groups: object) -> tuple[str, ...]:
    if isinstance(groups, str):
        return split_words(groups)
    names = (line(group.get("group_name")) for group in mappings(groups, 50))
    return tuple(dict.fromkeys(name for name in names if name))


def _decoded(value: object, codes: Mapping[str, str]) -> str:
    """A code's words; ``代码 4`` for a number that no table knows; words as they are."""
    text = line(value)
    return codes.get(text) or (f"代码 {text}" if text.isdecimal() else text)


def _frequency(row: Mapping[str, Any]) -> str:
    return line(row.get("conf_update_cycle_user")) or _decoded(
        row.get("conf_update_cycle"), _CYCLE_CODES
    )


def _formats(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Formats that the row names: suffixes, else codes; a set of files alone is ``file``."""
    stated = row.get("suffixes")
    words = stated if isinstance(stated, list) else split_words(line(stated).replace("\\", ","))
    formats = [line(word, 20).lower() for word in words]
    if not any(formats):
        codes = split_words(line(row.get("conf_catalog_format"), 200))
        formats = [_FORMAT_CODES.get(code, "" if code.isdecimal() else code) for code in codes]
    uses = [_USE_CODES.get(code, "") for code in split_words(line(row.get("conf_use_type"), 200))]
    formats += [use for use in uses if use == "api" or not any(formats)]
    return tuple(dict.fromkeys(name for name in formats if name))[:50]


def _row_items(row: Mapping[str, Any]) -> tuple[RemoteItem, ...]:
    items = tuple(
        item
        for column in mappings(row.get("columns"), MAX_ITEMS)
        if (item := _column_item(column)) is not None
    )
    if items:
        return items
    names = re.split(r"[|,，;；]", prose(row.get("cata_items")))
    return tuple(RemoteItem(name=name) for name in dict.fromkeys(map(line, names)) if name)[
        :MAX_ITEMS
    ]


def _column_item(column: Mapping[str, Any]) -> RemoteItem | None:
    settings = column.get("cataLogOpenColumnConfigure")
    settings = settings if isinstance(settings, Mapping) else {}
    label = first(
        column.get("name_cn"), column.get("column_name_cn"), column.get("column_desc"), limit=500
    )
    name = first(
        settings.get("meta_column_name_en"),
        column.get("name_en"),
        column.get("column_name_en"),
        column.get("column_name"),
        label,
        limit=500,
    )
    if not name:
        return None
    return RemoteItem(
        name=name,
        label=label,
        data_type=first(column.get("data_format"), column.get("data_type"), limit=100),
        length=first(column.get("data_length"), column.get("length"), limit=50),
        description=first(column.get("description"), column.get("desc_cn")),
    )


def _row_extra(row: Mapping[str, Any]) -> dict[str, str]:
    counts = row.get("catalogStatistic")
    counted = counts.get("data_count") if isinstance(counts, Mapping) else None
    return extra_values(
        [
            ("cata_code", row.get("cata_code")),
            ("conf_update_cycle", row.get("conf_update_cycle")),
            ("region_code", row.get("region_code")),
            ("data_count", counted or row.get("openresdataCount")),
            ("total_storage", row.get("total_storage")),
        ]
    )


@dataclass(frozen=True)
class Detail:
    """What a detail page shows."""

    title: str
    values: Mapping[str, Shown]
    items: tuple[RemoteItem, ...]


def parse_detail(root: HtmlElement) -> Detail | None:
    """Read a detail page of any skin.

    Returns:
        What it shows, or ``None`` if it is not the page of a record.
    """
    values = labelled_within(root, _SCOPES, _LABELS, _CORE, _ENOUGH)
    if not _CORE & values.keys():
        return None
    title = root.xpath(
        f".//*[{class_test('detail-title')} or {class_test('data-name')}"
        f" or {class_test('dt-title')}]"
    )
    tables = root.xpath(
        f".//table[ancestor-or-self::*[{class_test('detail-table')}] or @id='metaTable']"
    )
    return Detail(
        title=line(text_of(title[0], MAX_TITLE)) if title else "",
        values=values,
        items=read_items(tables or root.xpath(".//table[.//th]")),
    )


def merge(record: RemoteRecord, detail: Detail) -> RemoteRecord:
    """Lay a detail page over the row of the listing.

    The page's labels are words where the row has codes, so they win; the longer description wins.
    """
    shown = detail.values

    def text(name: str) -> str:
        return line(shown[name].text) if name in shown else ""

    counts = [(name, text(name)) for name in ("数据量", "文件数", "接口数")]
    if text("catalogued"):
        counts.append(("目录发布/更新时间", text("catalogued")))
    open_type = text("open_type") or (text("open_condition") if not record.open_type else "")
    description = shown["description"].text if "description" in shown else ""
    return msgspec.structs.replace(
        record,
        title=record.title or detail.title,
        department=text("department") or record.department,
        themes=split_words(text("themes")) or record.themes,
        industries=split_words(text("industries")) or record.industries,
        tags=(shown_tags(shown["tags"]) if "tags" in shown else ()) or record.tags,
        frequency=text("frequency") or record.frequency,
        open_type=open_type or record.open_type,
        open_condition=text("open_condition") if text("open_condition") != open_type else "",
        issued=_finer(text("issued"), record.issued) or _dates(text("catalogued"))[0][:100],
        modified=_finer(text("modified") or _dates(text("renewed"))[-1], record.modified),
        description=max(description, record.description, key=len)[:MAX_PROSE],
        formats=record.formats or split_words(text("数据格式").lower(), 50),
        phone=contact(text("phone")) or record.phone,
        email=contact(text("email")) or record.email,
        contact_name=contact(text("contact_name")) or record.contact_name,
        items=detail.items or record.items,
        extra=extra_values([*record.extra.items(), *counts]),
    )


def _finer(shown: str, listed: str) -> str:
    """The date that the page shows, or the row's where that is the same with the time of day."""
    return listed if listed.startswith(shown) else shown[:100]


def _dates(text: str) -> list[str]:
    """The dates in a value such as ``2025-03-04/2026-01-01``; one that holds none stays whole."""
    found = _DATE.findall(text)
    return found if len(found) > 1 else [text]


def parse_app_detail(answer: object) -> Mapping[str, Any] | None:
    """The row out of the answer to ``GetCatalogDetailForApp``, its codes replaced by words."""
    if not isinstance(answer, Mapping) or not is_success(answer):
        return None
    data = answer.get("data")
    inner = data if isinstance(data, Mapping) else answer
    row = inner.get("openCatalog")
    if not isinstance(row, Mapping) or not (row.get("cata_id") or row.get("cata_title")):
        return None
    words = inner.get("openCatalogFromDict")
    words = words if isinstance(words, Mapping) else {}
    stated = {
        key: text for key in ("open_type", "conf_update_cycle") if (text := line(words.get(key)))
    }
    return {**row, **stated}


def over(record: RemoteRecord, detail: RemoteRecord) -> RemoteRecord:
    """Fields of ``detail`` where it says something, else those of ``record``."""
    stated = {
        name: value for name in RemoteRecord.__struct_fields__ if (value := getattr(detail, name))
    }
    return msgspec.structs.replace(record, **stated)


def parse_files(rows: Sequence[Mapping[str, Any]], base: str) -> tuple[RemoteFile, ...]:
    """Files in a list of downloads, without those that nobody can download (``fileType`` 4)."""
    files: dict[str, RemoteFile] = {}
    for row in rows:
        file_id = identity(row.get("fileId"))
        if file_id and line(row.get("fileType"), 20) != "4":
            files.setdefault(file_id, _file(file_id, row, base))
    return tuple(files.values())[:MAX_FILES]


def _file(file_id: str, row: Mapping[str, Any], base: str) -> RemoteFile:
    name = line(row.get("fileName"), MAX_TITLE)
    format_ = line(row.get("fileFormat"), 50).lower().lstrip(".")
    zipped = _ZIPPED.search(name) if format_ in ("zip", "") else None
    return RemoteFile(
        file_id=file_id,
        name=name or file_id,
        url=f"{base}/catalog/CatalogDetailDownload.do?method=getFileDownloadAddr"
        f"&fileId={quote(file_id, safe='')}",
        format=zipped[1].lower() if zipped else format_,
        size=first(row.get("formattedFileSize"), row.get("fileSize"), limit=50),
        rows=line(row.get("dataCount"), 50),
        modified=first(row.get("updateTime"), row.get("createTime"), limit=100),
        description=prose(row.get("fileDescription")),
    )


def parse_services(rows: Sequence[Mapping[str, Any]], base: str) -> tuple[RemoteFile, ...]:
    """Services in the answer to ``GetApi``; without an address they lead to their own page."""
    services: dict[str, RemoteFile] = {}
    for row in rows:
        service_id = identity(row.get("open_service_id")) or identity(row.get("service_id"))
        if not service_id:
            continue
        services.setdefault(
            service_id,
            RemoteFile(
                file_id=f"api:{service_id}",
                name=first(row.get("service_name"), service_id, limit=MAX_TITLE),
                url=_service_url(line(row.get("service_uri")), service_id, base),
                format="api",
                modified=first(row.get("update_time"), row.get("online_time"), limit=100),
                description=prose(row.get("service_desc")),
                is_service=True,
            ),
        )
    return tuple(services.values())[:MAX_FILES]


def _service_url(uri: str, service_id: str, base: str) -> str:
    page = f"{base}/dev/developer/serviceDetail.htm?service_id={quote(service_id, safe='')}"
    try:
        url = urljoin(f"{base}/", uri) if uri else page
    except ValueError:
        return page
    return url if re.match(r"https?://", url, re.IGNORECASE) else page
