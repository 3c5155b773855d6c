"""The words for finding codes and faults: what it is, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ckan.common import _

from ckanext.jilinopen.harvest.errors import PortalError

__all__ = [
    "CODES",
    "Message",
    "config_cause",
    "describe",
    "held",
    "portal_error",
    "source_problem",
]


@dataclass(frozen=True)
class Message:
    """A code's text and hint; both are looked up in the reader's language at display.

    Attributes:
        text: what was found.
        hint: what a person can do about it.
    """

    text: Callable[[], str]
    hint: Callable[[], str]


CODES: dict[str, Message] = {
    # the source as a whole
    "source.unreachable": Message(
        lambda: _("The portal does not answer"),
        lambda: _("Check the address and whether the portal is running; try again later."),
    ),
    "source.dns": Message(
        lambda: _("The portal's host name can't be resolved"),
        lambda: _("Check the spelling of the host name and the DNS of this server."),
    ),
    "source.timeout": Message(
        lambda: _("The portal took too long to answer"),
        lambda: _("Try again at a quieter hour or raise the time limits."),
    ),
    "source.tls": Message(
        lambda: _("The portal's certificate can't be trusted"),
        lambda: _(
            "Have the portal mend its certificate chain, or add its certificate to the "
            "CA bundle setting."
        ),
    ),
    "source.address_invalid": Message(
        lambda: _("The address is not a usable http or https address"),
        lambda: _("Correct the source's address."),
    ),
    "source.address_refused": Message(
        lambda: _("The address lies in the inner network and is not allowed"),
        lambda: _("If this is intended, add it to ckanext.jilinopen.harvest.allowed_hosts."),
    ),
    "source.redirects": Message(
        lambda: _("The portal redirects in a way that can't be followed"),
        lambda: _("Check whether the portal moved, and correct the address."),
    ),
    "source.http_status": Message(
        lambda: _("The portal answered with an error"),
        lambda: _("Try again later; if it stays, ask the portal's operator."),
    ),
    "source.not_found": Message(
        lambda: _("There is no such page at the portal"),
        lambda: _("Check the address and the portal family of the source."),
    ),
    "source.forbidden": Message(
        lambda: _("The portal refuses access"),
        lambda: _("Ask the portal's operator for access, or check the API key."),
    ),
    "source.rate_limited": Message(
        lambda: _("The portal asks for fewer requests"),
        lambda: _("Raise the pace setting of the source."),
    ),
    "source.too_large": Message(
        lambda: _("The portal's answer is larger than allowed"),
        lambda: _("Use a smaller page size or raise the size limit."),
    ),
    "source.truncated": Message(
        lambda: _("The portal's answer broke off"),
        lambda: _("Try again later."),
    ),
    "source.encoding": Message(
        lambda: _("The portal's answer is in an unreadable character encoding"),
        lambda: _("Report it to the portal's operator."),
    ),
    "source.not_json": Message(
        lambda: _("The portal did not answer with JSON"),
        lambda: _("Check the address and the portal family; the portal may be under maintenance."),
    ),
    "source.not_html": Message(
        lambda: _("The portal did not answer with a web page"),
        lambda: _("Check the address and the portal family of the source."),
    ),
    "source.api_error": Message(
        lambda: _("The portal's interface reports an error"),
        lambda: _("Read the cause; ask the portal's operator if it stays."),
    ),
    "source.challenge": Message(
        lambda: _("The portal asks for a browser check"),
        lambda: _("Ask the portal's operator to admit this server; checks are never evaded."),
    ),
    "source.login": Message(
        lambda: _("The portal asks for a login"),
        lambda: _("Ask the portal's operator for open access to its catalogue."),
    ),
    "source.shape": Message(
        lambda: _("The portal's answer does not have the expected form"),
        lambda: _("The portal may have been renewed; check its family."),
    ),
    "source.paging": Message(
        lambda: _("The portal shows the same page again and again"),
        lambda: _("Report it to the portal's operator; nothing is removed meanwhile."),
    ),
    "source.wrong_region": Message(
        lambda: _("The portal lists another division's records"),
        lambda: _("Check the division and the region code of the source."),
    ),
    "source.empty_listing": Message(
        lambda: _("The portal lists no record at all"),
        lambda: _("Check the address and the division; nothing was removed here."),
    ),
    "source.incomplete": Message(
        lambda: _("The listing ended before all records were shown"),
        lambda: _("What was read is in; nothing was removed. Run again later."),
    ),
    "source.too_many_records": Message(
        lambda: _("The portal lists more records than the source allows"),
        lambda: _("Raise max_records of the source if this is right."),
    ),
    "source.unknown": Message(
        lambda: _("There is no such harvest source"),
        lambda: _("See the names with: ckan jilinopen source list"),
    ),
    "source.inactive": Message(
        lambda: _("The harvest source is switched off"),
        lambda: _("Switch it on at its page first."),
    ),
    "source.config": Message(
        lambda: _("The settings of the harvest source are wrong"),
        lambda: _("Correct them at the source's page or in the source file."),
    ),
    "run.stale": Message(
        lambda: _("The run showed no progress any more and was ended"),
        lambda: _("Run it again; what had been written stays."),
    ),
    "run.crashed": Message(
        lambda: _("The run broke off because of an internal error"),
        lambda: _("See the log for details; what had been written stays."),
    ),
    "run.held": Message(
        lambda: _("Too many datasets vanished at once; a person has to look first"),
        lambda: _("Nothing was removed. Look at the portal, then raise the limits or run again."),
    ),
    "run.active": Message(
        lambda: _("Another run of this source is still going on"),
        lambda: _("Wait for its end."),
    ),
    # single records
    "record.repeated": Message(
        lambda: _("The listing shows this record more than once"),
        lambda: _("The first one counts."),
    ),
    "record.detail_unreadable": Message(
        lambda: _("The record's page can't be read"),
        lambda: _("What is stored stays as it is; the next run tries again."),
    ),
    "record.gone": Message(
        lambda: _("The record is listed, but its page does not exist"),
        lambda: _("What is stored stays as it is; report it to the portal's operator."),
    ),
    "record.id_unusable": Message(
        lambda: _("The record's id is empty or too long"),
        lambda: _("Report it to the portal's operator."),
    ),
    "record.own": Message(
        lambda: _("The record comes from this portal itself"),
        lambda: _("It is not harvested, or it would come back as a copy."),
    ),
    "record.refused": Message(
        lambda: _("The catalogue refuses this record"),
        lambda: _("Read the fields and causes; what is stored stays as it is."),
    ),
    "record.write_failed": Message(
        lambda: _("The record could not be stored"),
        lambda: _("See the log for details; the next run tries again."),
    ),
    # single values
    "title.missing": Message(
        lambda: _("The record has no title"),
        lambda: _("Report it to the provider."),
    ),
    "title.shortened": Message(
        lambda: _("The title is too long and was shortened"),
        lambda: _("Report it to the provider."),
    ),
    "text.shortened": Message(
        lambda: _("A text is too long and was shortened"),
        lambda: _("The full text stays at the source."),
    ),
    "notes.missing": Message(
        lambda: _("The record has no abstract"),
        lambda: _("Ask the provider for one."),
    ),
    "division.unmapped": Message(
        lambda: _("The division is unknown; the source's own was taken"),
        lambda: _("Check the value at the source."),
    ),
    "division.foreign": Message(
        lambda: _("The record speaks for another division than its source"),
        lambda: _("Check whether the source may publish it."),
    ),
    "department.missing": Message(
        lambda: _("The record names no department; it stands under the source's own"),
        lambda: _("Report it to the portal's operator."),
    ),
    "department.unmapped": Message(
        lambda: _("The department is not in the department table"),
        lambda: _("Add it or an alias to departments.csv, or map it in the source's settings."),
    ),
    "theme.missing": Message(
        lambda: _("The record names no theme; it stands under “Other”"),
        lambda: _("Ask the provider for a theme."),
    ),
    "theme.unmapped": Message(
        lambda: _("The theme has no counterpart here"),
        lambda: _("Map it in theme_aliases.csv or in the source's settings."),
    ),
    "industry.unmapped": Message(
        lambda: _("The industry is not a section of GB/T 4754"),
        lambda: _("Check the value at the source."),
    ),
    "frequency.missing": Message(
        lambda: _("The record names no update frequency"),
        lambda: _("Ask the provider for one."),
    ),
    "frequency.unmapped": Message(
        lambda: _("The update frequency has no counterpart here"),
        lambda: _("Map it in frequency.csv or in the source's settings."),
    ),
    "openness.missing": Message(
        lambda: _("The record does not say how open it is"),
        lambda: _("Ask the provider."),
    ),
    "openness.unmapped": Message(
        lambda: _("The openness has no counterpart here"),
        lambda: _("Map it in open_types.csv or in the source's settings."),
    ),
    "license.unmapped": Message(
        lambda: _("The licence is not known here"),
        lambda: _("Check the value at the source."),
    ),
    "date.unreadable": Message(
        lambda: _("A date can't be read"),
        lambda: _("The source's words are kept; report it to the provider."),
    ),
    "date.order": Message(
        lambda: _("The last update lies before the publication"),
        lambda: _("Both dates are kept; report it to the provider."),
    ),
    "date.ahead": Message(
        lambda: _("A date lies in the future"),
        lambda: _("The date is kept; report it to the provider."),
    ),
    "format.unmapped": Message(
        lambda: _("A file format is not known here"),
        lambda: _("Map it in formats.csv or in the source's settings."),
    ),
    "resource.url_refused": Message(
        lambda: _("A file's address is not a usable web address; the file was left out"),
        lambda: _("Report it to the portal's operator."),
    ),
    "files.unavailable": Message(
        lambda: _("The portal does not list the record's files this time; the known ones stay"),
        lambda: _("The next run asks again."),
    ),
    "resources.missing": Message(
        lambda: _("The record offers neither a file nor a page"),
        lambda: _("Report it to the provider."),
    ),
    "resources.capped": Message(
        lambda: _("The record has more files than can be taken over"),
        lambda: _("The rest stays at the source."),
    ),
    "items.capped": Message(
        lambda: _("The record has more data items than can be taken over"),
        lambda: _("The rest stays at the source."),
    ),
    "contact.mobile": Message(
        lambda: _("The contact is a mobile number; it was masked"),
        lambda: _("Ask the provider for an office number."),
    ),
    "contact.person": Message(
        lambda: _("The contact names a person; the name was left out"),
        lambda: _("Ask the provider for the name of an office."),
    ),
    "contact.email_invalid": Message(
        lambda: _("The contact's e-mail address is not valid; it was left out"),
        lambda: _("Report it to the provider."),
    ),
}


def describe(code: str) -> str:
    """A code's text in the reader's language; an unknown code stands for itself."""
    message = CODES.get(code)
    return message.text() if message else code


def portal_error(error: PortalError, source: str) -> str:
    """One line that names the source, the address, the cause and the way on."""
    message = CODES.get(error.code)
    return _("Source “{source}”, address {address}: {text} ({cause}). {hint}").format(
        source=source,
        address=error.address,
        text=describe(error.code),
        cause=error.cause or error.code,
        hint=message.hint() if message else "",
    )


_SETTING = re.compile(r" - at `\$\.?(?P<name>[^`]*)`$")
_COMPLAINTS: tuple[tuple[re.Pattern[str], Callable[[], str]], ...] = (
    (re.compile(r"unknown field `(?P<name>[^`]*)`"), lambda: _("there is no setting “{name}”")),
    (
        re.compile(r"missing required field `(?P<name>[^`]*)`"),
        lambda: _("the setting “{name}” is missing"),
    ),
    (
        re.compile(r"^Invalid enum value '?(?P<value>.*?)'?$"),
        lambda: _("“{value}” is not one of the allowed values"),
    ),
    (
        re.compile(r"^Expected `(?P<wanted>[^`]*)`, got `(?P<given>[^`]*)`$"),
        lambda: _("a value of type {wanted} is wanted, not {given}"),
    ),
    (
        re.compile(r"^Expected `(?P<wanted>\w+)` (?P<limit>[<>]=? .+)$"),
        lambda: _("the value must be {limit}"),
    ),
    (
        re.compile(r"^Expected `str` (?:matching regex|of length).*$"),
        lambda: _("the value does not have the right form"),
    ),
    (re.compile(r"^JSON is malformed.*$"), lambda: _("the settings are not valid JSON")),
    (re.compile(r"^Input data was truncated$"), lambda: _("the settings are not valid JSON")),
)


def config_cause(complaint: str) -> str:
    """What is wrong with a source's settings, from the words of the checker.

    Args:
        complaint: the text of a ``msgspec`` error, such as ``Expected `int`, got `str```.

    Returns:
        The same in the reader's language, with the name of the setting; the complaint itself where
        it is of an unknown kind.
    """
    place = _SETTING.search(complaint)
    plain = complaint[: place.start()] if place else complaint
    for pattern, text in _COMPLAINTS:
        found = pattern.search(plain)
        if found:
            said = text().format(**found.groupdict())
            return f"{place['name']}: {said}" if place and place["name"] else said
    return complaint


def source_problem(code: str, name: str, cause: str) -> str:
    """One line about a source that can't be used."""
    message = CODES[code]
    if code == "source.config":
        cause = config_cause(cause)
    return _("Source “{source}”: {text}{cause}. {hint}").format(
        source=name,
        text=message.text(),
        cause=f" ({cause})" if cause else "",
        hint=message.hint(),
    )


def held(source: str, gone: int) -> str:
    """One line about a run that is held because too much vanished at once."""
    return _(
        "Source “{source}”: {count} datasets vanished at once. Nothing was removed; "
        "look at the portal first."
    ).format(source=source, count=gone)
