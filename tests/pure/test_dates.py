"""Every form of date that portals write is read, and nothing else is."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.jilinopen.catalogue.dates import SHANGHAI, parse_date

DAYS = st.dates(date(1949, 10, 1), date(2099, 12, 31))
TIMES = st.datetimes(datetime(1974, 1, 1), datetime(2099, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=SHANGHAI)
)


@pytest.mark.parametrize(
    "text",
    [
        "2022-3-5",
        "2022/03/05",
        "2022.3.5",
        "20220305",
        "2022年3月5日",
        "２０２２－０３－０５",
        " 2022-03-05 ",
        "Mar 5, 2022",
    ],
)
def test_days(text):
    assert parse_date(text) == date(2022, 3, 5)
    assert not isinstance(parse_date(text), datetime)


@pytest.mark.parametrize("text", ["2022年3月", "2022-03", "2022/3"])
def test_a_month_is_its_first_day(text):
    assert parse_date(text) == date(2022, 3, 1)


@pytest.mark.parametrize(
    "value",
    [
        "2023/06/16 10:30:00",
        "2023-06-16T10:30:00",
        "2023-06-16 10:30:00.0",
        "2023-06-16 10:30",
        "20230616103000",
        "2023-06-16T02:30:00Z",
        "2023-06-16T02:30:00.123Z",
        "2023-06-16T11:30:00+0900",
        "2023-06-16T10:30:00+08:00",
        "Jun 16, 2023 10:30:00 AM",
        "Jun 16, 2023, 10:30:00\u202fAM",
        "2023年6月16日 10时30分",
        1686882600000,
        "1686882600000",
        1686882600,
        1686882600000.0,
    ],
)
def test_moments_are_in_shanghai_time(value):
    found = parse_date(value)
    assert isinstance(found, datetime)
    assert found.isoformat() == "2023-06-16T10:30:00+08:00"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "暂无",
        "null",
        "0000-00-00",
        "0000-00-00 00:00:00",
        "2023-02-30",
        "2023-13-01",
        "1899-12-31",
        "2101-01-01",
        "2023-06-16T25:00:00",
        "Foo 5, 2022",
        "12345",
        None,
        True,
        float("inf"),
        float("nan"),
        10**30,
        "2023-06-16T10:30:00+99:00",
    ],
)
def test_what_is_no_date(value):
    assert parse_date(value) is None


@given(DAYS)
def test_days_in_all_forms(day):
    forms = [
        day.isoformat(),
        f"{day.year}-{day.month}-{day.day}",
        f"{day:%Y/%m/%d}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
    ]
    assert {parse_date(form) for form in forms} == {day}


@given(TIMES, st.integers(min_value=-14, max_value=14))
def test_moments_in_all_forms(moment, hours):
    elsewhere = moment.astimezone(timezone(timedelta(hours=hours)))
    forms = [
        moment.isoformat(),
        elsewhere.isoformat(),
        f"{moment:%Y-%m-%d %H:%M:%S}",
        f"{moment:%Y%m%d%H%M%S}",
        f"{moment:%b} {moment.day}, {moment.year} {moment:%I:%M:%S %p}",
        int(moment.timestamp() * 1000),
    ]
    assert {parse_date(form) for form in forms} == {moment}


@given(st.one_of(st.text(), st.floats(), st.integers()))
def test_any_value_gives_a_date_or_nothing(value):
    assert isinstance(parse_date(value), date | None)
