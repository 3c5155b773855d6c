"""The verdict on how fresh a dataset is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.jilinopen.portal.freshness import Freshness, Promise, judge

TODAY = date(2026, 11, 23)
MONTHLY = Promise(periodic=True, stale_after_days=40)
IRREGULAR = Promise(periodic=False, stale_after_days=730)
STATIC = Promise(periodic=False, stale_after_days=None)


@pytest.mark.parametrize(
    ("promise", "age", "verdict"),
    [
        (MONTHLY, 0, Freshness("fresh")),
        (MONTHLY, 40, Freshness("fresh")),
        (MONTHLY, 41, Freshness("late", 1)),
        (MONTHLY, 62, Freshness("late", 22)),
        (IRREGULAR, 730, Freshness("fresh")),
        (IRREGULAR, 731, Freshness("old", 731)),
        (STATIC, 9000, Freshness("settled")),
    ],
)
def test_age_is_held_against_the_promise(promise, age, verdict):
    assert judge(promise, TODAY - timedelta(days=age), TODAY) == verdict


def test_without_a_date_nothing_is_claimed():
    assert judge(MONTHLY, None, TODAY) == Freshness("unknown")


def test_data_that_never_change_need_no_date():
    assert judge(STATIC, None, TODAY) == Freshness("settled")


@given(ahead=st.integers(1, 20_000))
def test_a_date_in_the_future_is_not_late(ahead):
    assert judge(MONTHLY, TODAY + timedelta(days=ahead), TODAY).state == "fresh"


@given(age=st.integers(0, 20_000), limit=st.integers(0, 1000))
def test_days_late_and_limit_add_up_to_the_age(age, limit):
    verdict = judge(Promise(True, limit), TODAY - timedelta(days=age), TODAY)
    assert verdict.days == max(age - limit, 0)
