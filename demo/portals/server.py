"""A simulated portal as a running server on the loopback interface."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from types import TracebackType

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from demo.catalogue import CATALOGUES
from demo.portals import odweb, oportal
from demo.portals.counts import Counts
from demo.portals.faults import Fault, Faults, parse_fault
from demo.portals.odweb import OdwebOptions
from demo.portals.oportal import OportalOptions
from demo.portals.store import Catalogue
from demo.records import Record

__all__ = ["FAMILIES", "USUAL", "PortalServer", "options_of"]

HOST = "127.0.0.1"
FAMILIES = ("odweb", "oportal")
USUAL = {"odweb": "changchun", "oportal": "jilinshi"}

Options = OdwebOptions | OportalOptions


_SEATS = {
    "changchun": ("220100", "长春市"),
    "jilinshi": ("220200", "吉林市"),
    "province": ("220000", "吉林省"),
}


def options_of(family: str, catalogue: str) -> Options:
    """Return the options of a portal that shows a sample catalogue.

    Args:
        family: one of ``FAMILIES``.
        catalogue: name of a sample catalogue.

    Raises:
        ValueError: there is no such family.
    """
    code, place = _SEATS[catalogue]
    title = f"{place}公共信息资源开放平台"
    if family == "odweb":
        return OdwebOptions(title=title, region_code=code, region_name=place)
    if family == "oportal":
        return OportalOptions(title=title, site_code=f"{code}000000")
    raise ValueError(f"没有 {family!r} 这一类门户；可用的有：{'、'.join(FAMILIES)}")


class _Handler(WSGIRequestHandler):
    """Answers without waiting for the client's acknowledgement, and keeps no access log."""

    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002
        """Pass errors on to the log and drop the rest."""
        if type == "error":
            logging.getLogger("demo.portals").error(message, *args)


class PortalServer:
    """One simulated portal that answers in a thread of its own.

    Use it as a context manager, or call ``start`` and ``stop``::

        with PortalServer("odweb", changchun()) as portal:
            httpx.get(portal.url + "/index.htm")
            portal.fault("http_500", route="list", times=1)
            portal.catalogue.remove(record_id)
            assert portal.counts["detail"] == 0

    Args:
        family: ``odweb`` or ``oportal``.
        catalogue: records, a ``Catalogue``, or the name of a sample catalogue.
        options: of the family; its defaults otherwise.
        port: 0 takes a free one.

    Raises:
        ValueError: there is no such family.
        OSError: the port is taken.
    """

    def __init__(
        self,
        family: str,
        catalogue: str | Catalogue | Sequence[Record] = (),
        *,
        options: Options | None = None,
        port: int = 0,
    ) -> None:
        named = catalogue if isinstance(catalogue, str) else USUAL.get(family, "changchun")
        records = CATALOGUES[catalogue]() if isinstance(catalogue, str) else catalogue
        self.family = family
        self.options = options or options_of(family, named)
        self.app, self._path = _application(records, self.options)
        self._server = _listen(self.app, port)
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port in use."""
        return self._server.server_port

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://{HOST}:{self.port}"

    @property
    def url(self) -> str:
        """The address a harvest source is given."""
        return self.origin + self._path

    @property
    def catalogue(self) -> Catalogue:
        """The records; may be changed at any time."""
        return self.app.config["CATALOGUE"]

    @property
    def counts(self) -> Counts:
        """Requests by route name."""
        return self.app.config["COUNTS"]

    @property
    def faults(self) -> Faults:
        """The faults that are switched on."""
        return self.app.config["FAULTS"]

    def fault(self, name: str, **settings: object) -> None:
        """Switch a fault on, see ``demo.portals.faults.Fault`` for its settings."""
        self.faults.add(Fault(name, **settings))  # type: ignore[arg-type]

    def fault_text(self, text: str) -> None:
        """Switch on a fault that is written as on the command line."""
        self.faults.add(parse_fault(text))

    def start(self) -> PortalServer:
        """Begin to answer; returns at once."""
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()
        return self

    def serve(self) -> None:
        """Answer in this thread until the process is stopped."""
        self._server.serve_forever()

    def stop(self) -> None:
        """Stop answering and free the port."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join(timeout=5)
            self._thread = None
        self._server.server_close()

    def __enter__(self) -> PortalServer:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _application(records: Catalogue | Sequence[Record], options: Options) -> tuple[Flask, str]:
    """Return the application of a family and the path of its portal."""
    if isinstance(options, OdwebOptions):
        return odweb.make_app(records, options), options.base
    return oportal.make_app(records, options), options.ctx


def _listen(app: Flask, port: int) -> BaseWSGIServer:
    try:
        return make_server(HOST, port, app, threaded=True, request_handler=_Handler)
    except SystemExit as error:  # werkzeug's answer to a port in use
        raise OSError(f"端口 {port} 已被占用；请用 --port 换一个") from error
