"""Fixtures and settings that all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def pytest_configure(config: pytest.Config) -> None:
    """Read ``test.ini`` unless another file is asked for.

    It cannot stand in pyproject.toml: without CKAN's plugin (``-p no:ckan``) the option is unknown.
    """
    if getattr(config.option, "ckan_ini", "") is None:
        config.option.ckan_ini = str(ROOT / "test.ini")
