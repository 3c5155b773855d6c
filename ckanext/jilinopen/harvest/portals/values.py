"""Plain values out of what a portal answers: text, numbers, rows, addresses.

Everything here takes whatever arrives and gives something harmless: remote text loses control
characters and is cut to a limit, a value of the wrong kind counts as nothing said.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

from ckanext.jilinopen.harvest.errors import PortalError

__all__ = [
    "MAX_EXTRA",
    "MAX_FILES",
    "MAX_ID",
    "MAX_ITEMS",
    "MAX_PROSE",
    "MAX_TAGS",
    "MAX_TITLE",
    "MAX_WORDS",
    "Repeats",
    "Rows",
    "all_rows",
    "attempt",
    "base_address",
    "contact",
    "digest",
    "extra_values",
    "first",
    "identity",
    "is_refusal",
    "is_success",
    "line",
    "mappings",
    "number",
    "plain",
    "prose",
    "read_rows",
    "split_tags",
    "split_words",
]

MAX_ID = 300
MAX_TITLE = 2_000
MAX_WORDS = 2_000
MAX_PROSE = 20_000
MAX_TAGS = 200
MAX_FILES = 2_000
MAX_ITEMS = 2_000
MAX_EXTRA = 100

Given = TypeVar("Given")

_MAX_DEPTH = 12
_MAX_KEYS = 500
_MAX_SAFE_NUMBER = 10**18

# Control characters, halves of surrogate pairs, noncharacters, invisible and bidirectional marks:
# PostgreSQL, JSON and a reader's eye each refuse some of them.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_NEWLINE = re.compile("\r\n?|\u2028|\u2029")
_COUNT = re.compile(r"\d[\d,，]*")
_BETWEEN_WORDS = re.compile(r"[,，;；|\n]+")
_BETWEEN_TAGS = re.compile(r"[,，;；|\n\t]+")
_LATIN = re.compile(r"[A-Za-z]")
_NO_CONTACT = frozenset({"无", "暂无", "空", "null", "none", "undefined", "-", "--", "—", "/"})
_DOCUMENT = re.compile(r"\.(htm|html|do|jsp|action|shtml|php|aspx?)$", re.IGNORECASE)

_ROW_KEYS = ("data", "rows", "records", "list", "aaData", "items", "results")
_TOTAL_KEYS = ("recordsTotal", "total", "totalCount", "totalRecord", "recordsFiltered", "count")
_INNER_KEYS = ("data", "object", "result", "page")

_SUCCESS_CODES = frozenset({"", "0", "1", "200", "0000", "000000"})

# The portal could not be reached or wants no more requests; any other fault is an answer.
_UNREACHED = frozenset({
    "source.unreachable", "source.dns", "source.timeout", "source.tls", "source.rate_limited",
})


def prose(value: object, limit: int = MAX_PROSE) -> str:
    """Text of a JSON value with its line breaks, without control characters, cut to ``limit``.

    Numbers become their digits. A mapping of languages gives its Chinese text. Everything else
    (null, true, lists) is no text and gives "".
    """
    if isinstance(value, str):
        text = _NEWLINE.sub("\n", value[: 4 * limit])
        return _UNWANTED.sub("", text).strip()[:limit].rstrip()
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int):
        return str(value) if abs(value) < _MAX_SAFE_NUMBER else ""
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, Mapping):
        return prose(_in_chinese(value), limit)
    return ""


def _float_text(value: float) -> str:
    if not math.isfinite(value) or abs(value) >= _MAX_SAFE_NUMBER:
        return ""
    return str(int(value)) if value.is_integer() else str(value)


def _in_chinese(texts: Mapping[Any, Any]) -> str:
    for language in ("zh_Hans_CN", "zh_CN", "zh-CN", "zh_Hans", "zh-Hans", "zh"):
        if isinstance(texts.get(language), str):
            return texts[language]
    return ""


def line(value: object, limit: int = MAX_WORDS) -> str:
    """Text of a JSON value on one line, white space collapsed."""
    return " ".join(prose(value, 4 * limit).split())[:limit].rstrip()


def first(*values: object, limit: int = MAX_WORDS) -> str:
    """The first of several values that says anything, on one line."""
    return next((text for text in (line(value, limit) for value in values) if text), "")


def contact(value: object) -> str:
    """A telephone number, address or name of a contact; 暂无 and its like say nothing."""
    text = line(value, 200)
    return "" if text.lower() in _NO_CONTACT else text


def identity(value: object) -> str:
    """An opaque id, "" where the value can't be one."""
    text = line(value, MAX_ID + 1)
    return text if len(text) <= MAX_ID else ""


