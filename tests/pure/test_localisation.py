"""No wrong or English word reaches a page, and the tool that promises it sees each kind."""

from __future__ import annotations

import ast
import gettext
import re
from dataclasses import replace
from pathlib import Path
from string import ascii_lowercase

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.jilinopen.catalogue.localisation import (
    Catalogues,
    Component,
    Entry,
    Policy,
    broken_rules,
    build,
    check,
    components,
    coverage,
    main,
    read_catalogue,
    write_catalogue,
)
from ckanext.jilinopen.catalogue.localisation.messages import compiled

SOURCES = Catalogues.here().sources
POLICY = Policy(
    terms=(("organization", ("单位",)), ("log in", ("登录",)), ("public(?! domain)", ("公开",))),
    avoid=(("登陆", "登录"), ("您", "你")),
)


def rules_of(entry: Entry) -> set[str]:
    return {rule for rule, _detail in broken_rules(entry, POLICY)}


# --- each kind of defect ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "entry"),
    [
        ("empty", Entry("Datasets")),
        ("empty", Entry("Datasets", text=" \n")),
        ("fuzzy", Entry("Datasets", text="数据集", fuzzy=True)),
        ("placeholder", Entry("About {name}", text="关于 {nome}")),
        ("placeholder", Entry("About %(name)s", text="关于")),
        ("placeholder", Entry("About", text="关于 %s")),
        ("placeholder", Entry("%s has %d files", text="%d 个文件属于 %s")),
        ("placeholder", Entry("one file", "{count} files", text="几个文件")),
        ("markup", Entry("<p>Done</p>", text="<p>好了< /p>")),
        ("markup", Entry('<a href="{url}">Read</a>', text='<a href="/{url}">看</a>')),
        ("markup", Entry("a<br>b<br>c", text="甲<br>乙")),
        ("markup", Entry("a &lt; b", text="甲小于乙")),
        ("newline", Entry("Done\n", text="好了")),
        ("traditional", Entry("No results", text="沒有结果")),
        ("traditional", Entry("Please update", text="請更新")),
        ("english", Entry("News feed", text="News feed")),
        ("english", Entry("Delete", text="delete it")),
        ("english", Entry("<p>Can edit it</p>", text="<p>管理员 can edit information</p>")),
        ("punctuation", Entry("Sure?", text="确定吗?")),
        ("punctuation", Entry("Not found.", text="没有找到.")),
        ("punctuation", Entry("Source: {x}", text="来源: {x}")),
        ("punctuation", Entry('Tag "{x}"', text='"{x} 标签"')),
        ("punctuation", Entry("Yes, no", text="是,否")),
        ("glossary", Entry("Organizations", text="机构")),
        ("glossary", Entry("You must Log in", text="你要登入")),
        ("avoid", Entry("Go", text="登陆")),
        ("avoid", Entry("Welcome", text="您好")),
    ],
)
def test_a_defect_is_seen(rule, entry):
    assert rule in rules_of(entry)


@pytest.mark.parametrize(
    "entry",
    [
        Entry("About {name}, by %(who)s", text="%(who)s 谈 {name}"),
        Entry("{count} file", "{count} files", text="{count} 个文件"),
        Entry("Set {x} from {x}", text="设置 {x}"),
        Entry("100% of it", text="全部 100% 都在"),
        Entry('<a href="{u}" title="Help">Read</a>', text='<a href="{u}" title="帮助">看</a>'),
        Entry("\nHello\n", text="\n你好\n"),
        Entry("Use <code>AB-1</code>", text="用 <code>AB-1</code>"),
        Entry("API documentation", text="API 文档"),
        Entry("e.g. a@example.com", text="例如：a@example.com"),
        Entry("http://example.com/a.csv", text="http://example.com/a.csv"),
        Entry("{key}", text="{key}"),
        Entry("Time {n}:{m}", text="时刻 {n}:{m}"),
        Entry("Copyright", text="著作权"),
        Entry("Public domain", text="公共领域"),
        Entry("Reorganizations", text="改组"),
    ],
)
def test_a_good_translation_passes(entry):
    assert rules_of(entry) == set()


NAMES = st.lists(st.text(ascii_lowercase, min_size=1, max_size=8), min_size=1, unique=True)


@given(names=NAMES, data=st.data())
def test_named_placeholders_may_move_but_not_vanish(names, data):
    msgid = "x " + " ".join(f"{{{name}}}" for name in names)
    order = data.draw(st.permutations(names))
    moved = Entry(msgid, text="：".join(["甲", *(f"{{{name}}}" for name in order)]))
    lost = replace(moved, text=moved.text.replace(f"{{{names[0]}}}", ""))
    assert rules_of(moved) == set()
    assert rules_of(lost) == {"placeholder"}


@given(st.text("说話畫書龙龍车車国國", min_size=1))
def test_every_traditional_character_is_seen(text):
    simplified = opencc.OpenCC("t2s").convert(text) == text
    assert ("traditional" in rules_of(Entry("x", text=text))) is not simplified


