"""The wheel, installed into a clean environment, brings plugins, schemas and catalogue."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Runs in the clean environment: start CKAN with all plugins and say what was found where.
PROBE = """
import json, sys
from ckan.cli import load_config
from ckan.config.middleware import make_app
app = make_app(load_config(sys.argv[1]))
import ckan.plugins as p, ckan.plugins.toolkit as tk
import ckanext.jilinopen
from ckanext.jilinopen.catalogue import vocabulary
from ckanext.jilinopen.harvest.portals import families
from flask_babel import force_locale
with app._wsgi_app.test_request_context(), force_locale("zh_Hans_CN"):
    print("PROBE" + json.dumps({
        "home": ckanext.jilinopen.__file__,
        "plugins": [name for name in ("jilinopen", "jilinopen_portal", "jilinopen_search",
                                      "jilinopen_harvest") if p.plugin_loaded(name)],
        "fields": [f["field_name"] for f in
                   tk.h.scheming_get_dataset_schema("dataset")["dataset_fields"]],
        "themes": len(vocabulary.themes()),
        "families": sorted(families()),
        "log in": tk._("Log in"),
        "running": tk._("Harvest runs"),
    }))
"""


@pytest.mark.slow
def test_wheel_works_in_a_clean_environment(tmp_path):
    pip = [sys.executable, "-m", "pip", "--quiet"]
    wheels = tmp_path / "wheels"
    subprocess.run([*pip, "wheel", "--no-deps", "-w", str(wheels), str(ROOT)], check=True)
    [wheel] = wheels.glob("ckanext_jilinopen-*.whl")
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    site = Path(sysconfig.get_path("purelib", vars={"base": str(home)}))
    subprocess.run([*pip, "install", "--no-deps", "--target", str(site), str(wheel)], check=True)
    # CKAN and the libraries are borrowed; a path file is not read for path files of its own, so
    # the checkout that is installed there stays out.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    done = subprocess.run(
        [python, "-c", PROBE, str(ROOT / "test.ini")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("PROBE")]
    assert lines, done.stderr[-2_000:]
    found = json.loads(lines[0].removeprefix("PROBE"))
    assert Path(found["home"]).is_relative_to(home)
    assert len(found["plugins"]) == 4
    assert {"jl_region", "jl_open_type", "frequency"} <= set(found["fields"])
    assert found["themes"] == 24
    assert {"ckan", "odweb", "oportal"} <= set(found["families"])
    assert found["log in"] == "登录"
    assert found["running"] == "采集记录"
