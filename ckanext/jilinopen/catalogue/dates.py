"""Reading of the dates that portals write."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

from ckanext.jilinopen.catalogue.text import fold

__all__ = ["SHANGHAI", "parse_date"]

# China has kept one offset without summer time since 1991, so no time-zone data is needed.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

EARLIEST, LATEST = 1900, 2100

_MARKED = re.compile(
    r"^(?P<year>\d{4})[-/.年](?P<month>\d{1,2})(?:[-/.月](?P<day>\d{1,2})日?|月)?"
    r"(?:[T ]*(?P<hour>\d{1,2})[:时点](?P<minute>\d{1,2})(?:[:分](?P<second>\d{1,2})?秒?)?分?"
    r"(?:[.,]\d{1,9})?)?"
    r" ?(?P<zone>Z|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE,
)
_PACKED = re.compile(
    r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:[T ]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?(?P<zone>Z)?$"
)
_AMERICAN = re.compile(
    r"^(?P<name>[A-Z][a-z]{2})[a-z]*\.? (?P<day>\d{1,2}), (?P<year>\d{4})"
    r"(?:,? (?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))? ?(?P<half>[AP]M)?)?$"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EPOCH = re.compile(r"^\d{10}(?:\d{3})?(?:\.0+)?$")
_OLD_EPOCH = re.compile(r"^\d{12}$")


def parse_date(value: str | float | None) -> date | datetime | None:
    """Read a date in any of the forms that portals use.

    A date without a time stays a ``date``; a time becomes an aware ``datetime`` in Shanghai time,
    which is also assumed where no zone is given. A month without a day is its first day.

    Args:
        value: text, or an epoch in milliseconds (13 digits) or seconds (10 digits).

    Returns:
        ``None`` where the value is no date, is a filler such as ``0000-00-00``, or lies outside
        1900 to 2100.
    """
    if value is None or isinstance(value, bool):
        return None
    # A number of 12 digits is an epoch before 2001; the same as text is a date and an hour.
    text = fold(value) if isinstance(value, str) else f"{value:.0f}"
    if _EPOCH.match(text) or (not isinstance(value, str) and _OLD_EPOCH.match(text)):
        return _from_epoch(text.partition(".")[0])
    for pattern in (_MARKED, _PACKED, _AMERICAN):
        met = pattern.match(text)
        if met:
            return _from_parts(met.groupdict())
    return None


def _from_epoch(digits: str) -> datetime | None:
    seconds = int(digits) / (1000 if len(digits) > 10 else 1)
    found = datetime.fromtimestamp(0, SHANGHAI) + timedelta(seconds=seconds)
    return found if EARLIEST <= found.year <= LATEST else None


def _month(parts: dict[str, str | None]) -> int:
    name = parts.get("name")
    if name is None:
        return int(parts["month"] or 0)
    return _MONTHS.index(name) + 1 if name in _MONTHS else 0


def _hour(parts: dict[str, str | None]) -> int:
    hour = int(parts["hour"] or 0)
    half = parts.get("half")
    if half is None:
        return hour
    return hour % 12 + (12 if half == "PM" else 0)


def _zone(text: str | None) -> timezone:
    if not text:
        return SHANGHAI
    if text.upper() == "Z":
        return timezone.utc
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def _from_parts(parts: dict[str, str | None]) -> date | datetime | None:
    try:
        day = date(int(parts["year"] or 0), _month(parts), int(parts["day"] or 1))
        if not EARLIEST <= day.year <= LATEST:
            return None
        if parts["hour"] is None:
            return day
        found = datetime(
            day.year,
            day.month,
            day.day,
            _hour(parts),
            int(parts["minute"] or 0),
            int(parts["second"] or 0),
            tzinfo=_zone(parts.get("zone")),
        )
        return found.astimezone(SHANGHAI)
    except (ValueError, OverflowError):
        return None
