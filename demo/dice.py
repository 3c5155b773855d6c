"""Chance that falls the same way on every machine and in every release of Python."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeVar

__all__ = ["Dice", "hex_id"]

T = TypeVar("T")


def hex_id(*parts: object) -> str:
    """Return 32 hex digits that depend on nothing but ``parts``."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:32]


class Dice:
    """Draws from a stream that ``seed`` alone decides.

    Only ``random()`` of the generator is used: it is the one method whose sequence Python
    promises to keep.
    """

    def __init__(self, *seed: object) -> None:
        self._random = random.Random(int(hex_id(*seed), 16))

    def chance(self, share: float) -> bool:
        """Return True in ``share`` (0..1) of the cases."""
        return self._random.random() < share

    def between(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def real(self, low: float, high: float, digits: int) -> float:
        """Return a number between ``low`` and ``high`` with ``digits`` decimals."""
        return round(low + self._random.random() * (high - low), digits)

    def pick(self, items: Sequence[T]) -> T:
        """Return one of ``items``."""
        return items[self.between(0, len(items) - 1)]

    def weighted(self, items: Sequence[tuple[T, int]]) -> T:
        """Return one of ``(item, weight)`` by weight."""
        left = self._random.random() * sum(weight for _item, weight in items)
        for item, weight in items:
            left -= weight
            if left < 0:
                return item
        return items[-1][0]

    def day(self, first: date, last: date) -> date:
        """Return a day from ``first`` to ``last``, both included."""
        return first + timedelta(days=self.between(0, (last - first).days))
