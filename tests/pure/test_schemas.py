"""The schema files are complete in themselves: labels, lists, validators, sections."""

from __future__ import annotations

import ast
import re
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from ckanext.jilinopen.catalogue import vocabulary

SCHEMAS = {"dataset.yaml", "organization.yaml", "group.yaml"}
VALIDATORS = Path(__file__).parents[2] / "ckanext/jilinopen/catalogue/logic/validators.py"


def load(name):
    text = (files("ckanext.jilinopen.schemas") / name).read_text(encoding="utf-8")
    return yaml.safe_load(text)


def fields_of(name):
    schema = load(name)
    for key in ("dataset_fields", "resource_fields", "fields"):
        for field in schema.get(key, []):
            yield field
            yield from field.get("repeating_subfields", [])


ALL_FIELDS = [
    pytest.param(field, id=f"{name}-{field['field_name']}")
    for name in sorted(SCHEMAS)
    for field in fields_of(name)
]


def our_validators():
    tree = ast.parse(VALIDATORS.read_text(encoding="utf-8"))
    exported = next(
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
    )
    return set(ast.literal_eval(exported))


@pytest.mark.parametrize("field", ALL_FIELDS)
def test_texts_are_in_both_languages(field):
    texts = [field["label"], field.get("help_text")]
    for text in texts:
        if text is not None:
            assert set(text) == {"zh_Hans_CN", "en"}
            assert re.search("[\u4e00-\u9fff]|DCAT", text["zh_Hans_CN"])


@pytest.mark.parametrize("field", ALL_FIELDS)
def test_lists_exist_and_reach_the_form(field):
    presets = {
        preset["preset_name"]: preset["values"] for preset in load("presets.yaml")["presets"]
    }
    expanded = presets.get(field.get("preset", ""), {}) | field
    if "vocabulary" in field:
        assert vocabulary.terms(field["vocabulary"])
        assert expanded["choices_helper"] == "jl_choices"
    else:
        assert "choices_helper" not in expanded


@pytest.mark.parametrize("field", ALL_FIELDS)
def test_our_validators_exist(field):
    named = re.findall(r"\bjl_\w+(?=[ (]|$)", re.sub(r"\([^)]*\)", "", field.get("validators", "")))
    assert set(named) <= our_validators()


def test_every_typed_field_of_a_dataset_stands_in_a_section():
    schema = load("dataset.yaml")
    sections = [section["name"] for section in schema["sections"]]
    used = [field["section"] for field in schema["dataset_fields"] if "section" in field]
    assert set(used) == set(sections)
    loose = {field["field_name"] for field in schema["dataset_fields"] if "section" not in field}
    assert loose == {"jl_source_portal", "jl_source_url", "jl_source_id", "jl_source_values"}
