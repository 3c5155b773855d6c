"""The portal's own pages, as a reader gets them."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan.tests import factories

from ckanext.jilinopen.portal import figures

pytestmark = pytest.mark.usefixtures("with_plugins", "themes", "clean_index", "no_datasets")

HOSTILE = (
    '<p>公交<script>alert("x")</script>站点</p>'
    '<img src="http://evil.example/pixel.png" onerror="alert(1)">'
    "![图](http://evil.example/md.png)\n\n第二段 <b onclick=alert(2)>粗体</b>"
)


@pytest.fixture
def no_datasets(some_db):
    """No datasets from other tests: this module counts."""
    purge = tk.get_action("dataset_purge")
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    for name in tk.get_action("package_list")({"user": user, "ignore_auth": True}, {}):
        purge({"user": user, "ignore_auth": True}, {"id": name})


@pytest.fixture
def page(app):
    """Reads a page and gives its parsed HTML."""

    def read(address, status=200, **options):
        response = app.get(address, **options)
        assert response.status_code == status, response.body[:500]
        return BeautifulSoup(response.body, "html.parser")

    return read


def number(text):
    """The first number in a text."""
    found = re.search(r"\d[\d,]*", text)
    assert found, text
    return int(found[0].replace(",", ""))


def found(soup):
    """How many datasets a result page says it has found."""
    return number(soup.select_one(".jl-resbar").get_text())


def figure(soup, key):
    return number(soup.select_one(f'[data-figure="{key}"]').get_text())


def text(soup):
    return " ".join(soup.select_one("main").get_text(" ").split())


class TestHome:
    def test_counts_equal_what_a_click_shows(self, page, create_dataset):
        create_dataset(title="长春市公交站点信息", jl_themes=["jtys"], jl_region="220100")
        create_dataset(title="南关区停车场信息", jl_themes=["jtys", "shfw"], jl_region="220102")
        create_dataset(title="延吉市滑雪场名录", jl_themes=["shfw"], jl_region="222401")
        home = page("/")

        assert figure(home, "datasets") == 3 == found(page("/dataset/"))
        for slug, expected in {"jtys": 2, "shfw": 2, "qxfw": 0}.items():
            tile = home.select_one(f'[data-theme="{slug}"]')
            assert number(tile.span.get_text()) == expected
            assert found(page(tile["href"])) == expected
        for place, expected in {"cc": 2, "yb": 1, "sp": 0}.items():
            tile = home.select_one(f".jl-map .{place} a")
            assert number(tile.select_one(".vh").get_text()) == expected
            assert found(page(tile["href"])) == expected

    def test_departments_with_data(self, page, create_dataset):
        create_dataset()
        create_dataset(title="长春市学校名录")
        factories.Organization(title="没有数据的单位")
        home = page("/")
        assert figure(home, "departments") == 2
        assert figure(page("/organization/"), "departments") == 2

    def test_a_new_dataset_counts_at_once(self, page, create_dataset):
        create_dataset()
        assert figure(page("/"), "datasets") == 1
        create_dataset(title="长春市学校名录")
        assert figure(page("/"), "datasets") == 2

    def test_counts_name_their_moment(self, page, create_dataset):
        create_dataset()
        assert re.search(
            r"20\d\d年\d+月\d+日 \d\d:\d\d", page("/").select_one(".jl-asof").get_text()
        )

    def test_private_datasets_count_only_for_those_who_see_them(self, page, create_dataset):
        editor = factories.UserWithToken()
        owner = factories.Organization(users=[{"name": editor["name"], "capacity": "editor"}])
        create_dataset()
        create_dataset(
            title="内部名录",
            owner_org=owner["id"],
            jl_open_type="none",
            private=True,
            jl_open_basis="政府信息公开条例第十四条",
            license_id="notspecified",
        )
        headers = {"Authorization": editor["token"]}
        assert figure(page("/"), "datasets") == 1
        assert figure(page("/", headers=headers), "datasets") == 2
        assert figure(page("/"), "datasets") == 1
        assert found(page("/dataset/", headers=headers)) == 2

    def test_all_24_themes_stand_in_the_official_order(self, page):
        slugs = [tile["data-theme"] for tile in page("/").select(".jl-themes a")]
        assert len(slugs) == 24
        assert slugs[:3] == ["xyfw", "ylws", "sbjy"]
        assert slugs[-1] == "qita"

    def test_collections_count_what_their_pages_list(self, page, create_dataset):
        create_dataset(title="吉林省滑雪场名录")
        create_dataset(title="长春市公交站点信息")
        card = page("/").select_one(".jl-coll")
        assert number(card.h3.span.get_text()) == 1
        assert found(page(card.h3.a["href"])) == 1

    def test_the_search_box_searches(self, page, create_dataset):
        create_dataset(title="长春市公交站点信息")
        create_dataset(
            title="长春市学校名录",
            notes="全市中小学校的名称和地址，由教育部门每年整理。",
            tag_string="学校",
            owner_org=factories.Organization(title="长春市教育局")["id"],
        )
        form = page("/").select_one("form.jl-search--xl")
        result = page(f"{form['action']}?{form.input['name']}=公交站点")
        assert found(result) == 1
        assert "公交站点" in result.select_one(".jl-item mark").get_text()

    def test_without_a_search_index_the_page_still_stands(self, page, monkeypatch):
        monkeypatch.setitem(tk.config, "solr_url", "http://127.0.0.1:9/solr/none")
        assert "从这里查起" in text(page("/"))

    def test_figures_are_the_same_from_the_store(self, app, create_dataset):
        create_dataset()
        with app.flask_app.test_request_context():
            counted, kept = figures.current(), figures.current()
        assert kept.themes == counted.themes == {"jtys": 1}
        assert kept.updated == counted.updated


class TestRegions:
    def test_counties_are_rolled_up_but_meihekou_stands_for_itself(self, page, create_dataset):
        create_dataset(title="通化县学校名录", jl_region="220521")
        create_dataset(title="梅河口市学校名录", jl_region="220581")
        create_dataset(title="吉林省学校名录", jl_region="220000")
        assert found(page("/region/220500")) == 1
        assert found(page("/region/220581")) == 1
        assert found(page("/region/220000")) == 1

    def test_county_table_adds_up(self, page, create_dataset):
        create_dataset(title="长春市学校名录", jl_region="220100")
        create_dataset(title="榆树市学校名录", jl_region="220182")
        table = page("/region/220100").select_one("table")
        rows = {
            row.td.get_text(strip=True): number(row.select("td")[1].get_text())
            for row in table.select("tbody tr")
        }
        assert rows["本级"] == 1
        assert rows["榆树市"] == 1
        assert sum(rows.values()) == number(table.tfoot.select("td")[1].get_text()) == 2

    def test_conditions_stay_within_the_region(self, page, create_dataset):
        create_dataset(title="长春市公交", jl_themes=["jtys"])
        create_dataset(title="长春市学校", jl_themes=["jywh"])
        create_dataset(title="四平市公交", jl_themes=["jtys"], jl_region="220300")
        assert found(page("/region/220100?groups=jtys")) == 1

    def test_a_former_code_leads_to_today_s_division(self, app):
        response = app.get("/region/220381", follow_redirects=False)
        assert response.status_code == 302
        assert response.headers["Location"].endswith("/region/220184")

    def test_an_unknown_code_says_so(self, page):
        assert "没有代码为 999999 的地区" in text(page("/region/999999", status=404))


class TestResults:
    def test_conditions_are_named_and_can_be_taken_away(self, page, create_dataset):
        create_dataset(title="长春市公交", jl_themes=["jtys"])
        create_dataset(title="长春市学校", jl_themes=["jywh"])
        chip = page("/dataset/?groups=jtys&vocab_jl_region=220100").select_one(".jl-chip")
        assert chip.get_text(strip=True).startswith("交通运输")
        assert found(page("/dataset/" + chip["href"])) == 2

    def test_facets_lead_to_the_count_they_show(self, page, create_dataset):
        create_dataset(title="长春市公交", jl_themes=["jtys"])
        create_dataset(
            title="长春市学校",
            jl_themes=["jywh"],
            jl_open_type="conditional",
            jl_open_condition="说明用途",
            license_id="jilin-conditional",
        )
        rows = page("/dataset/").select(".jl-facet li a")
        assert rows
        for row in rows:
            assert found(page("/dataset/" + row["href"])) == number(
                row.select("span")[-1].get_text()
            )

    def test_an_empty_result_offers_ways_out_with_their_counts(self, page, create_dataset):
        create_dataset(title="长春市公交", jl_themes=["jtys"])
        create_dataset(title="四平市学校", jl_themes=["jywh"], jl_region="220300")
        empty = page("/dataset/?groups=jtys&vocab_jl_region=220300").select_one(".jl-empty")
        assert "“交通运输”和“四平市”" in empty.get_text()
        chips = empty.select(".jl-chip")
        assert len(chips) == 2
        for chip in chips:
            assert found(page("/dataset/" + chip["href"])) == number(chip.get_text()) == 1

    def test_pages_follow_each_other(self, page, create_dataset, ckan_config, monkeypatch):
        monkeypatch.setitem(tk.config, "ckan.datasets_per_page", 1)
        create_dataset(title="长春市公交")
        create_dataset(title="长春市学校")
        first = page("/region/220100")
        following = first.select_one('.jl-pages a[rel="next"]')
        second = page("/region/220100" + following["href"])
        titles = {soup.select_one(".jl-item h3 a").get_text() for soup in (first, second)}
        assert titles == {"长春市公交", "长春市学校"}

    def test_a_query_cannot_become_markup(self, page, create_dataset):
        create_dataset(title="长春市公交")
        result = page("/dataset/?q=<script>alert(1)</script>")
        assert not result.select("main script")

    def test_late_data_are_marked(self, page, create_dataset):
        create_dataset(
            frequency="monthly",
            modified="2020-01-01",
            jl_source_portal="长春市公共信息资源开放平台",
            jl_source_url="https://data.example.cn/catalog/42",
            jl_source_id="42",
        )
        assert "逾期" in page("/dataset/").select_one(".jl-item aside").get_text()


class TestDataset:
    @pytest.fixture
    def harvested(self, create_dataset, act):
        def make(**changes):
            fields = {
                "title": "长春市公交车辆到离站记录",
                "notes": HOSTILE,
                "jl_source_portal": "长春市公共信息资源开放平台",
                "jl_source_url": "https://data.example.cn/catalog/42",
                "jl_source_id": "42",
                "jl_source_values": {"themes": ["城市建管"], "extra": {"<u>备注</u>": "<b>7</b>"}},
                "jl_items": [{"name": "route_id", "label_zh": "线路编号", "data_type": "C"}],
                "resources": [
                    {
                        "name": "到离站记录",
                        "url": "https://data.example.cn/f/42.csv",
                        "format": "csv",
                        "size": 6349,
                        "jl_row_count": 100,
                    },
                    {"name": "危险", "url": "javascript:alert(1)", "format": "csv"},
                ],
            }
            return create_dataset(**fields | changes)

        return make

    def test_fields_are_in_words(self, page, harvested):
        shown = text(page(f"/dataset/{harvested()['name']}"))
        for words in (
            "无条件开放",
            "长春市交通运输局",
            "交通运输",
            "每月",
            "线路编号",
            "字符型",
            "信息处",
            "0431-88888888",
            "6 KB",
            "100 行",
            "一般数据",
        ):
            assert words in shown

    def test_conditional_datasets_say_their_terms_and_the_way_on(self, page, harvested):
        name = harvested(
            jl_open_type="conditional",
            jl_open_condition="签订利用协议",
            license_id="jilin-conditional",
        )["name"]
        box = page(f"/dataset/{name}").select_one(".jl-box--apply")
        assert "签订利用协议" in box.get_text()
        assert box.select_one("a.jl-btn")["href"] == "https://data.example.cn/catalog/42"

    def test_origin_is_shown_with_the_source_s_own_words(self, page, harvested):
        origin = page(f"/dataset/{harvested()['name']}").select_one("#origin")
        assert "长春市公共信息资源开放平台" in origin.get_text()
        assert origin.select_one('a[href="https://data.example.cn/catalog/42"]')
        assert "城市建管" in origin.get_text()
        assert "<u>备注</u>" in origin.get_text(), "remote markup is shown as text, never obeyed"
        assert not origin.select("dl b, dl u")

    def test_remote_text_brings_no_markup_and_no_requests(self, page, harvested):
        soup = page(f"/dataset/{harvested()['name']}")
        main = soup.select_one("main")
        assert not main.select("script, img[src*='//'], iframe, [onclick], [onerror], [style]")
        assert "evil.example" not in str(main)
        assert "第二段 粗体" in text(soup)

    def test_a_script_address_is_no_link(self, page, harvested):
        soup = page(f"/dataset/{harvested(jl_source_url='javascript:alert(2)')['name']}")
        assert not [a for a in soup.select("main a") if a.get("href", "").startswith("javascript")]

    def test_pictures_in_an_editor_s_abstract_are_left_out(self, page, create_dataset):
        name = create_dataset(
            notes="全市公交站点的名称和位置 ![图](https://evil.example/a.png)，**每月** 更新一次。"
        )["name"]
        soup = page(f"/dataset/{name}")
        assert "evil.example" not in str(soup.select_one("main"))
        assert soup.select_one(".lead strong").get_text() == "每月"

    def test_files_elsewhere_are_not_previewed(self, page, harvested):
        dataset = harvested()
        soup = page(f"/dataset/{dataset['name']}/resource/{dataset['resources'][0]['id']}")
        assert not soup.select("main iframe, main img[src*='//']")
        assert "到离站记录" in soup.h1.get_text()

    def test_scheming_s_own_table_does_not_repeat_the_facts(self, page, create_dataset):
        assert not page(f"/dataset/{create_dataset()['name']}").select(".additional-info")


class TestShell:
    @pytest.mark.parametrize(
        "address",
        [
            "/",
            "/dataset/",
            "/group/",
            "/region/",
            "/organization/",
            "/harvest/",
            "/about",
            "/user/login",
        ],
    )
    def test_pages_are_chinese_and_ask_nobody_else(self, page, address):
        soup = page(address)
        assert soup.html["lang"].startswith("zh")
        assert soup.select_one("a.jl-skip")["href"] == "#content"
        assert soup.select_one("#content")
        assert soup.title.get_text(strip=True)
        loaded = [
            tag.get("src") or tag.get("href") for tag in soup.select("script, img, iframe, link")
        ]
        assert not [one for one in loaded if one and one.startswith("//")]
        assert not [
            one
            for one in loaded
            if one and one.startswith("http") and not one.startswith(tk.config["ckan.site_url"])
        ]
        assert not soup.select("[style], style")
        assert not [tag for tag in soup.select("script") if not tag.get("src")]

    @pytest.mark.parametrize(
        "address",
        [
            "/",
            "/dataset/",
            "/group/",
            "/region/",
            "/organization/",
            "/region/220100",
            "/group/jtys",
            "/harvest/",
            "/about",
        ],
    )
    def test_headings_begin_with_one_h1(self, page, address):
        assert len(page(address).select("h1")) == 1

    def test_navigation_marks_the_place(self, page):
        current = page("/group/jtys").select('.jl-nav a[aria-current="page"]')
        assert [link.get_text() for link in current] == ["主题"]

    def test_english_pages_are_english(self, page):
        soup = page("/en/group/jtys")
        assert soup.html["lang"] == "en"
        assert soup.h1.get_text() == "Transport"
        assert soup.select_one(".jl-topbar a[hreflang='zh-Hans-CN']")

    @pytest.mark.parametrize("address", ["/nirgends", "/dataset/nirgends", "/group/nirgends"])
    def test_a_missing_page_says_so_and_shows_a_way_on(self, page, address):
        soup = page(address, status=404)
        assert soup.h1.get_text() == "没有这个页面"
        assert "URL" not in text(soup)
        assert soup.select_one("main form[role=search]")

    def test_a_forbidden_page_offers_to_log_in(self, page, create_dataset):
        soup = page("/dataset/new", status=403)
        assert soup.h1.get_text() == "这个页面你不能看"
        assert soup.select_one('main a[href="/user/login"]')

    def test_avatars_come_from_nowhere_else(self, page):
        user = factories.UserWithToken()
        soup = page(f"/user/{user['name']}", headers={"Authorization": user["token"]})
        assert "gravatar" not in str(soup)

    def test_operator_s_notice_and_legal_lines(self, page, monkeypatch):
        monkeypatch.setitem(tk.config, "ckanext.jilinopen.portal.notice", "示例数据<b>")
        monkeypatch.setitem(tk.config, "ckanext.jilinopen.portal.legal", "主办：甲 | 备案号：乙")
        soup = page("/")
        assert soup.select_one(".jl-sample").get_text(strip=True) == "示例数据<b>"
        legal = [line.get_text() for line in soup.select(".legal span")]
        assert legal[:2] == ["主办：甲", "备案号：乙"]


class TestSources:
    def test_sources_are_listed_with_their_datasets(self, page, act):
        owner = factories.Organization(title="吉林省政务服务和数字化建设管理局")
        act(
            "harvest_source_create",
            name="changchun-pages",
            title="长春市开放平台",
            url="http://127.0.0.1:9/odweb",
            source_type="jilinopen",
            owner_org=owner["id"],
            config='{"family": "odweb", "division": "220100"}',
        )
        soup = page("/harvest/")
        item = next(item for item in soup.select(".jl-item") if "长春市开放平台" in item.get_text())
        assert "0 个数据集" in item.get_text()
        assert "还没有采集" in item.get_text()
        assert figure(page("/"), "sources") == figure(soup, "sources")
        assert page(item.h3.a["href"]).h1.get_text() == "长春市开放平台"


def test_marking_words_escapes_everything(app):
    with app.flask_app.test_request_context():
        marked = tk.h.jl_mark("公交<b>公交&", "公交 <b")
    assert str(marked) == "<mark>公交</mark><mark>&lt;b</mark>&gt;<mark>公交</mark>&amp;"


@pytest.mark.parametrize(
    ("size", "shown"),
    [(None, ""), (0, "0 B"), (6349, "6 KB"), (1_500_000, "1.4 MB"), (33_700_000_000, "31.4 GB")],
)
def test_sizes(size, shown):
    assert tk.h.jl_size(size) == shown


def test_an_unknown_icon_is_nothing_and_never_a_path(app):
    with app.flask_app.test_request_context():
        assert tk.h.jl_icon("../logo") == ""
        assert "<svg" in tk.h.jl_icon("nirgends", fallback="qita")
