"""What a simulated portal knows about a dataset: frozen records without any wire form."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Column", "File", "Record", "Service", "Sheet"]


@dataclass(frozen=True, slots=True)
class Column:
    """One 信息项 of a dataset.

    Attributes:
        name: identifier, the initials of the label's pinyin.
        label: Chinese name, the header of the files.
        data_type: letter of the national guide, e.g. ``C`` text, ``N`` number, ``D`` date.
        length: characters, or ``precision,scale``.
        maker: how sample values are made, see ``demo.rows``.
    """

    name: str
    label: str
    data_type: str
    length: str
    maker: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the rows of a dataset are about.

    Attributes:
        shape: key of ``data/columns.csv``.
        object: the thing counted or listed, e.g. 停车场.
        place: full name of the division, e.g. 长春市.
        area: catalogue whose districts and roads are used, key of ``data/places.csv``.
        year: the year the rows are limited to; 0 for all years.
        rows: number of rows.
    """

    shape: str
    object: str
    place: str
    area: str
    year: int = 0
    rows: int = 20


@dataclass(frozen=True, slots=True)
class File:
    """A file behind a dataset; its bytes are made on request by ``demo.files``.

    Attributes:
        file_id: the portal's id of the file.
        name: file name with its ending.
        format: lower-case ending, e.g. ``csv``.
        encoding: of text files, e.g. ``gbk``, ``utf-8-sig``.
        generated: made by the portal from a table (True) or uploaded by the provider (False).
    """

    file_id: str
    name: str
    format: str
    encoding: str = "utf-8"
    generated: bool = True


@dataclass(frozen=True, slots=True)
class Service:
    """An interface behind a dataset; it answers only signed calls."""

    service_id: str
    name: str
    context: str


@dataclass(frozen=True, slots=True)
class Record:
    """One dataset of a simulated portal, in the words that the portal shows.

    Attributes:
        record_id: the portal's own id.
        department: the provider as the portal writes it, often short or out of date.
        official_department: the provider's present full name; empty where it is not known.
        region_code: six-digit division code.
        themes: theme labels as shown; empty when the portal has none.
        open_type: 无条件开放 or 有条件开放, as shown.
        released, updated: ``yyyy-MM-dd HH:mm:ss``, or what a replayed record held.
        formats: lower-case formats of the listing.
        row_count: number of rows of the data as shown; may hold thousands commas.
    """

    record_id: str
    title: str
    description: str
    department: str
    official_department: str = ""
    department_code: str = ""
    region_code: str = ""
    themes: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    frequency: str = ""
    open_type: str = "无条件开放"
    open_condition: str = ""
    released: str = ""
    updated: str = ""
    formats: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    files: tuple[File, ...] = ()
    services: tuple[Service, ...] = ()
    phone: str = ""
    email: str = ""
    row_count: str = ""
    sheet: Sheet | None = None

    @property
    def conditional(self) -> bool:
        """Whether data is handed out only after an application."""
        return "有条件" in self.open_type
