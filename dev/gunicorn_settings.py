"""How gunicorn serves the portal, in a checkout and in a container."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

bind = os.environ.get("WEB_BIND", "127.0.0.1:5000")
workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "gthread"
threads = 4
timeout = 120
graceful_timeout = 20
# A worker is replaced now and then, so that a slow leak never fills the memory.
max_requests = 2000
max_requests_jitter = 200
accesslog = os.environ.get("WEB_ACCESS_LOG", "-")
errorlog = "-"
control_socket_disable = True
# The workers' heartbeat file must not wait for a busy disk.
_MEMORY = Path("/dev/shm")  # noqa: S108 - gunicorn makes an unnamed file in it
worker_tmp_dir = str(_MEMORY) if _MEMORY.is_dir() else None


def post_worker_init(worker: Any) -> None:
    """Let gunicorn log again: CKAN's logging settings silence every logger they do not name.

    Args:
        worker: The worker that has just loaded the portal.
    """
    worker.log.access_log.disabled = False
    worker.log.error_log.disabled = False
