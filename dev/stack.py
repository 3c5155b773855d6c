"""Starting and stopping the services together, in the order of their needs."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from dev import environment, process, system
from dev.console import say, step
from dev.layout import RUN, make_dirs
from dev.services import base, consumers, simulators
from dev.services.base import Service
from dev.services.postgres import (
    POSTGRES,
    REMOTE_DATABASE,
    TEST_DATABASE,
    create,
    demo_database,
)
from dev.services.redis_server import REDIS
from dev.services.solr import SOLR
from dev.services.web import WEB

STORES: tuple[Service, ...] = (POSTGRES, REDIS, SOLR)
PORTALS: tuple[Service, ...] = (simulators.ODWEB, simulators.OPORTAL)
SITE: tuple[Service, ...] = (WEB, consumers.GATHER, consumers.FETCH, consumers.SCHEDULE)
ALL = (*STORES, *PORTALS, *SITE)


@contextmanager
def exclusive() -> Iterator[None]:
    """Let only one command at a time install and start things in this checkout."""
    make_dirs()
    with (RUN / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("另一个命令正在准备环境，等待其完成……")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def provide_stores(needs: tuple[system.Need, ...]) -> None:
    """Install what is missing, start PostgreSQL, Redis and Solr, and make the databases.

    Args:
        needs: What the operating system must provide.
    """
    system.provide(needs)
    environment.provide()
    step("启动基础服务")
    start(STORES)
    for database in (demo_database(), TEST_DATABASE, REMOTE_DATABASE):
        create(database)


def start(services: tuple[Service, ...]) -> None:
    """Start services one after the other.

    Args:
        services: The services.
    """
    for service in services:
        base.start(service)


def stop_all() -> None:
    """Stop whatever runs, users before stores."""
    for service in reversed(ALL):
        base.stop(service)


def status() -> bool:
    """Print a table of the services.

    Returns:
        True when every started service is healthy.
    """
    fine = True
    say(f"{'状态':<8}{'进程号':<10}{'端口':<8}服务")
    for service in ALL:
        record = process.recorded(service.name)
        if record is None:
            say(f"{'未运行':<7}{'-':<13}{'-':<10}{service.title}")
            continue
        healthy = service.healthy()
        fine = fine and healthy
        state = "正常" if healthy else "异常"
        say(f"{state:<8}{record.pid:<13}{record.port or '-':<10}{service.title}")
    return fine
