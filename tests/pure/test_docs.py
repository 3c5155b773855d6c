"""What people rely on stands in the documentation, and what stands there exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from ckanext.jilinopen.harvest.portals import GROUP
from ckanext.jilinopen.harvest.reading import read_listing

from .portalsite import Asked, Said, data, listing_of, portal_at, site

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ckanext" / "jilinopen"
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
LONGEST_LINE = 120


def text_of(*names: str) -> str:
    folder = ROOT / "docs"
    found = [folder / name for name in names] if names else sorted(folder.rglob("*.md"))
    return "\n".join(path.read_text(encoding="utf-8") for path in found)


def quoted(*names: str) -> set[str]:
    """Everything between single backticks, blocks of code left out."""
    plain = re.sub(r"^```.*?^```", "", text_of(*names), flags=re.MULTILINE | re.DOTALL)
    return set(re.findall(r"`([^`\n]+)`", plain))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> list[ast.FunctionDef]:
    return [node for node in parsed(path).body if isinstance(node, ast.FunctionDef)]


# --- settings


def declared_settings() -> list[str]:
    found = []
    for path in sorted(PACKAGE.glob("*/config_declaration.yaml")):
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            found += [option["key"] for option in group["options"]]
    return found


def test_every_setting_is_described():
    assert declared_settings()
    assert set(declared_settings()) - quoted("settings.md") == set()


def test_no_setting_is_invented():
    named = {name for name in rows_of("settings.md") if name.startswith("ckanext.")}
    assert named == set(declared_settings())


# --- commands


def decorator_calls(function: ast.FunctionDef) -> Iterator[tuple[str, ast.Call]]:
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
            owner = decorator.func.value
            yield (
                f"{owner.id if isinstance(owner, ast.Name) else ''}.{decorator.func.attr}",
                decorator,
            )


def strings(call: ast.Call) -> list[str]:
    return [str(arg.value) for arg in call.args if isinstance(arg, ast.Constant)]


def commands() -> dict[str, list[str]]:
    """Commands below ``ckan jilinopen`` with their options, read from the code.

    The code is not imported: CKAN is not there in the pure tests.
    """
    found: dict[str, list[str]] = {}
    for path in sorted(PACKAGE.rglob("cli*.py")):
        for function in functions(path):
            calls = list(decorator_calls(function))
            for name, call in calls:
                group, _, verb = name.partition(".")
                if verb != "command" or group == "click":
                    continue
                command = next(iter(strings(call)), function.name)
                prefix = "" if group == "jilinopen" else f"{group} "
                options = [strings(c)[0] for n, c in calls if n == "click.option"]
                found[f"ckan jilinopen {prefix}{command}"] = options
    return found


def test_every_command_and_option_is_described():
    assert {"ckan jilinopen init", "ckan jilinopen harvest run"} <= set(commands())
    described = quoted("commands.md")
    words = {word for code in described for word in code.split()}
    assert set(commands()) - described == set()
    assert {option for options in commands().values() for option in options} - words == set()


def test_no_command_is_invented():
    known = {tuple(command.split()[2:]) for command in commands()}
    everything = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    for found in re.findall(r"ckan (?:-c \S+ )?jilinopen((?: [a-z0-9]+)+)", everything):
        words = tuple(found.split())
        groups = {command[:1] for command in known if len(command) == 2}
        assert words in groups or words[:1] in known or words[:2] in known, found


# --- actions, fields, codes


def test_every_action_is_described_with_its_parameters_and_results():
    actions = [
        function
        for path in sorted(PACKAGE.glob("*/logic/action.py"))
        for function in functions(path)
        if not function.name.startswith("_")
    ]
    assert actions
    described = quoted("api.md")
    for action in actions:
        docstring = ast.get_docstring(action) or ""
        named = re.findall(r":param (\w+):", docstring)
        results = docstring.partition(":returns:")[2].partition(":rtype:")[0]
        assert {action.name, *named, *re.findall(r"``([a-z_]+)``", results)} <= described


def schema_fields() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "schemas").glob("*.yaml"):
        schema = yaml.safe_load(path.read_text(encoding="utf-8"))
        for part in ("dataset_fields", "resource_fields", "fields"):
            for item in schema.get(part, []):
                found.add(item["field_name"])
                found |= {
                    f"{item['field_name']}.{sub['field_name']}"
                    for sub in item.get("repeating_subfields", [])
                }
    return found


def rows_of(name: str) -> dict[str, list[str]]:
    """Rows of a page's tables by the code in their first cell."""
    rows = re.findall(r"^\| `([^`]+)` \|(.*)\|$", text_of(name), flags=re.MULTILINE)
    return {key: [cell.strip() for cell in rest.split("|")] for key, rest in rows}


