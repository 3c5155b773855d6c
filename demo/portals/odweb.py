"""Simulated portal of the older Inspur generation (odweb).

Routes below ``base`` (``/odweb``; some cities use ``/data``), with the names under which requests
are counted and faults are set:

=================  ================================================================================
``index``          ``index.htm``, ``catalog/index.htm``: opens the session. Sets ``JSESSIONID``,
                   ``sub_domain_cokie``, ``region_name``; ``?region_code=`` switches the city.
``list``           ``catalog/catalog.do?method=GetCatalog`` (POST form or GET): ``start`` and
                   ``length`` (or ``pageLength``), or ``page`` and ``pageSize``.
``facets``         ``catalog/catalog.do?method=GetCatalogStaticsByMutiDimi``
``detail``         ``catalog/catalogDetail.htm?cata_id=`` (HTML)
``detail_app``     ``catalog/catalogDetail.do?method=GetCatalogDetailForApp&cata_id=`` (JSON)
``files``          ``catalog/catalogDetail.do?method=GetDownLoadInfo``
``files_page``     ``catalog/CatalogDetail.do?method=getDownLoadPageInfo&cata_id=``
``download``       ``catalog/CatalogDetailDownload.do?method=getFileDownloadAddr&fileId=``
                   (also ``getFileDownloadAddrby``)
``probe``          ``catalog/catalogDetail.do?method=CheckDownloadAuth&fileId=``
``services``       ``catalog/catalogDetail.do?method=GetApi&cata_id=``
``service_list``   ``dev/developer/serviceList.do?method=queryApiList&page=``
``preview``        ``/dataanaly/data/CatalogDetail.do?method=GetDataListForGrid``
=================  ================================================================================

The quirks are those of the family: the listing follows the session's region and not the request
alone, counters change with every request, codes end in a comma, dates come in four forms, a page
is never longer than the portal likes, file lists are JSON under ``text/html``.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from flask import Flask, Request, Response, json, jsonify, redirect, render_template, request

from demo.dice import hex_id
from demo.portals.base import as_catalogue, new_app, number, send_file, slice_page
from demo.portals.counts import Counts
from demo.portals.faults import Faults
from demo.portals.odweb_wire import (
    FORMAT_CODES,
    facet,
    file_row,
    files_of_kind,
    format_codes,
    label_pairs,
    listing_row,
    page_date,
    sized_row,
    theme_code,
    uses_of,
    zipped,
)
from demo.portals.store import Catalogue
from demo.records import File, Record
from demo.rows import rows_of

__all__ = ["OdwebOptions", "make_app"]

Params = dict[str, str]

_METHODS = {
    "GetCatalog": "list",
    "GetCatalogStaticsByMutiDimi": "facets",
    "GetCatalogDetailForApp": "detail_app",
    "GetDownLoadInfo": "files",
    "getDownLoadPageInfo": "files_page",
    "getFileDownloadAddr": "download",
    "getFileDownloadAddrby": "download",
    "CheckDownloadAuth": "probe",
    "GetApi": "services",
    "queryApiList": "service_list",
    "GetDataListForGrid": "preview",
}
_SESSION_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class OdwebOptions:
    """How one installation differs from another.

    Attributes:
        title: name of the portal, the title of its pages.
        base: path below which everything lies.
        region_code: division that the front page puts into the session.
        region_name: its name, in the cookie ``region_name``.
        skin: ``odweb``, or ``wuxi`` for the other make of detail pages and zipped files.
        without_session: what a listing without a session shows: ``other`` (another region's
            records) or ``empty``.
        max_length: most rows a page, whatever is asked for.
        detail_app: whether the JSON detail is switched on.
        login_for_files: whether a download answers with the login page.
    """

    title: str = "长春市公共信息资源开放平台"
    base: str = "/odweb"
    region_code: str = "220100"
    region_name: str = "长春市"
    skin: str = "odweb"
    without_session: str = "other"
    max_length: int = 100
    detail_app: bool = True
    login_for_files: bool = False


def make_app(catalogue: Catalogue | Sequence[Record], options: OdwebOptions | None = None) -> Flask:
    """Make a simulated odweb portal.

    Args:
        catalogue: what it holds; pass a ``Catalogue`` to change records while it runs.
        options: how the installation is set up.

    Returns:
        A Flask application, see ``demo.portals.base.new_app`` for its config.
    """
    options = options or OdwebOptions()
    store = as_catalogue(catalogue)
    app = new_app(store, _route_of)
    portal = _Portal(store, options, app.config["COUNTS"], app.config["FAULTS"])
    base = options.base
    for path in (f"{base}/index.htm", f"{base}/catalog/index.htm"):
        app.add_url_rule(path, path, portal.index)
    app.add_url_rule("/", "root", lambda: redirect(f"{base}/index.htm"))
    app.add_url_rule(f"{base}/catalog/catalogDetail.htm", "detail", portal.detail)
    for path in (
        f"{base}/catalog/<handler>.do",
        f"{base}/dev/developer/<handler>.do",
        "/dataanaly/data/<handler>.do",
    ):
        app.add_url_rule(path, path, portal.call, methods=["GET", "POST"])
    return app


def _route_of(incoming: Request) -> str:
    if incoming.path.endswith("index.htm"):
        return "index"
    if incoming.path.endswith("catalogDetail.htm"):
        return "detail"
    if incoming.path.endswith(".do"):
        return _METHODS.get(incoming.values.get("method", ""), "other")
    return "other"


class _Portal:
    """One installation with its sessions."""

    def __init__(
        self, catalogue: Catalogue, options: OdwebOptions, counts: Counts, faults: Faults
    ) -> None:
        self._catalogue = catalogue
        self._options = options
        self._counts = counts
        self._faults = faults
        self._lock = threading.Lock()
        self._sessions: dict[str, str] = {}
        self._methods: dict[str, Callable[[Params], Response]] = {
            "list": self._list,
            "facets": self._facets,
            "detail_app": self._detail_app,
            "files": self._files,
            "files_page": self._files_page,
            "download": self._download,
            "probe": self._probe,
            "services": self._services,
            "service_list": self._service_list,
            "preview": self._preview,
        }

    def index(self) -> Response:
        """Answer the front page and open a session bound to a region."""
        region = request.args.get("region_code") or self._options.region_code
        session = request.cookies.get("JSESSIONID") or uuid4().hex.upper()
        with self._lock:
            if len(self._sessions) >= _SESSION_LIMIT:
                self._sessions.clear()
            self._sessions[session] = region
        page = render_template(
            "odweb/index.html", title=self._options.title, base=self._options.base
        )
        response = Response(page, mimetype="text/html")
        response.set_cookie("JSESSIONID", session, path=self._options.base, httponly=True)
        response.set_cookie("sub_domain_cokie", quote(self._options.region_name), path="/")
        response.set_cookie("region_name", quote(self._options.region_name), path="/")
        return response

    def call(self, handler: str) -> Response:
        """Answer ``<handler>.do?method=…``; one handler serves many methods."""
        params = {key: value.strip() for key, value in request.values.items()}
        method = self._methods.get(_METHODS.get(params.get("method", ""), ""))
        if method is None:
            return Response(f"{handler}.do: method not found", status=404)
        return method(params)

    def detail(self) -> Response:
        """Answer a record's page, in the skin of this installation."""
        record = self._catalogue.get(request.args.get("cata_id", ""))
        if record is None:
            page = render_template("odweb/missing.html", title=self._options.title)
            return Response(page, mimetype="text/html")
        page = render_template(
            f"odweb/detail_{self._options.skin}.html",
            portal=self._options,
            record=record,
            pairs=label_pairs(record),
            themes="，".join(record.themes),
            industries="，".join(record.industries),
            tags=",".join(record.tags),
            released=page_date(record, record.released),
            updated=page_date(record, record.updated),
        )
        return Response(page, mimetype="text/html")

    def _region(self) -> str:
        """Return the session's region, or that of nobody in particular without a session."""
        with self._lock:
            return self._sessions.get(request.cookies.get("JSESSIONID", ""), "")

    def _matching(self, params: Params) -> tuple[Record, ...]:
        region = self._region()
        if not region:
            if self._options.without_session == "empty":
                return ()
            return _foreign_records()
        return self._catalogue.listing(lambda record: _wanted(record, region, params))

    def _list(self, params: Params) -> Response:
        found = _ordered(self._matching(params), params)
        if "pageSize" in params:
            length = min(number(params["pageSize"], 6), self._options.max_length)
            start = max(0, number(params.get("page"), 1) - 1) * length
        else:
            asked = params.get("length") or params.get("pageLength")
            length = min(number(asked, 6), self._options.max_length)
            start = number(params.get("start"), 0)
        total, page = slice_page(found, start, length, self._faults)
        turn = self._counts["list"]
        return jsonify(
            {
                "draw": number(params.get("draw"), 1),
                "recordsTotal": total,
                "recordsFiltered": total,
                "data": [listing_row(record, turn) for record in page],
            }
        )

    def _facets(self, params: Params) -> Response:
        found = self._matching(params)
        departments = Counter((r.department, r.department_code) for r in found)
        themes = Counter((t, theme_code(t)) for r in found for t in r.themes)
        uses = Counter((name, code) for r in found for code, name in uses_of(r))
        formats = Counter(
            (f.upper(), FORMAT_CODES[f]) for r in found for f in r.formats if f in FORMAT_CODES
        )
        return jsonify(
            [
                facet("部门", "org_code", departments),
                facet("主题", "group_id", themes),
                facet("数据使用方式", "use_type", uses),
                facet("数据格式", "catalog_format", formats),
            ]
        )

    def _detail_app(self, params: Params) -> Response:
        record = self._catalogue.get(params.get("cata_id", ""))
        if record is None or not self._options.detail_app:
            return jsonify({"code": "0004", "msg": "目录不存在或已下线"})
        row = listing_row(record, self._counts["detail_app"])
        row["columns"] = [
            {
                "column_name": column.name,
                "column_desc": column.label,
                "data_type": column.data_type,
                "data_length": column.length,
            }
            for column in record.columns
        ]
        codes = {"open_type": "3" if record.conditional else "1"}
        for key in ("conf_update_cycle", "conf_use_type"):
            codes[key] = row[key]
        codes |= {"conf_cata_magnitude": "", "conf_is_view": "0", "conf_download_enable": "1"}
        return jsonify(
            {"cata_id": record.record_id, "openCatalog": row, "openCatalogFromDict": codes}
        )

    def _files(self, params: Params) -> Response:
        record = self._catalogue.get(params.get("cata_id", ""))
        kinds = params.get("file_type", "1,3").split(",")
        files = [file_row(record, file) for file in files_of_kind(record, kinds)] if record else []
        return _json_as_html({"data": files})

    def _files_page(self, params: Params) -> Response:
        record = self._catalogue.get(params.get("cata_id", ""))
        kinds = params.get("file_typs", "1,3").split(",")
        word = params.get("keywords", "").lower()
        files = [file for file in files_of_kind(record, kinds) if word in file.name.lower()]
        start, length = number(params.get("start"), 0), number(params.get("length"), 10)
        as_zip = self._options.skin == "wuxi"
        rows = [
            sized_row(record, file, as_zip=as_zip)
            for file in files[start : start + length]
            if record is not None
        ]
        return _json_as_html(
            {
                "draw": number(params.get("draw"), 1),
                "recordsTotal": len(files),
                "recordsFiltered": len(files),
                "data": rows,
            }
        )

    def _permission(self, file_id: str) -> tuple[str, str, Record | None, File | None]:
        found = self._catalogue.find_file(lambda file: file.file_id == file_id)
        if found is None:
            return "0004", "文件不存在或已下线", None, None
        record, file = found
        if self._options.login_for_files:
            return "0008", "用户未登录", record, file
        if record.conditional:
            return "0009", "请先提交数据申请", record, file
        return "0000", "允许下载", record, file

    def _probe(self, params: Params) -> Response:
        code, message, _record, _file = self._permission(params.get("fileId", ""))
        return jsonify({"code": code, "msg": message})

    def _download(self, params: Params) -> Response:
        code, message, record, file = self._permission(params.get("fileId", ""))
        if code == "0008":
            return Response(render_template("faults/login.html"), mimetype="text/html")
        if code != "0000" or record is None or file is None:
            return jsonify({"code": code, "msg": message})
        if self._options.skin == "wuxi" and file.generated:
            file = zipped(file)
        return send_file(record, file)

    def _services(self, params: Params) -> Response:
        record = self._catalogue.get(params.get("cata_id", ""))
        rows = [
            {
                "open_service_id": service.service_id,
                "service_name": service.name,
                "service_desc": record.description,
                "version_name": "1.0",
                "service_uri": f"/gateway/api/1/{service.context}",
                "api_result": '{"code":200,"data":[]}',
                "additional_info": {"request_method": "GET"},
            }
            for service in (record.services if record else ())
            if record is not None
        ]
        return jsonify(
            {"draw": 1, "recordsTotal": len(rows), "recordsFiltered": len(rows), "data": rows}
        )

    def _service_list(self, params: Params) -> Response:
        pairs = [(record, s) for record in self._catalogue.all() for s in record.services]
        start = max(0, number(params.get("page"), 1) - 1) * 10
        rows = [
            {
                "service_id": service.service_id,
                "service_name": service.name,
                "service_desc": record.description,
                "service_theme": "，".join(record.themes),
                "org_name": record.department,
                "online_time": record.released,
                "create_time": record.released,
                "need_user_authorize": 1,
                "total_visits_count": self._counts["service_list"],
                "total_apply_count": 0,
            }
            for record, service in pairs[start : start + 10]
        ]
        return jsonify({"recordsTotal": len(pairs), "data": rows})

    def _preview(self, params: Params) -> Response:
        record = self._catalogue.get(params.get("cata_id", ""))
        if record is None:
            return jsonify({"page": 1, "records": 0, "rows": []})
        labels = [column.name for column in record.columns]
        rows = [dict(zip(labels, row, strict=True)) for row in rows_of(record)]
        length = number(params.get("rows"), 10)
        start = max(0, number(params.get("page"), 1) - 1) * length
        page = rows[start : start + length]
        return jsonify({"page": start // max(1, length) + 1, "records": len(rows), "rows": page})


def _foreign_records() -> tuple[Record, ...]:
    """Return what the installation shows a visitor without a session: another region."""
    return tuple(
        Record(
            record_id=hex_id("foreign", index),
            title=f"松原市示例目录{index}",
            description="其他地区的示例目录。",
            department="市教育局",
            department_code="2207000003",
            region_code="220700",
            themes=("教育文化",),
            frequency="每年",
            released="2021-05-06 09:00:00",
            updated="2022-05-06 09:00:00",
        )
        for index in (1, 2, 3)
    )


def _wanted(record: Record, region: str, params: Params) -> bool:
    asked = params.get("region_code", "")
    regions = [region] if asked in ("", "-1") else [region, asked]
    if not all(_within(record.region_code, code) for code in regions):
        return False
    words = params.get("keywords") or params.get("keyword") or ""
    tests = (
        ("org_code", lambda value: record.department_code == value),
        ("group_id", lambda value: value in map(theme_code, record.themes)),
        ("open_type", lambda value: record.open_type == value),
        ("tag", lambda value: value in record.tags),
        ("use_type", lambda value: value in [code for code, _name in uses_of(record)]),
        ("catalog_format", lambda value: value in format_codes(record)),
        ("cata_type", lambda value: value in ("default", "government", "10")),
    )
    for name, test in tests:
        value = params.get(name, "")
        if value not in ("", "-1") and not test(value):
            return False
    return words in record.title or words in record.description


def _within(code: str, region: str) -> bool:
    """Return whether a division lies in a region; a record without one lies everywhere."""
    return not code or code.startswith(region.rstrip("0"))


def _ordered(records: tuple[Record, ...], params: Params) -> tuple[Record, ...]:
    """Apply ``_order``: ``n:a`` ascending, ``n:b`` descending, or the older SQL-like text."""
    order = params.get("_order", "")
    ascending = order.endswith((":a", " asc"))
    return tuple(reversed(records)) if ascending else records


def _json_as_html(content: dict[str, Any]) -> Response:
    """Return JSON under ``text/html``, as these handlers do."""
    return Response(json.dumps(content), content_type="text/html;charset=UTF-8")
