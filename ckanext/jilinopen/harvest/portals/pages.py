"""Reading the HTML pages of portals: values beside labels, plain text, small tables.

The products differ from city to city in their markup, not in the words on the page. So a value is
found by its label, wherever the label stands: in a table cell, a list item, a ``label``, a ``dt``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import lxml.etree
from lxml.html import HtmlElement

from ckanext.jilinopen.harvest.portals.values import (
    MAX_ITEMS,
    MAX_PROSE,
    line,
    prose,
    split_tags,
)
from ckanext.jilinopen.harvest.records import RemoteItem

__all__ = [
    "Shown",
    "class_test",
    "labelled",
    "labelled_within",
    "page_text",
    "read_items",
    "shown_tags",
    "text_of",
]

Piece: TypeAlias = "str | HtmlElement"

_SKIPPED = frozenset({"script", "style", "template", "noscript", "select", "button", "textarea"})
_BLOCKS = frozenset({"p", "div", "li", "tr", "br", "dd", "dt", "h1", "h2", "h3", "h4", "table"})
_INLINE = frozenset({"span", "b", "strong", "label", "em", "i", "font", "small", "a"})
_COLON = re.compile("[:：]")
_MAX_LABEL = 24
_MAX_CLIMB = 3
_MAX_QUOTED = 3

# Labels here belong to the site or to a list of files, not to the record.
_ELSEWHERE = (
    "ancestor::script|ancestor::style|ancestor::template|ancestor::noscript|ancestor::select"
    "|ancestor::button|ancestor::textarea|ancestor::footer|ancestor::nav|ancestor::aside"
    "|ancestor::a|ancestor::*[contains(@class,'footer') or contains(@id,'footer')"
    " or contains(@class,'copyright') or contains(@class,'detail-table')"
    " or contains(@class,'related') or contains(@class,'recommend')"
    " or contains(@class,'modal') or contains(@class,'dialog')"
    " or @action='data-download' or @name='file-download' or @name='api-list'"
    " or @id='metaTable']"
)
_TEXTS = lxml.etree.XPath(f".//text()[normalize-space() and not({_ELSEWHERE})]")


@dataclass(frozen=True)
class Shown:
    """What a page shows beside a label.

    Attributes:
        text: the value with its line breaks.
        parts: the texts of the single elements that the value is made of.
        tags: the ``tags`` attribute, where some skins keep the full list of tags.
    """

    text: str = ""
    parts: tuple[str, ...] = ()
    tags: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.tags)


def class_test(name: str) -> str:
    """XPath test for a class among the classes of an element."""
    return f"contains(concat(' ',normalize-space(@class),' '),' {name} ')"


def text_of(element: HtmlElement | None, limit: int = MAX_PROSE) -> str:
    """Readable text of an element, "" for ``None``; blocks and breaks become line breaks."""
    if element is None:
        return ""
    pieces: list[str] = []
    walk = lxml.etree.iterwalk(element, events=("start", "end", "comment", "pi"))
    for event, node in walk:
        if event == "start" and node.tag in _SKIPPED:
            walk.skip_subtree()
        elif event == "start":
            pieces += ["\n" if node.tag in _BLOCKS else "", node.text or ""]
        elif node is not element:
            pieces += ["\n" if node.tag in _BLOCKS else "", node.tail or ""]
    rows = (" ".join(row.split()) for row in prose("".join(pieces), 4 * limit).splitlines())
    return "\n".join(row for row in rows if row)[:limit].rstrip()


def page_text(root: HtmlElement, limit: int) -> str:
    """The beginning of a page's text, on one line: enough to recognise a notice."""
    return line(text_of(root, limit), limit)


