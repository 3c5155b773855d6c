"""The catalogue that CKAN's scripts ask for, in Chinese."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, make_response, request
from flask_babel import force_locale, get_translations
from werkzeug.wrappers import Response

import ckan.plugins as p
from ckan.lib.i18n import get_ckan_i18n_dir

from ckanext.jilinopen.catalogue.localisation import LOCALE, Catalogues
from ckanext.jilinopen.catalogue.localisation.messages import Entry, read_if_there

__all__ = ["blueprint"]

blueprint = Blueprint("jilinopen_i18n", __name__)


# CKAN 2.12.0's client writes the locale as zh_Hans-CN, a mended one as zh_Hans_CN, a page's lang
# attribute as zh-Hans-CN. CKAN's own route knows the second form only, and answers from a file
# that holds neither our overlay nor, behind gunicorn, anything at all before it was built by hand.
@blueprint.route("/api/i18n/zh_Hans_CN")
@blueprint.route("/api/i18n/zh_Hans-CN")
@blueprint.route("/api/i18n/zh-Hans-CN")
def javascript_catalogue() -> Response:
    """Translations of the messages in scripts, in the form that CKAN's client loads."""
    response = make_response(_body())
    response.mimetype = "application/json"
    response.add_etag()
    return response.make_conditional(request)


@lru_cache(maxsize=1)
def _body() -> str:
    """The answer; catalogues are read once by a process, as flask-babel does it too."""
    header = {"domain": "ckan", "lang": LOCALE, "plural-forms": "nplurals=1; plural=0;"}
    with force_locale(LOCALE):
        messages = dict(_translated(_script_messages()))
    return json.dumps({"": header, **messages}, ensure_ascii=False, sort_keys=True)


def _translated(entries: Iterable[Entry]) -> Iterator[tuple[str, list[str | None]]]:
    """Messages as the client's library wants them: [plural or nothing, translation]."""
    translations = get_translations()
    for entry in entries:
        if entry.plural:
            text = translations.ungettext(entry.msgid, entry.plural, 1)
        else:
            text = translations.ugettext(entry.msgid)
        if text != entry.msgid:
            yield entry.msgid, [entry.plural or None, text]


def _script_messages() -> Iterator[Entry]:
    """Messages that occur in a script of CKAN, of any plugin, or of our overlay."""
    templates = [
        Path(plugin.i18n_directory()) / f"{plugin.i18n_domain()}.pot"
        for plugin in p.PluginImplementations(p.ITranslation)
    ]
    core = Path(get_ckan_i18n_dir()) / "ckan.pot"
    for path in [core, *templates, *Catalogues.here().overlays()]:
        for entry in read_if_there(path).values():
            if any(place.endswith(".js") for place in entry.places):
                yield entry
