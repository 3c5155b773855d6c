"""Fixtures and settings that all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]

# A slow machine is no defect; and a landing is not the place to meet a new example by chance:
# there the examples are the same every time, everywhere else they are new.
settings.register_profile("jilinopen", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("jilinopen")


def pytest_configure(config: pytest.Config) -> None:
    """Read ``test.ini`` unless another file is asked for.

    It cannot stand in pyproject.toml: without CKAN's plugin (``-p no:ckan``) the option is unknown.
    """
    if getattr(config.option, "ckan_ini", "") is None:
        config.option.ckan_ini = str(ROOT / "test.ini")
