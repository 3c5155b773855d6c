"""The time of the nightly harvest."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dev.schedule import Nightly

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def rounds(nightly: Nightly, start: datetime, hours: int) -> list[datetime]:
    """Ask every ten minutes; return when it was time."""
    times = [start + timedelta(minutes=10 * step) for step in range(hours * 6)]
    return [time for time in times if nightly.due(time)]


def test_it_is_time_once_a_day() -> None:
    found = rounds(Nightly("0200", NOON), NOON, 72)
    assert [time.strftime("%d %H%M") for time in found] == ["24 0200", "25 0200", "26 0200"]


def test_started_before_the_time_it_runs_the_same_day() -> None:
    found = rounds(Nightly("2330", NOON), NOON, 24)
    assert [time.strftime("%d %H%M") for time in found] == ["23 2330"]


def test_a_missed_moment_is_made_up_the_same_day() -> None:
    nightly = Nightly("2330", NOON)
    assert nightly.due(NOON.replace(hour=23, minute=59))
    assert not nightly.due(NOON.replace(hour=23, minute=59))
