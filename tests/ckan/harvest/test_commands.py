"""The commands as cron and administrators use them."""

from __future__ import annotations

import json

import pytest

import ckan.plugins.toolkit as tk

LISTED = 60
SOURCE = "sources: [{name: x, url: 'http://a.cn', owner_org: source-owner, config: %s}]"


@pytest.fixture
def run(cli, site):
    """Run a ``ckan jilinopen`` command."""
    from ckan.cli.cli import ckan

    def invoke(*arguments: str):
        return cli.invoke(ckan, ["jilinopen", *arguments])

    return invoke


def test_harvest_prints_one_line_for_each_source(run, odweb, add_source):
    add_source(odweb)
    result = run("harvest", "run", "city")
    assert result.exit_code == 0, result.output
    [line] = [line for line in result.output.splitlines() if "新建" in line]
    assert f"新建 {LISTED}" in line
    assert "测试平台 city" in line


def test_json_for_machines(run, odweb, add_source):
    add_source(odweb)
    result = run("harvest", "run", "--all", "--json")
    [report] = json.loads(result.stdout)
    assert report["source"] == "city"
    assert report["counts"]["created"] == LISTED
    assert report["exit_code"] == result.exit_code == 0


def test_dry_run_writes_nothing(run, odweb, add_source, database_state):
    add_source(odweb)
    before = database_state()
    result = run("harvest", "run", "city", "--dry-run")
    assert result.exit_code == 0
    assert "没有写入任何内容" in result.output
    assert f"新建 {LISTED}" in result.output
    assert database_state() == before


def test_unknown_source(run, database_state):
    before = database_state()
    result = run("harvest", "run", "nowhere")
    assert result.exit_code == 2
    assert "nowhere" in result.output
    assert "没有" in result.output
    assert database_state() == before


def test_broken_portal_is_one_clear_line(run, odweb, add_source):
    source = add_source(odweb)
    odweb.fault("html_instead_of_json", route="list")
    result = run("harvest", "run", "city")
    assert result.exit_code == 2
    [line] = [line for line in result.output.splitlines() if "JSON" in line]
    for part in (source.title, source.address):
        assert part in line


def test_failed_source_does_not_keep_the_others_out(run, odweb, oportal, add_source):
    add_source(odweb, "aaa")
    add_source(oportal, "bbb")
    odweb.fault("empty_listing")
    result = run("harvest", "run", "--all", "--json")
    reports = {report["source"]: report for report in json.loads(result.stdout)}
    assert result.exit_code == 2
    assert reports["aaa"]["error"]["code"] == "source.empty_listing"
    assert reports["bbb"]["counts"]["created"] == LISTED


@pytest.mark.parametrize("arguments", [(), ("city", "--all")])
def test_sources_or_all_but_not_both(run, arguments):
    result = run("harvest", "run", *arguments)
    assert result.exit_code == 2
    assert "--all" in result.output


def test_source_file_is_loaded_once(run, tmp_path, site):
    path = tmp_path / "sources.yaml"
    path.write_text(
        f"""
sources:
  - name: changchun
    title: 长春市公共信息资源开放平台
    url: http://127.0.0.1:${{PORT_OF_TEST:-9999}}/odweb
    owner_org: {site}
    config: {{family: odweb, division: "220100"}}
""",
        encoding="utf-8",
    )
    assert "已保存" in run("source", "load", str(path)).output
    assert "没有变化" in run("source", "load", str(path)).output
    assert "http://127.0.0.1:9999/odweb" in run("source", "list").output


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("sources: [{name: x, title: t}]", ["x", "url"]),
        ("sources: nothing", ["列表"]),
        ("a: [", ["YAML"]),
        (SOURCE % "{family: nonsense}", ["x", "nonsense", "odweb"]),
        (SOURCE % "{family: odweb, divison: '220100'}", ["x", "divison"]),
    ],
)
def test_bad_source_file_names_thing_and_cause(run, tmp_path, content, words):
    path = tmp_path / "sources.yaml"
    path.write_text(content, encoding="utf-8")
    result = run("source", "load", str(path))
    assert result.exit_code != 0
    for word in words:
        assert word in result.output


def test_source_form_refuses_wrong_settings(site):
    with pytest.raises(tk.ValidationError) as caught:
        tk.get_action("harvest_source_create")(
            {
                "ignore_auth": True,
                "user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"],
            },
            {
                "name": "x",
                "title": "x",
                "url": "http://a.cn",
                "owner_org": site,
                "source_type": "jilinopen",
                "config": '{"family": "nonsense"}',
            },
        )
    assert "nonsense" in str(caught.value.error_dict["config"])
