"""How often each route of a simulated portal was asked."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping

__all__ = ["Counts"]


class Counts(Mapping[str, int]):
    """Requests by route name; a route nobody asked for counts 0."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counter: Counter[str] = Counter()

    def __getitem__(self, route: str) -> int:
        with self._lock:
            return self._counter[route]

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            return iter(tuple(self._counter))

    def __len__(self) -> int:
        with self._lock:
            return len(self._counter)

    @property
    def total(self) -> int:
        """All requests."""
        with self._lock:
            return self._counter.total()

    def add(self, route: str) -> int:
        """Count one request and return how many this route has had."""
        with self._lock:
            self._counter[route] += 1
            return self._counter[route]

    def clear(self) -> None:
        """Begin anew at 0."""
        with self._lock:
            self._counter.clear()
