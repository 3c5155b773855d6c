"""How fresh a dataset is against the frequency its provider promised. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

__all__ = ["Freshness", "Promise", "judge"]

State = Literal["fresh", "late", "old", "settled", "unknown"]


@dataclass(frozen=True)
class Promise:
    """What a frequency promises.

    Attributes:
        periodic: whether the provider named a period at all; 不定期 and 未说明 name none.
        stale_after_days: days after which data of this frequency count as stale; ``None`` for
            data that never change.
    """

    periodic: bool
    stale_after_days: int | None


@dataclass(frozen=True)
class Freshness:
    """The verdict on one dataset.

    Attributes:
        state: ``fresh`` within the promise, ``late`` beyond it, ``old`` when nothing was promised
            but nothing happened for long, ``settled`` for data that never change, ``unknown``
            without a date.
        days: for ``late`` the days beyond the limit, for ``old`` the age; otherwise 0.
    """

    state: State
    days: int = 0


def judge(promise: Promise, modified: date | None, today: date) -> Freshness:
    """Compare the last change of the data with the promise.

    Args:
        promise: what the dataset's frequency promises.
        modified: day of the last change of the data, if known.
        today: the day of the verdict, in the site's time zone.

    Returns:
        The verdict. A date in the future counts as today.
    """
    if promise.stale_after_days is None:
        return Freshness("settled")
    if modified is None:
        return Freshness("unknown")
    age = max((today - modified).days, 0)
    if age <= promise.stale_after_days:
        return Freshness("fresh")
    if promise.periodic:
        return Freshness("late", age - promise.stale_after_days)
    return Freshness("old", age)
