"""What the harvest's HTTP client makes of portals that misbehave, on real sockets."""

from __future__ import annotations

import gzip
import socket
import ssl
import subprocess
import threading
import time
from contextlib import ExitStack
from email.utils import formatdate

import pytest

from ckanext.jilinopen.harvest.client import Client, Clock, Guard, Limits
from ckanext.jilinopen.harvest.errors import PortalError

from .faultportal import FaultPortal, drip, endless, raw, redirect, reply, reset

KEY = "s3cret-key"
JSON = b'{"total": 1}'
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class FakeClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self):
        self.time = 0.0
        self.waits = []
        self.clock = Clock(now=lambda: self.time, sleep=self._sleep)

    def _sleep(self, seconds):
        self.waits.append(seconds)
        self.time += seconds


@pytest.fixture
def portal():
    with FaultPortal() as portal:
        yield portal


@pytest.fixture
def fake():
    return FakeClock()


@pytest.fixture
def connect(fake):
    """Makes clients that may talk to given portals; they wait without losing time."""
    with ExitStack() as stack:

        def make(*portals, allowed=(), resolve=None, client=None, **limits):
            places = frozenset({portal.place for portal in portals} | set(allowed))
            guard = Guard(places, **({"resolve": resolve} if resolve else {}))
            settings = {"connect": 3.0, "read": 3.0, "total": 8.0, **limits}
            return stack.enter_context(
                Client(
                    limits=Limits(**settings),
                    guard=guard,
                    clock=Clock(sleep=fake.clock.sleep),
                    **(client or {}),
                )
            )

        yield make


def failure(client, url, **arguments):
    """The error that asking ends with."""
    with pytest.raises(PortalError) as caught:
        client.get(url, **arguments)
    assert KEY not in repr(caught.value)
    return caught.value


def code(client, url, **arguments):
    return failure(client, url, **arguments).code


