"""Background processes of the checkout."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev import ports, process
from dev.console import CommandError
from dev.services import base

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
IGNORES_SIGTERM = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True);"
    " time.sleep(60)"
)
STUBBORN = [sys.executable, "-c", IGNORES_SIGTERM]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(process, "RUN", tmp_path)
    monkeypatch.setattr(process, "LOG", tmp_path)
    yield tmp_path
    process.stop("thing", signal.SIGKILL, 5)


def start(argv: list[str]) -> process.Record:
    how = process.Start(argv, dict(os.environ), Path.cwd(), None)
    return process.spawn("thing", how, port=0, version="1")


def test_a_started_process_is_found_and_stopped() -> None:
    record = start(SLEEPER)
    assert process.recorded("thing") == record
    assert process.stop("thing", signal.SIGTERM, 5)
    assert process.recorded("thing") is None
    assert not process.alive(record)


def test_a_process_that_ignores_the_polite_signal_is_killed(state: Path) -> None:
    record = start(STUBBORN)
    while "up" not in (state / "thing.log").read_text(encoding="utf-8"):
        time.sleep(0.05)
    assert process.stop("thing", signal.SIGTERM, 0.5)
    assert not process.alive(record)


def test_a_later_process_with_the_same_id_is_left_alone(state: Path) -> None:
    bystander = subprocess.Popen(SLEEPER)
    try:
        (state / "thing.pid").write_text(
            json.dumps(
                {"pid": bystander.pid, "birth": "boot:1", "port": 0, "version": "1", "started": 0}
            )
        )
        assert process.recorded("thing") is None
        assert not process.stop("thing", signal.SIGKILL, 5)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}'])
def test_a_broken_record_counts_as_not_running(state: Path, content: str) -> None:
    (state / "thing.pid").write_text(content)
    assert process.recorded("thing") is None


def test_a_service_that_ends_at_once_is_reported_with_its_log(state: Path) -> None:
    service = base.Service(
        name="thing",
        title="试验服务",
        argv=lambda: [sys.executable, "-c", "raise SystemExit('cannot read settings')"],
        healthy=lambda: False,
    )
    with pytest.raises(CommandError, match="试验服务启动后立即退出") as caught:
        base.start(service)
    assert caught.value.log is not None
    assert "cannot read settings" in caught.value.log.read_text(encoding="utf-8")


def test_a_taken_port_is_named_with_the_variable_that_moves_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as other:
        other.bind((ports.HOST, 0))
        other.listen()
        taken = other.getsockname()[1]
        monkeypatch.setenv("THING_PORT", str(taken))
        service = base.Service(
            name="thing",
            title="试验服务",
            argv=lambda: SLEEPER,
            healthy=lambda: True,
            listens=ports.Port("thing", "THING_PORT", 1),
        )
        with pytest.raises(CommandError, match=rf"{taken} 已被其他程序占用.*THING_PORT="):
            base.start(service)
    assert process.recorded("thing") is None


@pytest.mark.parametrize("text", ["x", "0", "65536", "-1", "８０"])
def test_a_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("THING_PORT", text)
    with pytest.raises(CommandError, match="THING_PORT"):
        ports.number(ports.Port("thing", "THING_PORT", 1))


def test_a_service_started_with_other_settings_is_restarted() -> None:
    def service(version: str) -> base.Service:
        return base.Service(
            name="thing",
            title="试验服务",
            argv=lambda: SLEEPER,
            healthy=lambda: True,
            version=lambda: version,
        )

    base.start(service("1"))
    first = process.recorded("thing")
    base.start(service("1"))
    assert process.recorded("thing") == first
    base.start(service("2"))
    assert process.recorded("thing") not in (None, first)