def labelled(root: HtmlElement, labels: Mapping[str, str]) -> dict[str, Shown]:
    """Values beside known labels.

    Args:
        root: where to look.
        labels: label as printed (without colon or white space) → our name for it.

    Returns:
        Our name → the first value that says something. A label with nothing beside it is in the
        result too, with an empty value.
    """
    found: dict[str, Shown] = {}
    values: set[HtmlElement] = set()
    for node in _TEXTS(root):
        name, rest = _label(str(node), labels)
        if not name or found.get(name) or _is_inside(node, values):
            continue
        pieces = _beside(node, rest, labels)
        values.update(piece for piece in pieces if not isinstance(piece, str))
        shown = _shown(pieces)
        if shown or name not in found:
            found[name] = shown
    return found


def labelled_within(
    root: HtmlElement,
    scopes: str,
    labels: Mapping[str, str],
    core: frozenset[str],
    enough: int,
) -> dict[str, Shown]:
    """Values beside known labels: those in the scopes, and those of the whole page if too few.

    Args:
        root: the page.
        scopes: XPath of the parts that hold a record's facts in known skins.
        labels: as for ``labelled``.
        core: our names of the values by which a record's page is known.
        enough: so many of the core in the scopes make looking elsewhere needless.

    Returns:
        Our name → value; a value in a scope goes before one elsewhere.
    """
    values: dict[str, Shown] = {}
    for scope in root.xpath(scopes):
        for name, shown in labelled(scope, labels).items():
            if not values.get(name):
                values[name] = shown
    if len(core & values.keys()) >= enough:
        return values
    return {**labelled(root, labels), **{name: shown for name, shown in values.items() if shown}}


def _is_inside(node: lxml.etree._ElementUnicodeResult, values: set[HtmlElement]) -> bool:
    """Whether a text is part of a value: a description may well quote a label."""
    owner = node.getparent()
    box = owner.getparent() if owner is not None and node.is_tail else owner
    while box is not None and box not in values:
        box = box.getparent()
    return box is not None


def _label(text: str, labels: Mapping[str, str]) -> tuple[str, str]:
    """Our name for the label that a text begins with, and the text after its colon."""
    colon = _COLON.search(text)
    head = text[: colon.start()] if colon else text
    name = labels.get(_bare(head), "") if len(head) <= 4 * _MAX_LABEL else ""
    return (name, text[colon.end() :].strip() if colon else "") if name else ("", "")


def _bare(text: str) -> str:
    return "".join(text[: 4 * _MAX_LABEL].split()).strip("*·•【】[]")


def _beside(
    node: lxml.etree._ElementUnicodeResult, rest: str, labels: Mapping[str, str]
) -> list[Piece]:
    owner = node.getparent()
    if owner is None:
        return [rest]
    box = owner.getparent() if node.is_tail else owner
    after = owner.getnext() if node.is_tail else next(iter(owner), None)
    pieces = [rest, *_until_label(after, labels)]
    return pieces if box is None or _shown(pieces) else _next_to(box, labels)


def _until_label(start: HtmlElement | None, labels: Mapping[str, str]) -> Iterator[Piece]:
    """An element and its following siblings with the text between, up to the next label."""
    element = start
    while element is not None:
        if isinstance(element.tag, str):
            if _begins_with_label(element, labels):
                return
            yield element
        if _label(element.tail or "", labels)[0]:
            return
        yield element.tail or ""
        element = element.getnext()


def _begins_with_label(element: HtmlElement, labels: Mapping[str, str]) -> bool:
    text = next((text for text in element.itertext() if text.strip()), "")
    return bool(_label(text, labels)[0])


def _next_to(box: HtmlElement, labels: Mapping[str, str]) -> list[Piece]:
    """The value for a label that fills its own element: the element beside it, or its parent's."""
    for _ in range(_MAX_CLIMB):
        after = _next_element(box)
        if (box.tail or "").strip() or (after is not None and box.tag in _INLINE):
            return [box.tail or "", *_until_label(box.getnext(), labels)]
        if after is not None:
            is_heading = box.tag == "th" and after.tag == "th"
            return [] if is_heading or _holds_pairs(after, labels) else [after]
        parent = box.getparent()
        if parent is None or _bare(text_of(parent, 99)) != _bare(text_of(box, 99)):
            break
        box = parent
    return []


