"""The portal's clock; run by the Python that has CKAN.

    python -m dev.schedule INI [HHMM]

Every half minute it closes finished harvest jobs and queues those that are due, which the stock
consumers leave to a cron job. With a time of day (Asia/Shanghai) it also runs the nightly harvest
of all sources once a day. The file schedule.heartbeat beside INI is touched in every round.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app

_PAUSE_SECONDS = 30
_ZONE = ZoneInfo("Asia/Shanghai")

log = logging.getLogger("ckanext.jilinopen.schedule")


class Nightly:
    """Says once a day, at the first asking after a time of day, that it is time.

    Started later than that time, it waits for the next day.
    """

    def __init__(self, at: str, now: datetime) -> None:
        """Remember the time of day.

        Args:
            at: Hours and minutes, as HHMM.
            now: The present time in the portal's zone.
        """
        self._at = at
        self._done_on = now.date() if now.strftime("%H%M") >= at else None

    def due(self, now: datetime) -> bool:
        """Say whether it is time.

        Args:
            now: The present time in the portal's zone.
        """
        if self._done_on == now.date() or now.strftime("%H%M") < self._at:
            return False
        self._done_on = now.date()
        return True


def tend_jobs() -> None:
    """Close finished harvest jobs and queue those that are due."""
    try:
        user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        context: Any = {"model": model, "session": model.Session, "user": user}
        tk.get_action("harvest_jobs_run")(context, {})
    except Exception:  # The clock goes on, whatever one round meets.
        log.exception("harvest_jobs_run failed")
    finally:
        model.Session.remove()


def main() -> None:
    """Run until stopped."""
    ini, *at = sys.argv[1:]
    make_app(load_config(ini))
    nightly = Nightly(at[0], datetime.now(_ZONE)) if at else None
    heartbeat = Path(ini).with_name("schedule.heartbeat")
    while True:
        heartbeat.touch()
        tend_jobs()
        if nightly and nightly.due(datetime.now(_ZONE)):
            # The jobs of the queue are tended meanwhile.
            threading.Thread(target=_harvest_all, args=[ini], daemon=True).start()
        time.sleep(_PAUSE_SECONDS)


def _harvest_all(ini: str) -> None:
    ckan = str(Path(sys.executable).with_name("ckan"))
    command = [ckan, "-c", ini, "jilinopen", "harvest", "run", "--all"]
    done = subprocess.run(command, check=False)
    log.info("nightly harvest ended with exit code %d", done.returncode)


if __name__ == "__main__":
    main()
