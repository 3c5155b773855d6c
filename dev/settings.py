"""The portal's settings file, written from dev/ckan.ini.tmpl."""

from __future__ import annotations

import string

from dev import environment, ports, secret
from dev.layout import INI, ROOT, VAR
from dev.services import postgres, redis_server, solr
from dev.services.base import digest

_CODE = ("ckanext", "schemas", "i18n")


def write() -> None:
    """Write ``var/ckan.ini`` for the present ports; unchanged content keeps its time stamp."""
    template = (ROOT / "dev" / "ckan.ini.tmpl").read_text(encoding="utf-8")
    values = {
        "root": ROOT,
        "var": VAR,
        "host": ports.HOST,
        "web_port": ports.number(ports.WEB),
        "odweb_port": ports.number(ports.ODWEB),
        "oportal_port": ports.number(ports.OPORTAL),
        "secret_key": secret.kept("secret-key"),
        "sqlalchemy_url": postgres.url(postgres.demo_database()),
        "solr_url": solr.url(solr.DEMO_CORE),
        "redis_url": redis_server.url(redis_server.DEMO_DB),
    }
    text = string.Template(template).substitute(
        {name: str(value).replace("%", "%%") for name, value in values.items()}
    )
    if not INI.exists() or INI.read_text(encoding="utf-8") != text:
        secret.write_private(INI, text)
    for directory in ("storage", "webassets"):
        (VAR / directory).mkdir(exist_ok=True)


def version() -> str:
    """Fingerprint what a running CKAN process was started with: settings and code."""
    return digest(environment.code_version(*_CODE) + INI.read_text(encoding="utf-8"))
