"""Where things lie in a checkout: all state is under ``var/``, which is never committed."""

from __future__ import annotations

import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
LOG = VAR / "log"
RUN = VAR / "run"
VENV = VAR / "venv"
INI = VAR / "ckan.ini"
ADMIN_PASSWORD = VAR / "admin-password.txt"

# Two checkouts on one machine must not share a database cluster that lies outside both.
CHECKOUT_ID = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]


def make_dirs() -> None:
    """Make the state directory, closed to other users: it holds secrets."""
    VAR.mkdir(exist_ok=True)
    VAR.chmod(0o700)
    for directory in (LOG, RUN):
        directory.mkdir(exist_ok=True)


def venv_program(name: str) -> str:
    """Name a program of the virtual environment.

    Args:
        name: Its file name, such as ``ckan``.

    Returns:
        Its absolute path.
    """
    return str(VENV / "bin" / name)
