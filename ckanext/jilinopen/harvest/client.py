"""The only HTTP client of the harvest: it limits, paces, retries, and says what went wrong.

Every failure is a ``PortalError`` with a stable code. Nothing a portal does can make a request
last longer, grow larger or lead elsewhere than the limits and the guard allow.
"""

from __future__ import annotations

import random
import re
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import certifi
import httpcore
import httpx

from ckanext.jilinopen.harvest import decoding
from ckanext.jilinopen.harvest.errors import PortalError
from ckanext.jilinopen.harvest.faults import (
    NETWORK_ERRORS,
    PassingError,
    body_failure,
    network_failure,
    status_failure,
)
from ckanext.jilinopen.harvest.guard import Clock, Deadline, Guard, GuardedBackend, shown

if TYPE_CHECKING:
    from types import TracebackType

    import lxml.html

__all__ = ["Answer", "Client", "Clock", "Guard", "Limits", "Values"]

Values = Mapping[str, str | int | float | bool | Sequence[str | int] | None]
"""Query parameters or form fields; a sequence repeats its key."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEPING_REDIRECTS = frozenset({307, 308})
_LONGEST_BACKOFF = 30.0
_ERROR_PAGE_BYTES = 64 * 1024
_KEEPALIVE = 15.0
# All else that a caller sets (Authorization, Referer, keys in headers of their own) is meant for
# one host and stays there.
_TRAVELLING_HEADERS = frozenset({"accept", "accept-language", "content-type", "x-requested-with"})
_jitter = random.SystemRandom()
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.I)


@dataclass(frozen=True)
class Limits:
    """What one request may cost.

    Attributes:
        connect: seconds for name look-up, connection and TLS handshake, each.
        read: seconds without a single byte.
        total: seconds from the start to the last byte, redirects included, waiting excluded.
        max_bytes: bytes of a body, as sent and unpacked.
        max_redirects: redirects that are followed for one request.
        retries: repetitions after a failure that may pass by itself.
        backoff: seconds; the n-th repetition waits a random time up to ``backoff * 2**n``.
        pace: least seconds between the starts of two requests to one host.
        connections: requests to one host at the same time.
    """

    connect: float = 5.0
    read: float = 30.0
    total: float = 120.0
    max_bytes: int = 64 * 1024 * 1024
    max_redirects: int = 5
    retries: int = 3
    backoff: float = 0.5
    pace: float = 0.0
    connections: int = 2


@dataclass(frozen=True)
class Answer:
    """What a portal answered, complete.

    Attributes:
        status: HTTP status, 200 to 299.
        url: the final address, after redirects.
        headers: the header fields; names in any case.
        body: the bytes without content encoding.
        media_type: type and subtype in lower case, empty when not declared.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    media_type: str

    def text(self) -> str:
        """The body as text, in the character set that it really has.

        Raises:
            PortalError: ``source.encoding``.
        """
        declared = _CHARSET.search(self.headers.get("content-type", ""))
        try:
            return decoding.decode_text(self.body, declared[1] if declared else "")
        except UnicodeError:
            cause = f"neither UTF-8 nor GB18030, {self.media_type or 'no media type'}"
            raise self._error("source.encoding", cause) from None

    def json(self) -> Any:
        """The body as JSON, whatever media type it was sent under.

        Raises:
            PortalError: ``source.not_json``, ``source.login`` for a login page in its place,
                ``source.encoding``.
        """
        text = self.text()
        try:
            return decoding.parse_json(text)
        except ValueError as error:
            self._refuse_login(text)
            is_near = text.lstrip().startswith(("{", "["))
            cause = str(error) if is_near else self._described(text)
            raise self._error("source.not_json", cause) from None

    def html(self) -> lxml.html.HtmlElement:
        """The body as the root of an HTML tree.

        Raises:
            PortalError: ``source.not_html``, ``source.login`` for a login page in its place,
                ``source.encoding``.
        """
        text = self.text()
        try:
            page = decoding.parse_html(text)
        except ValueError as error:
            is_near = decoding.looks_like_html(text)
            cause = str(error) if is_near else self._described(text)
            raise self._error("source.not_html", cause) from None
        self._refuse_login(text)
        return page

    def _refuse_login(self, text: str) -> None:
        if decoding.is_login(httpx.URL(self.url).path, text):
            raise self._error("source.login", decoding.first_words(text))

    def _described(self, text: str) -> str:
        """Media type and first words, the shortest useful description of a wrong answer."""
        words = decoding.first_words(text) or "empty"
        return f"{self.media_type}: {words}" if self.media_type else words

    def _error(self, code: str, cause: str) -> PortalError:
        return PortalError(code, shown(self.url), cause)