# --- a catalogue folder of its own ------------------------------------------------------------


@pytest.fixture
def house(tmp_path):
    """A small project with one extension beside it."""
    sources = tmp_path / "code"
    (sources / "assets").mkdir(parents=True)
    (sources / "page.py").write_text(
        '_("Datasets")\nungettext("{n} file", "{n} files", 2)\n', encoding="utf-8"
    )
    (sources / "assets/a.js").write_text("this._('Loading');", encoding="utf-8")
    other = tmp_path / "other"
    other.mkdir()
    (other / "x.py").write_text('_("Datasets")\n_("Kept")\n_("New")\n', encoding="utf-8")
    shipped = tmp_path / "shipped.po"
    write_catalogue(shipped, [Entry("Kept", text="留下")])
    part = Component("other", (("other/", other),), catalogue=shipped)
    catalogues = Catalogues(tmp_path / "i18n", sources)
    build(catalogues, [part])
    return catalogues, part


def fill(path: Path, **texts: str) -> None:
    entries = read_catalogue(path)
    write_catalogue(
        path,
        [replace(entry, text=texts.get(key, entry.text)) for key, entry in entries.items()],
    )


OWN_TEXTS = {"Datasets": "数据集", "{n} file": "{n} 个文件", "Loading": "正在载入"}


@pytest.fixture
def filled(house):
    """The same project with all its messages translated."""
    catalogues, part = house
    fill(catalogues.own, **OWN_TEXTS)
    fill(catalogues.overlay("other"), New="新的")
    build(catalogues, [part])
    return catalogues, part


def errors(house: tuple[Catalogues, Component]) -> list[tuple[str, str, str]]:
    catalogues, part = house
    return [
        (finding.rule, finding.where, finding.msgid)
        for finding in check(catalogues, [part])
        if not finding.note
    ]


def test_building_leaves_the_gaps_to_be_filled(house):
    catalogues, _part = house
    assert set(read_catalogue(catalogues.own)) == {"Datasets", "{n} file", "Loading"}
    assert set(read_catalogue(catalogues.overlay("other"))) == {"New"}
    assert {rule for rule, _where, _msgid in errors(house)} == {"empty"}


def test_places_name_files_so_that_scripts_can_be_told_apart(house):
    own = read_catalogue(house[0].own)
    assert own["Loading"].places == ("ckanext/jilinopen/assets/a.js",)
    assert own["{n} file"].plural == "{n} files"


def test_a_filled_project_has_no_errors(filled):
    assert errors(filled) == []


def test_building_again_changes_no_byte(filled):
    catalogues, part = filled
    before = {path: path.read_bytes() for path in catalogues.folder.rglob("*.*o*")}
    build(catalogues, [part])
    assert len(before) == 4
    assert {path: path.read_bytes() for path in before} == before


def test_what_is_compiled_is_what_gettext_reads(filled):
    with filled[0].compiled.open("rb") as stream:
        texts = gettext.GNUTranslations(stream)
    assert texts.gettext("Datasets") == "数据集"
    assert texts.gettext("New") == "新的"
    assert texts.ngettext("{n} file", "{n} files", 1) == "{n} 个文件"
    assert texts.ngettext("{n} file", "{n} files", 5) == "{n} 个文件"


def test_a_message_new_in_the_code_is_listed(filled):
    catalogues, _part = filled
    (catalogues.sources / "more.py").write_text('_("Themes")', encoding="utf-8")
    assert errors(filled) == [
        ("template", "ckanext-jilinopen.pot", "Themes"),
        ("template", "ckanext-jilinopen.po", "Themes"),
    ]


def test_a_message_gone_from_the_code_is_listed(filled):
    (filled[0].sources / "assets/a.js").unlink()
    assert ("template", "ckanext-jilinopen.pot", "Loading") in errors(filled)


def test_a_message_new_in_a_release_is_listed(filled):
    _catalogues, part = filled
    folder = part.folders[0][1].with_name("next release")
    folder.mkdir()
    (folder / "x.py").write_text('_("New")\n_("Newer")', encoding="utf-8")
    release = replace(part, folders=(("other/", folder),))
    assert errors((filled[0], release)) == [("missing", "other", "Newer")]


def test_a_message_gone_from_a_release_is_only_noted(filled):
    catalogues, part = filled
    release = replace(part, folders=())
    notes = [finding for finding in check(catalogues, [release]) if finding.note]
    assert [(finding.rule, finding.msgid) for finding in notes] == [("unused", "New")]


def test_a_bad_translation_of_the_extension_itself_is_seen(filled):
    catalogues, part = filled
    assert part.catalogue is not None
    write_catalogue(part.catalogue, [Entry("Kept", text="Kept")])
    assert errors((catalogues, part)) == [("english", "other", "Kept")]


