"""What the commands say on the terminal, and how they fail."""

from __future__ import annotations

import sys
from pathlib import Path

_TAIL_LINES = 15


class CommandError(Exception):
    """What stops a command; the message names the thing, the cause and the fix, in Chinese."""

    def __init__(self, message: str, log: Path | None = None) -> None:
        super().__init__(message)
        self.log = log


def say(text: str) -> None:
    """Print one line at once.

    Args:
        text: The line, in Chinese.
    """
    print(text, flush=True)


def step(text: str) -> None:
    """Announce the next step.

    Args:
        text: What is being done, in Chinese.
    """
    say(f"==> {text}")


def report(error: CommandError) -> None:
    """Print an error and the end of its log on standard error.

    Args:
        error: What went wrong.
    """
    print(f"\n错误：{error}", file=sys.stderr)
    if error.log is not None:
        print(f"日志：{error.log}", file=sys.stderr)
        for line in tail(error.log):
            print(f"  | {line}", file=sys.stderr)


def tail(log: Path, lines: int = _TAIL_LINES) -> list[str]:
    """Read the end of a log.

    Args:
        log: The log file; it may be absent.
        lines: How many lines at most.

    Returns:
        The last lines, oldest first.
    """
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - 64 * 1024))
        return file.read().decode("utf-8", "replace").splitlines()[-lines:]
