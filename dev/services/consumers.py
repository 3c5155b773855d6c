"""Harvesting in the background: the queue's two consumers, and the clock that closes their jobs."""

from __future__ import annotations

import time
from pathlib import Path

from dev import environment, ports, process, settings
from dev.layout import INI, VAR, venv_program
from dev.services import redis_server
from dev.services.base import Service

_ESTABLISHED = "01"
_HEARTBEAT = VAR / "schedule.heartbeat"
_HEARTBEAT_SECONDS = 300


def _connected(pid: int, port: int) -> bool:
    """Say whether a process holds an open connection to a local port."""
    remote = f"0100007F:{port:04X}"
    try:
        open_files = {link.readlink().name for link in Path(f"/proc/{pid}/fd").iterdir()}
        rows = [
            line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text("ascii").splitlines()
        ]
    except OSError:
        return False
    inodes = {row[9] for row in rows[1:] if row[2] == remote and row[3] == _ESTABLISHED}
    return any(f"socket:[{inode}]" in open_files for inode in inodes)


def _beats() -> bool:
    """Say whether the clock has touched its heartbeat lately, and since it was started."""
    record = process.recorded("schedule")
    if record is None or not _HEARTBEAT.exists():
        return False
    beat = _HEARTBEAT.stat().st_mtime
    return beat > max(record.started, time.time() - _HEARTBEAT_SECONDS)


def _consumer(stage: str, title: str) -> Service:
    def healthy() -> bool:
        record = process.recorded(stage)
        return record is not None and _connected(record.pid, ports.number(ports.REDIS))

    return Service(
        name=stage,
        title=title,
        argv=lambda: [venv_program("ckan"), "-c", str(INI), "harvester", f"{stage}-consumer"],
        healthy=healthy,
        env=lambda: environment.variables(CKAN_REDIS_URL=redis_server.patient_url()),
        version=settings.version,
    )


GATHER = _consumer("gather", "采集队列（清单）")
FETCH = _consumer("fetch", "采集队列（记录）")
SCHEDULE = Service(
    name="schedule",
    title="采集调度",
    argv=lambda: [venv_program("python"), "-m", "dev.schedule", str(INI)],
    healthy=_beats,
    env=environment.variables,
    version=settings.version,
)
