"""Pages and addresses of the catalogue room."""

from __future__ import annotations

from ckanext.jilinopen.catalogue.i18n_views import blueprint

__all__ = ["blueprint"]