def number(value: object) -> int | None:
    """The first whole number in a value such as ``1005``, ``"1,005"`` or ``"共 1，005 条"``."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        text = prose(value)
    else:
        text = unicodedata.normalize("NFKC", line(value, 200))
    if text.startswith("-"):
        return None
    found = _COUNT.search(text)
    digits = re.sub(r"[,，]", "", found[0]) if found else ""
    return int(digits) if 0 < len(digits) <= 12 else None


def split_words(text: str, limit: int = MAX_TAGS) -> tuple[str, ...]:
    """Words that a portal joined with commas; 、 stays, it is part of names such as 科技、教育."""
    return _distinct((line(word) for word in _BETWEEN_WORDS.split(text)), limit)


def split_tags(text: str) -> tuple[str, ...]:
    """Tags that a portal joined with commas, line breaks or, without Latin words, spaces."""
    pieces = [piece for piece in _BETWEEN_TAGS.split(_NEWLINE.sub("\n", text)) if piece.strip()]
    if len(pieces) == 1 and not _LATIN.search(pieces[0]):
        pieces = pieces[0].split()
    return _distinct((line(piece) for piece in pieces), MAX_TAGS)


def _distinct(texts: Iterable[str], limit: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))[:limit]


def plain(value: object, depth: int = 0) -> Any:
    """A JSON value that is safe to keep: clean strings, bounded lists, mappings and depth."""
    if isinstance(value, str):
        return prose(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return value if abs(value) < _MAX_SAFE_NUMBER else None
    if depth >= _MAX_DEPTH:
        return None
    if isinstance(value, Mapping):
        pairs = list(value.items())[:_MAX_KEYS]
        return {line(key, 200): plain(item, depth + 1) for key, item in pairs}
    if isinstance(value, (list, tuple)):
        return [plain(item, depth + 1) for item in value[:MAX_FILES]]
    return None


def digest(value: object) -> str:
    """SHA-256 of a JSON value that does not depend on the order of its keys."""
    text = json.dumps(plain(value), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def mappings(value: object, limit: int = MAX_FILES) -> list[Mapping[str, Any]]:
    """The mappings in a list; everything else in it is dropped."""
    if not isinstance(value, (list, tuple)):
        return []
    return [item for item in value[:limit] if isinstance(item, Mapping)]


def extra_values(pairs: Iterable[tuple[object, object]]) -> dict[str, str]:
    """What a source says beyond our fields, as short texts, at most ``MAX_EXTRA`` of them."""
    kept: dict[str, str] = {}
    for key, value in pairs:
        name, text = line(key, 200), prose(value, MAX_WORDS)
        if name and text and name not in kept:
            kept[name] = text
        if len(kept) >= MAX_EXTRA:
            break
    return kept


@dataclass(frozen=True)
class Rows:
    """Rows of one page of a JSON answer.

    Attributes:
        rows: the rows as they came; they need not be mappings.
        total: how many there are in all, where the answer says so.
    """

    rows: tuple[object, ...]
    total: int | None = None


def read_rows(answer: object) -> Rows | None:
    """Find the rows in a JSON answer, whatever envelope they come in.

    Known envelopes: DataTables (``data``, ``recordsTotal``), ``object.records`` with ``total``,
    a bare list, JSON text inside JSON.

    Returns:
        The rows, or ``None`` where the answer holds no list at all.
    """
    return _read_rows(answer, 0)


def _read_rows(answer: object, depth: int) -> Rows | None:
    if isinstance(answer, str) and answer[:1] in ("{", "[") and depth < 4:
        try:
            return _read_rows(json.loads(answer), depth + 1)
        except (ValueError, RecursionError):
            return None
    if isinstance(answer, list):
        return Rows(tuple(answer))
    if not isinstance(answer, Mapping) or depth > 4:
        return None
    total = next((found for key in _TOTAL_KEYS
                  if (found := number(answer.get(key))) is not None), None)
    for key in _ROW_KEYS:
        if isinstance(answer.get(key), list):
            return Rows(tuple(answer[key]), total)
    for key in _INNER_KEYS:
        inner = _read_rows(answer.get(key), depth + 1)
        if inner is not None:
            return Rows(inner.rows, inner.total if inner.total is not None else total)
    return None


def is_success(answer: object) -> bool:
    """Whether a JSON answer says nothing of a failure; portals send failures with status 200."""
    if not isinstance(answer, Mapping):
        return True
    if answer.get("success") in (False, "false"):
        return False
    code = line(answer.get("code")) if "code" in answer else "0"
    return code in _SUCCESS_CODES


def all_rows(read: Callable[[int, int], Rows]) -> list[Mapping[str, Any]]:
    """Read a paged list to its end, at most ``MAX_FILES`` rows.

    Args:
        read: gives the page of a number (from 1) that starts at an offset (from 0).
    """
    rows: list[Mapping[str, Any]] = []
    repeats, received, page = Repeats(), 0, 0
    while received < MAX_FILES:
        page += 1
        answer = read(page, received)
        if not answer.rows or repeats.has(digest(list(answer.rows))):
            break
        rows += mappings(list(answer.rows))
        received += len(answer.rows)
        if answer.total is None or received >= answer.total:
            break
    return rows[:MAX_FILES]


class Repeats:
    """Recognises a page of a listing that has been shown before."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def has(self, page: str) -> bool:
        """Whether this page came before; it has from now on."""
        known = page in self._seen
        self._seen.add(page)
        return known


