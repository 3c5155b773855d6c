"""The portal speaks Chinese: in CKAN's own pages, in its plurals and in its scripts."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask_babel import force_locale

import ckan.plugins.toolkit as tk
from ckan.lib.i18n import build_js_translations
from ckan.tests import factories

HAN = re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def chinese(app):
    """A request in whose context messages are looked up in Chinese."""
    with app.flask_app.test_request_context(), force_locale("zh_Hans_CN"):
        yield


def test_our_words_lie_over_ckans(app):
    page = app.get("/user/login").get_data(as_text=True)
    assert "登录" in page
    assert "登陆" not in page


def test_english_stays_english(app):
    page = app.get("/en/user/login").get_data(as_text=True)
    assert "Login" in page
    assert "登录" not in page


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("number", [0, 1, 3])
def test_plurals_have_one_form(number):
    assert tk.ungettext("{num} Member", "{num} Members", number) == "{num} 名成员"


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("msgid", "text"),
    [
        ("Organizations", "提供单位"),  # CKAN has another word for it
        ("Skip to main content", "跳到正文"),  # CKAN has no word for it
        ("Datasets", "数据集"),  # CKAN's own word
        ("Reharvest", "重新采集"),  # ckanext-harvest
        ("Select at least one", "至少选一项"),  # ckanext-scheming
        ("Aborted", "已中止"),  # looked up at run time
    ],
)
def test_every_component_is_translated(msgid, text):
    assert tk._(msgid) == text


# The three spellings: a page's lang attribute, what CKAN 2.12.0 makes of it, the locale's name.
@pytest.mark.parametrize("name", ["zh-Hans-CN", "zh_Hans-CN", "zh_Hans_CN"])
def test_scripts_get_their_catalogue(app, name):
    answer = app.get(f"/api/i18n/{name}")
    assert answer.status_code == 200
    assert answer.content_type.startswith("application/json")
    messages = answer.json
    assert messages[""]["lang"] == "zh_Hans_CN"
    assert messages["Searching..."] == [None, "检索中…"]
    assert messages["Edit"] == [None, "编辑"]
    short = "Input is too short, must be at least one character"
    assert messages[short] == [
        "Input is too short, must be at least %(num)d characters",
        "至少输入 %(num)d 个字符",
    ]


def test_no_message_of_a_script_is_left_in_english(app):
    messages = app.get("/api/i18n/zh_Hans_CN").json
    assert len(messages) > 50
    left = [key for key, texts in messages.items() if key and not HAN.search(texts[-1])]
    assert left == []


def test_the_catalogue_is_fetched_once(app):
    first = app.get("/api/i18n/zh_Hans_CN")
    again = app.get("/api/i18n/zh_Hans_CN", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.get_data() == b""


def test_ckans_route_still_serves_other_languages(app):
    assert app.get("/api/i18n/en").status_code == 200
    assert app.get("/api/i18n/xx").status_code == 400


@pytest.mark.parametrize("path", ["/user/login", "/dataset/"])
def test_pages_load_the_locale_script_after_ckans(app, path):
    page = app.get(path).get_data(as_text=True)
    scripts = re.findall(r'<script[^>]+src="([^"]+)"', page)
    ours = [index for index, src in enumerate(scripts) if "/jilinopen-catalogue/" in src]
    core = [index for index, src in enumerate(scripts) if "main" in src and "/base/" in src]
    assert len(ours) == 1
    assert core
    assert core[0] < ours[0]


@pytest.mark.usefixtures("app")
def test_ckans_own_builder_of_script_catalogues_takes_ours(ckan_config, tmp_path, monkeypatch):
    monkeypatch.setitem(ckan_config, "ckan.storage_path", str(tmp_path))
    build_js_translations()
    built = json.loads(Path(tmp_path, "i18n/js/zh_Hans_CN.js").read_text(encoding="utf-8"))
    assert built[""]["lang"] == "zh_Hans_CN"


# --- pages as people see them -----------------------------------------------------------------

# Names, formats and addresses; nobody would translate them.
KEPT = re.compile(
    r"GeoJSON|Turtle|Atom|Markdown|English|Open Data"
    r"|jilinopen_test|Facebook|data\.gov\.uk|catalog\.data\.gov|dados\.gov\.br"
    r"|https?://[\w./-]*|[\w.-]+@[\w.-]+|[\w/]*[/-][\w/-]*"
)
# Words in capitals are names of formats and units.
ENGLISH = re.compile(r"\b(?![A-Z]+\b)[A-Za-z]{3,}\b")
# CKAN and ckanext-harvest print these without asking for a translation.
UNMARKED = {"Username", "Source type", "Save", "harvest"}
UNMARKED_ACTIVITIES = re.compile(r"(New|Changed|Deleted|Follow|Added|Removed) [A-Z][\w ]+")

PAGES = [
    "/",
    "/dataset/",
    "/dataset/new",
    "/group/",
    "/group/new",
    "/organization/",
    "/organization/new",
    "/about",
    "/harvest",
    "/harvest/new",
    "/user/",
    "/user/login",
    "/user/reset",
    "/user/edit",
    "/dashboard/",
    "/dashboard/datasets",
    "/dashboard/organizations",
    "/ckan-admin",
    "/ckan-admin/config",
    "/ckan-admin/trash",
    "/no-such-page",
    "/dataset/{dataset}",
    "/dataset/edit/{dataset}",
    "/dataset/{dataset}/resource/new",
    "/dataset/groups/{dataset}",
    "/dataset/activity/{dataset}",
    "/organization/{organization}",
    "/organization/edit/{organization}",
    "/organization/members/{organization}",
    "/organization/bulk_process/{organization}",
    "/organization/activity/{organization}",
    "/group/{group}",
    "/group/edit/{group}",
]


def spoken(page: str) -> list[str]:
    """What a page says, attributes that are read aloud among it."""
    soup = BeautifulSoup(page, "html.parser")
    for tag in soup(["script", "style", "code", "pre", "svg"]):
        tag.decompose()
    names = ("title", "alt", "placeholder", "aria-label")
    aloud = [str(tag[name]) for tag in soup.find_all(True) for name in names if tag.get(name)]
    return [*soup.stripped_strings, *aloud]


def english_on(page: str) -> set[str]:
    found = {text for text in spoken(page) if ENGLISH.search(KEPT.sub("", text))}
    return {text for text in found - UNMARKED if not UNMARKED_ACTIVITIES.fullmatch(text)}


@pytest.fixture
def things(create_dataset):
    """A dataset, its provider and a theme, with Chinese texts throughout."""
    organization = factories.Organization(title="通化市水务局", description="水务数据")
    dataset = create_dataset(owner_org=organization["id"])
    return {"dataset": dataset["name"], "organization": organization["name"], "group": "jtys"}


@pytest.fixture
def administrator():
    """Headers of a system administrator."""
    name = f"u{uuid.uuid4().hex[:8]}"
    user = factories.SysadminWithToken(name=name, fullname="管理员甲", about="管理平台")
    return name, {"Authorization": user["token"]}


@pytest.mark.usefixtures("with_plugins", "clean_index")
def test_no_page_holds_english(app, things, administrator):
    name, headers = administrator
    found: dict[str, set[str]] = {}
    for path in PAGES:
        answer = app.get(path.format(**things), headers=headers)
        assert answer.status_code == (404 if path == "/no-such-page" else 200), path
        page = answer.get_data(as_text=True)
        for made_up in (name, *things.values()):
            page = page.replace(made_up, "")
        found[path] = english_on(page)
    assert {path: words for path, words in found.items() if words} == {}


def test_english_would_be_seen():
    page = "<p>数据集</p><p>News feed</p><img alt='Log in'><code>import httpx</code>"
    assert english_on(page) == {"News feed", "Log in"}
