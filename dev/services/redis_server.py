"""Redis: harvest queues, sessions of the portal, background jobs."""

from __future__ import annotations

import shutil
import socket

from dev import ports
from dev.console import CommandError
from dev.layout import VAR
from dev.services.base import Service

DEMO_DB = 0
TEST_DB = 1

_DATA = VAR / "redis"


def url(db: int) -> str:
    """Return the address of one of Redis's numbered databases.

    Args:
        db: Its number.
    """
    return f"redis://{ports.HOST}:{ports.number(ports.REDIS)}/{db}"


def patient_url() -> str:
    """Return the demo's address for the harvest consumers.

    They wait for work in one blocking call, which redis-py ends with an error after 5 seconds
    unless told otherwise; the number is near the longest wait that a socket takes.
    """
    return f"{url(DEMO_DB)}?socket_timeout=2000000&socket_connect_timeout=5"


def _argv() -> list[str]:
    program = shutil.which("redis-server")
    if program is None:
        raise CommandError("没有找到 redis-server；请安装 Debian 软件包 redis-server")
    return [
        program,
        *("--bind", ports.HOST, "--port", str(ports.number(ports.REDIS))),
        *("--dir", str(_DATA)),
        # A queued harvest job must survive a restart.
        *("--appendonly", "yes", "--save", ""),
    ]


def _healthy() -> bool:
    address = (ports.HOST, ports.number(ports.REDIS))
    try:
        with socket.create_connection(address, timeout=2) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16) == b"+PONG\r\n"
    except OSError:
        return False


REDIS = Service(
    name="redis",
    title="Redis",
    argv=_argv,
    healthy=_healthy,
    listens=ports.REDIS,
    prepare=lambda: _DATA.mkdir(exist_ok=True),
    patience=20.0,
)