def test_a_reviewed_exception_is_let_pass_until_it_is_not_needed(filled):
    catalogues, part = filled
    assert part.catalogue is not None
    (catalogues.folder / "allowed.csv").write_text(
        "rule,msgid,reason\nenglish,Kept,a name\nenglish,Gone,a name\n", encoding="utf-8"
    )
    write_catalogue(part.catalogue, [Entry("Kept", text="Kept")])
    assert errors(filled) == []
    notes = [finding.msgid for finding in check(catalogues, [part]) if finding.note]
    assert notes == ["Gone"]


def test_one_message_has_one_translation(filled):
    catalogues, part = filled
    write_catalogue(catalogues.overlay("third"), [Entry("New", text="新出的")])
    build(catalogues, [part])
    assert errors(filled) == [("conflict", "third.zh_Hans_CN.po", "New")]


def test_one_message_has_one_form(filled):
    catalogues, part = filled
    (part.folders[0][1] / "y.py").write_text('_("{n} file")', encoding="utf-8")
    again = replace(part, name="again")
    assert ("plural", "again", "{n} file") in errors((catalogues, again))


@pytest.mark.parametrize("spoil", ["missing", "changed"])
def test_a_stale_compiled_catalogue_is_seen(filled, spoil):
    catalogues, _part = filled
    if spoil == "missing":
        catalogues.compiled.unlink()
    else:
        catalogues.compiled.write_bytes(compiled({"New": Entry("New", text="旧的")}))
    assert errors(filled) == [("compiled", "ckanext-jilinopen.mo", "")]


def test_a_fuzzy_translation_is_not_compiled(filled):
    catalogues, part = filled
    entries = read_catalogue(catalogues.own)
    guessed = replace(entries["Datasets"], fuzzy=True)
    write_catalogue(catalogues.own, [*entries.values(), guessed])
    build(catalogues, [part])
    with catalogues.compiled.open("rb") as stream:
        assert gettext.GNUTranslations(stream).gettext("Datasets") == "Datasets"
    assert errors(filled) == [("fuzzy", "ckanext-jilinopen.po", "Datasets")]


def test_coverage_counts_what_upstream_and_we_translate(filled):
    catalogues, part = filled
    own, other = coverage(catalogues, [part])
    assert (own.messages, own.upstream, own.ours) == (3, 0, 3)
    assert (other.messages, other.upstream, other.ours, other.changed) == (3, 1, 3, 0)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


@given(st.dictionaries(TEXTS, st.tuples(TEXTS, st.one_of(st.just(""), TEXTS)), max_size=6))
def test_a_file_gives_back_what_was_written(tmp_path_factory, entries):
    messages = {
        key: Entry(key, plural, text, ("a/b.py",)) for key, (text, plural) in entries.items()
    }
    path = tmp_path_factory.mktemp("po") / "x.po"
    write_catalogue(path, messages.values())
    assert read_catalogue(path) == messages


# --- the real catalogues ----------------------------------------------------------------------


def test_the_real_catalogues_have_no_errors():
    lines: list[str] = []
    code = main("check", lines.append)
    assert code == 0, "\n".join(lines)


def test_every_component_is_wholly_in_chinese():
    rows = coverage(Catalogues.here(), components())
    assert {row.name for row in rows} == {
        "ckanext-jilinopen",
        "ckan",
        "ckanext-harvest",
        "ckanext-scheming",
    }
    assert [row.name for row in rows if row.ours < row.messages] == []
    assert next(row for row in rows if row.name == "ckan").messages > 1000


@pytest.mark.parametrize(
    ("msgid", "text"),
    [
        ("Log in", "登录"),
        ("Log out", "退出登录"),
        ("Register", "注册"),
        ("Follow", "关注"),
        ("Organizations", "提供单位"),
        ("Groups", "主题"),
        ("API", "API"),
        ("No matches found", "没有匹配项"),
        ("active", "有效"),
        ("Weekly", "每周"),
    ],
)
def test_the_known_faults_are_mended(msgid, text):
    with Catalogues.here().compiled.open("rb") as stream:
        assert gettext.GNUTranslations(stream).gettext(msgid) == text


def test_an_unknown_command_is_named():
    lines: list[str] = []
    assert main("bild", lines.append) == 2
    assert "bild" in lines[0]
    assert re.search("[\u4e00-\u9fff]", lines[0])


# --- our own sources --------------------------------------------------------------------------


def translated_calls(tree: ast.AST) -> list[ast.Call]:
    names = {"_", "gettext", "ungettext", "ngettext"}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    return [
        call for call in calls if getattr(call.func, "id", getattr(call.func, "attr", "")) in names
    ]


@pytest.mark.parametrize(
    "path", sorted(SOURCES.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCES))
)
def test_no_message_is_put_together_before_it_is_looked_up(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    wrong = [
        call.lineno
        for call in translated_calls(tree)
        if isinstance(call.args[0], (ast.JoinedStr, ast.BinOp, ast.Call))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "path", sorted(SOURCES.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCES))
)
def test_messages_in_the_code_are_english(path):
    found = [key for key in extract_file(path) if re.search("[\u4e00-\u9fff]", key)]
    assert found == []


def extract_file(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    values = [call.args[0] for call in translated_calls(tree)]
    return [
        node.value
        for node in values
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
