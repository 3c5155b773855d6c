"""Simulated portal of the newer Inspur generation (portal, oportal).

Routes, with the names under which requests are counted and faults are set; ``ctx`` is
``/oportal`` unless the installation says otherwise:

=================  ================================================================================
``list``           ``{ctx}/catalog/index?page=N`` (HTML, 10 a page): ``fileFormat``, ``openType``,
                   ``filterParam`` with ``filterParamCode``
``detail``         ``{ctx}/catalog/{id}`` (HTML)
``files``          ``{ctx}/catalog/getResourceWithFormat?cataId=&pageNum=&pageSize=&fileFormat=``
``services``       ``{ctx}/catalog/getApplyResource?searchType=api&cataId=&pageNum=&pageSize=``
``download``       ``{ctx}/catalog/download?cataId=&cataName=&idInRc=``
``document``       ``/rcservice/docouter?docid=&siteCode=``
``service_list``   ``{ctx}/api/index?page=N`` (HTML)
``service``        ``{ctx}/api/{id}/detail`` (HTML)
``gateway``        ``/gateway/api/1/{context}``, ``/gateway/api/1.0/cataLog_{id}/get_data_count``
                   and ``…/get_datalist_page``; signed with ``X-Client-Id``, ``X-Timestamp``,
                   ``X-Nonce``, ``X-Signature``
=================  ================================================================================

The rows of files in a detail page and their links carry ``idInRc`` as their id. The quirks are
those of the family: totals with thousands commas, empty values as 暂无 or nothing,
tags parted by line breaks and tabs, refusals as 200, ids in base64 that must be quoted, errors of
the gateway inside a 200 envelope.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from flask import Flask, Request, Response, json, jsonify, redirect, render_template, request

from demo.dice import Dice
from demo.files import build
from demo.portals.base import as_catalogue, new_app, number, send_file, slice_page
from demo.portals.faults import Faults
from demo.portals.store import Catalogue
from demo.records import File, Record
from demo.rows import rows_of

__all__ = ["OportalOptions", "id_in_rc", "make_app", "sign"]

_FORMAT_CODES = {
    "1": ("xls", "xlsx"),
    "2": ("xml",),
    "3": ("json",),
    "4": ("csv",),
    "5": ("rdf",),
    "6": ("api",),
    "7": ("link",),
}
_LIST_FORMATS = frozenset(("xls", "xml", "json", "csv", "rdf", "api", "link"))
_PAGE = 10
_SIGNATURE_MS = 10 * 60 * 1000
_BEIJING = timezone(timedelta(hours=8))
_REFUSAL = "无权限下载"


@dataclass(frozen=True, slots=True)
class OportalOptions:
    """How one installation differs from another.

    Attributes:
        title: name of the portal, the title of its pages.
        ctx: path below which the portal lies.
        site_code: twelve-digit code that ``docouter`` wants.
        client_id, client_key: the one account of the signed gateway.
        condition_label: 开放条件, 开放类型 or 开放状态.
        updated_label: 更新时间 or 数据更新时间.
        static_files: whether a detail page lists the files; else only the JSON does.
        spans: whether the head list of a detail page is ``div.details-list`` with plain spans.
    """

    title: str = "吉林市公共信息资源开放平台"
    ctx: str = "/oportal"
    site_code: str = "220200000000"
    client_id: str = "sample-client"
    client_key: str = "sample-only"
    condition_label: str = "开放条件"
    updated_label: str = "更新时间"
    static_files: bool = True
    spans: bool = False


def make_app(
    catalogue: Catalogue | Sequence[Record], options: OportalOptions | None = None
) -> Flask:
    """Make a simulated oportal portal.

    Args:
        catalogue: what it holds; pass a ``Catalogue`` to change records while it runs.
        options: how the installation is set up.

    Returns:
        A Flask application, see ``demo.portals.base.new_app`` for its config.
    """
    options = options or OportalOptions()
    store = as_catalogue(catalogue)
    app = new_app(store, lambda incoming: _route_of(incoming, options.ctx))
    portal = _Portal(store, options, app.config["FAULTS"])
    ctx = options.ctx
    app.add_url_rule("/", "root", lambda: redirect(f"{ctx}/catalog/index"))
    app.add_url_rule(f"{ctx}/catalog/index", "list", portal.list)
    app.add_url_rule(f"{ctx}/catalog/getResourceWithFormat", "files", portal.files)
    app.add_url_rule(f"{ctx}/catalog/getApplyResource", "services", portal.services)
    app.add_url_rule(f"{ctx}/catalog/download", "download", portal.download)
    app.add_url_rule(f"{ctx}/catalog/<record_id>", "detail", portal.detail)
    app.add_url_rule("/rcservice/docouter", "document", portal.document)
    app.add_url_rule(f"{ctx}/api/index", "service_list", portal.service_list)
    app.add_url_rule(f"{ctx}/api/<service_id>/detail", "service", portal.service)
    both = ["GET", "POST"]
    app.add_url_rule("/gateway/api/1/<context>", "call", portal.call, methods=both)
    app.add_url_rule(
        "/gateway/api/1.0/cataLog_<record_id>/<operation>", "read", portal.read, methods=both
    )
    return app


def sign(client_id: str, secret: str, timestamp: str, nonce: str) -> str:
    """Return the gateway's signature: Base64 of HMAC-SHA256 over id, timestamp and nonce."""
    text = f"{client_id}{timestamp}{nonce}".encode()
    return base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()


