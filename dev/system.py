"""What the operating system must provide, and installing what is missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Callable
from ctypes.util import find_library
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from dev.console import CommandError, step
from dev.layout import LOG, ROOT


@dataclass(frozen=True)
class Need:
    """Something the operating system must provide.

    Attributes:
        title: What people call it, in Chinese.
        packages: The Debian packages that provide it.
        present: Says whether it is there, wherever it came from.
    """

    title: str
    packages: tuple[str, ...]
    present: Callable[[], bool]


def _command(*names: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(name) for name in names)


def _postgresql() -> bool:
    packaged = any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return packaged or all(map(shutil.which, ("initdb", "postgres", "psql")))


def _libpq_headers() -> bool:
    if shutil.which("pg_config") is None:
        return False
    done = subprocess.run(
        ["pg_config", "--includedir"], capture_output=True, text=True, check=False
    )
    return (Path(done.stdout.strip()) / "libpq-fe.h").exists()


def _jdk() -> bool:
    return all(_java_major(program) >= 17 for program in ("java", "javac"))


def _java_major(program: str) -> int:
    if shutil.which(program) is None:
        return 0
    done = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r"(?:version \"|javac )(\d+)", done.stdout + done.stderr)
    return int(found[1]) if found else 0


def _python_headers() -> bool:
    return (Path(sysconfig.get_path("include")) / "Python.h").exists()


def _chinese_font() -> bool:
    fonts = (Path("/usr/share/fonts"), Path.home() / ".fonts", Path.home() / ".local/share/fonts")
    return any(any(folder.rglob("*CJK*")) for folder in fonts if folder.is_dir())


DEMO = (
    Need("PostgreSQL 服务器", ("postgresql",), _postgresql),
    Need("Redis 服务器", ("redis-server",), _command("redis-server")),
    Need("C 编译器", ("build-essential",), _command("cc", "gcc")),
    Need("libpq 头文件", ("libpq-dev",), _libpq_headers),
    Need("Python 头文件", ("python3-dev",), _python_headers),
    Need("Python venv 模块", ("python3-venv",), lambda: find_spec("ensurepip") is not None),
    Need("JDK 17 或更高版本", ("default-jdk-headless",), _jdk),
    Need("Maven", ("maven",), _command("mvn")),
    Need("libmagic", ("libmagic1",), lambda: find_library("magic") is not None),
)
TEST = (
    *DEMO,
    Need(
        "Chromium 浏览器", ("chromium",), _command("chromium", "chromium-browser", "google-chrome")
    ),
    Need("ChromeDriver", ("chromium-driver",), _command("chromedriver")),
    Need("中文字体", ("fonts-noto-cjk",), _chinese_font),
)


def provide(needs: tuple[Need, ...]) -> None:
    """Make sure that the operating system has what is needed; touch nothing when it has.

    Args:
        needs: What must be there.

    Raises:
        CommandError: Something is missing and cannot be installed from here.
    """
    missing = [need for need in needs if not need.present()]
    if not missing:
        return
    packages = [package for need in missing for package in need.packages]
    prefix = _root_prefix()
    if prefix is None:
        raise CommandError(_shopping_list(missing))
    step(f"安装系统软件包：{' '.join(packages)}")
    log = LOG / "packages.log"
    command = [*prefix, "sh", str(ROOT / "dev" / "install-packages.sh"), *packages]
    with log.open("wb") as out:
        if subprocess.run(command, stdout=out, stderr=out, check=False).returncode:
            raise CommandError("系统软件包安装失败；请检查网络和软件源，原因见日志末尾", log)
    missing = [need for need in needs if not need.present()]
    if missing:
        raise CommandError(_shopping_list(missing))


def _root_prefix() -> list[str] | None:
    """Return what runs a command as root without asking, or None; needs apt-get."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n"] if allowed.returncode == 0 else None


def _shopping_list(missing: list[Need]) -> str:
    lines = [f"  - {need.title}（Debian 软件包 {' '.join(need.packages)}）" for need in missing]
    packages = " ".join(package for need in missing for package in need.packages)
    return "\n".join(
        [
            "缺少以下系统组件：",
            *lines,
            f"请用管理员账户安装后重试，例如：apt-get install {packages}",
        ]
    )
