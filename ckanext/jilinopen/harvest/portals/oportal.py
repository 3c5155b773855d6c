"""Portals on the newer Inspur product (浪潮 oportal): HTML listing and details, JSON file lists.

One installation serves several cities under different paths: ``/oportal``, ``/portal``, ``/jinan``.
Protocol facts: reference/portals.md, sections 1.C and 1.H.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode, urljoin, urlsplit

import msgspec

from ckanext.jilinopen.harvest.errors import PortalError, RecordError
from ckanext.jilinopen.harvest.portals.pages import (
    class_test,
    labelled_within,
    page_text,
    read_items,
    shown_tags,
    text_of,
)
from ckanext.jilinopen.harvest.portals.paging import Sheet, all_rows, answered_rows, twice, walk
from ckanext.jilinopen.harvest.portals.values import (
    MAX_FILES,
    MAX_TITLE,
    attempt,
    base_address,
    contact,
    digest,
    extra_values,
    first,
    identity,
    is_refusal,
    line,
    number,
    prose,
    split_words,
)
from ckanext.jilinopen.harvest.records import Entry, Page, RemoteFile, RemoteRecord

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from ckanext.jilinopen.harvest.client import Client
    from ckanext.jilinopen.harvest.portals import Portal

__all__ = [
    "Oportal",
    "bases",
    "parse_detail",
    "parse_files",
    "parse_list",
    "parse_services",
    "static_files",
]

USUAL_SIZE = 10
FILE_PAGE = 100

_ENDS = ("catalog", "api", "index", "home", "news", "interact", "app", "gateway", "statistic")
_USUAL_BASES = ("/oportal", "/portal", "")
_LINK = re.compile(r"^(?P<base>.*)/catalog/(?P<id>[^/?#;]+)/?$")
_ITEMS = ".//li[not(ancestor::li)] | ./ul/li"
_TITLES = f".//*[{class_test('cata-title')} or {class_test('mrline1-title')}]"
_NO_RECORD = frozenset(
    {
        "index",
        "list",
        "download",
        "search",
        "detail",
        "getResourceWithFormat",
        "getApplyResource",
    }
)
_FORMAT_WORDS: Mapping[str, str] = {"接口": "api", "链接": "link", "文件": "file", "数据": ""}
_FORMAT_CLASS = re.compile(r"\b(xlsx?|xml|json|csv|rdf|api|link|docx?|pdf|txt|zip|file|other)\b")

_LABELS: Mapping[str, str] = {
    "来源部门": "department",
    "提供部门": "department",
    "数据提供方": "department",
    "提供单位": "department",
    "所属部门": "department",
    "来源单位": "department",
    "重点领域": "themes",
    "主题": "themes",
    "所属主题": "themes",
    "所属领域": "themes",
    "数据领域": "themes",
    "主题分类": "themes",
    "领域": "themes",
    "所属行业": "industries",
    "行业": "industries",
    "行业分类": "industries",
    "发布时间": "issued",
    "发布日期": "issued",
    "首次发布时间": "issued",
    "更新时间": "modified",
    "数据更新时间": "modified",
    "更新日期": "modified",
    "最后更新": "modified",
    "最后更新时间": "modified",
    "开放类型": "open_type",
    "开放状态": "open_type",
    "开放属性": "open_type",
    "开放方式": "open_type",
    "开放条件": "open_condition",
    "更新频率": "frequency",
    "更新周期": "frequency",
    "更新频度": "frequency",
    "部门电话": "phone",
    "联系电话": "phone",
    "联系方式": "phone",
    "部门邮箱": "email",
    "电子邮箱": "email",
    "联系邮箱": "email",
    "邮箱地址": "email",
    "联系人": "contact_name",
    "标签": "tags",
    "关键字": "tags",
    "关键词": "tags",
    "描述": "description",
    "简介": "description",
    "摘要": "description",
    "数据描述": "description",
    "数据格式": "formats",
    "资源格式": "formats",
    "数据量": "数据量",
    "文件量": "文件量",
    "文件数": "文件数",
    "接口量": "接口量",
    "接口数": "接口数",
}
_COUNTS = ("数据量", "文件量", "文件数", "接口量", "接口数")
_CORE = frozenset(
    {
        "department",
        "themes",
        "issued",
        "modified",
        "open_type",
        "open_condition",
        "frequency",
        "description",
    }
)
_ENOUGH = 4
_SCOPE = " or ".join(
    ["@name='basicinfo'", *map(class_test, ("list-inline", "list-details", "details-list"))]
)
# Outermost ones only: a page of nested ones would be read once for each level.
_SCOPES = f".//*[{_SCOPE}][not(ancestor::*[{_SCOPE}])]"

_COUNTER = re.compile(
    r"(浏览|访问|下载|收藏|评分|评价|点击|调用|申请|订阅|关注|点赞|热度|使用|评论|阅读)[^\d\s]{0,6}"
    r"\s*[:：]?\s*[\d,，.]+\s*万?\s*[次个人条分]?"
)
_BARE_NUMBER = re.compile(r"(?<![\w:：./-])[\d,，.]+(?![\w:：./-])")
_UPDATED = re.compile(r"更新(?:时间|日期|于)?\s*[:：]?\s*\d{2,4}[-/年.]\d")
_GONE = re.compile(r"(目录|数据|资源|页面)[^。]{0,12}(不存在|已下线|已删除|已撤销)")


class Oportal:
    """Family ``oportal``."""

    name = "oportal"
    title = "Inspur oportal"

    def pages(self, portal: Portal) -> Iterator[Page]:
        """Read the listing from page 1.

        An item without a link to its own page on this host becomes no entry, so the listing stays
        below the portal's total and counts as incomplete.

        Raises:
            PortalError: ``source.paging``: the portal repeats a page; ``source.shape``: no listing.
        """
        fault: PortalError | None = None
        for base in bases(portal.address):
            try:
                opening = twice(lambda base=base: _read_list(portal, base, 1))
            except PortalError as error:
                if not is_refusal(error):
                    raise
                fault = fault or error
                continue
            yield from walk(
                portal,
                _list_address(base),
                lambda page, _, base=base: twice(lambda: _read_list(portal, base, page)),
                USUAL_SIZE,
                opening,
            )
            return
        raise fault or PortalError("source.shape", portal.address)

    def record(self, portal: Portal, entry: Entry) -> RemoteRecord:
        """Read the detail page of one item, its files and its services.

        Raises:
            RecordError: ``record.gone`` or ``record.detail_unreadable``.
            PortalError: the portal does not answer any more.
        """
        base = str(entry.row.get("base") or bases(portal.address)[0])
        url = f"{base}/catalog/{quote(entry.remote_id, safe='')}"
        root = _detail_page(portal.client, url, entry.remote_id)
        record = parse_detail(root, entry, url)
        if record is None:
            notice = page_text(root, 2_000)
            code = "record.gone" if _GONE.search(notice) else "record.detail_unreadable"
            raise RecordError(code, entry.remote_id, notice[:120])
        return _with_files(portal.client, base, record, root)


def bases(address: str) -> tuple[str, ...]:
    """Addresses at which the installation may lie, likeliest first."""
    base = base_address(address, _ENDS)
    if base.count("/") > 2:
        return (base,)
    return tuple(base + path for path in _USUAL_BASES)


def _list_address(base: str) -> str:
    return f"{base}/catalog/index"


def _read_list(portal: Portal, base: str, page: int) -> Sheet:
    """One page of the listing; on a provincial portal, of the region that the source names."""
    region = portal.config.region_code
    chosen = {"filterParam": "region_code", "filterParamCode": region} if region else {}
    answer = portal.client.get(_list_address(base), params={"page": page, **chosen})
    sheet = parse_list(answer.html(), answer.url, base)
    if sheet is None and page == 1:
        raise PortalError("source.shape", _list_address(base), "no list of catalogues")
    return sheet or Sheet((), ())


def parse_list(root: HtmlElement, url: str, base: str) -> Sheet | None:
    """Read a page of the listing in any skin.

    Args:
        root: the page.
        url: its address, for relative links.
        base: the installation's address; items on other hosts are left out.

    Returns:
        Its items, or ``None`` for a page without any mark of a listing.
    """
    boxes = root.xpath(f".//*[{class_test('bottom-content')}]")
    heads = root.xpath(f".//*[{class_test('top-title')}]")
    entries = _entries((item for box in boxes for item in box.xpath(_ITEMS)), url, base)
    if not entries:
        entries = _entries(map(_item_around, root.xpath(_TITLES)), url, base)
    if not entries and not boxes and not heads:
        entries = _entries(root.xpath(".//li[not(.//li)]"), url, base)
    if not (entries or boxes or heads):
        return None
    return Sheet(entries, tuple(entry.remote_id for entry in entries), _total(heads))


def _entries(items: Iterable[HtmlElement], url: str, base: str) -> tuple[Entry, ...]:
    found = (_entry(item, url, base) for item in dict.fromkeys(items))
    return tuple(entry for entry in found if entry is not None)


def _item_around(title: HtmlElement) -> HtmlElement:
    """The list item that holds a title, or whatever stands around it."""
    item = next((box for box in title.iterancestors("li")), None)
    if item is not None:
        return item
    parent = title.getparent()
    return title if parent is None else parent


def _total(heads: list[HtmlElement]) -> int | None:
    texts = [text_of(part, 200) for head in heads for part in (*head.xpath(".//span"), head)]
    return next((found for text in texts if (found := number(text)) is not None), None)


def _entry(item: HtmlElement, url: str, base: str) -> Entry | None:
    found = _first_link(item, url, base)
    if found is None:
        return None
    anchor, item_base, remote_id = found
    title = line(anchor.get("title"), MAX_TITLE) or line(text_of(anchor, MAX_TITLE))
    formats = _formats(item)
    return Entry(
        remote_id=remote_id,
        title=title,
        stamp=_stamp(item, title, formats),
        row={"base": item_base, "formats": list(formats)},
    )


def _first_link(item: HtmlElement, url: str, base: str) -> tuple[HtmlElement, str, str] | None:
    """The first link of an item that leads to a record and has a text."""
    for anchor in item.xpath(".//a[@href]"):
        linked = _linked(str(anchor.get("href")), url, base)
        if linked and (line(anchor.get("title")) or text_of(anchor, 100)):
            return (anchor, *linked)
    return None


def _linked(href: str, url: str, base: str) -> tuple[str, str] | None:
    """Base address and id behind a link, ``None`` if it leads to no record of this host."""
    try:
        parts = urlsplit(urljoin(url or f"{base}/catalog/index", href.strip()))
        home = urlsplit(base)
        is_here = parts.hostname == home.hostname
    except ValueError:
        return None
    found = _LINK.match(parts.path)
    if not is_here or not found or found["id"] in _NO_RECORD:
        return None
    remote_id = identity(unquote(found["id"]))
    return (f"{home.scheme}://{home.netloc}{found['base']}", remote_id) if remote_id else None


def _formats(item: HtmlElement) -> tuple[str, ...]:
    marks = item.xpath(f".//*[{class_test('file-type')}]//li") or item.xpath(
        f".//*[{class_test('file-type')}]//span"
    )
    names = (_format(line(text_of(mark, 40)), line(mark.get("class"), 200)) for mark in marks)
    return tuple(dict.fromkeys(name for name in names if name))[:50]


def _format(text: str, classes: str) -> str:
    if text:
        return _FORMAT_WORDS.get(text, text.lower())
    found = _FORMAT_CLASS.search(classes.lower())
    return found[0] if found else ""


def _stamp(item: HtmlElement, title: str, formats: tuple[str, ...]) -> str | None:
    """Digest of what an item shows, ``None`` unless it shows when the record was updated.

    Numbers of visits and downloads move all the time and stay out.
    """
    # Each text node on a line of its own: a number without a unit must not join the next word.
    text = "\n".join(prose(node) for node in item.itertext())
    if not _UPDATED.search(text):
        return None
    return digest(
        [title, list(formats), " ".join(_BARE_NUMBER.sub("", _COUNTER.sub("", text)).split())]
    )


def _detail_page(client: Client, url: str, remote_id: str) -> HtmlElement:
    try:
        return client.get(url).html()
    except PortalError as error:
        if error.code == "source.not_found":
            raise RecordError("record.gone", remote_id, error.cause) from None
        if error.code in ("source.not_html", "source.encoding", "source.too_large"):
            cause = f"{error.code} {error.cause}"
            raise RecordError("record.detail_unreadable", remote_id, cause) from None
        raise


def parse_detail(root: HtmlElement, entry: Entry, url: str) -> RemoteRecord | None:
    """Read a detail page.

    Args:
        root: the page.
        entry: its item in the listing.
        url: the page's address.

    Returns:
        The record without its files, or ``None`` if this is not the page of a record.
    """
    shown = labelled_within(root, _SCOPES, _LABELS, _CORE, _ENOUGH)
    if not _CORE & shown.keys():
        return None

    def text(name: str) -> str:
        return line(shown[name].text) if name in shown else ""

    stated = entry.row.get("formats")
    formats = tuple(line(word, 20) for word in stated) if isinstance(stated, list) else ()
    condition = text("open_condition")
    return RemoteRecord(
        remote_id=entry.remote_id,
        title=_title(root) or entry.title,
        url=url,
        department=text("department"),
        themes=split_words(text("themes")),
        industries=split_words(text("industries")),
        tags=shown_tags(shown["tags"]) if "tags" in shown else (),
        frequency=text("frequency"),
        open_type=text("open_type") or condition,
        open_condition=condition if text("open_type") not in ("", condition) else "",
        issued=text("issued")[:100],
        modified=text("modified")[:100],
        description=shown["description"].text if "description" in shown else "",
        formats=formats or split_words(text("formats").lower(), 50),
        phone=contact(text("phone")),
        email=contact(text("email")),
        contact_name=contact(text("contact_name")),
        items=read_items(
            root.xpath(".//li[@name='data-item' or @name='dataitem']//table")
            or root.xpath(".//table[.//th]")
        ),
        extra=extra_values((name, text(name)) for name in _COUNTS),
    )


def _title(root: HtmlElement) -> str:
    hidden = root.xpath(".//input[@id='cata_name']/@value")
    heads = root.xpath(f".//*[{class_test('d-title')}]//h4 | .//h4[{class_test('d-title')}]")
    return first(*hidden, *(text_of(head, MAX_TITLE) for head in heads), limit=MAX_TITLE)


def _with_files(client: Client, base: str, record: RemoteRecord, root: HtmlElement) -> RemoteRecord:
    """Add files and services; a portal that refuses to list them leaves ``files_known`` false."""
    files = static_files(root, record, base)
    is_known = bool(files)
    if not is_known:
        rows = attempt(
            lambda: _resources(
                client,
                f"{base}/catalog/getResourceWithFormat",
                {"cataId": record.remote_id, "fileFormat": ""},
            )
        )
        files, is_known = parse_files(rows or [], record, base), rows is not None
    services, are_known = _services(client, base, record)
    return msgspec.structs.replace(
        record, files=(files + services)[:MAX_FILES], files_known=is_known and are_known
    )


def _resources(client: Client, url: str, query: Mapping[str, str]) -> list[Mapping[str, Any]]:
    return all_rows(
        lambda page, offset: answered_rows(
            client.get(url, params={**query, "pageNum": str(page), "pageSize": str(FILE_PAGE)})
        )
    )


def static_files(root: HtmlElement, record: RemoteRecord, base: str) -> tuple[RemoteFile, ...]:
    """Files in the download table of a detail page."""
    files: dict[str, RemoteFile] = {}
    for row in root.xpath(".//*[@name='file-download']//tr[@fileformat]")[:MAX_FILES]:
        token = first(
            *row.xpath("descendant-or-self::*/@file-id"),
            *row.xpath(f".//a[{class_test('downloadFileLink')}]/@id"),
        )
        if not token:
            continue
        cells = row.xpath("./td")
        name = first(
            *row.xpath("descendant-or-self::*/@file-name"),
            *(text_of(cell, MAX_TITLE) for cell in cells),
            limit=MAX_TITLE,
        )
        files.setdefault(
            token,
            RemoteFile(
                file_id=token,
                name=name or token,
                url=_download(record, base, token),
                format=line(row.get("fileformat"), 50).lower(),
            ),
        )
    return tuple(files.values())


def parse_files(
    rows: Sequence[Mapping[str, Any]], record: RemoteRecord, base: str
) -> tuple[RemoteFile, ...]:
    """Files in the answer to ``getResourceWithFormat``."""
    files: dict[str, RemoteFile] = {}
    for row in rows:
        token = first(row.get("idInRc"), row.get("fileId"))
        file_id = identity(row.get("fileId")) or token
        if not token or not file_id:
            continue
        files.setdefault(
            file_id,
            RemoteFile(
                file_id=file_id,
                name=first(
                    row.get("fileName"), row.get("fileDescription"), file_id, limit=MAX_TITLE
                ),
                url=_download(record, base, token),
                format=line(row.get("fileFormat"), 50).lower().lstrip("."),
                size=line(row.get("fileSize"), 50),
                rows=line(row.get("dataCount"), 50),
                modified=line(row.get("updateTime"), 100),
                description=prose(row.get("fileDescription")),
            ),
        )
    return tuple(files.values())[:MAX_FILES]


def _download(record: RemoteRecord, base: str, token: str) -> str:
    query = urlencode(
        {"cataId": record.remote_id, "cataName": record.title, "idInRc": token},
        quote_via=quote,
        safe="",
    )
    return f"{base}/catalog/download?{query}"


def _services(
    client: Client, base: str, record: RemoteRecord
) -> tuple[tuple[RemoteFile, ...], bool]:
    """Services of a record, and whether the list of them can be trusted.

    It is asked for where the page promises services or does not say what it offers.
    """
    counted = first(record.extra.get("接口量"), record.extra.get("接口数"))
    is_promised = "api" in record.formats or bool(number(counted))
    if not is_promised and (record.formats or counted):
        return (), True
    rows = attempt(
        lambda: _resources(
            client,
            f"{base}/catalog/getApplyResource",
            {"searchType": "api", "cataId": record.remote_id},
        )
    )
    if rows is None:
        return (), not is_promised
    return parse_services(rows, base), True


def parse_services(rows: Sequence[Mapping[str, Any]], base: str) -> tuple[RemoteFile, ...]:
    """Services in the answer to ``getApplyResource``, addressed at the portal's gateway.

    Calls need a signed client id, so the address is kept for readers and never asked.
    """
    services: dict[str, RemoteFile] = {}
    for row in rows:
        service_id = identity(row.get("serviceId"))
        if service_id:
            services.setdefault(
                service_id,
                RemoteFile(
                    file_id=f"api:{service_id}",
                    name=first(row.get("serviceName"), service_id, limit=MAX_TITLE),
                    url=_gateway(line(row.get("context")), service_id, base),
                    format="api",
                    modified=line(row.get("updateTime"), 100),
                    description=prose(row.get("serviceDesc")),
                    is_service=True,
                ),
            )
    return tuple(services.values())[:MAX_FILES]


def _gateway(context: str, service_id: str, base: str) -> str:
    if re.match(r"https?://", context, re.IGNORECASE):
        return context
    path = quote(context.strip("/"), safe="/")
    if not path:
        return f"{base}/api/{quote(service_id, safe='')}/detail"
    home = urlsplit(base)
    return f"{home.scheme}://{home.netloc}/gateway/api/1/{path}"
