"""Days and times as the pages show them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from ckanext.jilinopen.portal import dates

SHANGHAI = timezone(timedelta(hours=8))
ZH = "zh_Hans_CN"


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("2026-11-22", date(2026, 11, 22)),
        ("2026-11-22T03:12:00+08:00", datetime(2026, 11, 22, 3, 12, tzinfo=SHANGHAI)),
        ("2026-11-21T19:12:00Z", datetime(2026, 11, 21, 19, 12, tzinfo=timezone.utc)),
        ("", None),
        (None, None),
        ("去年", None),
        ("2026-13-40", None),
    ],
)
def test_parse(stored, read):
    assert dates.parse(stored) == read


def test_a_moment_is_shown_in_the_site_s_zone():
    moment = dates.localise(dates.parse("2026-11-21T19:12:00Z"), SHANGHAI)
    assert dates.long_moment(moment, ZH) == "2026年11月22日 03:12"


def test_ckan_s_own_times_are_utc():
    naive = dates.parse("2026-11-21T19:12:00")
    assert dates.localise(dates.from_utc(naive), SHANGHAI).hour == 3


@pytest.mark.parametrize(
    ("stored", "locale", "text"),
    [
        ("2026-11-23T03:12:00+08:00", ZH, ("03:12", True)),
        ("2026-11-23", ZH, ("11月23日", False)),
        ("2026-09-30", ZH, ("9月30日", False)),
        ("2024-05-17", ZH, ("2024年5月17日", False)),
        ("2026-09-30", "en", ("Sep 30", False)),
    ],
)
def test_short_moment(stored, locale, text):
    assert dates.short_moment(dates.parse(stored), date(2026, 11, 23), locale) == text
