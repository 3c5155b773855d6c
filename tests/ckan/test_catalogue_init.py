"""``ckan jilinopen init``: what it creates, and that a second call leaves everything alone."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.cli.cli import ckan
from ckan.tests import factories, helpers

from ckanext.jilinopen.catalogue import vocabulary
from ckanext.jilinopen.catalogue.setup_tables import Counts, create_departments, create_themes

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db")

DEPARTMENTS = 57 + 51 + 65


def rows():
    """Every stored group with all its columns."""
    table = model.Group.__table__
    return model.Session.execute(sa.select(table).order_by(table.c.id)).all()


def numbers(result):
    """Of each table: rows, created, updated, unchanged."""
    return [int(number) for number in re.findall(r"\d+", result.output)]


def test_the_first_call_creates_and_the_second_changes_nothing(cli):
    first = cli.invoke(ckan, ["jilinopen", "init"])
    assert not first.exit_code, first.output
    assert "新建" in first.output
    assert numbers(first) == [24, 24, 0, 0, DEPARTMENTS, DEPARTMENTS, 0, 0]
    stored = rows()
    second = cli.invoke(ckan, ["jilinopen", "init"])
    assert not second.exit_code, second.output
    assert numbers(second) == [24, 0, 0, 24, DEPARTMENTS, 0, 0, DEPARTMENTS]
    assert rows() == stored


def test_themes_and_departments_carry_what_their_tables_say():
    create_themes()
    create_departments()
    theme = helpers.call_action("group_show", id="jtys")
    assert (theme["title"], theme["title_en"], theme["jl_order"]) == ("交通运输", "Transport", "6")
    assert theme["jl_eu_theme"] == ["TRAN"]
    department = helpers.call_action("organization_show", id="changchun-jiaoyuju")
    assert department["title"] == "长春市教育局"
    assert (department["jl_region"], department["jl_level"]) == ("220100", "prefecture")
    listed = helpers.call_action("group_list", sort="name asc")
    assert set(listed) == {item.slug for item in vocabulary.themes()}


def test_what_an_administrator_changed_stays_and_what_lacks_is_filled_in():
    create_themes()
    user = factories.Sysadmin()["name"]
    tk.get_action("group_patch")(
        {"user": user}, {"id": "jtys", "title": "交通出行", "title_en": "", "jl_icon": "bus"}
    )
    assert create_themes() == Counts(created=0, updated=1, same=23)
    theme = helpers.call_action("group_show", id="jtys")
    assert (theme["title"], theme["jl_icon"]) == ("交通出行", "bus")
    assert theme["title_en"] == "Transport"


def test_overwrite_brings_the_tables_values_and_deleted_themes_back():
    create_themes()
    user = factories.Sysadmin()["name"]
    tk.get_action("group_patch")({"user": user}, {"id": "jtys", "title": "交通出行"})
    tk.get_action("group_delete")({"user": user}, {"id": "qita"})
    assert create_themes().same == 24
    assert create_themes(overwrite=True) == Counts(created=0, updated=2, same=22)
    assert helpers.call_action("group_show", id="jtys")["title"] == "交通运输"
    assert helpers.call_action("group_show", id="qita")["state"] == "active"


def test_help_is_chinese(cli):
    assert "创建开放主题和提供单位" in cli.invoke(ckan, ["jilinopen", "init", "--help"]).output
