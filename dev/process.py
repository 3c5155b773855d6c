"""Background processes: each in a session of its own, found again and stopped by id only."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from dev.layout import LOG, RUN

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Record:
    """A started process.

    Attributes:
        pid: Its process id.
        birth: Boot id and start time in clock ticks; a later process with the same id has
            another.
        port: The TCP port it listens on; 0 when it has none.
        version: Digest of what it was started with; another one asks for a restart.
        started: When it was started, in seconds since 1970.
    """

    pid: int
    birth: str
    port: int
    version: str
    started: float


@dataclass(frozen=True)
class Start:
    """How to start a process.

    Attributes:
        argv: The program and its arguments.
        env: Its complete environment.
        cwd: Its working directory, which `user` must be able to enter.
        user: The account to run it as, or None for our own.
    """

    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    user: str | None


def log_path(name: str) -> Path:
    """Return the log file of a service.

    Args:
        name: The service's name.
    """
    return LOG / f"{name}.log"


def spawn(name: str, start: Start, *, port: int, version: str) -> Record:
    """Start a process that outlives this command and remember it.

    Args:
        name: The service's name; names its log and its record.
        start: How to start it.
        port: The port it will listen on, or 0.
        version: Digest of what it is started with.

    Returns:
        The record of the new process.
    """
    with log_path(name).open("ab") as log:
        child = subprocess.Popen(
            start.argv,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=start.env,
            cwd=start.cwd,
            user=start.user,
            group=start.user,
            extra_groups=[] if start.user else None,
            start_new_session=True,
        )
    record = Record(child.pid, _birth(child.pid) or "", port, version, time.time())
    _record_path(name).write_text(json.dumps(asdict(record)), encoding="utf-8")
    return record


def recorded(name: str) -> Record | None:
    """Find a service's process, if it is still the one that was started.

    Args:
        name: The service's name.

    Returns:
        Its record, or None when it is gone.
    """
    try:
        record = Record(**json.loads(_record_path(name).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return record if alive(record) else None


def alive(record: Record) -> bool:
    """Say whether a process still runs.

    Args:
        record: The process.
    """
    return bool(record.birth) and _birth(record.pid) == record.birth


def stop(name: str, how: signal.Signals, patience: float) -> bool:
    """Stop a service and its children, first politely.

    Args:
        name: The service's name.
        how: The signal that asks it to end.
        patience: Seconds until it and its process group are killed.

    Returns:
        True when it was running.
    """
    record = recorded(name)
    if record is not None:
        os.kill(record.pid, how)
        if not _gone_within(record, patience):
            # The process leads its own group: no foreign process can be in it.
            os.killpg(record.pid, signal.SIGKILL)
            _gone_within(record, 5)
    _record_path(name).unlink(missing_ok=True)
    return record is not None


def _gone_within(record: Record, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while alive(record):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _record_path(name: str) -> Path:
    return RUN / f"{name}.pid"


def _birth(pid: int) -> str | None:
    """Identify a live process; a zombie counts as gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The command name, in parentheses, may hold spaces and parentheses of its own.
    fields = stat[stat.rindex(")") + 2 :].split()
    state, start_ticks = fields[0], fields[19]
    if state in "ZX":
        return None
    return f"{_BOOT_ID.read_text(encoding='ascii').strip()}:{start_ticks}"
