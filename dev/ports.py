"""The TCP ports of the services, every one movable by an environment variable."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

from dev.console import CommandError
from dev.process import recorded

HOST = "127.0.0.1"
_AUTO = os.environ.get("JILINOPEN_PORTS") == "auto"


@dataclass(frozen=True)
class Port:
    """A port that one service listens on.

    Attributes:
        service: The service's name.
        variable: The environment variable that moves it.
        default: Its number when nothing else is said.
    """

    service: str
    variable: str
    default: int


POSTGRES = Port("postgres", "JILINOPEN_PG_PORT", 55432)
REDIS = Port("redis", "JILINOPEN_REDIS_PORT", 56379)
SOLR = Port("solr", "JILINOPEN_SOLR_PORT", 58983)
WEB = Port("web", "PORT", 5000)
ODWEB = Port("odweb", "JILINOPEN_ODWEB_PORT", 9311)
OPORTAL = Port("oportal", "JILINOPEN_OPORTAL_PORT", 9312)


def number(port: Port) -> int:
    """Choose a port's number: the environment's, else the running service's, else the default.

    With ``JILINOPEN_PORTS=auto`` a default that is taken gives way to a free port.

    Args:
        port: The port.

    Returns:
        Its number, 1 to 65535.

    Raises:
        CommandError: The environment variable holds something else.
    """
    text = os.environ.get(port.variable, "").strip()
    if text:
        if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
            raise CommandError(
                f"环境变量 {port.variable}={text} 不是有效的端口号；请改为 1 到 65535 之间的整数"
            )
        return int(text)
    running = recorded(port.service)
    if running is not None:
        return running.port
    if _AUTO and taken(port.default):
        # Children and later calls in this process must see the same choice.
        os.environ[port.variable] = str(_free())
        return int(os.environ[port.variable])
    return port.default


def taken(value: int) -> bool:
    """Say whether something already listens on a port of the loopback address.

    Args:
        value: The port's number.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, value))
        except OSError:
            return True
    return False


def _free() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
