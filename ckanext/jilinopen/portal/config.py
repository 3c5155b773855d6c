"""The portal's settings, read in one place."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

__all__ = ["example_words", "legal_lines", "notice"]

_PREFIX = "ckanext.jilinopen.portal."


def notice() -> str:
    """A short notice for the top bar, such as 示例数据; empty shows none."""
    return tk.config[_PREFIX + "notice"].strip()


def legal_lines() -> list[str]:
    """The lines at the very bottom: sponsor, operator, registration number."""
    return [line.strip() for line in tk.config[_PREFIX + "legal"].split("|") if line.strip()]


def example_words() -> list[str]:
    """Words under the search box on the home page that lead to something."""
    return list(tk.config[_PREFIX + "example_words"])