def id_in_rc(file: File) -> str:
    """Return the id under which the store knows a file: 64 characters with ``/ + =``."""
    for salt in range(1000):
        digest = hashlib.sha512(f"{file.file_id}{salt}".encode()).digest()
        text = base64.b64encode(digest[:47]).decode()
        if "/" in text and "+" in text:
            return text
    raise RuntimeError("no salt gives an id with both characters")


def _route_of(incoming: Request, ctx: str) -> str:
    path = incoming.path
    fixed = {
        f"{ctx}/catalog/index": "list",
        f"{ctx}/catalog/getResourceWithFormat": "files",
        f"{ctx}/catalog/getApplyResource": "services",
        f"{ctx}/catalog/download": "download",
        "/rcservice/docouter": "document",
        f"{ctx}/api/index": "service_list",
    }
    if path in fixed:
        return fixed[path]
    if path.startswith("/gateway/"):
        return "gateway"
    if path.startswith(f"{ctx}/api/"):
        return "service"
    return "detail" if path.startswith(f"{ctx}/catalog/") else "other"


class _Portal:
    """One installation."""

    def __init__(self, catalogue: Catalogue, options: OportalOptions, faults: Faults) -> None:
        self._catalogue = catalogue
        self._options = options
        self._faults = faults

    def list(self) -> Response:
        """Answer one page of the listing with its facets."""
        everything = self._catalogue.all()
        found = self._catalogue.listing(_wanted)
        page_number = max(1, number(request.args.get("page"), 1))
        total, page = slice_page(found, (page_number - 1) * _PAGE, _PAGE, self._faults)
        html = render_template(
            "oportal/list.html",
            portal=self._options,
            records=[(record, _list_formats(record)) for record in page],
            total=f"{total:,}",
            organs=_codes(everything, "department"),
            regions=_codes(everything, "region_code"),
            page=page_number,
        )
        return Response(html, mimetype="text/html")

    def detail(self, record_id: str) -> Response:
        """Answer a record's page."""
        record = self._catalogue.get(record_id)
        if record is None:
            return Response(render_template("oportal/missing.html"), mimetype="text/html")
        html = render_template(
            "oportal/detail.html",
            portal=self._options,
            record=record,
            head=self._head(record),
            table=_table(record),
            files=[(file, id_in_rc(file)) for file in self._static_files(record)],
        )
        return Response(html, mimetype="text/html")

    def _static_files(self, record: Record) -> tuple[File, ...]:
        return record.files if self._options.static_files else ()

    def _head(self, record: Record) -> tuple[tuple[str, str], ...]:
        return (
            ("来源部门", record.department),
            ("重点领域", "，".join(record.themes) or _nothing(record, "themes")),
            ("发布时间", _day(record.released)),
            (self._options.updated_label, _day(record.updated)),
            (self._options.condition_label, record.open_type),
        )

    def files(self) -> Response:
        """Answer a record's files as JSON."""
        record = self._catalogue.get(request.args.get("cataId", ""))
        wanted = request.args.get("fileFormat", "").lower()
        files = [f for f in (record.files if record else ()) if wanted in ("", f.format)]
        rows = [_file_row(record, file) for file in _json_page(files)] if record else []
        return jsonify({"code": 0, "msg": "", "object": {"total": len(files), "records": rows}})

    def services(self) -> Response:
        """Answer a record's interfaces as JSON."""
        record = self._catalogue.get(request.args.get("cataId", ""))
        services = record.services if record else ()
        if request.args.get("searchType") != "api":
            services = ()
        rows = [
            {
                "serviceId": service.service_id,
                "serviceName": service.name,
                "serviceDesc": record.description,
                "context": service.context,
                "inputParam": '[{"name":"STARTNUM"},{"name":"PAGENUM"}]',
                "outputParam": "[]",
                "updateTime": _milliseconds(record.updated),
                "status": "1",
            }
            for service in _json_page(services)
            if record is not None
        ]
        return jsonify({"code": 0, "object": {"total": len(services), "records": rows}})

    def download(self) -> Response:
        """Answer a file, or 200 with a refusal."""
        return self._send(request.args.get("idInRc", ""))

    def document(self) -> Response:
        """Answer a file by the store's own address."""
        if request.args.get("siteCode") != self._options.site_code:
            return jsonify({"error": "siteCode错误"})
        return self._send(request.args.get("docid", ""))

    def _send(self, wanted: str) -> Response:
        found = self._catalogue.find_file(lambda file: id_in_rc(file) == wanted)
        if found is None:
            return jsonify({"error": "文件不存在"})
        record, file = found
        if record.conditional:
            return Response(
                render_template("oportal/refusal.html", text=_REFUSAL), mimetype="text/html"
            )
        return send_file(record, file)

    def service_list(self) -> Response:
        """Answer one page of the portal's interfaces."""
        pairs = [(record, s) for record in self._catalogue.all() for s in record.services]
        start = (max(1, number(request.args.get("page"), 1)) - 1) * _PAGE
        html = render_template(
            "oportal/api_list.html",
            portal=self._options,
            pairs=pairs[start : start + _PAGE],
            total=f"{len(pairs):,}",
        )
        return Response(html, mimetype="text/html")

    def service(self, service_id: str) -> Response:
        """Answer the page of one interface."""
        found = self._catalogue.find_service(lambda s: s.service_id == service_id)
        if found is None:
            return Response(render_template("oportal/missing.html"), mimetype="text/html")
        html = render_template(
            "oportal/api_detail.html", portal=self._options, record=found[0], service=found[1]
        )
        return Response(html, mimetype="text/html")

    def call(self, context: str) -> Response:
        """Answer a signed call of a record's interface, paged by STARTNUM and PAGENUM."""
        refusal = self._refusal()
        if refusal:
            return refusal
        found = self._catalogue.find_service(lambda service: service.context == context)
        if found is None:
            return jsonify({"code": 404, "msg": "接口不存在", "data": []})
        start = number(request.values.get("STARTNUM"), 0)
        length = min(number(request.values.get("PAGENUM"), 10), 100)
        data = _objects(found[0])[start : start + length]
        return jsonify({"code": "200", "msg": "成功", "data": json.dumps(data)})

    def read(self, record_id: str, operation: str) -> Response:
        """Answer a signed read of a record's rows or their number."""
        refusal = self._refusal()
        if refusal:
            return refusal
        record = self._catalogue.get(record_id)
        if record is None:
            return jsonify({"code": 404, "msg": "目录不存在", "data": []})
        rows = _objects(record)
        if operation == "get_data_count":
            return jsonify({"code": 200, "msg": "成功", "data": [{"count": len(rows)}]})
        length = min(number(request.values.get("PAGENUM"), 10), 100)
        start = max(0, number(request.values.get("PAGE"), 1) - 1) * length
        return jsonify({"code": 200, "msg": "成功", "data": rows[start : start + length]})

    def _refusal(self) -> Response | None:
        """Return the gateway's error envelope when the call is not properly signed."""
        headers = request.headers
        client = headers.get("X-Client-Id", "")
        stamp, nonce = headers.get("X-Timestamp", ""), headers.get("X-Nonce", "")
        if client != self._options.client_id:
            return jsonify({"code": 300, "msg": "请求者标识不存在", "data": None})
        late = not stamp.isdecimal() or abs(time.time() * 1000 - int(stamp)) > _SIGNATURE_MS
        right = sign(client, self._options.client_key, stamp, nonce)
        signed = hmac.compare_digest(right, headers.get("X-Signature", ""))
        if late or not nonce or not signed:
            return jsonify({"code": 300, "msg": "权限认证失败", "data": None})
        return None


