"""Portals on CKAN: one search request gives whole datasets, so no detail is ever asked for.

Field names differ from site to site; known ones are recognised in Chinese, pinyin and English. The
fields of a site that runs this same extension are all among them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin

from ckanext.jilinopen.harvest.errors import PortalError, RecordError
from ckanext.jilinopen.harvest.portals.paging import Sheet, twice, walk
from ckanext.jilinopen.harvest.portals.values import (
    MAX_FILES,
    MAX_ITEMS,
    MAX_TAGS,
    MAX_TITLE,
    base_address,
    contact,
    digest,
    extra_values,
    first,
    identity,
    line,
    mappings,
    number,
    plain,
    prose,
    split_words,
)
from ckanext.jilinopen.harvest.records import Entry, Page, RemoteFile, RemoteItem, RemoteRecord

if TYPE_CHECKING:
    from ckanext.jilinopen.harvest.portals import Portal

__all__ = [
    "Ckan",
    "entry_of",
    "is_harvested",
    "parse_dataset",
    "parse_search",
    "site_of",
    "stamp_of",
]

PAGE_SIZE = 100
ORDER = "id asc"
"""An order that no change of a dataset disturbs, so pages do not shift while we read."""

_ENDS = (
    "api",
    "dataset",
    "organization",
    "group",
    "user",
    "about",
    "dashboard",
    "ckan-admin",
    "harvest",
    "showcase",
)
_SEARCH = "/api/3/action/package_search"
_LOCALE = re.compile(
    "am|ar|bg|bs|ca|cs_CZ|da_DK|de|el|en|en_AU|en_CA|en_GB|eo|es|es_AR|eu|fa_IR|fi|fr|gl|he|hr|hu|hy"
    "|id|is|it|ja|ka|km|ko_KR|lt|lv|mk|mn_MN|my_MM|nb_NO|ne|nl|no|pl|pt_BR|pt_PT|ro|ru|sk|sl|sq|sr"
    "|sr_Latn|sv|th|tl|tr|uk|uk_UA|vi|zh_CN|zh_Hans_CN|zh_Hant_TW|zh_TW"
)

_VOLATILE = frozenset(
    {
        "tracking_summary",
        "views",
        "view_count",
        "total_views",
        "recent_views",
        "page_views",
        "downloads",
        "download_count",
        "num_downloads",
        "total_downloads",
        "rating",
        "ratings_count",
        "rating_average",
        "followers",
        "num_followers",
        "score",
        "index_id",
        "indexed_ts",
        "qa",
        "archiver",
        "cache_last_updated",
        "cache_url",
        "cache_filepath",
        "webstore_last_updated",
    }
)

_NAMES: Mapping[str, tuple[str, ...]] = {
    "division": (
        "jl_region",
        "region_code",
        "division_code",
        "行政区划",
        "行政区划代码",
        "所属区划",
    ),
    "department": (
        "来源部门",
        "提供单位",
        "提供部门",
        "数据提供方",
        "信息资源提供方",
        "laiyuanbumen",
        "tigongdanwei",
        "publisher_name",
        "provider",
        "department",
    ),
    "department_code": (
        "jl_provider_code",
        "provider_code",
        "信息资源提供方代码",
        "publisher_identifier",
    ),
    "themes": (
        "所属主题",
        "主题",
        "重点领域",
        "主题分类",
        "开放主题",
        "suoshuzhuti",
        "zhuti",
        "theme_name",
        "category",
        "categories",
    ),
    "industries": (
        "jl_industry",
        "所属行业",
        "行业",
        "行业分类",
        "suoshuhangye",
        "hangye",
        "industry",
    ),
    "frequency": (
        "frequency",
        "update_frequency",
        "accrual_periodicity",
        "accrualPeriodicity",
        "更新频率",
        "更新周期",
        "更新频度",
        "gengxinpinlv",
        "gengxinzhouqi",
        "updateFrequency",
    ),
    "open_type": (
        "jl_open_type",
        "open_type",
        "openType",
        "openness",
        "开放类型",
        "开放状态",
        "开放属性",
        "开放方式",
        "kaifangleixing",
        "kaifangzhuangtai",
        "access_rights",
    ),
    "open_condition": ("jl_open_condition", "open_condition", "开放条件", "kaifangtiaojian"),
    "issued": (
        "issued",
        "release_date",
        "released",
        "date_released",
        "publish_date",
        "publication_date",
        "发布时间",
        "发布日期",
        "首次发布时间",
        "fabushijian",
        "faburiqi",
    ),
    "modified": (
        "modified",
        "last_updated",
        "date_updated",
        "update_date",
        "updated",
        "更新时间",
        "更新日期",
        "最后更新",
        "数据更新时间",
        "gengxinshijian",
        "gengxinriqi",
    ),
    "phone": (
        "contact_phone",
        "maintainer_phone",
        "author_phone",
        "phone",
        "联系电话",
        "部门电话",
        "联系方式",
        "lianxidianhua",
    ),
    "email": (
        "contact_email",
        "maintainer_email",
        "author_email",
        "email",
        "联系邮箱",
        "部门邮箱",
        "电子邮箱",
        "lianxiyouxiang",
    ),
    "contact_name": ("contact_name", "联系人", "lianxiren", "maintainer", "author"),
    "provenance": ("provenance", "来源说明", "数据来源说明"),
}
_OURS = frozenset(name for names in _NAMES.values() for name in names)
_CORE = frozenset(
    {
        "id",
        "name",
        "title",
        "title_translated",
        "notes",
        "notes_translated",
        "type",
        "state",
        "private",
        "tags",
        "groups",
        "organization",
        "owner_org",
        "resources",
        "extras",
        "license_id",
        "license_title",
        "license_url",
        "isopen",
        "num_resources",
        "num_tags",
        "url",
        "version",
        "creator_user_id",
        "metadata_created",
        "metadata_modified",
        "relationships_as_subject",
        "relationships_as_object",
        "revision_id",
        "contact",
        "jl_items",
        "plugin_data",
    }
)
_SERVICES = frozenset({"api", "wms", "wfs", "wmts", "wcs", "rest", "接口", "服务", "esri rest"})


class Ckan:
    """Family ``ckan``."""

    name = "ckan"
    title = "CKAN"

    def pages(self, portal: Portal) -> Iterator[Page]:
        """Read all public datasets.

        Harvest sources, showcases and private datasets are no records; ``Page.total`` leaves out
        those that have been met.

        Raises:
            PortalError: ``source.api_error`` with the site's message; ``source.shape``: no CKAN
                answer; ``source.paging``: the site repeats a page.
        """
        site = site_of(portal.address)
        size = portal.config.page_size or PAGE_SIZE
        return walk(
            portal,
            f"{site}{_SEARCH}",
            lambda _, start: twice(lambda: _search(portal, site, start, size)),
            size,
        )

    def record(self, portal: Portal, entry: Entry) -> RemoteRecord:
        """The record in a row of the listing.

        Raises:
            RecordError: ``record.detail_unreadable``: the row holds no dataset.
        """
        dataset = entry.row.get("dataset")
        if not isinstance(dataset, Mapping):
            raise RecordError("record.detail_unreadable", entry.remote_id, "no dataset")
        site = str(entry.row.get("site") or site_of(portal.address))
        return parse_dataset({**dataset, "id": entry.remote_id}, site)


def site_of(address: str) -> str:
    """The site's own address, without API path, page or locale.

    Raises:
        PortalError: ``source.address_invalid``.
    """
    base = base_address(address, _ENDS)
    home, slash, last = base.rpartition("/")
    is_locale = bool(slash) and _LOCALE.fullmatch(last) and home.count("/") >= 2
    return home if is_locale else base


def _search(portal: Portal, site: str, start: int, size: int) -> Sheet:
    key = portal.config.api_key
    answer = portal.client.get(
        f"{site}{_SEARCH}",
        params={
            "q": "*:*",
            "fq": "dataset_type:dataset",
            "sort": ORDER,
            "rows": size,
            "start": start,
        },
        headers={"Authorization": key} if key else {},
    )
    return parse_search(answer.json(), site)


def parse_search(answer: object, site: str) -> Sheet:
    """Datasets in the answer to ``package_search``.

    Raises:
        PortalError: ``source.api_error`` or ``source.shape``.
    """
    address = f"{site}{_SEARCH}"
    if not isinstance(answer, Mapping):
        raise PortalError("source.shape", address, "no JSON object")
    if answer.get("success") is not True:
        raise PortalError("source.api_error", address, _error_text(answer.get("error")))
    result = answer.get("result")
    rows = result.get("results") if isinstance(result, Mapping) else None
    if not isinstance(result, Mapping) or not isinstance(rows, list):
        raise PortalError("source.shape", address, "no results")
    datasets = [row if isinstance(row, Mapping) else {} for row in rows]
    wanted = [dataset for dataset in datasets if is_harvested(dataset)]
    entries = (entry_of(dataset, site) for dataset in wanted)
    return Sheet(
        entries=tuple(entry for entry in entries if entry is not None),
        ids=tuple(dataset.get("id") for dataset in datasets),
        total=number(result.get("count")),
        skipped=len(datasets) - len(wanted),
    )


def _error_text(error: object) -> str:
    if not isinstance(error, Mapping):
        return line(error, 200)
    message = line(error.get("message"), 200)
    return message or line(json.dumps(plain(dict(error)), ensure_ascii=False), 200)


def is_harvested(dataset: Mapping[str, Any]) -> bool:
    """Whether a search result is a public dataset and not, say, a showcase."""
    kind, state = dataset.get("type") or "dataset", dataset.get("state") or "active"
    return kind == "dataset" and state == "active" and dataset.get("private") is not True


def entry_of(dataset: Mapping[str, Any], site: str) -> Entry | None:
    """The entry for a dataset, ``None`` for one without a usable id."""
    remote_id = identity(dataset.get("id")) or identity(dataset.get("name"))
    if not remote_id:
        return None
    return Entry(
        remote_id=remote_id,
        title=_title(dataset),
        stamp=stamp_of(dataset),
        row={"site": site, "dataset": plain(dataset)},
    )


def stamp_of(dataset: Mapping[str, Any]) -> str:
    """Digest of a dataset without the counters and check times that change by themselves."""
    return digest(_steady(plain(dataset)))


def _steady(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _steady(item) for key, item in value.items() if key not in _VOLATILE}
    if isinstance(value, list):
        return [_steady(item) for item in value]
    return value


def _title(dataset: Mapping[str, Any]) -> str:
    return first(
        dataset.get("title"), dataset.get("title_translated"), dataset.get("name"), limit=MAX_TITLE
    )


def parse_dataset(dataset: Mapping[str, Any], site: str) -> RemoteRecord:
    """Read a dataset as ``package_search`` and ``package_show`` give it."""
    stated = {
        **_extras(dataset.get("extras")),
        **{key: value for key, value in dataset.items() if value not in (None, "", [], {})},
    }
    remote_id = identity(dataset.get("id")) or identity(dataset.get("name"))
    page = f"{site}/dataset/{quote(line(dataset.get('name'), 200) or remote_id, safe='')}"
    person = next(iter(mappings(_decoded(stated.get("contact")))), {})
    organization = dataset.get("organization")
    organization = organization if isinstance(organization, Mapping) else {}
    return RemoteRecord(
        remote_id=remote_id,
        title=_title(dataset),
        url=page,
        department=first(
            organization.get("title"), organization.get("name"), *_named(stated, "department")
        ),
        department_code=first(*_named(stated, "department_code"), organization.get("jl_uscc")),
        division=first(*_named(stated, "division"), organization.get("jl_region"), limit=100),
        themes=_themes(dataset.get("groups")) or _words(_named(stated, "themes")),
        industries=_words(_named(stated, "industries")),
        tags=_tags(dataset.get("tags")),
        frequency=first(*_named(stated, "frequency")),
        open_type=first(*_named(stated, "open_type")),
        open_condition=first(*_named(stated, "open_condition")),
        license=_license(stated),
        issued=first(*_named(stated, "issued"), stated.get("metadata_created"), limit=100),
        modified=first(*_named(stated, "modified"), stated.get("metadata_modified"), limit=100),
        description=prose(dataset.get("notes")) or prose(dataset.get("notes_translated")),
        phone=contact(first(person.get("phone"), *_named(stated, "phone"))),
        email=contact(first(person.get("email"), *_named(stated, "email"))),
        contact_name=contact(first(person.get("name"), *_named(stated, "contact_name"))),
        files=tuple(_files(dataset.get("resources"), page)),
        files_known=True,
        items=tuple(_items(_decoded(stated.get("jl_items")))),
        provenance=next(filter(None, map(prose, _named(stated, "provenance"))), ""),
        extra=_extra(stated),
    )


def _extras(extras: object) -> dict[str, Any]:
    pairs = ((line(extra.get("key"), 200), extra.get("value")) for extra in mappings(extras, 500))
    return {key: value for key, value in pairs if key and value not in (None, "", [], {})}


def _named(stated: Mapping[str, Any], field: str) -> list[Any]:
    return [stated[name] for name in _NAMES[field] if name in stated]


def _decoded(value: object) -> Any:
    """A value that some sites store as JSON text inside an extra."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _words(values: Iterable[object]) -> tuple[str, ...]:
    """Words of the first value that has any: a list, a list as JSON text, or joined text."""
    for value in map(_decoded, values):
        words = (
            [line(word) for word in value] if isinstance(value, list) else split_words(prose(value))
        )
        found = tuple(dict.fromkeys(word for word in words if word))[:MAX_TAGS]
        if found:
            return found
    return ()


