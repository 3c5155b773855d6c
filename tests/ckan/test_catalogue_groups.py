"""Departments and themes through CKAN's own actions, with our schemas."""

from __future__ import annotations

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests import factories, helpers

pytestmark = pytest.mark.usefixtures("with_plugins", "some_db")


def refused(call):
    with pytest.raises(tk.ValidationError) as caught:
        call()
    return caught.value.error_dict


def test_a_department_gets_its_level_from_its_division():
    organization = factories.Organization(jl_region="220104", jl_uscc="1222 0000 5740 9308 28")
    shown = helpers.call_action("organization_show", id=organization["id"])
    assert (shown["jl_level"], shown["jl_org_type"]) == ("county", "gov_department")
    assert shown["jl_uscc"] == "122200005740930828"


def test_a_mistyped_credit_code_is_refused_with_the_right_character():
    errors = refused(lambda: factories.Organization(jl_uscc="11220000MB1726532P"))
    assert "F" in errors["jl_uscc"][0]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("jl_uscc", "O22200005740930828"),
        ("jl_region", "999999"),
        ("jl_org_type", "club"),
        ("email", "nobody"),
        ("homepage", "javascript:alert(1)"),
        ("parent", "no-such-department"),
    ],
)
def test_bad_values_are_refused(field, value):
    assert set(refused(lambda: factories.Organization(**{field: value}))) == {field}


def test_departments_cannot_stand_above_themselves(act):
    above = factories.Organization()
    below = factories.Organization(parent=above["name"])
    patch = {"id": above["id"], "parent": below["name"]}
    assert set(refused(lambda: act("organization_patch", **patch))) == {"parent"}


def test_themes_keep_their_mappings():
    group = factories.Group(jl_eu_theme=["TRAN", "GOVE"], jl_order=3)
    shown = helpers.call_action("group_show", id=group["id"])
    assert shown["jl_eu_theme"] == ["GOVE", "TRAN"]
    assert shown["jl_order"] == "3"
