"""The tool: brings the catalogues up to date, checks them, counts coverage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from babel.support import NullTranslations, Translations

from ckanext.jilinopen.catalogue.localisation.components import (
    Catalogues,
    Component,
    components,
)
from ckanext.jilinopen.catalogue.localisation.messages import (
    DOMAIN,
    LOCALE,
    Entry,
    Messages,
    compiled,
    extract,
    read_compiled,
    read_if_there,
    write_catalogue,
)
from ckanext.jilinopen.catalogue.localisation.rules import (
    Policy,
    broken_rules,
    can_tell_traditional,
)

__all__ = ["Coverage", "Finding", "build", "check", "coverage", "main"]

_PREFIX = "ckanext/jilinopen/"


@dataclass(frozen=True)
class Finding:
    """One thing to mend, or to know.

    Attributes:
        rule: stable code of the rule, e.g. ``empty``.
        where: name of the catalogue or file.
        msgid: the message concerned; empty if the whole file is meant.
        detail: what was met and what would be right.
        note: only to be known; does not fail the check.
    """

    rule: str
    where: str
    msgid: str = ""
    detail: str = ""
    note: bool = False


@dataclass(frozen=True)
class Coverage:
    """How much of one component speaks Chinese.

    Attributes:
        name, version: the component as installed.
        messages: messages in its code.
        upstream: of these, translated by its own catalogue.
        ours: of these, translated once our overlay lies on top.
        changed: translations of upstream that the overlay replaces.
    """

    name: str
    version: str
    messages: int
    upstream: int
    ours: int
    changed: int


def build(catalogues: Catalogues, parts: Sequence[Component]) -> dict[str, int]:
    """Bring all files up to date: template, our ``.po``, overlays, and the compiled catalogue.

    Translations are kept; messages that are new get an empty one, for a person to fill.

    Args:
        catalogues: the folder to write to.
        parts: the components whose gaps the overlays fill.

    Returns:
        Number of messages of each file written.
    """
    own = extract(catalogues.sources, _PREFIX)
    written = {catalogues.template.name: len(own)}
    write_catalogue(catalogues.template, own.values(), translated=False)

    texts = _known_texts(catalogues, parts)
    old = {key: entry for key, entry in read_if_there(catalogues.own).items() if entry.text}
    kept = _with_texts(own, {**texts, **old})
    write_catalogue(catalogues.own, kept.values())
    written[catalogues.own.name] = len(kept)

    covered = {*own, *_shipped(parts)}
    for part in parts:
        path = catalogues.overlay(part.name)
        messages = _refreshed_overlay(part, read_if_there(path), covered)
        write_catalogue(path, messages.values())
        written[path.name] = len(messages)
        covered |= set(messages)

    merged = catalogues.merged()
    catalogues.compiled.write_bytes(compiled(merged))
    written[catalogues.compiled.name] = len(merged)
    return written


def _known_texts(catalogues: Catalogues, parts: Sequence[Component]) -> Messages:
    """What others call the same thing: a message of ours that they have too starts with it."""
    known = _shipped(parts)
    for path in catalogues.overlays():
        known |= {key: entry for key, entry in read_if_there(path).items() if entry.text}
    return {key: replace(entry, comment="") for key, entry in known.items()}


def _shipped(parts: Sequence[Component]) -> Messages:
    """What the components translate themselves; it serves all, as CKAN merges by msgid."""
    found: Messages = {}
    for part in parts:
        found |= {key: entry for key, entry in part.shipped().items() if entry.text}
    return found


def _with_texts(messages: Messages, texts: Messages) -> Messages:
    return {
        key: replace(entry, text=old.text, comment=old.comment, fuzzy=old.fuzzy)
        if (old := texts.get(key))
        else entry
        for key, entry in messages.items()
    }


def _refreshed_overlay(part: Component, overlay: Messages, covered: set[str]) -> Messages:
    """The overlay with new gaps added and places brought up to date."""
    wanted = part.wanted()
    kept = {key: wanted[key] for key in wanted if key in overlay or key not in covered}
    gone = {key: entry for key, entry in overlay.items() if key not in wanted}
    return {**_with_texts(kept, overlay), **gone}


def check(catalogues: Catalogues, parts: Sequence[Component]) -> list[Finding]:
    """Find everything that would put a wrong, missing or English word on a page.

    Args:
        catalogues: the folder to check.
        parts: the components that the portal shows.

    Returns:
        Findings; those with ``note`` do not fail the check.
    """
    policy = Policy.read(catalogues.folder)
    files = catalogues.files()
    used: set[tuple[str, str]] = set()
    findings = [*_check_script_tool(), *_check_template(catalogues), *_check_compiled(catalogues)]
    findings += _check_conflicts(files)
    findings += _check_forms({**files, **{part.name: part.wanted() for part in parts}})
    known: set[str] = set().union(*files.values())
    for name, messages in files.items():
        findings += _check_messages(name, messages.values(), policy, used)
    shipped = _shipped(parts)
    for part in parts:
        uncovered = {key: entry for key, entry in part.wanted().items() if key not in known}
        known |= uncovered.keys()
        missing = uncovered.keys() - shipped.keys()
        findings += (
            Finding("missing", part.name, key, ", ".join(uncovered[key].places[:3]))
            for key in sorted(missing)
        )
        there = [shipped[key] for key in uncovered if key in shipped]
        findings += _check_messages(part.name, there, policy, used)
    findings += _check_leftovers(catalogues, parts, files)
    for rule, msgid in sorted(policy.allowed - used):
        findings.append(Finding("allowed", "allowed.csv", msgid, rule, note=True))
    return findings


def _check_messages(
    where: str, entries: Iterable[Entry], policy: Policy, used: set[tuple[str, str]]
) -> Iterator[Finding]:
    for entry in entries:
        for rule, detail in broken_rules(entry, policy):
            if (rule, entry.msgid) in policy.allowed:
                used.add((rule, entry.msgid))
            else:
                yield Finding(rule, where, entry.msgid, detail)


def _check_script_tool() -> Iterator[Finding]:
    if not can_tell_traditional():
        yield Finding("tool", "opencc", "", "pip install -r dev-requirements.txt")


def _check_template(catalogues: Catalogues) -> Iterator[Finding]:
    found = extract(catalogues.sources, _PREFIX)
    kept = read_if_there(catalogues.template)
    for key in sorted(found.keys() ^ kept.keys()):
        yield Finding("template", catalogues.template.name, key, "+" if key in found else "-")
    for key in sorted(found.keys() & kept.keys()):
        if (found[key].plural, found[key].places) != (kept[key].plural, kept[key].places):
            yield Finding("template", catalogues.template.name, key, "≠")
    own = read_if_there(catalogues.own)
    for key in sorted(found.keys() ^ own.keys()):
        yield Finding("template", catalogues.own.name, key, "+" if key in found else "-")


def _check_compiled(catalogues: Catalogues) -> Iterator[Finding]:
    expected = {key: entry.text for key, entry in catalogues.merged().items()}
    met = {key: entry.text for key, entry in read_compiled(catalogues.compiled).items()}
    stale = [key for key in expected.keys() | met.keys() if expected.get(key) != met.get(key)]
    if stale:
        detail = _("{count} messages differ from the .po files").format(count=len(stale))
        yield Finding("compiled", catalogues.compiled.name, "", detail)


def _check_conflicts(files: Mapping[str, Messages]) -> Iterator[Finding]:
    """The merged catalogue knows no files: one msgid has one text on the whole site."""
    seen: dict[str, tuple[str, str]] = {}
    for name, messages in files.items():
        for key, entry in messages.items():
            first, text = seen.setdefault(key, (name, entry.text))
            if text and entry.text and text != entry.text:
                yield Finding("conflict", name, key, f"{first}: {text} | {name}: {entry.text}")


def _check_forms(sources: Mapping[str, Messages]) -> Iterator[Finding]:
    """A message with a plural is filed under another key: gettext finds it for that use alone."""
    seen: dict[str, tuple[str, bool]] = {}
    for name, messages in sources.items():
        for key, entry in messages.items():
            first, plural = seen.setdefault(key, (name, bool(entry.plural)))
            if plural != bool(entry.plural):
                yield Finding("plural", name, key, first)


def _check_leftovers(
    catalogues: Catalogues, parts: Sequence[Component], files: Mapping[str, Messages]
) -> Iterator[Finding]:
    for part in parts:
        path = catalogues.overlay(part.name)
        wanted = part.wanted()
        for key in files.get(path.name, {}):
            if key not in wanted:
                yield Finding("unused", path.name, key, part.version, note=True)


def coverage(catalogues: Catalogues, parts: Sequence[Component]) -> list[Coverage]:
    """Count how much of each component is in Chinese, with and without our overlay."""
    merged = catalogues.merged()
    shipped = _shipped(parts)
    wanted = {DOMAIN: (_own_version(), extract(catalogues.sources, _PREFIX))}
    wanted |= {part.name: (part.version, part.wanted()) for part in parts}
    return [
        _coverage(name, release, messages, shipped, merged)
        for name, (release, messages) in wanted.items()
    ]


def _own_version() -> str:
    from ckanext.jilinopen import __version__

    return __version__


def _coverage(
    name: str, release: str, wanted: Messages, shipped: Messages, merged: Messages
) -> Coverage:
    upstream = wanted.keys() & shipped.keys()
    ours = (wanted.keys() & merged.keys()) | upstream
    changed = [key for key in upstream & merged.keys() if shipped[key].text != merged[key].text]
    return Coverage(name, release, len(wanted), len(upstream), len(ours), len(changed))


@lru_cache(maxsize=1)
def _translations() -> NullTranslations:
    return Translations.load(str(Catalogues.here().folder), [LOCALE], DOMAIN)


def _(text: str) -> str:
    """This tool's own texts, from the catalogue that it builds; English until that exists."""
    return _translations().ugettext(text)


