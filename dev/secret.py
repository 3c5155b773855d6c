"""Generated passwords and keys: made once, readable by their owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from dev.layout import VAR


def kept(name: str) -> str:
    """Return a secret of this checkout, made at first use.

    Args:
        name: What it is for.

    Returns:
        A URL-safe text of 32 characters.
    """
    return kept_in(VAR / "secrets" / name)


def kept_in(path: Path) -> str:
    """Return the secret in a file, made at first use.

    Args:
        path: The file; its directory is made, closed to others.

    Returns:
        A URL-safe text of 32 characters.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, secrets.token_urlsafe(24) + "\n")
    return path.read_text(encoding="ascii").strip()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first byte on.

    Args:
        path: The file.
        text: Its whole content.
    """
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
