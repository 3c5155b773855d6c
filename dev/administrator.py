"""Make sure that the portal has its system administrator; run by the virtual environment's Python.

    python -m dev.administrator INI NAME PASSWORD_FILE

The password is made here and written to the file, never shown in the process list. While the file
exists the password is left alone: the administrator may have changed it.
"""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app

from dev.secret import write_private


def provide(name: str, password_file: Path) -> None:
    """Make the administrator, or give it a new password when the old one is not on file.

    Args:
        name: The user's name.
        password_file: Where the password is kept.
    """
    user = model.User.get(name)
    if user is not None and password_file.exists():
        return
    if user is None:
        user = model.User(name=name, email=f"{name}@localhost")
        model.Session.add(user)
    password = secrets.token_urlsafe(12)
    user.password = password
    user.sysadmin = True
    user.state = model.State.ACTIVE
    write_private(password_file, password + "\n")
    model.Session.commit()


def main() -> None:
    """Run the command line."""
    ini, name, password_file = sys.argv[1:]
    make_app(load_config(ini))
    provide(name, Path(password_file))


if __name__ == "__main__":
    main()
