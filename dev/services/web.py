"""The portal itself: CKAN behind gunicorn."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from dev import environment, ports, settings
from dev.layout import INI, LOG, venv_program
from dev.services.base import Service


def address() -> str:
    """Return the portal's address."""
    return f"http://{ports.HOST}:{ports.number(ports.WEB)}"


def call(action: str) -> dict[str, Any]:
    """Call a read-only API action without logging in.

    Args:
        action: Its name, with query parameters if any.

    Returns:
        The action's whole answer.

    Raises:
        OSError: The portal does not answer or reports an error.
        ValueError: The answer is not JSON.
    """
    where = f"{address()}/api/3/action/{action}"
    with urllib.request.urlopen(where, timeout=30) as answer:  # noqa: S310 - our own address
        return json.load(answer)


def _argv() -> list[str]:
    options = ["--config", "python:dev.gunicorn_settings"]
    return [venv_program("gunicorn"), *options, "dev.wsgi:application"]


def _env() -> dict[str, str]:
    return environment.variables(
        CKAN_INI=str(INI),
        WEB_BIND=f"{ports.HOST}:{ports.number(ports.WEB)}",
        WEB_ACCESS_LOG=str(LOG / "web-access.log"),
    )


def _healthy() -> bool:
    try:
        return call("status_show").get("success") is True
    except (OSError, ValueError):
        return False


WEB = Service(
    name="web",
    title="门户（CKAN）",
    argv=_argv,
    healthy=_healthy,
    listens=ports.WEB,
    env=_env,
    version=settings.version,
    patience=90.0,
)
