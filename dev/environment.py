"""The virtual environment of the checkout, and the variables its programs run with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from dev.console import CommandError, step
from dev.layout import LOG, ROOT, VENV, venv_program
from dev.services.base import digest

_REQUIREMENTS = ("requirements.txt", "dev-requirements.txt")
_SOURCES = (*_REQUIREMENTS, "setup.py")
_STAMP = VENV / "installed-stamp"
_PYTHON_STAMP = VENV / "python-stamp"


def provide() -> None:
    """Make the virtual environment and install the project, unless it is up to date.

    Raises:
        CommandError: pip failed.
    """
    stamp = digest(_python() + "".join((ROOT / name).read_text("utf-8") for name in _SOURCES))
    if _is(_STAMP, stamp):
        return
    step("安装 Python 依赖（首次约需一到两分钟）")
    log = LOG / "pip.log"
    pip = [venv_program("python"), "-m", "pip", "install"]
    # Made anew only for another Python: services may be running from it.
    make = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    commands = (
        *([] if _is(_PYTHON_STAMP, digest(_python())) else [make]),
        [*pip, *(part for name in _REQUIREMENTS for part in ("--requirement", name))],
        [*pip, "--no-deps", "--editable", "."],
    )
    with log.open("wb") as out:
        for command in commands:
            done = subprocess.run(command, cwd=ROOT, stdout=out, stderr=out, check=False)
            if done.returncode:
                raise CommandError(
                    "Python 依赖安装失败；请检查网络和 pip 设置，原因见日志末尾", log
                )
    _PYTHON_STAMP.write_text(digest(_python()), encoding="ascii")
    _STAMP.write_text(stamp, encoding="ascii")


def _python() -> str:
    return f"{sys.version} {sys.base_prefix}"


def _is(stamp: Path, content: str) -> bool:
    return stamp.exists() and stamp.read_text(encoding="ascii") == content


def variables(**extra: str) -> dict[str, str]:
    """Return the environment for CKAN's programs.

    Args:
        extra: Variables to add.

    Returns:
        Our own environment without variables that would override the settings file.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("CKAN_")}
    # CKAN reads its settings file in the locale's encoding.
    return {**own, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", **extra}


def code_version(*folders: str) -> str:
    """Fingerprint the code and the dependencies that a service was started with.

    Args:
        folders: Where its code lies, relative to the checkout.
    """
    files = (
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    )
    marks = [f"{path}:{path.stat().st_mtime_ns}:{path.stat().st_size}" for path in files]
    stamp = _STAMP.read_text(encoding="ascii") if _STAMP.exists() else ""
    return digest(stamp + "\n".join(sorted(marks)))


def run(argv: list[str], what: str, env: dict[str, str], log: Path) -> None:
    """Run a program of the project; its output goes to a log.

    Args:
        argv: The program and its arguments.
        what: What it does, in Chinese, for the error message.
        env: Its environment.
        log: The log, written anew.

    Raises:
        CommandError: It failed.
    """
    with log.open("wb") as out:
        done = subprocess.run(
            argv, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False
        )
    if done.returncode:
        raise CommandError(f"{what}失败（退出码 {done.returncode}）；原因见日志末尾", log)
