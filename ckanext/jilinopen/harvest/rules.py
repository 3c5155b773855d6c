"""Checks on a mapped dataset that decide whether it may come in.

The same rule looks differently at a form and at a harvest: a form is blocked, a harvest only warns
and keeps the source's value. What stands here as an error is what no catalogue can hold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from ckanext.jilinopen.harvest.records import Dataset, Finding, Severity

__all__ = ["RULES", "RuleContext", "check"]

MAX_REMOTE_ID = 300


@dataclass(frozen=True)
class RuleContext:
    """What the rules may know beside the dataset.

    Attributes:
        today: the day of the run, in the portal's time zone.
        own_address: address of this portal; records that point back to it are ours already.
    """

    today: date
    own_address: str = ""


Rule = Callable[[Dataset, RuleContext], Finding | None]


def _finding(
    dataset: Dataset, code: str, field: str, value: str = "", *, error: bool = False
) -> Finding:
    return Finding(
        code=code,
        severity=Severity.ERROR if error else Severity.WARNING,
        field=field,
        value=value[:200],
        remote_id=dataset.remote_id,
    )


def title_is_present(dataset: Dataset, context: RuleContext) -> Finding | None:
    """A dataset without a title can't be shown to anybody."""
    if dataset.title:
        return None
    return _finding(dataset, "title.missing", "title", error=True)


def id_is_usable(dataset: Dataset, context: RuleContext) -> Finding | None:
    """Ids are opaque, but an empty or gigantic one can't be an identity."""
    if 0 < len(dataset.remote_id) <= MAX_REMOTE_ID:
        return None
    return _finding(dataset, "record.id_unusable", "jl_source_id", dataset.remote_id, error=True)


def is_not_ours(dataset: Dataset, context: RuleContext) -> Finding | None:
    """A record that the source took from us would come back as a copy of itself."""
    own = context.own_address.rstrip("/")
    if not own or not dataset.source_url.startswith(own + "/"):
        return None
    return _finding(dataset, "record.own", "jl_source_url", dataset.source_url, error=True)


def notes_are_present(dataset: Dataset, context: RuleContext) -> Finding | None:
    """信息资源摘要 is mandatory in the 2017 guide; many sources leave it out."""
    return None if dataset.notes else _finding(dataset, "notes.missing", "notes")


def dates_are_not_ahead(dataset: Dataset, context: RuleContext) -> Finding | None:
    """A date after tomorrow is a typing error or a wrong clock at the source."""
    limit = (context.today + timedelta(days=1)).isoformat()
    for field, value in (("issued", dataset.issued), ("modified", dataset.modified)):
        if value[:10] > limit:
            return _finding(dataset, "date.ahead", field, value)
    return None


def something_can_be_got(dataset: Dataset, context: RuleContext) -> Finding | None:
    """An unconditionally open dataset without any file or page helps nobody."""
    if dataset.resources or dataset.open_type == "none":
        return None
    return _finding(dataset, "resources.missing", "resources")


RULES: tuple[Rule, ...] = (
    title_is_present,
    id_is_usable,
    is_not_ours,
    notes_are_present,
    dates_are_not_ahead,
    something_can_be_got,
)


def check(dataset: Dataset, context: RuleContext) -> tuple[Finding, ...]:
    """All findings of all rules on one dataset."""
    found = (rule(dataset, context) for rule in RULES)
    return tuple(finding for finding in found if finding is not None)
