"""What every service has, and how one is started, watched and stopped."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dev import ports, process
from dev.console import CommandError, say
from dev.layout import ROOT


@dataclass(frozen=True)
class Service:
    """A background process with a health check.

    Attributes:
        name: Short name; names its log and pid file.
        title: What people call it, in Chinese.
        argv: Gives the program and its arguments.
        healthy: Asks the running service whether it works; a quick answer.
        listens: Its port, if it has one.
        prepare: Makes what the process needs before it starts.
        env: Gives the process's environment.
        cwd: Gives its working directory.
        user: Gives the account to run as, or None for our own.
        version: Fingerprints what it is started with beside its arguments; another fingerprint
            asks for a restart.
        stop_signal: The signal that ends it cleanly.
        patience: Seconds that starting and stopping may take.
    """

    name: str
    title: str
    argv: Callable[[], list[str]]
    healthy: Callable[[], bool]
    listens: ports.Port | None = None
    prepare: Callable[[], None] = lambda: None
    env: Callable[[], dict[str, str]] = lambda: dict(os.environ)
    cwd: Callable[[], Path] = lambda: ROOT
    user: Callable[[], str | None] = lambda: None
    version: Callable[[], str] = lambda: ""
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 60.0


def digest(text: str) -> str:
    """Return a short fingerprint.

    Args:
        text: What to fingerprint.
    """
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def start(service: Service) -> None:
    """Make sure that a service runs, is healthy, and was started with the present settings.

    Args:
        service: The service.

    Raises:
        CommandError: Its port is taken, or it did not become healthy in time.
    """
    port = ports.number(service.listens) if service.listens else 0
    service.prepare()
    argv = service.argv()
    version = digest("\0".join([*argv, service.version()]))
    running = process.recorded(service.name)
    if running is not None:
        if (running.port, running.version) == (port, version) and service.healthy():
            say(f"    {service.title}：已在运行{_at(port)}")
            return
        process.stop(service.name, service.stop_signal, service.patience)
    require_port(service)
    began = time.monotonic()
    record = process.spawn(
        service.name,
        process.Start(argv, service.env(), service.cwd(), service.user()),
        port=port,
        version=version,
    )
    _await_health(service, record)
    say(f"    {service.title}：已启动{_at(port)}，用时 {time.monotonic() - began:.1f} 秒")


def require_port(service: Service) -> None:
    """Make sure that a service that does not run could have its port.

    Args:
        service: The service.

    Raises:
        CommandError: Another program has it.
    """
    if service.listens is None or process.recorded(service.name) is not None:
        return
    port = ports.number(service.listens)
    if ports.taken(port):
        raise CommandError(
            f"{service.title}需要的端口 {port} 已被其他程序占用；请停止那个程序，"
            f"或换一个端口，例如 {service.listens.variable}={port + 1} make demo"
        )


def stop(service: Service) -> None:
    """Stop a service if it runs.

    Args:
        service: The service.
    """
    if process.stop(service.name, service.stop_signal, service.patience):
        say(f"    {service.title}：已停止")


def _at(port: int) -> str:
    return f"（{ports.HOST}:{port}）" if port else ""


def _await_health(service: Service, record: process.Record) -> None:
    log = process.log_path(service.name)
    deadline = time.monotonic() + service.patience
    while not service.healthy():
        if not process.alive(record):
            raise CommandError(f"{service.title}启动后立即退出；原因见日志末尾", log)
        if time.monotonic() > deadline:
            process.stop(service.name, service.stop_signal, 5)
            raise CommandError(
                f"{service.title}在 {service.patience:.0f} 秒内没有就绪；原因见日志末尾", log
            )
        time.sleep(0.2)