def test_every_field_is_described_and_none_is_invented():
    assert schema_fields() == set(rows_of("fields.md"))


def test_fields_have_their_own_labels():
    schema = yaml.safe_load((ROOT / "schemas/dataset.yaml").read_text(encoding="utf-8"))
    page = text_of("fields.md")
    for item in [*schema["dataset_fields"], *schema["resource_fields"]]:
        label = item["label"]
        assert f"| `{item['field_name']}` | {label['zh_Hans_CN']} | {label['en']} |" in page


def finding_codes() -> set[str]:
    for node in parsed(PACKAGE / "harvest" / "messages.py").body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict):
            return {str(key.value) for key in node.value.keys if isinstance(key, ast.Constant)}
    return set()


def test_every_finding_code_is_described_and_none_is_invented():
    rows = rows_of("findings.md")
    assert finding_codes()
    assert finding_codes() == set(rows)
    assert [code for code, cells in rows.items() if not all(cells)] == []


def test_every_setting_of_a_source_is_described():
    for node in parsed(PACKAGE / "harvest" / "config_model.py").body:
        if isinstance(node, ast.ClassDef) and node.name == "SourceConfig":
            names = {
                field.target.id
                for field in node.body
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
            }
            assert names - quoted("harvest.md") == set()
            return
    pytest.fail("SourceConfig is gone")


# --- pages


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        parts = urlsplit(target)
        if parts.scheme or not parts.path:
            continue
        assert (page.parent / unquote(parts.path)).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_lines_are_short_outside_of_tables(page):
    lines = page.read_text(encoding="utf-8").splitlines()
    long = [line for line in lines if len(line) > LONGEST_LINE and not line.startswith("|")]
    assert long == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_tone_is_that_of_the_portal(page):
    """Short and level: nobody is addressed as 您, nothing is shouted."""
    text = page.read_text(encoding="utf-8")
    assert [mark for mark in ("您", "！", "!\n") if mark in text] == []


def test_every_page_is_reachable_from_the_readme():
    readme_text = (ROOT / "README.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").rglob("*.md"):
        assert f"]({page.relative_to(ROOT).as_posix()})" in readme_text


@pytest.mark.parametrize("name", ["README.md", "README.en.md"])
def test_readme_is_short_and_begins_with_the_two_commands(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert len(lines) < 120
    start = "\n".join(lines[:25])
    assert "make demo" in start
    assert "make test" in start


# --- the example of a portal family


def example(kind: str) -> str:
    found = re.findall(rf"^```{kind}\n(.*?)^```", text_of("developer.md"), flags=re.M | re.S)
    return next(block for block in found if "JsonList" in block)


def answer(asked: Asked) -> Said:
    if asked.path == "/catalog.json":
        return data([{"id": 7, "title": "长春市公交站点", "updated": "2026-11-01"}, "junk"])
    return data(
        {
            "department": "市交通局",
            "theme": "交通",
            "openness": "无条件",
            "files": [{"url": "http://data.example.cn/a.csv"}],
        }
    )


def test_the_example_of_a_family_works(monkeypatch):
    space: dict[str, Any] = {"__name__": "example_portal"}
    exec(compile(example("python"), "example_portal", "exec"), space)  # the page's own code
    family = space["JsonList"]()
    with site(answer) as address, portal_at(address, family.name) as portal:
        entries, total = listing_of(family, portal)
        assert [entry.remote_id for entry in entries] == ["7"]
        assert total == 2  # the unreadable row keeps the listing incomplete
        record = family.record(portal, entries[0])
        assert (record.title, record.department) == ("长春市公交站点", "市交通局")
        assert [file.url for file in record.files] == ["http://data.example.cn/a.csv"]
        listing = read_listing(family, portal, {}, "key")
        assert len(listing.work) == 1
        assert not listing.is_complete


def test_the_example_names_the_group_that_families_are_found_in():
    _section, group, point = example("ini").splitlines()
    assert group.rstrip("= ") == GROUP
    name, value = (part.strip() for part in point.split("="))
    assert name == "jsonlist"
    assert EntryPoint(name, value, GROUP).attr == "JsonList"
