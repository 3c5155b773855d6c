"""Reading what a portal sent: compression, character sets, JSON, HTML, and pages that are neither.

Portals declare their character set wrongly, serve JSON as ``text/html`` and answer with a login or
challenge page under status 200. Nothing here guesses silently: what cannot be read is an error.
"""

from __future__ import annotations

import codecs
import json
import math
import re
import zlib
from typing import Any

import lxml.etree
import lxml.html

__all__ = [
    "Inflater",
    "clean_text",
    "decode_text",
    "first_words",
    "is_challenge",
    "is_login",
    "looks_like_html",
    "parse_html",
    "parse_json",
]

_MOST_LEVELS = 64
_META_WINDOW = 4096
_WORDS = 60

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# A closed table, because Python's own also holds codecs that are no character sets. gb18030
# contains gbk and gb2312; servers declare the small ones and send the large one.
_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "gb2312": "gb18030",
    "gb-2312": "gb18030",
    "gb2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "ms936": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "windows-1252": "cp1252",
    "us-ascii": "cp1252",
}
_META = re.compile(
    rb"""<(?:meta|\?xml)\b[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?([\w.:-]+)""", re.I
)

# What neither PostgreSQL text nor XML 1.0 can hold.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CJK = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")

_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*>")
_TAG = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|script|div|table|tr|ul|ol|li|p|span|a|form)\b",
    re.I,
)
_VISIBLE = (
    "//text()[not(ancestor::head or ancestor::script or ancestor::style"
    " or ancestor::noscript or ancestor::template)]"
)

_CHALLENGE_STATUS = frozenset({412, 521})
_SMALL_PAGE = 256 * 1024
_CHALLENGE_WORDS = 200
_CHALLENGE_MARKS = re.compile(
    rb"__jsl_clearance|__jsluid|wzws|\$_ts\s*=\s*window|acw_sc__v2|_cf_chl_opt"
    rb"|document\.cookie\s*=",
    re.I,
)
_ACCOUNT_FIELD = "//input[translate(@type, 'PASWORD', 'pasword')='password']"
_LOGIN_PATH = re.compile(r"/(?:[\w-]*login|signin|sso|cas|passport)(?:[/.?;]|$)", re.I)
_LOGIN_TITLE = re.compile("登录|登陆|登錄|统一身份认证|统一认证|login|sign in", re.I)


class Inflater:
    """Undoes the content encoding of a body piece by piece and stops at a size limit.

    A few kilobytes can unfold to gigabytes, so no step ever produces more than the limit allows.

    Args:
        encoding: the Content-Encoding header, empty for none.
        max_bytes: the most that all pieces together may unfold to.

    Raises:
        ValueError: the encoding is not one of those that we ask for.
    """

    def __init__(self, encoding: str, max_bytes: int) -> None:
        self._encoding = encoding.strip().lower().removeprefix("x-")
        if self._encoding not in ("", "identity", "gzip", "deflate"):
            raise ValueError(f"content encoding {clean_text(self._encoding)[:30]}")
        self._left = max_bytes
        self._engine: Any = None
        self._complete = True

    def feed(self, data: bytes) -> bytes:
        """The plain bytes of the next piece.

        Raises:
            OverflowError: the body unfolds beyond the limit.
            ValueError: the data is not in the declared encoding.
        """
        if self._encoding in ("", "identity"):
            return self._granted(data)
        pieces: list[bytes] = []
        while data:
            if self._engine is None:
                self._engine = self._new_engine(data)
            try:
                # One byte more than allowed tells "exactly full" from "too large".
                piece = self._engine.decompress(data, self._left + 1)
            except zlib.error:
                raise ValueError(f"not {self._encoding}") from None
            pieces.append(self._granted(piece))
            self._complete = self._engine.eof
            if self._complete:
                # A gzip body may have several members; other bytes behind the end mean nothing.
                data = self._engine.unused_data
                if self._encoding != "gzip" or not data.startswith(b"\x1f\x8b"):
                    break
                self._engine = None
            else:
                data = self._engine.unconsumed_tail
        return b"".join(pieces)

    def finish(self) -> None:
        """Check that the compressed stream reached its end.

        Raises:
            EOFError: it was cut off.
        """
        if not self._complete:
            raise EOFError(f"{self._encoding} stream cut off")

    def _granted(self, piece: bytes) -> bytes:
        self._left -= len(piece)
        if self._left < 0:
            raise OverflowError
        return piece

    def _new_engine(self, data: bytes) -> Any:
        if self._encoding == "gzip":
            return zlib.decompressobj(zlib.MAX_WBITS | 16)
        # "deflate" should mean zlib (RFC 9110, 8.4.1.2), but some servers send it bare.
        is_zlib = data[0] & 0x0F == zlib.DEFLATED
        return zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)


