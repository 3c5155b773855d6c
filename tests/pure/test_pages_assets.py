"""Style sheets and templates, as text: rules that a browser would only break silently."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PORTAL = Path(__file__).parents[2] / "ckanext" / "jilinopen" / "portal"
STYLES = sorted((PORTAL / "assets" / "css").glob("*.css"))
TEMPLATES = sorted((PORTAL / "templates").rglob("*.html"))
PICTURES = sorted((PORTAL / "public").rglob("*.svg"))
ICON = re.compile(r'jl_icon\("([a-z0-9-]+)"')


def declared(block):
    return dict(re.findall(r"(--[a-z0-9-]+):\s*([^;]+);", block))


def test_both_ways_into_the_dark_use_the_same_colours():
    text = (PORTAL / "assets" / "css" / "tokens.css").read_text(encoding="utf-8")
    by_system = re.search(r':not\(\[data-bs-theme="light"\]\) \{(.*?)\n  \}', text, re.DOTALL)
    by_choice = re.search(r'\n:root\[data-bs-theme="dark"\] \{(.*?)\n\}', text, re.DOTALL)
    assert by_system
    assert by_choice
    assert declared(by_system[1]) == declared(by_choice[1])
    assert len(declared(by_choice[1])) > 30


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_every_variable_is_defined(path):
    defined = {name for style in STYLES for name in declared(style.read_text(encoding="utf-8"))}
    used = set(re.findall(r"var\((--[a-z0-9-]+)", path.read_text(encoding="utf-8")))
    assert {name for name in used if not name.startswith("--bs-")} <= defined


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_styles_ask_nobody(path):
    text = path.read_text(encoding="utf-8")
    assert "@import" not in text
    assert not re.search(r"url\(\s*['\"]?(https?:)?//", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PORTAL)))
def test_templates_have_no_inline_style_or_script(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=\s*['\"]", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "<style" not in text
    assert "|safe" not in text.replace(" ", "")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PORTAL)))
def test_templates_load_nothing_from_elsewhere(path):
    loaded = re.findall(
        r"<(?:img|script|link|iframe)[^>]*(?:src|href)=\"([^\"]*)\"", path.read_text()
    )
    assert not [address for address in loaded if address.startswith(("http", "//"))]


def test_every_icon_that_templates_name_exists():
    icons = {path.stem for path in (PORTAL / "public" / "jilinopen" / "icons").glob("*.svg")}
    named = {name for path in TEMPLATES for name in ICON.findall(path.read_text(encoding="utf-8"))}
    assert named
    assert named <= icons


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_pictures_are_only_shapes(path):
    text = path.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "href" not in text
    assert not re.search(r"\sstyle=|\son[a-z]+=", text)