def base_address(address: str, ends: Iterable[str]) -> str:
    """The address of an installation out of any address inside it.

    Args:
        address: what an administrator copied from a browser; the scheme may be missing.
        ends: path segments that no longer belong to the installation's own path.

    Returns:
        Scheme, host and base path without a closing slash.

    Raises:
        PortalError: ``source.address_invalid``: this is no web address.
    """
    text = line(address)
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host = parts.hostname
    except ValueError:
        raise PortalError("source.address_invalid", text, "not a URL") from None
    if parts.scheme not in ("http", "https") or not host:
        raise PortalError("source.address_invalid", text, f"scheme {parts.scheme[:20]}")
    return urlunsplit((parts.scheme, parts.netloc, _base_path(parts.path, set(ends)), "", ""))


def _base_path(path: str, ends: set[str]) -> str:
    return "".join(f"/{segment}" for segment in _until(path.split("/"), ends))


def _until(segments: Iterable[str], ends: set[str]) -> Iterator[str]:
    for segment in segments:
        if segment in ends or _DOCUMENT.search(segment):
            return
        if segment:
            yield segment


def is_refusal(error: PortalError) -> bool:
    """Whether the portal answered, but not with what was asked for."""
    return error.code not in _UNREACHED


def attempt(read: Callable[[], Given]) -> Given | None:
    """What a request gives that a portal need not answer; ``None`` where it refuses.

    Raises:
        PortalError: the portal can't be reached at all.
    """
    try:
        return read()
    except PortalError as error:
        if is_refusal(error):
            return None
        raise
