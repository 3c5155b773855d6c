"""The records of a running portal: they may change while requests are answered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from demo.records import File, Record, Service

__all__ = ["Catalogue"]


class Catalogue:
    """Thread-safe set of records in the portal's own order.

    Args:
        records: the records at the start; a ``record_id`` that comes twice is an error.

    Raises:
        ValueError: an id comes twice.
    """

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._lock = threading.Lock()
        self._records: dict[str, Record] = {}
        for record in records:
            self.add(record)

    def __len__(self) -> int:
        with self._lock:
            return len(self._records)

    def all(self) -> tuple[Record, ...]:
        """Return every record in the order in which it was added."""
        with self._lock:
            return tuple(self._records.values())

    def get(self, record_id: str) -> Record | None:
        """Return the record, or ``None`` when the portal has none of that id."""
        with self._lock:
            return self._records.get(record_id)

    def listing(self, wanted: Callable[[Record], bool]) -> tuple[Record, ...]:
        """Return the wanted records, the latest update first, as portals list them."""
        found = [record for record in self.all() if wanted(record)]
        return tuple(sorted(found, key=lambda record: record.updated, reverse=True))

    def add(self, record: Record) -> None:
        """Publish a record.

        Raises:
            ValueError: the id is taken.
        """
        with self._lock:
            if record.record_id in self._records:
                raise ValueError(f"记录标识 {record.record_id} 已存在；请换一个标识")
            self._records[record.record_id] = record

    def change(self, record_id: str, **fields: Any) -> Record:
        """Replace fields of a record and return it as it is now.

        Raises:
            KeyError: there is no record of that id.
        """
        with self._lock:
            record = replace(self._records[record_id], **fields)
            self._records[record_id] = record
            return record

    def remove(self, record_id: str) -> Record:
        """Withdraw a record and return it.

        Raises:
            KeyError: there is no record of that id.
        """
        with self._lock:
            return self._records.pop(record_id)

    def find_file(self, wanted: Callable[[File], bool]) -> tuple[Record, File] | None:
        """Return the first file that is wanted, with its record."""
        for record in self.all():
            for file in record.files:
                if wanted(file):
                    return record, file
        return None

    def find_service(self, wanted: Callable[[Service], bool]) -> tuple[Record, Service] | None:
        """Return the first service that is wanted, with its record."""
        for record in self.all():
            for service in record.services:
                if wanted(service):
                    return record, service
        return None
