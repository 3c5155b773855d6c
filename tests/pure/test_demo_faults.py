"""Every fault of the simulated portals can be seen from outside, on both families."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from demo.catalogue import changchun, jilinshi
from demo.portals.faults import NAMES, Fault, parse_fault
from demo.portals.server import PortalServer

ROOT = Path(__file__).parents[2]


class Odweb:
    """Listing requests to an odweb portal."""

    def __init__(self):
        self.server = PortalServer("odweb", changchun()[:20]).start()
        self.http = httpx.Client(timeout=10)
        self.http.get(self.server.url + "/index.htm")

    def raw(self, page=1):
        form = {"start": (page - 1) * 10, "length": 10}
        return self.http.post(self.server.url + "/catalog/catalog.do?method=GetCatalog", data=form)

    def total(self, page=1):
        return self.raw(page).json()["recordsTotal"]

    def ids(self, page=1):
        return [row["cata_id"] for row in self.raw(page).json()["data"]]


class Oportal:
    """Listing requests to an oportal portal."""

    def __init__(self):
        self.server = PortalServer("oportal", jilinshi()[:20]).start()
        self.http = httpx.Client(timeout=10)

    def raw(self, page=1):
        return self.http.get(self.server.url + "/catalog/index", params={"page": page})

    def total(self, page=1):
        return int(self.raw(page).text.partition("共找到 <span>")[2].partition("<")[0])

    def ids(self, page=1):
        parts = self.raw(page).text.split('<a href="/oportal/catalog/')[1:]
        return [part.partition('"')[0] for part in parts]


@pytest.fixture(params=[Odweb, Oportal])
def family(request):
    made = request.param()
    yield made
    made.http.close()
    made.server.stop()


def test_no_fault_to_begin_with(family):
    assert family.total() == 20
    assert len({*family.ids(1), *family.ids(2)}) == 20


def test_http_500_a_number_of_times(family):
    family.server.fault("http_500", route="list", times=2)
    assert [family.raw().status_code for _ in range(3)] == [500, 500, 200]


def test_a_fault_of_one_route_leaves_the_others_alone(family):
    family.server.fault("http_500", route="detail")
    assert family.total() == 20
    record = family.server.catalogue.all()[0]
    path = {
        "odweb": f"/catalog/catalogDetail.htm?cata_id={record.record_id}",
        "oportal": f"/catalog/{record.record_id}",
    }[family.server.family]
    assert family.http.get(family.server.url + path).status_code == 500
    family.server.faults.clear()
    assert family.http.get(family.server.url + path).status_code == 200


def test_html_instead_of_json(family):
    family.server.fault("html_instead_of_json", times=1)
    answer = family.raw()
    assert answer.status_code == 200
    assert "系统维护中" in answer.text
    assert family.total() == 20


def test_empty_page_is_a_passing_fault(family):
    family.server.fault("empty_page", times=1)
    assert family.ids() == []
    assert len(family.ids()) == 10
    family.server.fault("empty_page", times=1)
    assert family.total() == 20


def test_empty_listing_says_nothing_is_there(family):
    family.server.fault("empty_listing")
    assert family.total() == 0
    assert family.ids() == []


def test_wrong_total(family):
    family.server.fault("wrong_total", by=5)
    assert family.total() == 25
    assert len(family.ids()) == 10


def test_ignore_start_repeats_the_first_page(family):
    first = family.ids(1)
    family.server.fault("ignore_start")
    assert family.ids(2) == first


def test_skip_lets_the_first_pages_pass(family):
    family.server.fault("empty_page", skip=1, times=1)
    assert len(family.ids(1)) == 10
    assert family.ids(2) == []


def test_duplicate_id_lists_one_record_twice_and_loses_none(family):
    family.server.fault("duplicate_id")
    assert family.total() == 21
    seen = [*family.ids(1), *family.ids(2), *family.ids(3)]
    assert len(seen) == 21
    assert len(set(seen)) == 20


def test_slow(family):
    family.server.fault("slow", seconds=0.4, times=1)
    begun = time.monotonic()
    assert family.total() == 20
    assert time.monotonic() - begun >= 0.4


def test_login_page(family):
    family.server.fault("login_page")
    assert 'type="password"' in family.raw().text


@pytest.mark.parametrize(
    ("kind", "status", "sign"),
    [("wzws", 200, "WZWS"), ("jsl", 521, "__jsl_clearance_s"), ("waf", 412, "412")],
)
def test_challenges(family, kind, status, sign):
    family.server.fault("challenge", kind=kind)
    answer = family.raw()
    assert answer.status_code == status
    assert sign in answer.text


def test_truncated_breaks_the_connection(family):
    family.server.fault("truncated", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        family.raw()
    assert family.total() == 20


def test_bad_json_is_complete_but_broken(family):
    family.server.fault("bad_json", times=1)
    answer = family.raw()
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)


def test_redirect_to_an_inner_address(family):
    family.server.fault("redirect_private")
    answer = family.raw()
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("http://169.254.169.254/")


@pytest.mark.parametrize("declared", [True, False])
def test_gbk(family, declared):
    right = family.raw().text
    family.server.fault("gbk", declared=declared)
    answer = family.raw()
    assert ("GBK" in answer.headers["content-type"]) is declared
    with pytest.raises(UnicodeDecodeError):
        answer.content.decode("utf-8")
    if family.server.family == "oportal":
        assert answer.content.decode("gb18030") == right


def test_faults_are_read_from_the_command_line():
    assert parse_fault("slow,route=detail,seconds=0.5,times=3") == Fault(
        "slow", route="detail", seconds=0.5, times=3
    )
    for text, cause in (
        ("fire", "没有名为 'fire' 的故障"),
        ("slow,speed=1", "没有设置项 'speed'"),
        ("slow,seconds=long", "应为数字"),
        ("challenge,kind=riddle", "没有 'riddle'"),
    ):
        with pytest.raises(ValueError, match=cause):
            parse_fault(text)
    assert len(NAMES) == 14


def run(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "demo.portals", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_command_serves_a_portal():
    process = run("oportal", "--port", "0", "--fault", "http_500,route=list,times=1")
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip().partition("：")[2]
        assert httpx.get(f"{address}/catalog/index").status_code == 500
        assert "共找到 <span>348</span>" in httpx.get(f"{address}/catalog/index").text
    finally:
        process.terminate()
    assert process.wait(timeout=10) == 0


def test_the_command_names_a_wrong_fault():
    process = run("odweb", "--port", "0", "--fault", "fire")
    _out, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "没有名为 'fire' 的故障" in errors


def test_the_command_says_that_a_port_is_taken():
    with PortalServer("odweb", changchun()[:1]) as portal:
        process = run("odweb", "--port", str(portal.port))
        _out, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert f"端口 {portal.port} 已被占用" in errors


def test_any_sample_catalogue_can_be_served_by_any_family():
    with PortalServer("odweb", "jilinshi") as portal:
        assert portal.options.title == "吉林市公共信息资源开放平台"
        with httpx.Client() as http:
            http.get(portal.url + "/index.htm")
            answer = http.post(portal.url + "/catalog/catalog.do?method=GetCatalog")
        assert answer.json()["recordsTotal"] == 348
