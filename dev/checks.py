"""What needs no running service: installing, and checks of the source."""

from __future__ import annotations

import subprocess

from dev import environment, stack, system
from dev.console import step
from dev.layout import ROOT, venv_program

_CHECKS = (
    ("代码风格", ("ruff", "check", ".")),
    ("代码格式", ("ruff", "format", "--check", ".")),
    ("类型", ("pyright", "--pythonpath", venv_program("python"))),
    ("译文", ("python", "-m", "ckanext.jilinopen.catalogue.localisation", "check")),
)


def install() -> None:
    """Install everything that any command needs; start nothing."""
    with stack.exclusive():
        system.provide(system.TEST)
        environment.provide()


def lint() -> int:
    """Run every check, even after a failed one.

    Returns:
        0 when all passed, else 1.
    """
    install()
    failed = 0
    for title, (program, *arguments) in _CHECKS:
        step(title)
        command = [venv_program(program), *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment.variables(), check=False)
        failed |= done.returncode != 0
    return int(failed)
