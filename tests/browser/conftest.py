"""A real portal and a real browser. Both start once; the browser forgets everything between tests.

Chromium and its driver are Debian's; without them the tests are skipped unless ``CI`` is set.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

HERE = Path(__file__).parent
DESK = (1440, 900)
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    # Bootstrap scrolls smoothly otherwise, and a click would miss what still moves.
    "--force-prefers-reduced-motion",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def portal(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a running portal with a handful of datasets."""
    ini = str(Path(request.config.option.ckan_ini).resolve())
    log = Path(os.environ.get("TMPDIR", "/tmp")) / f"portal-server-{os.getpid()}.log"
    with log.open("wb") as errors:
        server = subprocess.Popen(
            [sys.executable, str(HERE / "portal_server.py"), ini],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        assert server.stdin is not None
        assert server.stdout is not None
        address = ""
        for line in server.stdout:
            if line.startswith(b"http://127.0.0.1:"):
                address = line.decode().strip()
                break
        if not address:
            server.wait()
            pytest.fail(f"the portal did not start:\n{log.read_text(errors='replace')[-3000:]}")
        yield address
        server.stdin.close()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
    log.unlink()


@dataclass
class Visit:
    """What a browser met on one page.

    Attributes:
        errors: messages that the console calls severe.
        foreign: addresses asked for that are not the portal's.
    """

    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


class Browser:
    """A browser on the portal: opens pages and says what they asked for."""

    def __init__(self, driver: webdriver.Chrome, address: str) -> None:
        self.driver = driver
        self.address = address

    def size(self, width: int, height: int) -> None:
        """Give the window an inner size in CSS pixels, also below what a window may have."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )

    def open(self, path: str) -> Visit:
        """Open a page and wait until it has loaded."""
        self._drain()
        self.driver.get(self.address + path)
        return self.seen()

    def seen(self) -> Visit:
        """What happened since the last page was opened."""
        severe = [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] == "SEVERE"
        ]
        return Visit(severe, [url for url in self._requests() if not self._own(url)])

    def find(self, selector: str) -> Any:
        """The first element of a selector."""
        return self.driver.find_element("css selector", selector)

    def all(self, selector: str) -> list[Any]:
        """All elements of a selector."""
        return self.driver.find_elements("css selector", selector)

    def run(self, script: str, *values: Any) -> Any:
        """The result of a script."""
        return self.driver.execute_script(script, *values)

    def text(self) -> str:
        """What a reader can see."""
        return self.find("body").text

    def sideways(self) -> int:
        """Pixels by which the page is wider than the window."""
        return self.run(
            "const page = document.documentElement; return page.scrollWidth - page.clientWidth"
        )

    def _own(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme in ("data", "blob") or url.startswith(self.address + "/")

    def _requests(self) -> list[str]:
        events = [json.loads(entry["message"])["message"] for entry in self._performance()]
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def _performance(self) -> list[dict[str, Any]]:
        return self.driver.get_log("performance")

    def _drain(self) -> None:
        self._performance()
        self.driver.get_log("browser")


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """Debian's Chromium, without a profile and without talking to anybody."""
    program, service = shutil.which("chromium"), shutil.which("chromedriver")
    if not program or not service:
        reason = "chromium and chromium-driver are not installed"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    options = Options()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = webdriver.Chrome(options=options, service=Service(service))
    started.set_page_load_timeout(60)
    yield started
    started.quit()


@pytest.fixture
def browser(driver: webdriver.Chrome, portal: str) -> Browser:
    """A browser of desktop width that remembers nothing."""
    page = Browser(driver, portal)
    page.size(*DESK)
    driver.execute_cdp_cmd(
        "Storage.clearDataForOrigin", {"origin": portal, "storageTypes": "local_storage,cookies"}
    )
    return page