@dataclass(frozen=True)
class _Call:
    """A request before it is tied to cookies and a connection, so that it can be repeated."""

    method: str
    url: httpx.URL
    headers: httpx.Headers
    content: bytes = b""

    def redirected(self, status: int, target: httpx.URL) -> _Call:
        """The request that follows a redirect (RFC 9110, 15.4)."""
        headers = self.headers.copy()
        leaves_tls = self.url.scheme == "https" and target.scheme == "http"
        if target.netloc != self.url.netloc or leaves_tls:
            for name in [name for name in headers if name not in _TRAVELLING_HEADERS]:
                del headers[name]
        if status in _KEEPING_REDIRECTS:
            return replace(self, url=target, headers=headers)
        headers.pop("content-type", None)
        return _Call("GET", target, headers)


@dataclass(frozen=True)
class _Redirect:
    """An answer that sends us elsewhere."""

    status: int
    location: str


@dataclass
class _Host:
    """What the client remembers of one host while it is open."""

    slots: threading.BoundedSemaphore
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    free_at: float = 0.0


class Client:
    """Asks portals over HTTP. Usable from several threads; cookies stay with their host.

    Args:
        limits: what one request may cost.
        guard: which addresses may be talked to.
        user_agent: the truthful name under which we ask.
        ca_bundle: path of a PEM file with certificate authorities to trust beside the public ones.
        on_request: called with method and address before each request that is sent, repetitions
            and redirects included. The address is fit for messages.
        clock: where time comes from.

    Attributes:
        limits: as given.
        requests: requests sent so far, repetitions and redirects included.
        received_bytes: bytes of bodies received so far, as sent.

    Raises:
        PortalError: ``source.tls``, the CA bundle cannot be read.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        guard: Guard | None = None,
        user_agent: str = "ckanext-jilinopen",
        ca_bundle: str | None = None,
        on_request: Callable[[str, str], None] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.requests = 0
        self.received_bytes = 0
        self._guard = guard or Guard()
        self._user_agent = user_agent
        self._on_request = on_request
        self._clock = clock or Clock()
        self._lock = threading.Lock()
        self._hosts: dict[bytes, _Host] = {}
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trust(ca_bundle),
            max_connections=None,
            keepalive_expiry=_KEEPALIVE,
            network_backend=GuardedBackend(self._guard),
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    def get(
        self,
        url: str,
        *,
        params: Values | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask with GET.

        Args:
            url: http or https address.
            params: added to the address's query; a key given here replaces the same key there.
            headers: sent to the address's own host only.

        Raises:
            PortalError: no usable answer; see the codes in ``messages.py``.
        """
        return self._ask(self._call("GET", url, params, headers))

    def post(
        self,
        url: str,
        *,
        form: Values | None = None,
        json: Any = None,
        params: Values | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask with POST. Only for queries: a failure that may pass repeats the request.

        Args:
            url: http or https address.
            form: fields, sent as ``application/x-www-form-urlencoded``.
            json: any JSON value, sent in place of a form.
            params: as for ``get``.
            headers: as for ``get``.

        Raises:
            PortalError: no usable answer; see the codes in ``messages.py``.
        """
        return self._ask(self._call("POST", url, params, headers, form, json))

    def _call(
        self,
        method: str,
        url: str,
        params: Values | None,
        headers: Mapping[str, str] | None,
        form: Values | None = None,
        json: Any = None,
    ) -> _Call:
        target = self._guard.parse(url)
        if params:
            target = target.copy_merge_params(dict(params))
        try:
            body = httpx.Request(method, target, data=form, json=json)
            own = httpx.Headers(dict(headers or {}))
        except UnicodeEncodeError:
            cause = "a request header holds a character that HTTP cannot carry"
            raise PortalError("source.forbidden", shown(url), cause) from None
        if content_type := body.headers.get("content-type"):
            own.setdefault("content-type", content_type)
        return _Call(method, target, own, body.read())

    def _ask(self, call: _Call) -> Answer:
        """Repeat a call while its failure may pass."""
        attempt = 0
        while True:
            outcome = self._follow(call)
            if isinstance(outcome, Answer):
                return outcome
            if attempt == self.limits.retries:
                raise outcome.error
            longest = min(self.limits.backoff * 2**attempt, _LONGEST_BACKOFF)
            asked = outcome.wait
            self._clock.sleep(_jitter.uniform(0, longest) if asked is None else asked)
            attempt += 1

    def _follow(self, call: _Call) -> Answer | PassingError:
        """Send a call and go after its redirects, all before one deadline."""
        deadline = Deadline(self._clock, self.limits.total)
        current = call
        try:
            for _ in range(self.limits.max_redirects + 1):
                answer = self._send(current, deadline)
                if isinstance(answer, Answer):
                    return answer
                current = current.redirected(answer.status, self._target(current, answer))
        except PortalError as error:
            raise _seen_from(call, error) from error.__cause__
        except PassingError as passing:
            return PassingError(_seen_from(call, passing.error), passing.wait)
        cause = f"more than {self.limits.max_redirects} redirects"
        raise PortalError("source.redirects", _shown(call.url), cause)

    def _target(self, call: _Call, redirect: _Redirect) -> httpx.URL:
        """Where a redirect leads, if one may go there."""
        try:
            target = self._guard.parse(str(call.url.join(redirect.location)))
        except (httpx.InvalidURL, UnicodeError):
            address = shown(redirect.location)
            raise PortalError("source.address_invalid", address, "not a URL") from None
        self._guard.check_redirect(call.url, target)
        keeps_body = bool(call.content) and redirect.status in _KEEPING_REDIRECTS
        if keeps_body and target.host != call.url.host:
            cause = "would carry a form to another host"
            raise PortalError("source.redirects", _shown(target), cause)
        return target

    def _send(self, call: _Call, deadline: Deadline) -> Answer | _Redirect:
        """One request to one host and its complete answer."""
        host = self._host(call.url)
        started = self._clock.now()
        self._wait_for_turn(host)
        with host.slots:
            deadline.extend(self._clock.now() - started)
            request = self._request(call, host.cookies)
            with self._lock:
                self.requests += 1
            if self._on_request is not None:
                self._on_request(request.method, _shown(request.url))
            with deadline.running():
                return self._exchange(request, host.cookies, deadline)

    def _host(self, url: httpx.URL) -> _Host:
        with self._lock:
            if url.netloc not in self._hosts:
                slots = threading.BoundedSemaphore(self.limits.connections)
                self._hosts[url.netloc] = _Host(slots)
            return self._hosts[url.netloc]

    def _wait_for_turn(self, host: _Host) -> None:
        if not self.limits.pace:
            return
        with self._lock:
            now = self._clock.now()
            turn = max(now, host.free_at)
            host.free_at = turn + self.limits.pace
        if turn > now:
            self._clock.sleep(turn - now)

    def _request(self, call: _Call, cookies: httpx.Cookies) -> httpx.Request:
        """The request with our own headers and the host's cookies."""
        headers = httpx.Headers(
            {
                "User-Agent": self._user_agent,
                "Accept": "*/*",
                "Accept-Language": "zh-CN,zh;q=0.9",
                "Accept-Encoding": "gzip, deflate",
            }
        )
        headers.update(call.headers)
        given = headers.pop("cookie", "")
        request = httpx.Request(call.method, call.url, headers=headers, content=call.content)
        cookies.set_cookie_header(request)
        kept = request.headers.get("cookie", "")
        if given:
            request.headers["cookie"] = f"{given}; {kept}" if kept else given
        return request

    def _exchange(
        self, request: httpx.Request, cookies: httpx.Cookies, deadline: Deadline
    ) -> Answer | _Redirect:
        url = request.url
        try:
            raw = self._pool.handle_request(_on_the_wire(request, self.limits))
        except (httpcore.LocalProtocolError, UnicodeError):
            # The library's own text quotes the header's value.
            cause = "a request header cannot be sent"
            raise PortalError("source.forbidden", _shown(url), cause) from None
        except NETWORK_ERRORS as error:
            raise network_failure(error, _shown(url), deadline) from error
        with closing(raw):
            headers = httpx.Headers(raw.headers)
            cookies.extract_cookies(httpx.Response(raw.status, headers=headers, request=request))
            if HTTPStatus.OK <= raw.status < HTTPStatus.MULTIPLE_CHOICES:
                return self._answer(raw, headers, url, deadline)
            page = self._error_page(raw, headers)
        if raw.status in _REDIRECTS and "location" in headers:
            return _Redirect(raw.status, headers["location"])
        raise status_failure(raw.status, headers, page, _shown(url))

    def _answer(
        self, raw: httpcore.Response, headers: httpx.Headers, url: httpx.URL, deadline: Deadline
    ) -> Answer:
        address = _shown(url)
        try:
            body = self._body(raw, headers, self.limits.max_bytes)
        except NETWORK_ERRORS as error:
            raise body_failure(error, address, deadline) from error
        except OverflowError:
            cause = f"more than {self.limits.max_bytes} bytes"
            raise PortalError("source.too_large", address, cause) from None
        except EOFError as error:
            raise PassingError(PortalError("source.truncated", address, str(error))) from None
        except ValueError as error:
            raise PortalError("source.encoding", address, str(error)) from None
        if decoding.is_challenge(raw.status, body):
            words = decoding.first_words(body.decode("utf-8", "ignore"))
            raise PortalError("source.challenge", address, words or f"HTTP {raw.status}")
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        return Answer(raw.status, str(url), headers, body, media_type)

    def _error_page(self, raw: httpcore.Response, headers: httpx.Headers) -> bytes:
        """The page of an answer that is none, as far as it can be had; empty otherwise."""
        try:
            return self._body(raw, headers, _ERROR_PAGE_BYTES)
        except (*NETWORK_ERRORS, OverflowError, EOFError, ValueError):
            return b""

    def _body(self, raw: httpcore.Response, headers: httpx.Headers, most: int) -> bytes:
        """Read and unpack a body.

        Args:
            raw: the answer whose body is still to come.
            headers: its header fields.
            most: bytes that it may have, as sent and unpacked.

        Raises:
            OverflowError: it has more.
            EOFError: the announced length and what came do not agree.
            ValueError: its content encoding is unknown or broken.
        """
        digits = headers.get("content-length", "")
        length = int(digits) if digits.isdecimal() and "transfer-encoding" not in headers else None
        if length is not None and length > most:
            raise OverflowError
        inflater = decoding.Inflater(headers.get("content-encoding", ""), most)
        body = bytearray()
        received = 0
        for chunk in raw.iter_stream():
            received += len(chunk)
            with self._lock:
                self.received_bytes += len(chunk)
            if received > most:
                raise OverflowError
            body += inflater.feed(chunk)
        stream = raw.extensions["network_stream"]
        if length is not None and stream.get_extra_info("body_bytes") > length:
            # What is left over would be read as the next answer on this connection.
            stream.close()
            raise EOFError(f"longer than the announced {length} bytes")
        inflater.finish()
        return bytes(body)


def _trust(ca_bundle: str | None) -> ssl.SSLContext:
    """The authorities of the system, the public ones that certifi ships, and the caller's."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(certifi.where())
    if ca_bundle:
        try:
            context.load_verify_locations(ca_bundle)
        except OSError:
            raise PortalError("source.tls", ca_bundle, "CA bundle cannot be read") from None
    return context


def _on_the_wire(request: httpx.Request, limits: Limits) -> httpcore.Request:
    timeouts = {"connect": limits.connect, "read": limits.read, "write": limits.read}
    url = request.url
    return httpcore.Request(
        request.method,
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=request.content,
        extensions={"timeout": timeouts},
    )


def _shown(url: httpx.URL) -> str:
    return shown(str(url))


def _seen_from(call: _Call, error: PortalError) -> PortalError:
    """The error as the caller sees it: about the address that was asked for."""
    asked = _shown(call.url)
    if error.address == asked:
        return error
    return PortalError(error.code, asked, f"{error.cause} (redirected to {error.address})")
