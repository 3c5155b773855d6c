"""Portals on the older Inspur product (浪潮 odweb): JSON listing, HTML details, JSON file lists.

Addresses look like ``http://host/odweb/catalog/catalog.do?method=GetCatalog``; some cities use
``/data`` instead of ``/odweb``. Protocol facts: reference/portals.md, sections 1.B and 1.H.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from ckanext.jilinopen.harvest.errors import PortalError, RecordError
from ckanext.jilinopen.harvest.portals.odweb_parse import (
    division_of,
    entry_of,
    merge,
    over,
    parse_app_detail,
    parse_detail,
    parse_files,
    parse_row,
    parse_services,
)
from ckanext.jilinopen.harvest.portals.pages import page_text
from ckanext.jilinopen.harvest.portals.paging import (
    Rows,
    Sheet,
    all_rows,
    answered_rows,
    twice,
    walk,
)
from ckanext.jilinopen.harvest.portals.values import (
    MAX_FILES,
    attempt,
    base_address,
    is_refusal,
    line,
    number,
)
from ckanext.jilinopen.harvest.records import Entry, Page, RemoteFile, RemoteRecord

if TYPE_CHECKING:
    from ckanext.jilinopen.harvest.client import Client
    from ckanext.jilinopen.harvest.config_model import SourceConfig
    from ckanext.jilinopen.harvest.portals import Portal

__all__ = ["Odweb", "ask", "bases", "region_of"]

PAGE_SIZE = 100
FILE_PAGE = 100
ORDER = "1:b"
"""Newest change first: what changes while we read moves to rows that were already read."""

_ENDS = ("catalog", "dev", "home", "changeCity", "interact", "news", "index", "appcenter")
_USUAL_BASES = ("/odweb", "/data", "")

_CITIES: Mapping[str, str] = {
    "2201": "长春市",
    "2202": "吉林市",
    "2203": "四平市",
    "2204": "辽源市",
    "2205": "通化市",
    "2206": "白山市",
    "2207": "松原市",
    "2208": "白城市",
    "2224": "延边朝鲜族自治州",
}
"""Names for the product's city switcher, by the first four digits of GB/T 2260."""

_GONE = re.compile(r"(目录|数据|资源|页面)[^。]{0,12}(不存在|已下线|已删除|已撤销)")
_ASK: Mapping[str, str] = {"X-Requested-With": "XMLHttpRequest"}
_WRONG_VERB = re.compile(r"\b(400|405|501)\b")


class Odweb:
    """Family ``odweb``."""

    name = "odweb"
    title = "Inspur odweb"

    def pages(self, portal: Portal) -> Iterator[Page]:
        """Read the listing, newest change first.

        A row without an id becomes no entry; the portal's total then stays above what was read,
        so the listing counts as incomplete and nothing is removed.

        Raises:
            PortalError: ``source.wrong_region``: all rows belong to another division;
                ``source.paging``: the portal repeats a page; ``source.shape``: no listing.
        """
        fault: PortalError | None = None
        for base in bases(portal.address):
            listing = _Listing(portal, base)
            try:
                opening = listing.open()
            except PortalError as error:
                if not is_refusal(error) or error.code == "source.wrong_region":
                    raise
                fault = fault or error
                continue
            yield from listing.pages(opening)
            return
        raise fault or PortalError("source.shape", portal.address)

    def record(self, portal: Portal, entry: Entry) -> RemoteRecord:
        """Read the detail page, the files and the services of one row.

        Raises:
            RecordError: ``record.gone`` or ``record.detail_unreadable``.
            PortalError: the portal does not answer any more.
        """
        base = str(entry.row.get("base") or bases(portal.address)[0])
        row = entry.row.get("cata")
        row = row if isinstance(row, Mapping) else {}
        record = parse_row({"cata_title": entry.title, **row, "cata_id": entry.remote_id}, base)
        record = _with_detail(portal.client, base, record, row)
        return _with_files(portal.client, base, record, row)


def bases(address: str) -> tuple[str, ...]:
    """Addresses at which the installation may lie, likeliest first.

    Args:
        address: what the administrator gave: host alone, base path, or any page of the portal.
    """
    base = base_address(address, _ENDS)
    if base.count("/") > 2:
        return (base,)
    return tuple(base + path for path in _USUAL_BASES)


def region_of(config: SourceConfig) -> str:
    """The portal's region filter for a source, "" where it needs none.

    The whole province is the portal's own default and is not asked for.
    """
    if config.region_code:
        return line(config.region_code, 40)
    division = config.division
    return division if re.fullmatch(r"\d{6}", division) and division[2:] != "0000" else ""