def clean_text(text: str) -> str:
    """The text without characters that no database column or XML document can hold.

    NUL and other control characters (tab and line ends stay), lone surrogates, U+FFFE and U+FFFF.
    """
    return _UNSTORABLE.sub("", text)


def decode_text(body: bytes, declared: str = "") -> str:
    """Decode a body with the character set that it really has.

    A byte order mark decides. Otherwise what is valid UTF-8 with Chinese in it is UTF-8, whatever
    was declared: GBK text practically never is, while GBK reads most UTF-8 as wrong characters.
    Then the declared set, the one in the document's own head, UTF-8, and GB18030 if the outcome is
    mainly Chinese. Declared Latin-1 counts last, since it is the default of servers that do not
    know and reads anything.

    Args:
        body: the bytes as sent, without content encoding.
        declared: the charset of the Content-Type header.

    Returns:
        The text, without byte order mark and without unstorable characters.

    Raises:
        UnicodeError: no character set fits.
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return clean_text(body[len(mark) :].decode(codec))
    declarations = [_codec(declared), _codec(_meta_charset(body))]
    told = [codec for codec in declarations if codec and codec != "cp1252"]
    utf8 = _decoded(body, "utf-8")
    if utf8 is not None and (not told or body.isascii() or _CJK.search(utf8)):
        return clean_text(utf8)
    for codec in told:
        if (text := _decoded(body, codec)) is not None:
            return clean_text(text)
    if utf8 is not None:
        return clean_text(utf8)
    guess = _decoded(body, "gb18030")
    if guess is not None and _is_mainly_chinese(guess):
        return clean_text(guess)
    if "cp1252" in declarations and (text := _decoded(body, "cp1252")) is not None:
        return clean_text(text)
    raise UnicodeError("neither UTF-8 nor GB18030")


def _meta_charset(body: bytes) -> str:
    """The charset that an HTML or XML document names in its first bytes."""
    found = _META.search(body, 0, _META_WINDOW)
    return found[1].decode("ascii", "replace") if found else ""


def _codec(label: str) -> str:
    """The Python codec for a charset label, empty for labels that are unknown or missing."""
    return _CODECS.get(label.strip().strip("\"'").lower().replace("_", "-"), "")


def _decoded(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        return None


def _is_mainly_chinese(text: str) -> bool:
    """Whether a guess brought Chinese text rather than a heap of rare signs."""
    chinese = len(text) - len(_CJK.sub("", text))
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    return chinese * 2 > foreign


def parse_json(text: str) -> Any:
    """Parse JSON from a portal.

    Raw line ends inside strings and repeated keys (the last one counts) are common and accepted.
    All strings come out clean, see ``clean_text``.

    Args:
        text: the decoded body.

    Raises:
        ValueError: not JSON, a number beyond all bounds, or nested deeper than 64 levels; the
            exception's text is a short cause.
    """
    try:
        value = json.loads(
            text, strict=False, parse_constant=_no_constant, parse_float=_finite_float
        )
        return _cleaned(value, _MOST_LEVELS)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _finite_float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"number {digits[:20]}")
    return number


def _cleaned(value: Any, levels: int) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if not isinstance(value, (dict, list)):
        return value
    if not levels:
        raise RecursionError
    if isinstance(value, list):
        return [_cleaned(item, levels - 1) for item in value]
    return {clean_text(key): _cleaned(item, levels - 1) for key, item in value.items()}


def looks_like_html(text: str) -> bool:
    """Whether the text is a page rather than data."""
    start = text[:_META_WINDOW].lstrip()
    if start.startswith("<?xml"):
        return "<html" in start.lower()
    return start.startswith("<") and bool(_TAG.search(start))


def parse_html(text: str) -> lxml.html.HtmlElement:
    """Parse an HTML page; nothing is loaded from anywhere.

    Args:
        text: the decoded body.

    Raises:
        ValueError: the text is no HTML, or the parser had to cut it short (more than 256 levels,
            10 MB of text in one element).
    """
    page, is_whole = _parsed(text)
    if page is None:
        raise ValueError("no HTML")
    if not is_whole:
        raise ValueError("nested too deeply or too large")
    return page


def _parsed(text: str) -> tuple[lxml.html.HtmlElement | None, bool]:
    """The tree of a page, if there is one, and whether it is all of it."""
    if not looks_like_html(text):
        return None, False
    # lxml refuses text that still names an encoding.
    plain = _XML_DECLARATION.sub("", clean_text(text), count=1)
    parser = lxml.html.HTMLParser(no_network=True, huge_tree=False, remove_pis=True)
    try:
        page = lxml.html.document_fromstring(plain, parser=parser)
    except lxml.etree.LxmlError:
        return None, False
    # The parser is silent about what it leaves out; only its log tells.
    fatal = lxml.etree.ErrorLevels.FATAL
    return page, not any(entry.level == fatal for entry in parser.error_log)


def _title(page: lxml.html.HtmlElement) -> str:
    return " ".join(page.xpath("//title//text()"))


def _visible_words(page: lxml.html.HtmlElement) -> str:
    """The text of a page that a reader would see, on one line."""
    return " ".join(" ".join(page.xpath(_VISIBLE)).split())


def first_words(text: str) -> str:
    """The title of a page, or else the first words of what was sent, for use in a message."""
    words = text[:_META_WINDOW]
    page, _ = _parsed(text[:_SMALL_PAGE])
    if page is not None:
        words = _title(page) or _visible_words(page)
    words = " ".join(clean_text(words).split())
    return words if len(words) <= _WORDS else words[: _WORDS - 1] + "…"


def is_challenge(status: int, body: bytes) -> bool:
    """Whether the answer is a script that tests for a browser (加速乐, 网站卫士, 瑞数 …).

    Statuses 412 and 521 are used for nothing else by the portals. Under any other status it takes
    one of the products' marks on a page that shows next to no text: protected pages carry some of
    the marks too.

    Args:
        status: the HTTP status.
        body: the body without content encoding.
    """
    if status in _CHALLENGE_STATUS:
        return True
    if len(body) > _SMALL_PAGE or not _CHALLENGE_MARKS.search(body):
        return False
    page, _ = _parsed(body.decode("utf-8", "replace"))
    return page is not None and len(_visible_words(page)) < _CHALLENGE_WORDS


def is_login(path: str, text: str) -> bool:
    """Whether an answer is a page that asks for an account and nothing else.

    Pages of a portal often carry a login form in a corner; only a page whose address or title
    speaks of logging in counts.

    Args:
        path: the path of the final address.
        text: the decoded body.
    """
    page, _ = _parsed(text) if len(text) <= _SMALL_PAGE else (None, False)
    if page is None or not page.xpath(_ACCOUNT_FIELD):
        return False
    return bool(_LOGIN_PATH.search(path) or _LOGIN_TITLE.search(_title(page)))