def explain(rule: str) -> str:
    """What a rule asks for, in a few words."""
    return {
        "allowed": _("exception is no longer needed"),
        "avoid": _("word that the portal does not use"),
        "compiled": _("compiled file is out of date: run build"),
        "conflict": _("one message has two translations"),
        "empty": _("no translation"),
        "english": _("English left in the translation"),
        "fuzzy": _("guessed translation, never confirmed"),
        "glossary": _("word of the glossary is missing"),
        "markup": _("HTML differs from the English"),
        "missing": _("new message without translation: run build, then fill the overlay"),
        "newline": _("line breaks at the ends differ"),
        "placeholder": _("placeholders differ"),
        "plural": _("one message is used with and without a plural"),
        "punctuation": _("half-width punctuation in Chinese text"),
        "template": _("file does not match the code: run build"),
        "tool": _("traditional characters were not checked: OpenCC is not installed"),
        "traditional": _("traditional character"),
        "unused": _("message is not in the installed version"),
    }.get(rule, rule)


def check_lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Findings as lines for a terminal."""
    for finding in findings:
        mark = _("note") if finding.note else _("error")
        about = finding.msgid.replace("\n", "\\n")
        parts = [finding.where, explain(finding.rule), repr(about) if about else "", finding.detail]
        yield f"{mark} [{finding.rule}] " + " | ".join(part for part in parts if part)


def coverage_lines(rows: Iterable[Coverage]) -> Iterator[str]:
    """Coverage as lines of a table for a terminal."""
    yield _("component | version | messages | translated upstream | translated here | mended")
    for row in rows:
        share = 100 * row.ours / row.messages if row.messages else 100.0
        before = 100 * row.upstream / row.messages if row.messages else 100.0
        yield (
            f"{row.name} | {row.version} | {row.messages} | {row.upstream} ({before:.1f} %) | "
            f"{row.ours} ({share:.1f} %) | {row.changed}"
        )


def main(command: str, write: Callable[[str], object]) -> int:
    """Run one command of the tool.

    Args:
        command: ``build``, ``check`` or ``stats``.
        write: takes each line of output.

    Returns:
        Exit code: 0 all well, 1 the check found errors, 2 unknown command.
    """
    catalogues, parts = Catalogues.here(), components()
    if command == "build":
        for name, count in build(catalogues, parts).items():
            write(_("{name}: {count} messages").format(name=name, count=count))
        _translations.cache_clear()
        return 0
    if command == "stats":
        for line in coverage_lines(coverage(catalogues, parts)):
            write(line)
        return 0
    if command == "check":
        findings = check(catalogues, parts)
        for line in check_lines(findings):
            write(line)
        errors = sum(not finding.note for finding in findings)
        write(
            _("{count} errors").format(count=errors) if errors else _("All translations are fine.")
        )
        return 1 if errors else 0
    write(_("Unknown command {command}; there are build, check and stats.").format(command=command))
    return 2