def _home(config: SourceConfig) -> tuple[str, ...]:
    """Beginnings of the division codes that the source claims; none for a whole province.

    A source that only says "the province" makes no claim that rows could break.
    """
    codes = (division_of(config.division), division_of(config.region_code))
    return tuple(code[:4] for code in codes if re.fullmatch(r"\d{6}", code) and code[2:] != "0000")


def _foreign_share(rows: Rows, home: tuple[str, ...]) -> tuple[int, int]:
    """How many rows name a division, and how many of these lie outside of ours."""
    codes = [division_of(row.get("region_code")) for row in rows.mappings]
    stated = [code for code in codes if re.fullmatch(r"\d{6}", code)]
    return len(stated), sum(not code.startswith(home) for code in stated)


@dataclass
class _Listing:
    """One reading of one installation's listing."""

    portal: Portal
    base: str
    region: str = field(init=False)
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.region = region_of(self.portal.config)
        self.size = self.portal.config.page_size or PAGE_SIZE

    def open(self) -> Rows:
        """Start a session and read the first page, in the right region.

        The product takes the region from the session, not from the request, so the region is
        chosen as a visitor would do it and the rows tell whether that worked.
        """
        chosen = {"region_code": self.region} if self.region else {}
        for page in ("/catalog/index.htm", "/index.htm"):
            address = self.base + page
            if (
                attempt(lambda address=address: self.portal.client.get(address, params=chosen))
                is not None
            ):
                break
        rows = self.read(1, 0)
        if self.region and not rows.rows and not rows.total:
            self.region = ""
            rows = self.read(1, 0)
        return self._in_region(rows)

    def _in_region(self, rows: Rows) -> Rows:
        home = _home(self.portal.config)
        if not home:
            return rows
        if _foreign_share(rows, home)[1] and self._enter_city():
            rows = self.read(1, 0)
        stated, foreign = _foreign_share(rows, home)
        if foreign and foreign == stated and self._open_region():
            rows = self.read(1, 0)
            stated, foreign = _foreign_share(rows, home)
        if foreign and foreign == stated:
            found = next(
                code for row in rows.mappings if (code := line(row.get("region_code"), 40))
            )
            raise PortalError(
                "source.wrong_region", self._address, f"{found} ≠ {self.portal.config.division}"
            )
        return rows

    def _enter_city(self) -> bool:
        """Choose our city in the portal's city switcher."""
        city = next((_CITIES[home] for home in _home(self.portal.config) if home in _CITIES), "")
        said = city and attempt(
            lambda: self.portal.client.post(
                f"{self.base}/changeCity/index.do?method=enterCity",
                form={"cityName": city},
                headers=_ASK,
            ).text()
        )
        return "success" in (said or "")

    def _open_region(self) -> bool:
        """Open the catalogue as a sub-site of our region."""
        region = self.region or self.portal.config.division
        return (
            attempt(
                lambda: self.portal.client.get(
                    f"{self.base}/catalog/index.htm", params={"sub_domain": region}
                )
            )
            is not None
        )

    @property
    def _address(self) -> str:
        return f"{self.base}/catalog/catalog.do?method=GetCatalog"

    def read(self, page: int, offset: int) -> Rows:
        """Rows from an offset; ``page`` counts from 1, for cities that page by number."""
        form = {
            "draw": page,
            "start": offset,
            "length": self.size,
            "pageLength": self.size,
            "page": page,
            "pageSize": self.size,
            "_order": ORDER,
            "cata_type": "",
            "org_code": "",
            "group_id": "",
            "ind_id": "",
            "keywords": "",
            "keyword": "",
            "region_code": self.region,
        }
        headers = {**_ASK, "Referer": f"{self.base}/catalog/index.htm"}
        fields = {name: str(value) for name, value in form.items()}
        return twice(
            lambda: ask(
                self.portal.client,
                f"{self.base}/catalog/catalog.do",
                {"method": "GetCatalog"},
                fields,
                headers,
            )
        )

    def sheet(self, rows: Rows) -> Sheet:
        """A page of the listing out of its rows."""
        ids = tuple(row.get("cata_id") if isinstance(row, Mapping) else row for row in rows.rows)
        entries = (entry_of(row, self.base) for row in rows.mappings)
        return Sheet(tuple(entry for entry in entries if entry is not None), ids, rows.total)

    def pages(self, opening: Rows) -> Iterator[Page]:
        """All pages, beginning with one that has been read already."""
        return walk(
            self.portal,
            self._address,
            lambda page, offset: self.sheet(self.read(page, offset)),
            self.size,
            self.sheet(opening),
        )


