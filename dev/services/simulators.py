"""The simulated municipal portals that the demo harvests."""

from __future__ import annotations

import urllib.request
from http import HTTPStatus

from dev import environment, ports
from dev.layout import venv_program
from dev.services.base import Service


def addresses() -> dict[str, str]:
    """Return the variables that tell the demo's source list where the simulated portals listen."""
    return {port.variable: str(ports.number(port)) for port in (ports.ODWEB, ports.OPORTAL)}


def _simulator(port: ports.Port, title: str) -> Service:
    family = port.service

    def healthy() -> bool:
        address = f"http://{ports.HOST}:{ports.number(port)}/"
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return answer.status == HTTPStatus.OK
        except OSError:
            return False

    return Service(
        name=port.service,
        title=title,
        argv=lambda: [
            *(venv_program("python"), "-m", "demo.portals", family),
            *("--port", str(ports.number(port))),
        ],
        healthy=healthy,
        listens=port,
        env=environment.variables,
        version=lambda: environment.code_version("demo"),
        patience=30.0,
    )


ODWEB = _simulator(ports.ODWEB, "长春市模拟平台")
OPORTAL = _simulator(ports.OPORTAL, "吉林市模拟平台")