class TestAsking:
    def test_get(self, portal, connect):
        url = portal.on("/list", reply(JSON, headers={"X-Total": "1"}))
        answer = connect(portal, client={"user_agent": "jilin/1"}).get(
            f"{url}?page=1&size=5", params={"page": 2, "词": "公交"}, headers={"X-A": "b"}
        )
        assert (answer.status, answer.media_type, answer.body) == (200, "application/json", JSON)
        assert answer.json() == {"total": 1}
        assert answer.headers["x-total"] == "1"
        seen = portal.seen[0]
        assert seen.query == "page=2&size=5&%E8%AF%8D=%E5%85%AC%E4%BA%A4"
        assert (seen.headers["user-agent"], seen.headers["x-a"]) == ("jilin/1", "b")
        assert seen.headers["host"] == portal.place

    def test_post(self, portal, connect):
        client = connect(portal)
        url = portal.on("/q", reply(JSON))
        client.post(url, form={"cata": "公交", "tag": ["a", "b"]})
        client.post(url, json={"页": 1})
        client.post(url)
        form, data, empty = portal.seen
        assert form.body == b"cata=%E5%85%AC%E4%BA%A4&tag=a&tag=b"
        assert form.headers["content-type"] == "application/x-www-form-urlencoded"
        assert (data.body, data.headers["content-type"]) == (
            '{"页":1}'.encode(),
            "application/json",
        )
        assert (empty.method, empty.body) == ("POST", b"")

    def test_counts_and_reports(self, portal, connect):
        asked = []
        client = connect(portal, client={"on_request": lambda *request: asked.append(request)})
        url = portal.on("/a", reply(b"", 503), redirect("/b?token=x"))
        portal.on("/b", reply(gzip.compress(JSON), headers={"Content-Encoding": "gzip"}))
        assert client.get(url).body == JSON
        assert client.requests == 3
        assert client.received_bytes == len(gzip.compress(JSON))
        assert asked == [("GET", url), ("GET", url), ("GET", f"{portal.address}/b?token=***")]

    def test_ignores_proxies_of_the_environment(self, portal, connect, monkeypatch):
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9/")
        assert connect(portal).get(portal.on("/", reply(JSON))).json() == {"total": 1}

    def test_keeps_cookies_for_their_host_only(self, portal, connect):
        with FaultPortal() as other:
            client = connect(portal, other)
            start = portal.on("/", redirect("/in", cookie="JSESSIONID=1; Path=/"))
            portal.on("/in", redirect(other.address + "/out"))
            other.on("/out", reply(JSON))
            client.get(start, headers={"Cookie": "region=220100"})
            client.get(start, headers={"Cookie": "region=220100"})
            first, second, third, _ = portal.seen
            assert first.headers["cookie"] == "region=220100"
            assert second.headers["cookie"] == "region=220100; JSESSIONID=1"
            assert third.headers["cookie"] == "region=220100; JSESSIONID=1"
            assert all("cookie" not in request.headers for request in other.seen)

    def test_heals_a_connection_that_the_server_had_closed(self, portal, connect):
        client = connect(portal)
        url = portal.on("/", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"))
        assert [client.get(url).json() for _ in range(3)] == [{}, {}, {}]

    def test_one_connection_serves_many_requests(self, portal, connect):
        client = connect(portal)
        url = portal.on("/", reply(JSON))
        portal.on("/missing", reply(b"none", 404))
        portal.on("/moved", redirect("/"))
        client.get(url)
        assert code(client, portal.address + "/missing") == "source.not_found"
        client.get(portal.address + "/moved")
        assert {request.connection for request in portal.seen} == {1}


class TestPace:
    def test_waits_between_requests_to_one_host(self, portal, fake):
        url = portal.on("/", reply(JSON))
        guard = Guard(frozenset({portal.place}))
        with Client(limits=Limits(pace=3, total=2), guard=guard, clock=fake.clock) as client:
            for _ in range(3):
                client.get(url)
        assert fake.waits == [3, 3]

    def test_limits_requests_at_the_same_time(self, portal, connect):
        running, most, lock = 0, 0, threading.Lock()

        def slow(exchange):
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            exchange.pause(0.1)
            with lock:
                running -= 1
            reply(JSON)(exchange)

        client = connect(portal, connections=2)
        url = portal.on("/", slow)
        threads = [threading.Thread(target=client.get, args=(url,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (most, client.requests, portal.count("/")) == (2, 6, 6)


class TestUnreachable:
    def test_refused(self, connect):
        with socket.create_server(("127.0.0.1", 0)) as server:
            place = f"127.0.0.1:{server.getsockname()[1]}"
        client = connect(allowed=[place], retries=2)
        error = failure(client, f"http://{place}/list")
        assert (error.code, error.cause) == ("source.unreachable", "connection refused")
        assert error.address == f"http://{place}/list"
        assert client.requests == 3

    def test_unknown_name(self, connect):
        def unknown(host, port):
            raise socket.gaierror(socket.EAI_NONAME, "unknown")

        error = failure(connect(resolve=unknown), "http://portal.test/")
        assert (error.code, error.cause) == ("source.dns", "no such host")

    def test_silent_name_server(self, connect):
        client = connect(resolve=lambda host, port: time.sleep(5), connect=0.1, retries=1)
        started = time.monotonic()
        assert code(client, "http://portal.test/") == "source.dns"
        assert time.monotonic() - started < 4
        assert client.requests == 2

    def test_connection_that_never_comes_about(self, connect):
        with socket.socket() as server, ExitStack() as stack:
            server.bind(("127.0.0.1", 0))
            server.listen(0)
            place = f"127.0.0.1:{server.getsockname()[1]}"
            for _ in range(3):
                filler = stack.enter_context(socket.socket())
                filler.setblocking(False)
                filler.connect_ex(server.getsockname())
            client = connect(allowed=[place], connect=0.2, retries=1)
            error = failure(client, f"http://{place}/")
        assert (error.code, error.cause) == ("source.timeout", "no connection")
        assert client.requests == 2

    def test_uses_the_address_that_answers(self, connect):
        client = connect(allowed=["127.0.0.0/8"], resolve=lambda *_: ["127.0.0.4", "127.0.0.3"])
        with FaultPortal(host="127.0.0.3") as portal:
            url = portal.on("/", reply(JSON)).replace(portal.host, "portal.test")
            assert client.get(url).json() == {"total": 1}
            assert portal.seen[0].headers["host"] == f"portal.test:{portal.port}"

    def test_not_http(self, portal, connect):
        error = failure(connect(portal, retries=1), portal.on("/", raw(b"SSH-2.0-OpenSSH\r\n\r\n")))
        assert (error.code, error.cause) == ("source.unreachable", "no valid HTTP answer")


class TestSlow:
    @pytest.mark.parametrize(
        "behaviour",
        [
            drip(b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 500, 0.05),
            drip(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + b"a" * 900, 0.01),
        ],
        ids=["head", "body"],
    )
    def test_drops_end_at_the_deadline(self, portal, connect, behaviour):
        client = connect(portal, total=0.6)
        url = portal.on("/", behaviour)
        started = time.monotonic()
        error = failure(client, url)
        assert (error.code, error.cause) == ("source.timeout", "not finished within 0.6 s")
        assert time.monotonic() - started < 4
        assert client.requests == 1

    def test_deadline_ends_a_silence_too(self, portal, connect):
        started = time.monotonic()
        error = failure(connect(portal, read=9, total=0.3), portal.on("/", raw(9.0)))
        assert error.cause == "not finished within 0.3 s"
        assert time.monotonic() - started < 4

    def test_redirects_share_one_deadline(self, portal, connect):
        def slow(exchange):
            exchange.pause(0.25)
            redirect("/")(exchange)

        assert code(connect(portal, total=0.6), portal.on("/", slow)) == "source.timeout"

    def test_half_a_page_and_silence(self, portal, connect):
        url = portal.on("/", raw(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"a":', 3.0))
        error = failure(connect(portal, read=0.3), url)
        assert (error.code, error.cause) == ("source.timeout", "no more data")


class TestRetries:
    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_passing_failures_heal(self, portal, connect, fake, status):
        url = portal.on("/", reply(b"", status), reset(), reply(JSON))
        client = connect(portal)
        assert client.get(url).json() == {"total": 1}
        assert client.requests == 3
        assert len(fake.waits) == 2
        assert 0 <= fake.waits[0] <= 0.5
        assert 0 <= fake.waits[1] <= 1.0

    def test_gives_up(self, portal, connect):
        client = connect(portal)
        error = failure(client, portal.on("/", reply(b"", 503)))
        assert (error.code, error.cause, client.requests) == (
            "source.http_status",
            "HTTP 503",
            4,
        )

    @pytest.mark.parametrize(
        ("headers", "least", "most"),
        [
            ({"Retry-After": "2"}, 2, 2),
            ({"Retry-After": "9" * 5000}, 60, 60),
            (
                {
                    "Retry-After": formatdate(1000, usegmt=True),
                    "Date": formatdate(993, usegmt=True),
                },
                7,
                7,
            ),
            ({"Retry-After": formatdate(0, usegmt=True)}, 0, 0),
            ({"Retry-After": "soon"}, 0, 0.5),
            ({"Retry-After": "-1"}, 0, 0.5),
        ],
    )
    def test_waits_as_long_as_asked(self, portal, connect, fake, headers, least, most):
        url = portal.on("/", reply(b"", 429, headers), reply(JSON))
        assert connect(portal).get(url).json() == {"total": 1}
        assert least <= fake.waits[0] <= most

    def test_rate_limited_for_good(self, portal, connect, fake):
        url = portal.on("/", reply(b"", 429, {"Retry-After": "1"}))
        assert code(connect(portal), url) == "source.rate_limited"
        assert fake.waits == [1, 1, 1]

    @pytest.mark.parametrize(
        ("status", "expected"),
        [
            (404, "source.not_found"),
            (401, "source.forbidden"),
            (403, "source.forbidden"),
            (418, "source.http_status"),
            (302, "source.http_status"),
            (304, "source.http_status"),
        ],
    )
    def test_final_statuses_are_not_repeated(self, portal, connect, status, expected):
        client = connect(portal)
        url = portal.on("/", reply(b"<html>no", status))
        error = failure(client, url, headers={"Authorization": KEY})
        assert (error.code, error.cause, client.requests) == (expected, f"HTTP {status}", 1)

    @pytest.mark.parametrize("value", ["键", "a\r\nb: c"])
    def test_header_that_cannot_be_sent(self, portal, connect, value):
        url = portal.on("/", reply(JSON))
        error = failure(connect(portal), url, headers={"Authorization": KEY + value})
        assert error.code == "source.forbidden"
        assert not portal.seen


class TestRedirects:
    def test_followed(self, portal, connect):
        url = portal.on("/a", redirect("b?x=1", 303))
        portal.on("/b", redirect(f"{portal.address}/c", 301))
        portal.on("/c", redirect("/d", 307))
        portal.on("/d", reply(JSON))
        assert connect(portal).post(url, form={"a": "b"}).url == f"{portal.address}/d"
        assert [request.method for request in portal.seen] == ["POST", "GET", "GET", "GET"]

    def test_form_stays_with_its_host(self, portal, connect):
        with FaultPortal() as other:
            client = connect(portal, other)
            same = portal.on("/a", redirect("/b", 307))
            portal.on("/b", reply(JSON))
            client.post(same, form={"a": "b"})
            assert portal.seen[-1].body == b"a=b"
            elsewhere = f"http://localhost:{other.port}/"
            with pytest.raises(PortalError) as caught:
                client.post(portal.on("/a", redirect(elsewhere, 308)), form={"a": "b"})
            assert caught.value.code == "source.redirects"
            assert not other.seen

    def test_loop(self, portal, connect):
        client = connect(portal)
        assert code(client, portal.on("/a", redirect("/a"))) == "source.redirects"
        assert client.requests == 6

    @pytest.mark.parametrize(
        ("target", "rule"),
        [
            ("http://127.0.0.1:{port}/", "loopback address"),
            ("http://0x7f.1:{port}/", "loopback address"),
            ("http://[::1]:{port}/", "loopback address"),
            ("http://[::ffff:127.0.0.1]:{port}/", "IPv4-mapped address"),
            ("http://localhost:{port}/", "loopback address"),
            ("http://169.254.169.254/latest/meta-data/", "cloud metadata address"),
            ("http://10.0.0.1/", "private address"),
            ("//192.168.1.1/", "private address"),
        ],
    )
    def test_into_the_inner_network(self, portal, connect, target, rule):
        with FaultPortal() as inner:
            inner.on("/", reply(b"inner secrets"))
            target = target.format(port=inner.port)
            url = portal.on("/", redirect(target))
            error = failure(connect(portal), url)
            assert error.code == "source.address_refused"
            assert error.cause.startswith(f"{rule} (redirected to http://")
            assert error.address == url
            assert not inner.seen

    @pytest.mark.parametrize(
        "target", ["file:///etc/passwd", "http://u:p@x/", "http://x:y/", "ftp://x"]
    )
    def test_to_no_usable_address(self, portal, connect, target):
        error = failure(connect(portal), portal.on("/", redirect(target)))
        assert error.code == "source.address_invalid"
        assert "u:p" not in error.cause

    def test_keys_stay_with_their_host(self, portal, connect):
        with FaultPortal() as other:
            client = connect(portal, other)
            portal.on("/a", redirect("/b"))
            portal.on("/b", redirect(other.address + "/c"))
            other.on("/c", reply(JSON))
            headers = {
                "Authorization": KEY,
                "X-Api-Key": KEY,
                "Referer": "http://x/?" + KEY,
                "Accept": "application/json",
            }
            client.get(portal.address + "/a", headers=headers)
            assert portal.seen[1].headers["authorization"] == KEY
            assert KEY not in str(other.seen)
            assert other.seen[0].headers["accept"] == "application/json"

    def test_a_name_that_changes_its_address(self, portal, connect):
        """The checked address is the connected one, and every connection is checked."""
        answers = iter([["127.0.0.1"], ["127.0.0.2"]])
        client = connect(allowed=["127.0.0.1"], resolve=lambda *_: next(answers), retries=0)
        url = portal.on("/", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"))
        url = url.replace("127.0.0.1", "portal.test")
        assert client.get(url).json() == {}
        time.sleep(0.05)
        error = failure(client, url)
        assert (error.code, error.cause) == ("source.address_refused", "loopback address")
        assert len(portal.seen) == 1


class TestBodies:
    def test_gzip_bomb(self, portal, connect):
        bomb = gzip.compress(bytes(50_000_000))
        url = portal.on("/", reply(bomb, headers={"Content-Encoding": "gzip"}))
        client = connect(portal, max_bytes=100_000)
        assert code(client, url) == "source.too_large"
        assert client.received_bytes <= 100_000
        assert client.requests == 1

    @pytest.mark.parametrize("start", [b"", gzip.compress(JSON)], ids=["plain", "behind-gzip"])
    def test_endless_body(self, portal, connect, start):
        encoding = b"gzip" if start else b"identity"
        head = CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Encoding: " + encoding + b"\r\n\r\n")
        first = b"%x\r\n%b\r\n" % (len(start), start) if start else b""
        client = connect(portal, max_bytes=200_000)
        url = portal.on("/", endless(head + first, b"1000\r\n" + b" " * 4096 + b"\r\n"))
        assert code(client, url) == "source.too_large"
        assert client.received_bytes < 300_000

    def test_announced_too_large(self, portal, connect):
        url = portal.on("/", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500000000\r\n\r\n", 1.0))
        client = connect(portal)
        assert code(client, url) == "source.too_large"
        assert client.received_bytes == 0

    def test_exactly_as_large_as_allowed(self, portal, connect):
        packed = gzip.compress(bytes(1000))
        url = portal.on("/", reply(packed, headers={"Content-Encoding": "gzip"}))
        assert len(connect(portal, max_bytes=1000).get(url).body) == 1000

    @pytest.mark.parametrize(
        "behaviour",
        [
            raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[1]"),
            raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[1]"),
            raw(b"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[1]"),
            raw(CHUNKED + b"3\r\n[1]\r\n"),
            raw(CHUNKED + b"9\r\n[1]"),
            raw(CHUNKED + b"zz\r\n[1]"),
            reset(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[1]"),
            reply(gzip.compress(b"[1]")[:-5], headers={"Content-Encoding": "gzip"}),
        ],
        ids=[
            "short",
            "long",
            "long-after-100",
            "no-last-chunk",
            "cut-chunk",
            "bad-chunk",
            "reset",
            "cut-gzip",
        ],
    )
    def test_broken_off_is_never_taken_for_whole(self, portal, connect, behaviour):
        assert code(connect(portal, retries=1), portal.on("/", behaviour)) == "source.truncated"

    def test_interim_answers_are_not_counted(self, portal, connect):
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]"
        url = portal.on("/", raw(b"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\nA: b\r\n\r\n" + answer))
        assert connect(portal).get(url).json() == [1]

    def test_broken_off_once_heals(self, portal, connect):
        url = portal.on("/", raw(CHUNKED + b"9\r\n[1]"), reply(JSON))
        assert connect(portal).get(url).json() == {"total": 1}

    def test_surplus_does_not_become_the_next_answer(self, portal, connect):
        client = connect(portal, retries=0)
        forged = b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"x": 1}'
        url = portal.on("/", reply(b"{}" + forged, 500, {"Content-Length": "2"}), reply(JSON))
        assert code(client, url) == "source.http_status"
        assert client.get(url).json() == {"total": 1}

    @pytest.mark.parametrize(
        ("body", "encoding"), [(JSON, "gzip"), (JSON, "br"), (gzip.compress(JSON), "gzip, gzip")]
    )
    def test_unreadable_content_encoding(self, portal, connect, body, encoding):
        url = portal.on("/", reply(body, headers={"Content-Encoding": encoding}))
        assert code(connect(portal), url) == "source.encoding"


class TestContent:
    @pytest.mark.parametrize(
        ("body", "media_type", "expected", "cause"),
        [
            (
                "<html><title>系统维护中</title>",
                "text/html; charset=utf-8",
                "source.not_json",
                "text/html: 系统维护中",
            ),
            (b"", "application/json", "source.not_json", "application/json: empty"),
            (b"%PDF-1.4 x", "application/pdf", "source.not_json", "application/pdf: %PDF-1.4 x"),
            ('{"a": 1', "application/json", "source.not_json", "line 1 column 8"),
            ("[" * 100_000, "application/json", "source.not_json", "nested too deeply"),
            ('{"a": NaN}', "application/json", "source.not_json", "NaN"),
            ("<title>登录</title><input type=password>", "text/html", "source.login", "登录"),
            (
                b'{"a": "\xff\xfe\xfa\x80"}',
                "application/json",
                "source.encoding",
                "neither UTF-8 nor GB18030, application/json",
            ),
        ],
    )
    def test_no_json(self, portal, connect, body, media_type, expected, cause):
        answer = connect(portal).get(portal.on("/", reply(body, media_type=media_type)))
        with pytest.raises(PortalError) as caught:
            answer.json()
        assert (caught.value.code, caught.value.cause) == (expected, cause)

    @pytest.mark.parametrize(
        ("body", "media_type"),
        [
            ('{"a": "公交"}'.encode("gbk"), "text/html;charset=UTF-8"),
            ('{"a": "公交"}'.encode(), "text/html;charset=GBK"),
            ('\ufeff{"a": "公\\u0000交\\ud800"}', "text/plain"),
            ('\r\n {"a": 1, "a": "公交"}', ""),
        ],
    )
    def test_json_in_disguise(self, portal, connect, body, media_type):
        url = portal.on("/", reply(body, media_type=media_type))
        assert connect(portal).get(url).json() == {"a": "公交"}

    def test_html(self, portal, connect):
        client = connect(portal)
        page = "<html><head><meta charset=gbk></head><p>公交</p></html>".encode("gbk")
        url = portal.on("/", reply(page, media_type="text/html"))
        assert client.get(url).html().findtext(".//p") == "公交"
        with pytest.raises(PortalError, match=r"source\.not_html .* application/json: \{"):
            client.get(portal.on("/", reply(JSON))).html()
        portal.on("/sso/login", reply("<form><input type='password'>"))
        with pytest.raises(PortalError, match=r"source\.login"):
            client.get(portal.on("/", redirect("/sso/login?back=x"))).html()

    @pytest.mark.parametrize(
        "behaviour",
        [
            reply("<script>document.cookie='__jsl_clearance_s=1'</script>", 521),
            reply("<html><script>location='/WZWSRELw=='</script></html>"),
            reply(b"", 412),
            reply("<script>$_ts=window['$_ts'];</script>", 503),
            reply(
                gzip.compress(b"<html><script>var arg1='';acw_sc__v2</script>"),
                headers={"Content-Encoding": "gzip"},
            ),
        ],
    )
    def test_challenges(self, portal, connect, behaviour):
        client = connect(portal)
        assert code(client, portal.on("/", behaviour)) == "source.challenge"
        assert client.requests == 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Makes self-signed certificates: ``certificate(names, days)`` is a PEM file with its key."""
    folder = tmp_path_factory.mktemp("tls")

    def make(names, days=2):
        path = folder / f"{len(list(folder.iterdir()))}.pem"
        request, key = path.with_suffix(".csr"), path.with_suffix(".key")
        subprocess.run(
            [
                "openssl",
                "req",
                "-new",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-keyout",
                key,
                "-out",
                request,
                "-subj",
                "/CN=portal",
                "-addext",
                f"subjectAltName={names}",
            ],
            check=True,
            capture_output=True,
        )
        subprocess.run(
            [
                "openssl",
                "x509",
                "-req",
                "-in",
                request,
                "-signkey",
                key,
                "-days",
                str(days),
                "-copy_extensions",
                "copy",
                "-out",
                path,
            ],
            check=True,
            capture_output=True,
        )
        path.write_bytes(path.read_bytes() + key.read_bytes())
        return path

    return make


def server_side(path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


class TestTls:
    NAMES = "DNS:portal.test,IP:127.0.0.1"

    def test_trusted_by_bundle(self, certificate, connect):
        """The name stays in TLS and in the Host header although the address was looked up here."""
        path = certificate(self.NAMES)
        with FaultPortal(tls=server_side(path)) as portal:
            portal.on("/", reply(JSON))
            client = connect(
                portal, resolve=lambda *_: ["127.0.0.1"], client={"ca_bundle": str(path)}
            )
            url = f"https://portal.test:{portal.port}/"
            assert client.get(url).json() == {"total": 1}
            assert portal.seen[0].server_name == "portal.test"
            assert portal.seen[0].headers["host"] == f"portal.test:{portal.port}"

    def test_untrusted(self, certificate, connect):
        with FaultPortal(tls=server_side(certificate(self.NAMES))) as portal:
            client = connect(portal)
            error = failure(client, portal.on("/", reply(JSON)))
            assert error.code == "source.tls"
            assert "self" in error.cause
            assert client.requests == 1
            assert not portal.seen

    @pytest.mark.parametrize(
        ("names", "days", "cause"),
        [("DNS:other.test", 2, "IP address mismatch"), (NAMES, -1, "certificate has expired")],
    )
    def test_wrong(self, certificate, connect, names, days, cause):
        path = certificate(names, days)
        with FaultPortal(tls=server_side(path)) as portal:
            client = connect(portal, client={"ca_bundle": str(path)})
            error = failure(client, portal.on("/", reply(JSON)))
            assert error.code == "source.tls"
            assert cause in error.cause

    @pytest.mark.filterwarnings("ignore::DeprecationWarning")
    def test_outdated_protocol(self, certificate, connect):
        path = certificate(self.NAMES)
        context = server_side(path)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
        with FaultPortal(tls=context) as portal:
            client = connect(portal, client={"ca_bundle": str(path)})
            error = failure(client, portal.on("/", reply(JSON)))
            assert error.code == "source.tls"
            assert "protocol" in error.cause

    def test_plain_http_where_tls_is_expected(self, portal, connect):
        url = portal.on("/", reply(JSON)).replace("http:", "https:")
        assert code(connect(portal), url) == "source.tls"

    def test_no_way_back_to_plain_http(self, certificate, portal, connect):
        path = certificate(self.NAMES)
        portal.on("/", reply(JSON))
        with FaultPortal(tls=server_side(path)) as secure:
            client = connect(portal, secure, client={"ca_bundle": str(path)})
            error = failure(client, secure.on("/", redirect(portal.address + "/")))
            assert error.code == "source.redirects"
            assert error.cause.startswith("from https to http")
            assert not portal.seen
            allowed = Guard(frozenset({portal.place, secure.place}), allow_downgrade=True)
            with Client(guard=allowed, ca_bundle=str(path)) as lenient:
                assert lenient.get(secure.address + "/").json() == {"total": 1}

    def test_missing_bundle(self):
        with pytest.raises(PortalError, match=r"source\.tls /no/such\.pem"):
            Client(ca_bundle="/no/such.pem")