def _with_detail(
    client: Client, base: str, record: RemoteRecord, row: Mapping[str, Any]
) -> RemoteRecord:
    """Add what the detail page says, or the interface for apps where the page is of no use."""
    fault: PortalError | None = None
    notice = ""
    try:
        root = client.get(
            f"{base}/catalog/catalogDetail.htm", params={"cata_id": record.remote_id}
        ).html()
    except PortalError as error:
        if not is_refusal(error):
            raise
        fault = error
    else:
        shown = parse_detail(root)
        if shown is not None:
            return merge(record, shown)
        notice = page_text(root, 2_000)
    app = _app_detail(client, base, record.remote_id)
    if app is not None:
        return over(record, parse_row({**row, **app, "cata_id": record.remote_id}, base))
    raise _no_detail(record.remote_id, fault, notice)


def _app_detail(client: Client, base: str, remote_id: str) -> Mapping[str, Any] | None:
    answer = attempt(
        lambda: client.get(
            f"{base}/catalog/catalogDetail.do",
            params={"method": "GetCatalogDetailForApp", "cata_id": remote_id},
        ).json()
    )
    return parse_app_detail(answer)


def _no_detail(remote_id: str, fault: PortalError | None, notice: str) -> Exception:
    if fault is None:
        code = "record.gone" if _GONE.search(notice) else "record.detail_unreadable"
        return RecordError(code, remote_id, notice[:120])
    if fault.code == "source.not_found":
        return RecordError("record.gone", remote_id, fault.cause)
    if fault.code in ("source.not_html", "source.encoding", "source.too_large"):
        return RecordError("record.detail_unreadable", remote_id, f"{fault.code} {fault.cause}")
    return fault


def _with_files(
    client: Client, base: str, record: RemoteRecord, row: Mapping[str, Any]
) -> RemoteRecord:
    """Add files and services; a portal that refuses to list them leaves ``files_known`` false."""
    rows = _file_rows(client, base, record.remote_id)
    services, are_known = _services(client, base, record, row)
    files = parse_files(rows or [], base) + services
    return msgspec.structs.replace(
        record, files=files[:MAX_FILES], files_known=rows is not None and are_known
    )


def _file_rows(client: Client, base: str, remote_id: str) -> list[Mapping[str, Any]] | None:
    paged = attempt(
        lambda: all_rows(lambda page, offset: _file_page(client, base, remote_id, page, offset))
    )
    if paged:
        return paged
    whole = attempt(
        lambda: ask(
            client,
            f"{base}/catalog/catalogDetail.do",
            {"method": "GetDownLoadInfo"},
            {"cata_id": remote_id, "conf_type": "2", "file_type": "1,3"},
            _ASK,
        )
    )
    return paged if whole is None else whole.mappings


def _file_page(client: Client, base: str, remote_id: str, page: int, offset: int) -> Rows:
    form = {
        "draw": str(page),
        "start": str(offset),
        "length": str(FILE_PAGE),
        "search[value]": "",
        "search[regex]": "false",
    }
    for at, name in enumerate(("fileName", "formattedFileSize", "updateTime", "fileId")):
        form[f"columns[{at}][data]"] = name
    return ask(
        client,
        f"{base}/catalog/CatalogDetail.do",
        {"method": "getDownLoadPageInfo", "cata_id": remote_id},
        form,
        _ASK,
    )


def ask(
    client: Client,
    url: str,
    query: Mapping[str, str],
    form: Mapping[str, str],
    headers: Mapping[str, str],
) -> Rows:
    """Ask for rows with POST, as the product's own pages do, or with GET where POST is unknown.

    Raises:
        PortalError: what POST met; ``source.shape``: JSON without any rows.
    """
    try:
        return answered_rows(client.post(f"{url}?{urlencode(query)}", form=form, headers=headers))
    except PortalError as error:
        if not _WRONG_VERB.search(error.cause):
            raise
        fault = error
    try:
        return answered_rows(client.get(url, params={**query, **form}, headers=headers))
    except PortalError as error:
        raise (fault if is_refusal(error) else error) from None


def _services(
    client: Client, base: str, record: RemoteRecord, row: Mapping[str, Any]
) -> tuple[tuple[RemoteFile, ...], bool]:
    """Services of a record, and whether the list of them can be trusted.

    Many installations have no such list. That matters only where the row promises services.
    """
    counts = row.get("catalogStatistic")
    counted = number(counts.get("api_count")) if isinstance(counts, Mapping) else None
    is_promised = bool(counted) or (counted is None and "api" in record.formats)
    if not is_promised and (counted == 0 or line(row.get("conf_use_type"))):
        return (), True
    rows = attempt(
        lambda: answered_rows(
            client.get(
                f"{base}/catalog/catalogDetail.do",
                params={"method": "GetApi", "cata_id": record.remote_id},
                headers=_ASK,
            )
        )
    )
    if rows is None:
        return (), not is_promised
    return parse_services(rows.mappings, base), True