def _wanted(record: Record) -> bool:
    """Return whether the request's filters let a record through."""
    args = request.args
    formats = _FORMAT_CODES.get(args.get("fileFormat", ""))
    if formats and not set(formats) & set(record.formats):
        return False
    open_type = args.get("openType", "")
    if open_type in ("1", "2") and record.conditional != (open_type == "2"):
        return False
    code = args.get("filterParamCode", "")
    kind = args.get("filterParam", "")
    if code and kind == "org_code":
        return record.department_code == code
    if code and kind == "region_code":
        return record.region_code == code
    return True


def _list_formats(record: Record) -> list[tuple[str, str]]:
    """Return (class, text) of a listing item's formats; a spreadsheet is ``xls`` here."""
    names = ["xls" if name == "xlsx" else name for name in record.formats]
    return [(n, "接口" if n == "api" else n.upper()) for n in names if n in _LIST_FORMATS]


def _codes(records: Sequence[Record], kind: str) -> list[tuple[str, str, int]]:
    """Return (code, name, count) of a facet, the largest first."""
    if kind == "department":
        counter = Counter((r.department_code, r.department) for r in records)
    else:
        counter = Counter((r.region_code, r.region_code) for r in records)
    return [(code, name, count) for (code, name), count in counter.most_common()]


