"""Faults of real portals that can be switched on, for one route or all, once or for good.

``empty_page``, ``empty_listing``, ``wrong_total``, ``ignore_start`` and ``duplicate_id`` change
what the listing says; the others replace or spoil the whole answer of a route.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace

from flask import Response, render_template

__all__ = ["LISTING_FAULTS", "NAMES", "Fault", "Faults", "parse_fault"]

LISTING_FAULTS = (
    "empty_page",
    "empty_listing",
    "wrong_total",
    "ignore_start",
    "duplicate_id",
)
_BEFORE = ("html_instead_of_json", "http_500", "login_page", "challenge", "redirect_private")
_AFTER = ("slow", "truncated", "bad_json", "gbk")
NAMES = (*LISTING_FAULTS, *_BEFORE, *_AFTER)

_CHALLENGES = {"wzws": 200, "jsl": 521, "waf": 412}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault that is switched on.

    Attributes:
        name: one of ``NAMES``.
        route: name of the route it hits, ``*`` for every route. Listing faults hit ``list``.
        times: how many requests it hits; ``None`` means all of them.
        skip: how many requests of the route pass unharmed before.
        seconds: delay of ``slow``.
        by: what ``wrong_total`` adds to the total.
        kind: ``wzws``, ``jsl`` or ``waf``, the make of a ``challenge``.
        location: where ``redirect_private`` leads.
        declared: whether ``gbk`` also names the encoding in the header.
    """

    name: str
    route: str = "*"
    times: int | None = None
    skip: int = 0
    seconds: float = 5.0
    by: int = 37
    kind: str = "wzws"
    location: str = "http://169.254.169.254/latest/meta-data/"
    declared: bool = True

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise ValueError(f"没有名为 {self.name!r} 的故障；可用的有：{'、'.join(NAMES)}")
        if self.kind not in _CHALLENGES:
            raise ValueError(f"没有 {self.kind!r} 这种验证页；可用的有：{'、'.join(_CHALLENGES)}")


class Faults:
    """The faults that are switched on in one portal; safe to change while it runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._active: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Switch a fault on."""
        if fault.name in LISTING_FAULTS and fault.route == "*":
            fault = replace(fault, route="list")
        with self._lock:
            self._active.append(fault)

    def clear(self) -> None:
        """Switch every fault off."""
        with self._lock:
            self._active.clear()

    def take(self, route: str, *names: str) -> Fault | None:
        """Return the fault among ``names`` that hits this request, and use it up by one."""
        with self._lock:
            for index, fault in enumerate(self._active):
                if fault.name not in names or fault.route not in ("*", route):
                    continue
                if fault.skip:
                    self._active[index] = replace(fault, skip=fault.skip - 1)
                    continue
                if fault.times is None:
                    return fault
                if fault.times > 0:
                    self._active[index] = replace(fault, times=fault.times - 1)
                    return fault
        return None

    def before(self, route: str) -> Response | None:
        """Return the answer that takes the place of the portal's own, if a fault says so."""
        fault = self.take(route, *_BEFORE)
        return _ANSWERS[fault.name](fault) if fault else None

    def after(self, route: str, response: Response) -> Response:
        """Return the portal's answer, spoiled if a fault says so."""
        for name in _AFTER:
            fault = self.take(route, name)
            if fault:
                response = _SPOILERS[name](fault, response)
        return response


def parse_fault(text: str) -> Fault:
    """Read a fault from the command line.

    Args:
        text: name and settings, e.g. ``http_500,route=list,times=2``.

    Raises:
        ValueError: the name or a setting is unknown, or a number is none.
    """
    name, *settings = text.split(",")
    readers = {
        "route": str,
        "times": int,
        "skip": int,
        "seconds": float,
        "by": int,
        "kind": str,
        "location": str,
        "declared": lambda value: value not in {"0", "no", "false"},
    }
    values = {}
    for setting in settings:
        key, _, value = setting.partition("=")
        if key not in readers:
            raise ValueError(f"故障 {name} 没有设置项 {key!r}；可用的有：{'、'.join(readers)}")
        try:
            values[key] = readers[key](value)
        except ValueError as error:
            raise ValueError(f"故障 {name} 的 {key} 应为数字，而不是 {value!r}") from error
    return Fault(name, **values)


def _html_instead_of_json(_fault: Fault) -> Response:
    return Response(render_template("faults/maintenance.html"), mimetype="text/html")


def _http_500(_fault: Fault) -> Response:
    return Response("Internal Server Error", status=500, mimetype="text/html")


def _login_page(_fault: Fault) -> Response:
    return Response(render_template("faults/login.html"), mimetype="text/html")


def _challenge(fault: Fault) -> Response:
    page = render_template("faults/challenge.html", kind=fault.kind)
    response = Response(page, status=_CHALLENGES[fault.kind], mimetype="text/html")
    if fault.kind == "jsl":
        response.set_cookie("__jsluid_s", "0" * 32)
    return response


def _redirect_private(fault: Fault) -> Response:
    return Response(status=302, headers={"Location": fault.location})


_ANSWERS = {
    "html_instead_of_json": _html_instead_of_json,
    "http_500": _http_500,
    "login_page": _login_page,
    "challenge": _challenge,
    "redirect_private": _redirect_private,
}


def _slow(fault: Fault, response: Response) -> Response:
    time.sleep(fault.seconds)
    return response


def _truncated(_fault: Fault, response: Response) -> Response:
    """Promise the whole body, send half of it and hang up."""
    body = response.get_data()
    response.set_data(body[: len(body) // 2])
    response.headers["Content-Length"] = str(len(body))
    return response


def _bad_json(_fault: Fault, response: Response) -> Response:
    body = response.get_data()
    response.set_data(body[: max(1, len(body) * 2 // 3)] + b"\n<!-- cut -->")
    return response


def _gbk(fault: Fault, response: Response) -> Response:
    text = response.get_data().decode("utf-8", errors="replace")
    response.set_data(text.encode("gb18030"))
    charset = "; charset=GBK" if fault.declared else ""
    response.headers["Content-Type"] = f"{response.mimetype}{charset}"
    return response


_SPOILERS = {"slow": _slow, "truncated": _truncated, "bad_json": _bad_json, "gbk": _gbk}
