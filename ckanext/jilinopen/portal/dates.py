"""Days and times as people read them. Pure: the reader's locale and the moment are given."""

from __future__ import annotations

from datetime import date, datetime, time, timezone, tzinfo

from babel.dates import format_date, format_skeleton, format_time

__all__ = ["day_of", "from_utc", "localise", "long_date", "long_moment", "parse", "short_moment"]


def parse(value: object) -> datetime | date | None:
    """Read a stored day or time.

    Args:
        value: an ISO 8601 text, a date or a datetime; a text of ten characters is a day.

    Returns:
        A ``date`` for a day, a ``datetime`` for a moment, ``None`` for anything else.
    """
    if isinstance(value, (datetime, date)):
        return value
    text = str(value or "").strip()
    try:
        if len(text) <= 10:
            return date.fromisoformat(text)
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None


def localise(when: datetime | date | None, zone: tzinfo) -> datetime | date | None:
    """A moment in the site's time zone; a moment without a zone is already local.

    Args:
        when: a day or moment.
        zone: the site's time zone.
    """
    if isinstance(when, datetime) and when.tzinfo is not None:
        return when.astimezone(zone)
    return when


def from_utc(when: datetime | date | None) -> datetime | date | None:
    """A naive moment that CKAN stored in UTC, made aware."""
    if isinstance(when, datetime) and when.tzinfo is None:
        return when.replace(tzinfo=timezone.utc)
    return when


def day_of(when: datetime | date | None) -> date | None:
    """The day of a day or moment."""
    return when.date() if isinstance(when, datetime) else when


def long_date(day: date, locale: str) -> str:
    """A day with its year: 2026年11月22日."""
    return format_date(day, "long", locale=locale)


def long_moment(when: datetime | date, locale: str) -> str:
    """A day with its year, and the time where there is one: 2026年11月22日 03:12."""
    text = long_date(day_of(when) or date.min, locale)
    return f"{text} {_clock(when, locale)}" if isinstance(when, datetime) else text


def short_moment(when: datetime | date, today: date, locale: str) -> tuple[str, bool]:
    """A day or moment as lists show it.

    Args:
        when: the day or moment.
        today: the day on which the list is read.
        locale: the reader's locale, e.g. ``zh_Hans_CN``.

    Returns:
        The text, and whether it is only the time of day, because the moment is today.
    """
    day = day_of(when) or date.min
    if day == today and isinstance(when, datetime):
        return _clock(when, locale), True
    if day.year == today.year:
        noon = datetime.combine(day, time(12), timezone.utc)
        return format_skeleton("MMMd", noon, locale=locale), False
    return long_date(day, locale), False


def _clock(when: datetime, locale: str) -> str:
    return format_time(when, "HH:mm", locale=locale)
