"""What lies in the repository reaches an installed package."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
import setuptools

ROOT = Path(__file__).parents[2]


@pytest.fixture
def declared(monkeypatch) -> dict[str, Any]:
    """The arguments that setup.py hands to setuptools."""
    found: dict[str, Any] = {}
    monkeypatch.setattr(setuptools, "setup", lambda **arguments: found.update(arguments))
    monkeypatch.chdir(ROOT)
    runpy.run_path(str(ROOT / "setup.py"))
    return found


def folder_of(package: str, package_dir: dict[str, str]) -> Path:
    return ROOT / package_dir.get(package, package.replace(".", "/"))


def test_every_data_file_of_a_package_is_installed(declared):
    """A template, table or migration that is forgotten here is missing only in production."""
    for package in ("ckanext.jilinopen", "ckanext.jilinopen.schemas", "ckanext.jilinopen.i18n"):
        folder = folder_of(package, declared["package_dir"])
        present = {
            path
            for path in folder.rglob("*")
            if path.is_file() and path.suffix not in (".pyc", ".md") and path.name[0] != "."
        }
        patterns = declared["package_data"][package]
        installed = {path for pattern in patterns for path in folder.glob(pattern)}
        modules = {
            path
            for name in declared["packages"]
            for path in folder_of(name, declared["package_dir"]).glob("*.py")
        }
        assert sorted(present - installed - modules) == []


def test_every_plugin_and_portal_family_can_be_imported(declared):
    points = [point for points in declared["entry_points"].values() for point in points]
    for point in points:
        module = point.partition("=")[2].partition(":")[0].strip()
        assert (ROOT / module.replace(".", "/")).with_suffix(".py").exists(), point
