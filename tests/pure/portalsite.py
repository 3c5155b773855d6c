"""A small web site on the loopback interface, answered by one function, for tests of families."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from ckanext.jilinopen.harvest.client import Client, Limits
from ckanext.jilinopen.harvest.config_model import SourceConfig
from ckanext.jilinopen.harvest.guard import Guard
from ckanext.jilinopen.harvest.portals import Portal

__all__ = ["Asked", "Said", "data", "listing_of", "page", "portal_at", "refused", "site"]


@dataclass(frozen=True)
class Asked:
    """A request: ``values`` holds query and form together."""

    method: str
    path: str
    values: Mapping[str, str]
    cookies: Mapping[str, str]
    headers: Mapping[str, str]

    @property
    def action(self) -> str:
        """The ``method=`` of an odweb address."""
        return self.values.get("method", "")


@dataclass(frozen=True)
class Said:
    """An answer."""

    body: str
    status: int = 200
    media_type: str = "text/html; charset=utf-8"
    cookie: str = ""


def page(html: str, **changes) -> Said:
    return Said(
        f"<!DOCTYPE html><html><head><title>数据</title></head><body>{html}</body></html>",
        **changes,
    )


def data(value: object, **changes) -> Said:
    return Said(
        json.dumps(value, ensure_ascii=False),
        **{"media_type": "application/json;charset=UTF-8", **changes},
    )


def refused(status: int) -> Said:
    return page(f"<h1>{status}</h1>", status=status)


@contextmanager
def site(answer: Callable[[Asked], Said]) -> Iterator[str]:
    """Serve until the block ends; gives the address without a closing slash."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("content-length") or 0)
            form = self.rfile.read(length).decode()
            values = dict(parse_qsl(parts.query, keep_blank_values=True))
            values.update(parse_qsl(form, keep_blank_values=True))
            cookies = SimpleCookie(self.headers.get("cookie", ""))
            said = answer(
                Asked(
                    self.command,
                    unquote(parts.path),
                    values,
                    {name: morsel.value for name, morsel in cookies.items()},
                    {name.lower(): value for name, value in self.headers.items()},
                )
            )
            self.send_response(said.status)
            self.send_header("Content-Type", said.media_type)
            if said.cookie:
                self.send_header("Set-Cookie", said.cookie)
            body = said.body.encode("utf-8", "surrogatepass")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def portal_at(address: str, family: str, **settings) -> Iterator[Portal]:
    """A portal as a run sees it, with the real client."""
    client = Client(limits=Limits(retries=0, read=10), guard=Guard(frozenset({"127.0.0.1"})))
    config = SourceConfig(**{"family": family, "division": "220100", **settings})
    with client:
        yield Portal(address=address, config=config, client=client)


def listing_of(family, portal: Portal) -> tuple[list, int | None]:
    """All entries of a listing and the total that its last page named."""
    pages = list(family.pages(portal))
    return [entry for found in pages for entry in found.entries], pages[-1].total
