"""Text of unknown origin becomes plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.jilinopen.portal import prose


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第一段\n\n第二段", ["第一段", "第二段"]),
        ("第一段\r\n第二段", ["第一段", "第二段"]),
        ("<p>第一段</p><p>第二段<br>还有</p>", ["第一段", "第二段", "还有"]),
        ("<script>alert(1)</script>公交<style>p{}</style>站点", ["公交站点"]),
        ("图：![站点图](http://evil.example/a.png)完", ["图：站点图完"]),
        ("PM2.5 < 75 为良", ["PM2.5 < 75 为良"]),
        ("&lt;b&gt; 与 A&amp;B", ["&lt;b&gt; 与 A&amp;B"]),
        ("  多余　 的  空格  ", ["多余 的 空格"]),
        ("", []),
        (None, []),
        ("<img src=x onerror=alert(1)>", []),
    ],
)
def test_paragraphs(text, expected):
    assert prose.paragraphs(text) == expected


@given(st.text(max_size=400))
def test_paragraphs_are_clean_lines(text):
    for line in prose.paragraphs(text):
        assert line == line.strip()
        assert line
        assert not set(line) & set("\n\r\x00\x0b\x1f\u2028")


def test_a_huge_text_is_cut():
    assert len("".join(prose.paragraphs("长" * 1_000_000))) == prose.MAX_LENGTH


@given(st.text(max_size=400), st.integers(2, 80))
def test_brief_keeps_its_length(text, length):
    line = prose.brief(text, length)
    assert len(line) <= length
    assert "\n" not in line


def test_brief_marks_the_cut():
    assert prose.brief("一二三四五六", 4) == "一二三…"
    assert prose.brief("一二三四", 4) == "一二三四"


@pytest.mark.parametrize(
    "html",
    [
        '<p>前<img src="//evil.example/x.png">后</p>',
        "<p>前<IMG SRC=http://evil.example/x.png />后</p>",
        '<p>前<img\nalt="a"\nsrc="https://evil.example/x">后</p>',
    ],
)
def test_pictures_are_taken_out(html):
    assert prose.without_pictures(html) == "<p>前后</p>"


@pytest.mark.parametrize(
    ("address", "fit"),
    [
        ("https://data.example.cn/a?b=c", True),
        ("http://data.example.cn:8080/", True),
        (" http://data.example.cn/ ", True),
        ("javascript:alert(1)", False),
        ("data:text/html,<script>", False),
        ("//data.example.cn/a", False),
        ("ftp://data.example.cn/", False),
        ("http://", False),
        ("http://[::1", False),
        ("", False),
        (None, False),
    ],
)
def test_only_web_addresses_become_links(address, fit):
    assert prose.is_web_address(address) is fit


def test_host_of():
    assert prose.host_of("https://user:secret@data.example.cn:8443/a") == "data.example.cn"
    assert prose.host_of("http://[::1") == ""