def _holds_pairs(element: HtmlElement, labels: Mapping[str, str]) -> bool:
    """Whether an element is no value, but a label itself or a container of labelled values."""
    if _begins_with_label(element, labels):
        return True
    names = {_label(text, labels)[0] for text in element.itertext()} - {""}
    return len(names) > _MAX_QUOTED


def _next_element(element: HtmlElement) -> HtmlElement | None:
    return next((after for after in element.itersiblings() if isinstance(after.tag, str)), None)


def _shown(pieces: Sequence[Piece]) -> Shown:
    elements = [piece for piece in pieces if not isinstance(piece, str)]
    texts = [prose(piece) if isinstance(piece, str) else _full_text(piece) for piece in pieces]
    holders = list(elements[0]) if len(elements) == 1 else elements
    parts = (line(text_of(holder)) for holder in holders if isinstance(holder.tag, str))
    tags = next(
        (tag for element in elements for tag in element.xpath("descendant-or-self::*/@tags")), ""
    )
    # The colon may stand outside of the label's element, where the value begins.
    text = "\n".join(text for text in texts if text).lstrip(":： \n")
    return Shown(text[:MAX_PROSE], tuple(part for part in parts if part), prose(str(tags)))


def _full_text(element: HtmlElement) -> str:
    """Text of an element, or its title where the page shows only the beginning of it."""
    text, title = text_of(element), prose(element.get("title"))
    beginning = text.rstrip(".…")
    return title if beginning != text and title.startswith(beginning) else text


def shown_tags(shown: Shown) -> tuple[str, ...]:
    """Tags beside their label: an attribute, single elements, or joined text."""
    if shown.tags:
        return split_tags(shown.tags)
    if len(shown.parts) > 1:
        return split_tags("\n".join(shown.parts))
    return split_tags(shown.text)


_ITEM_COLUMNS: tuple[tuple[str, str], ...] = (
    ("name", "英文|字段名|列名|代码|标识|name"),
    ("data_type", "类型|数据格式|type"),
    ("length", "长度|length"),
    ("description", "描述|说明|备注|定义|含义|description|comment"),
    ("label", "中文|信息项|数据项|指标|名称|label|title"),
)
_ABOUT_ITEMS = re.compile(
    "^(?!.*(下载|文件|大小|操作|参数)).*(英文|中文|字段|列名|信息项|数据项|指标|类型)"
)


def read_items(tables: Iterable[HtmlElement]) -> tuple[RemoteItem, ...]:
    """信息项 from the first table that has any: one heading row, then one row an item."""
    for table in tables:
        rows = [
            [line(text_of(cell), 500) for cell in row.xpath("./th|./td")]
            for row in table.xpath(".//tr")[: MAX_ITEMS + 1]
        ]
        rows = [row for row in rows if any(row)]
        items = tuple(_items(rows[0], rows[1:])) if rows else ()
        if items:
            return items
    return ()


def _items(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[RemoteItem]:
    columns = _columns(heading)
    if not {"name", "label"} & columns.keys() or not _ABOUT_ITEMS.search(" ".join(heading)):
        return
    for row in rows:
        cell = {role: row[at] for role, at in columns.items() if at < len(row)}
        name = cell.get("name") or cell.get("label", "")
        if name:
            yield RemoteItem(
                name=name,
                label=cell.get("label", ""),
                data_type=cell.get("data_type", ""),
                length=cell.get("length", ""),
                description=cell.get("description", ""),
            )


def _columns(heading: Sequence[str]) -> dict[str, int]:
    """Which column holds what, by the words in its heading; the first of a kind counts."""
    columns: dict[str, int] = {}
    for at, text in enumerate(heading):
        role = next(
            (role for role, words in _ITEM_COLUMNS if re.search(words, text, re.IGNORECASE)), ""
        )
        if role:
            columns.setdefault(role, at)
    return columns
