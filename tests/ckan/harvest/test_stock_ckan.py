"""A stock CKAN 2.12 site as a source: a second site in a process of its own, read over HTTP."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import ckan.plugins.toolkit as tk

from ckanext.jilinopen.harvest.runs import run_source

SITE = Path(__file__).with_name("remote_site.py")
DATABASE = os.environ.get(
    "JILINOPEN_REMOTE_SQLALCHEMY_URL",
    "postgresql://jilinopen_remote:jilinopen_remote@127.0.0.1:55432/jilinopen_remote",
)
DATASETS, PRIVATE = 130, 2
READY_SECONDS = 180

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def remote(tmp_path_factory) -> Iterator[str]:
    """Address of a stock CKAN site with Chinese datasets."""
    folder = tmp_path_factory.mktemp("remote")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ini = folder / "ckan.ini"
    ini.write_text(
        f"""
[app:main]
use = egg:ckan
SECRET_KEY = only-for-tests
ckan.plugins =
ckan.site_id = jilinopen_remote
ckan.site_url = http://127.0.0.1:{port}
sqlalchemy.url = {DATABASE}
solr_url = {tk.config["solr_url"]}
ckan.redis.url = {tk.config["ckan.redis.url"]}
ckan.storage_path = {folder}
""",
        encoding="utf-8",
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CKAN")}
    ckan = str(Path(sys.executable).with_name("ckan"))
    for command in (["db", "clean", "--yes"], ["db", "init"]):
        subprocess.run(
            [ckan, "-c", str(ini), *command], env=clean, check=True, cwd=folder, capture_output=True
        )
    log = (folder / "log").open("wb")
    site = subprocess.Popen(
        [sys.executable, str(SITE), str(ini), str(port)],
        env=clean,
        cwd=folder,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        _wait(f"http://127.0.0.1:{port}", site, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        site.terminate()
        site.wait(timeout=10)
        log.close()


def _wait(address: str, site: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and site.poll() is None:
        if _answers(address):
            return
        time.sleep(0.5)
    pytest.fail(f"The second site did not start:\n{log.read_text(errors='replace')[-2_000:]}")


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/api/3/action/status_show", timeout=5).is_success
    except httpx.HTTPError:
        return False


def test_stock_site_is_harvested_whole_with_chinese_tags_and_names(remote, add_source, datasets):
    source = add_source(remote, "songyuan", family="ckan", division="220700")
    result = run_source(source)
    assert (result.status, result.counts["failed"]) == ("finished", 0)
    assert result.counts["created"] == DATASETS - PRIVATE
    arrived = list(datasets().values())
    assert len(arrived) == DATASETS - PRIVATE
    assert len({dataset["name"] for dataset in arrived}) == len(arrived)
    one = next(d for d in arrived if d["title"] == "松原市公交线路（第7批）")
    assert {tag["name"] for tag in one["tags"]} == {"公交", "轨道交通", "2026年"}
    assert one["organization"]["title"] == "松原市交通运输局"
    assert [group["name"] for group in one["groups"]] == ["jtys"]
    assert (one["frequency"], one["jl_open_type"], one["issued"][:10]) == (
        "monthly",
        "unconditional",
        "2025-03-05",
    )
    assert one["notes"].startswith("第7批公交线路，含首末班时间。")
    assert [(r["name"], r["format"].lower()) for r in one["resources"]] == [("公交线路.csv", "csv")]
    assert one["jl_source_url"].startswith(remote)
    assert one["jl_region"] == "220700"


def test_second_harvest_reads_the_listing_and_writes_nothing(remote, add_source):
    source = add_source(remote, "songyuan", family="ckan", division="220700")
    run_source(source)
    again = run_source(source)
    assert (again.counts["created"], again.counts["updated"]) == (0, 0)
    assert again.counts["same"] == DATASETS - PRIVATE
    assert again.requests <= 3
