"""Messages and the files that hold them: ``.po``, ``.pot``, ``.mo`` and marked sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

__all__ = [
    "DOMAIN",
    "LOCALE",
    "Entry",
    "Messages",
    "add",
    "compiled",
    "extract",
    "read_catalogue",
    "read_compiled",
    "read_if_there",
    "write_catalogue",
]

LOCALE = "zh_Hans_CN"
DOMAIN = "ckanext-jilinopen"

_HEADER_DATE = datetime(2026, 11, 23, tzinfo=timezone.utc)  # fixed: builds must be repeatable
_CKAN_TEMPLATE = "ckan.lib.extract:extract_ckan"
_METHODS = [
    ("**/tests/**", "ignore"),
    ("**/migration/**", "ignore"),
    ("**/vendor/**", "ignore"),
    ("**.py", "python"),
    ("**/templates/**.html", _CKAN_TEMPLATE),
    ("**/templates/**.txt", _CKAN_TEMPLATE),
    ("**.js", "javascript"),
]


@dataclass(frozen=True)
class Entry:
    """One message and its translation.

    Attributes:
        msgid: the English text.
        plural: the English plural, empty for messages without one.
        text: the translation, empty while there is none. Chinese has one plural form.
        places: files that use the message, relative to the folder of the component's package.
        comment: the translator's remark.
        fuzzy: the translation was guessed and never confirmed.
    """

    msgid: str
    plural: str = ""
    text: str = ""
    places: tuple[str, ...] = ()
    comment: str = ""
    fuzzy: bool = False

    @property
    def model(self) -> str:
        """The English text whose placeholders the translation must carry."""
        return self.plural or self.msgid


Messages = dict[str, Entry]


def read_catalogue(path: Path) -> Messages:
    """Read a ``.po`` or ``.pot`` file.

    Args:
        path: the file.

    Returns:
        Entries by msgid, without the header and without obsolete messages.
    """
    locale = LOCALE if path.suffix == ".po" else None  # templates have the English plural forms
    with path.open("rb") as stream:
        catalogue = read_po(stream, locale=locale, abort_invalid=True)
    return {entry.msgid: entry for entry in map(_entry, catalogue) if entry.msgid}


def read_if_there(path: Path | None) -> Messages:
    """Read a catalogue; one that is not there holds nothing."""
    return read_catalogue(path) if path and path.is_file() else {}


def _entry(message: Any) -> Entry:  # babel types ids and strings as str | tuple
    ids = message.id if isinstance(message.id, (tuple, list)) else (message.id, "")
    text = message.string if isinstance(message.string, str) else "".join(message.string[:1])
    return Entry(
        msgid=ids[0],
        plural=ids[1],
        text=text or "",
        places=tuple(sorted({place for place, _line in message.locations})),
        comment="\n".join(message.user_comments),
        fuzzy=message.fuzzy,
    )


def extract(folder: Path, prefix: str) -> Messages:
    """Collect the messages that the sources below a folder mark for translation.

    Args:
        folder: folder of a package, with CKAN's lay-out of ``templates/`` and ``assets/``.
        prefix: goes before each place, e.g. ``ckanext/harvest/``.

    Returns:
        Entries by msgid, without translations.
    """
    found: Messages = {}
    rows = extract_from_dir(str(folder), _METHODS, keywords=DEFAULT_KEYWORDS)
    for name, _line, message, _comments, _context in rows:
        single, plural = (message[0], message[1]) if isinstance(message, tuple) else (message, "")
        if single:
            add(found, [Entry(single, plural or "", places=(prefix + name,))])
    return found


def add(messages: Messages, entries: Iterable[Entry]) -> None:
    """Put entries into messages; the same msgid met again only adds its places."""
    for entry in entries:
        known = messages.get(entry.msgid, entry)
        places = tuple(sorted({*known.places, *entry.places}))
        messages[entry.msgid] = replace(known, plural=known.plural or entry.plural, places=places)


def _catalogue(messages: Iterable[Entry], *, translated: bool) -> Catalog:
    catalogue = Catalog(
        locale=LOCALE if translated else None,
        domain=DOMAIN,
        header_comment=f"# {DOMAIN}",
        project=DOMAIN,
        version="1",
        msgid_bugs_address=DOMAIN,
        creation_date=_HEADER_DATE,
        revision_date=_HEADER_DATE,
        last_translator=DOMAIN,
        language_team=DOMAIN,
        fuzzy=False,
    )
    for entry in sorted(messages, key=lambda entry: (entry.places, entry.msgid)):
        catalogue.add(
            (entry.msgid, entry.plural) if entry.plural else entry.msgid,
            (entry.text,) if entry.plural else entry.text,
            locations=[(place, 1) for place in entry.places],
            user_comments=entry.comment.splitlines(),
            flags=["fuzzy"] if entry.fuzzy else [],
        )
    return catalogue


def write_catalogue(path: Path, messages: Iterable[Entry], *, translated: bool = True) -> None:
    """Write a ``.po`` file, or a ``.pot`` file when ``translated`` is false.

    Places carry no line numbers, so a shifted line changes no file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = BytesIO()
    write_po(stream, _catalogue(messages, translated=translated), width=100, include_lineno=False)
    path.write_bytes(stream.getvalue())


def compiled(messages: Mapping[str, Entry]) -> bytes:
    """Messages in the binary form that gettext loads."""
    stream = BytesIO()
    write_mo(stream, _catalogue(messages.values(), translated=True))
    return stream.getvalue()


def read_compiled(path: Path) -> Messages:
    """Read a ``.mo`` file; one that is not there holds nothing."""
    if not path.is_file():
        return {}
    with path.open("rb") as stream:
        return {entry.msgid: entry for entry in map(_entry, read_mo(stream)) if entry.msgid}
