"""The whole test suite on real services."""

from __future__ import annotations

import shlex
import subprocess

from dev import environment, stack, system
from dev.console import step
from dev.layout import LOG, ROOT, VAR, venv_program
from dev.services import postgres, redis_server, solr

INI = str(ROOT / "test.ini")


def prepare() -> dict[str, str]:
    """Make the tests' stores ready; what the demo runs is left alone.

    Returns:
        The environment in which CKAN finds them.

    Raises:
        CommandError: The stores could not be prepared.
    """
    with stack.exclusive():
        stack.provide_stores(system.TEST)
        env = environment.variables(
            CKAN_SQLALCHEMY_URL=postgres.url(postgres.TEST_DATABASE),
            JILINOPEN_REMOTE_SQLALCHEMY_URL=postgres.url(postgres.REMOTE_DATABASE),
            CKAN_SOLR_URL=solr.url(solr.TEST_CORE),
            CKAN_REDIS_URL=redis_server.url(redis_server.TEST_DB),
            CKAN_STORAGE_PATH=str(VAR / "test-storage"),
        )
        for directory in ("test-storage", "test-webassets"):
            (VAR / directory).mkdir(exist_ok=True)
        step("准备测试数据库")
        upgrade = [venv_program("ckan"), "-c", INI, "db", "upgrade"]
        environment.run(upgrade, "测试数据库升级", env, LOG / "test-database.log")
    return env


def run(arguments: str) -> int:
    """Run pytest on the tests' stores.

    Args:
        arguments: More arguments for pytest, as typed in a shell.

    Returns:
        pytest's exit code.

    Raises:
        CommandError: The stores could not be prepared.
    """
    env = prepare()
    step("运行测试")
    command = [
        venv_program("python"),
        "-m",
        "pytest",
        f"--ckan-ini={INI}",
        *shlex.split(arguments),
    ]
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
