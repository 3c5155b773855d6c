"""``python -m ckanext.jilinopen.catalogue.localisation build|check|stats``."""

from __future__ import annotations

import sys

import click

from ckanext.jilinopen.catalogue.localisation.tool import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check", click.echo))
