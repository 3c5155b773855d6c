"""Text that others wrote, made safe to show: no markup, no picture from elsewhere. Pure."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

__all__ = ["brief", "host_of", "is_web_address", "paragraphs", "without_pictures"]

MAX_LENGTH = 20_000
_BLOCKS = frozenset(
    ["address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4",
     "h5", "h6", "hr", "li", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul"]
)  # fmt: skip
_SILENT = frozenset(["script", "style", "template", "title", "textarea", "noscript"])
_PICTURE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u2028\u2029\ufeff]")
_IMG_TAG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)


class _Text(HTMLParser):
    """Collects the readable text of a fragment; block elements become line breaks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(self._silent - 1, 0)
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def paragraphs(text: str | None) -> list[str]:
    """Split text of unknown origin into plain paragraphs.

    Tags are dropped, script and style with their content, Markdown pictures leave their caption.
    The result is still plain text and is escaped where it is shown.

    Args:
        text: plain text, Markdown or HTML; at most the first 20,000 characters count.

    Returns:
        Paragraphs without empty ones.
    """
    plain = (text or "")[:MAX_LENGTH]
    if "<" in plain:
        parser = _Text()
        parser.feed(plain)
        parser.close()
        plain = "".join(parser.parts)
    plain = _PICTURE.sub(r"\1", plain.replace("\r\n", "\n").replace("\r", "\n"))
    lines = (" ".join(line.split()) for line in _CONTROL.sub("", plain).split("\n"))
    return [line for line in lines if line]


def brief(text: str | None, length: int = 160) -> str:
    """The beginning of a text, for lists.

    Args:
        text: text of unknown origin.
        length: characters kept, at most.

    Returns:
        One line; ``…`` marks a cut.
    """
    line = " ".join(paragraphs(text))
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def without_pictures(html: str) -> str:
    """Take the ``img`` elements out of rendered HTML, so that no page asks another site for one."""
    return _IMG_TAG.sub("", html)


def is_web_address(text: str | None) -> bool:
    """Whether a text is an absolute http(s) address with a host, fit for a link."""
    try:
        parts = urlsplit((text or "").strip())
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def host_of(address: str) -> str:
    """The host of an address, for people to see where a link leads; empty if there is none."""
    try:
        return urlsplit(address.strip()).hostname or ""
    except ValueError:
        return ""
