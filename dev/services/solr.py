"""Solr: fetched by Maven, configured from the installed CKAN's schema, run in a Jetty."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from dev import ports, process
from dev.console import CommandError, step
from dev.layout import LOG, ROOT, VAR, venv_program
from dev.services.base import Service, digest

DEMO_CORE = "ckan"
TEST_CORE = "ckan_test"
_CORES = (DEMO_CORE, TEST_CORE)

_SOURCE = ROOT / "solr"
_HOME = VAR / "solr" / "home"
_LIB = VAR / "solr" / "lib"
_CLASSES = VAR / "solr" / "classes"
_STAMP = VAR / "solr" / "build-stamp"


def url(core: str) -> str:
    """Return the address of a core.

    Args:
        core: The core's name.
    """
    return f"http://{ports.HOST}:{ports.number(ports.SOLR)}/solr/{core}"


def get(path: str, **parameters: str) -> dict[str, Any]:
    """Ask Solr something.

    Args:
        path: Path below ``/solr/``.
        parameters: Query parameters.

    Returns:
        Its answer.

    Raises:
        OSError: It does not answer or reports an error.
    """
    query = urllib.parse.urlencode({"wt": "json", **parameters})
    address = f"http://{ports.HOST}:{ports.number(ports.SOLR)}/solr/{path}?{query}"
    with urllib.request.urlopen(address, timeout=30) as answer:
        return json.load(answer)


def configuration(core: str) -> str:
    """Fingerprint a core's configuration.

    Args:
        core: The core's name.
    """
    files = sorted(path for path in (_HOME / core / "conf").iterdir() if path.is_file())
    return digest("".join(f"{path.name}\0{path.read_text('utf-8')}" for path in files))


def index_stamp(core: str) -> Path:
    """Name the file that says what a core's index was made from; it vanishes with the index.

    Args:
        core: The core's name.
    """
    return _HOME / core / "data" / "made-from"


def _build() -> None:
    """Fetch Solr's libraries and compile the launcher, unless they are up to date."""
    if _STAMP.exists() and _STAMP.read_text(encoding="ascii") == _stamp():
        return
    step("下载 Solr 的程序库（Maven）")
    log = LOG / "solr-build.log"
    maven = shutil.which("mvn")
    if maven is None:
        raise CommandError("没有找到 mvn；请安装 Debian 软件包 maven")
    commands = (
        [
            *(maven, "--quiet", "--batch-mode", "--no-transfer-progress"),
            *("--file", str(_SOURCE / "pom.xml"), "dependency:copy-dependencies"),
            *("-DincludeScope=runtime", f"-DoutputDirectory={_LIB}"),
        ],
        [_java("javac"), "-d", str(_CLASSES), "-cp", f"{_LIB}/*", str(_SOURCE / "SolrServer.java")],
    )
    shutil.rmtree(_LIB, ignore_errors=True)
    with log.open("wb") as out:
        for command in commands:
            done = subprocess.run(command, stdout=out, stderr=out, env=_env(), check=False)
            if done.returncode:
                raise CommandError(
                    "Solr 的程序库准备失败；请检查网络和 Maven 设置，原因见日志末尾", log
                )
    _STAMP.write_text(_stamp(), encoding="ascii")


def _stamp() -> str:
    sources = (_SOURCE / "pom.xml", _SOURCE / "SolrServer.java")
    return digest("".join(path.read_text(encoding="utf-8") for path in sources))


def _java(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise CommandError(
            f"没有找到 {program}；请安装 17 或更高版本的 JDK（Debian 软件包 default-jdk-headless）"
        )
    return path


def _write_core(core: str) -> None:
    conf = _HOME / core / "conf"
    done = subprocess.run(
        [venv_program("python"), str(_SOURCE / "configset.py"), "--out", str(conf)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(done.stderr.strip(), process.log_path("solr"))
    (_HOME / core / "core.properties").write_text(f"name={core}\n", encoding="ascii")


def _argv() -> list[str]:
    return [
        _java("java"),
        *("-Xms128m", "-Xmx512m"),
        f"-Dsolr.solr.home={_HOME}",
        f"-Dsolr.install.dir={VAR / 'solr'}",
        f"-Dsolr.log.dir={LOG}",
        f"-Dlog4j2.configurationFile={_SOURCE / 'log4j2.xml'}",
        *("-cp", f"{_CLASSES}:{_LIB}/*"),
        *("SolrServer", ports.HOST, str(ports.number(ports.SOLR))),
    ]


def _env() -> dict[str, str]:
    # A JVM finds files with Chinese names in a UTF-8 locale only.
    return {**os.environ, "LC_ALL": "C.UTF-8"}


def _prepare() -> None:
    _build()
    _HOME.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_SOURCE / "solr.xml", _HOME / "solr.xml")
    for core in _CORES:
        _write_core(core)


def _healthy() -> bool:
    try:
        answers = [get(f"{core}/admin/ping") for core in _CORES]
    except OSError:
        return False
    return all(answer.get("status") == "OK" for answer in answers)


SOLR = Service(
    name="solr",
    title="Solr",
    argv=_argv,
    healthy=_healthy,
    listens=ports.SOLR,
    prepare=_prepare,
    env=_env,
    version=lambda: "".join([_stamp(), *map(configuration, _CORES)]),
    patience=90.0,
)