def _nothing(record: Record, field: str) -> str:
    """Return how the page prints an empty value: 暂无 or nothing at all."""
    return "暂无" if Dice("empty", record.record_id, field).chance(0.5) else ""


def _day(text: str) -> str:
    return text.partition(" ")[0]


def _table(record: Record) -> tuple[tuple[str, str], ...]:
    rows = record.row_count
    count = f"{int(rows):,}" if rows.isdecimal() else rows
    label = "数据量" if any(file.generated for file in record.files) else "文件量"
    return (
        (label, count if label == "数据量" else str(len(record.files))),
        ("接口量", str(len(record.services))),
        ("所属行业", "，".join(record.industries) or _nothing(record, "industries")),
        ("更新频率", record.frequency or _nothing(record, "frequency")),
        ("部门电话", record.phone or _nothing(record, "phone")),
        ("部门邮箱", record.email or _nothing(record, "email")),
        ("标签", "\r\n\t".join(record.tags)),
        ("描述", record.description or _nothing(record, "description")),
    )


def _milliseconds(text: str) -> int | None:
    found = re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})(?: (\d\d):(\d\d):(\d\d))?$", text)
    if not found:
        return None
    moment = datetime(*(int(part or 0) for part in found.groups()), tzinfo=_BEIJING)
    return int(moment.timestamp() * 1000)


def _json_page(items: Sequence[Any]) -> Sequence[Any]:
    length = min(number(request.args.get("pageSize"), 10), 100)
    start = (max(1, number(request.args.get("pageNum"), 1)) - 1) * length
    return items[start : start + length]


def _file_row(record: Record, file: File) -> dict[str, Any]:
    return {
        "fileId": file.file_id,
        "fileName": file.name,
        "fileDescription": "",
        "fileFormat": file.format,
        "fileSize": len(build(record, file)),
        "dataCount": record.row_count,
        "updateTime": _milliseconds(record.updated),
        "idInRc": id_in_rc(file),
        "status": "1",
        "isApply": "1" if record.conditional else "0",
    }


def _objects(record: Record) -> list[dict[str, Any]]:
    names = [column.name for column in record.columns]
    return [dict(zip(names, row, strict=True)) for row in rows_of(record)]