def _themes(groups: object) -> tuple[str, ...]:
    names = (
        first(group.get("title"), group.get("display_name"), group.get("name"))
        for group in mappings(groups, 50)
    )
    return tuple(dict.fromkeys(name for name in names if name))


def _tags(tags: object) -> tuple[str, ...]:
    if not isinstance(tags, list):
        return ()
    names = (
        first(tag.get("display_name"), tag.get("name")) if isinstance(tag, Mapping) else line(tag)
        for tag in tags[:MAX_FILES]
    )
    return tuple(dict.fromkeys(name for name in names if name))[:MAX_TAGS]


def _license(stated: Mapping[str, Any]) -> str:
    licence = line(stated.get("license_id"), 200)
    return "" if licence == "notspecified" else licence or line(stated.get("license_title"), 200)


def _files(resources: object, page: str) -> Iterator[RemoteFile]:
    for resource in mappings(resources):
        format_ = line(resource.get("format"), 50).lower()
        file_id = identity(resource.get("id"))
        url = _file_url(line(resource.get("url"), 4_000), file_id, page)
        yield RemoteFile(
            file_id=file_id or url[:300],
            name=first(
                resource.get("name"),
                resource.get("name_translated"),
                resource.get("description"),
                url.rsplit("/", 1)[-1],
                limit=MAX_TITLE,
            ),
            url=url,
            format=format_,
            size=line(resource.get("size"), 50),
            rows=first(resource.get("jl_row_count"), resource.get("total_record_count"), limit=50),
            modified=first(
                resource.get("modified"),
                resource.get("last_modified"),
                resource.get("metadata_modified"),
                resource.get("created"),
                limit=100,
            ),
            description=prose(resource.get("description")),
            is_service=format_ in _SERVICES
            or line(resource.get("resource_type")).lower() in _SERVICES,
        )


def _file_url(stated: str, file_id: str, page: str) -> str:
    """A file's address; where none is given, its page at the site."""
    try:
        return urljoin(f"{page}/", stated) if stated else f"{page}/resource/{quote(file_id)}"
    except ValueError:
        return stated


def _items(items: object) -> Iterator[RemoteItem]:
    for item in mappings(items, MAX_ITEMS):
        label = first(item.get("label_zh"), item.get("label"), limit=500)
        name = first(item.get("name"), label, limit=500)
        if name:
            yield RemoteItem(
                name=name,
                label=label,
                data_type=line(item.get("data_type"), 100),
                length=line(item.get("length"), 50),
                description=first(item.get("definition"), item.get("description")),
            )


def _extra(stated: Mapping[str, Any]) -> dict[str, str]:
    """What the site says beyond our fields."""
    return extra_values(
        (
            key,
            json.dumps(plain(value), ensure_ascii=False)
            if isinstance(value, (list, dict))
            else value,
        )
        for key, value in stated.items()
        if key not in _CORE and key not in _OURS
    )
