"""The portal's pages in a real browser, under a content policy that forbids everything foreign."""

from __future__ import annotations

import re

import pytest

PAGES = {
    "home": "/",
    "search": "/dataset/",
    "results": "/dataset/?q=公交",
    "nothing": "/dataset/?q=公交&groups=qxfw",
    "themes": "/group/",
    "theme": "/group/jtys",
    "regions": "/region/",
    "region": "/region/220100",
    "departments": "/organization/",
    "department": "/organization/ccjtj",
    "collection": "/collection/bxly",
    "sources": "/harvest/",
    "source": "/harvest/changchun",
    "about": "/about",
    "login": "/user/login",
}
EVERY_PAGE = pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())


def number(text):
    found = re.search(r"\d[\d,]*", text)
    assert found, text
    return int(found[0].replace(",", ""))


@pytest.fixture
def dataset(browser):
    """The address of a conditional dataset."""
    browser.open("/dataset/?q=到离站记录")
    href = browser.find(".jl-item h2 a").get_attribute("href")
    return href.removeprefix(browser.address)


def test_a_foreign_request_would_be_seen(browser):
    browser.open("/about")
    browser.run("document.body.append(Object.assign(new Image(), {src: 'http://portal.invalid/'}))")
    visit = browser.seen()
    assert visit.foreign == ["http://portal.invalid/"] or visit.errors


@EVERY_PAGE
def test_pages_are_quiet_and_ask_nobody(browser, path):
    visit = browser.open(path)
    assert visit.errors == []
    assert visit.foreign == []


@EVERY_PAGE
def test_phones_never_scroll_sideways(browser, path):
    browser.size(360, 800)
    browser.open(path)
    assert browser.sideways() <= 0
    browser.run("document.documentElement.setAttribute('data-text', 'large')")
    assert browser.sideways() <= 0, "with large text"


def test_home_is_chinese_and_complete(browser):
    browser.open("/")
    text = browser.text()
    for words in (
        "吉林的公共数据",
        "按主题",
        "吉林专题",
        "刚刚更新",
        "最新开放",
        "你想做什么",
        "截至",
    ):
        assert words in text
    assert len(browser.all(".jl-themes a")) == 24
    assert len(browser.all(".jl-map a")) == 12


def test_searching_from_home(browser):
    browser.open("/")
    box = browser.find("form.jl-search--xl input")
    box.send_keys("公交")
    box.submit()
    assert number(browser.find(".jl-resbar h1").text) == 2
    assert browser.find(".jl-item mark").text == "公交"


@pytest.mark.parametrize("tile", [".jl-map .cc a", ".jl-map .mhk a", "[data-theme=jtys]"])
def test_a_tile_leads_to_as_many_datasets_as_it_says(browser, tile):
    browser.open("/")
    link = browser.find(tile)
    promised = number(link.find_element("css selector", "span").text)
    link.click()
    assert number(browser.find(".jl-resbar").text) == promised > 0
    assert len(browser.all(".jl-item")) == promised


def test_filters_narrow_and_chips_widen_again(browser):
    browser.open("/dataset/")
    everything = number(browser.find(".jl-resbar h1").text)
    row = browser.find(".jl-facet li a")
    promised = number(row.text.split("\n")[-1])
    row.click()
    assert number(browser.find(".jl-resbar h1").text) == promised < everything
    browser.find(".jl-chip").click()
    assert number(browser.find(".jl-resbar h1").text) == everything


def test_dataset_page(browser, dataset):
    visit = browser.open(dataset)
    assert visit.errors == []
    assert visit.foreign == []
    text = browser.text()
    for words in (
        "有条件开放",
        "说明用途并签订利用协议",
        "长春市交通运输局",
        "数据字典",
        "名称",
        "这份数据从哪来",
        "去源站获取",
    ):
        assert words in text
    browser.find("details.jl-details summary").click()
    assert "城市建管" in browser.text()


def test_dataset_on_a_phone_puts_the_terms_before_the_facts(browser, dataset):
    browser.size(360, 800)
    browser.open(dataset)
    assert browser.sideways() <= 0
    top = "return arguments[0].getBoundingClientRect().top"
    terms, facts = browser.find(".jl-box--apply"), browser.find("#about")
    assert browser.run(top, terms) < browser.run(top, facts)


def test_file_page(browser, dataset):
    browser.open(dataset)
    browser.find(".jl-res h3 a").click()
    visit = browser.seen()
    assert visit.errors == []
    assert visit.foreign == []
    assert "文件在源站" in browser.text()


def test_missing_page(browser):
    visit = browser.open("/nirgends")
    assert browser.find("h1").text == "没有这个页面"
    assert visit.foreign == []


def test_dark_and_large_are_remembered(browser):
    browser.open("/")
    light = browser.run("return getComputedStyle(document.body).backgroundColor")
    for name in ("theme", "text"):
        browser.find(f'[data-jl-toggle="{name}"]').click()
    browser.open("/dataset/")
    assert browser.run("return getComputedStyle(document.body).backgroundColor") != light
    assert browser.run("return getComputedStyle(document.documentElement).fontSize") == "20px"
    assert browser.find('[data-jl-toggle="text"]').get_attribute("aria-pressed") == "true"


def test_phone_menu_and_filter_sheet_open(browser):
    browser.size(360, 800)
    browser.open("/dataset/")
    assert not browser.find(".jl-menu ul").is_displayed()
    browser.find(".jl-menu summary").click()
    assert "地区" in browser.find(".jl-menu ul").text
    browser.open("/dataset/")
    assert not browser.find("#filters").is_displayed()
    browser.find("a[href='#filters']").click()
    assert browser.find("#filters").is_displayed()
    assert browser.sideways() <= 0


def test_skip_link_comes_first_and_shows_itself(browser):
    browser.open("/")
    first = browser.run(
        "return document.querySelector('a[href], button:not([hidden]), input').className"
    )
    assert "jl-skip" in first
    browser.run("document.querySelector('.jl-skip').focus()")
    assert browser.run("return document.querySelector('.jl-skip').getBoundingClientRect().top") >= 0


def test_keyboard_focus_is_visible(browser):
    browser.open("/")
    browser.run("document.body.focus()")
    browser.find("body").send_keys("\t\t\t\t")
    assert browser.run("return getComputedStyle(document.activeElement).boxShadow") != "none"


def test_logging_in_works_and_asks_nobody(browser):
    visit = browser.open("/user/login")
    assert visit.foreign == []
    browser.find("#field-login").send_keys("nobody")
    browser.find("#field-password").send_keys("wrong-password")
    browser.find("form.module-content button[type=submit], form button.btn-primary").click()
    assert "nobody" not in browser.find(".jl-topbar").text
