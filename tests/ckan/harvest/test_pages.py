"""Pages and API of harvest runs: who sees them, and what they say."""

from __future__ import annotations

from datetime import datetime

import pytest

import ckan.plugins.toolkit as tk

from ckanext.jilinopen.catalogue.dates import SHANGHAI
from ckanext.jilinopen.harvest.runs import run_source

LISTED = 60


@pytest.fixture
def signed_in(sysadmin_with_token):
    """Headers of a system administrator."""
    return {"Authorization": sysadmin_with_token["token"]}


def test_run_page_names_counts_and_findings_in_chinese(app, odweb, add_source, signed_in):
    source = add_source(odweb)
    result = run_source(source)
    listing = app.get(f"/harvest/{source.name}/runs", headers=signed_in)
    assert "采集记录" in listing
    assert result.run_id in listing
    page = app.get(f"/harvest/run/{result.run_id}", headers=signed_in)
    assert str(LISTED) in page
    assert "theme.missing" in page
    today = datetime.now(SHANGHAI)
    assert f"{today.year}年{today.month}月{today.day}日" in page


def test_failed_run_shows_cause_and_way_on(app, odweb, add_source, signed_in):
    source = add_source(odweb)
    odweb.fault("html_instead_of_json", route="list")
    result = run_source(source)
    page = app.get(f"/harvest/run/{result.run_id}", headers=signed_in)
    assert "失败" in page
    assert source.address in page


def test_remote_text_is_shown_inert(app, odweb, add_source, signed_in):
    record = odweb.catalogue.all()[0]
    odweb.catalogue.change(record.record_id, themes=("<img src=x onerror=alert(1)>",))
    result = run_source(add_source(odweb))
    page = app.get(f"/harvest/run/{result.run_id}", headers=signed_in)
    assert "<img src=x" not in page.body
    assert "&lt;img src=x" in page.body


@pytest.mark.parametrize("path", ["/harvest/city/runs", "/harvest/run/{run}"])
def test_runs_are_not_for_everybody(app, odweb, add_source, path):
    result = run_source(add_source(odweb))
    answer = app.get(path.format(run=result.run_id), status=403)
    assert odweb.origin not in answer.body


def test_unknown_run_is_not_found(app, site, signed_in):
    app.get("/harvest/run/nothing", headers=signed_in, status=404)


def test_run_in_the_api(app, odweb, add_source, signed_in):
    result = run_source(add_source(odweb))
    answer = app.get(
        f"/api/3/action/jilinopen_harvest_run_show?id={result.run_id}", headers=signed_in
    ).json["result"]
    assert answer["status"] == "finished"
    assert answer["counts"]["created"] == LISTED
    assert {finding["code"] for finding in answer["findings"]} >= {"theme.missing"}
    for finding in answer["findings"]:
        assert finding["count"] >= len(finding["examples"]) > 0


def test_source_pages_of_ckanext_harvest_work(app, odweb, add_source, signed_in):
    source = add_source(odweb)
    run_source(source)
    for path in ("{}", "about/{}", "admin/{}", "{}/job"):
        page = app.get(f"/harvest/{path.format(source.name)}", headers=signed_in)
        assert source.title in page


def test_user_without_a_role_sees_no_runs(app, odweb, add_source, user_with_token):
    run_source(add_source(odweb))
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("jilinopen_harvest_run_list")(
            {"user": user_with_token["name"]}, {"source_id": "city"}
        )
