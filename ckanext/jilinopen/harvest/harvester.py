"""Our pipeline inside ckanext-harvest: gather, fetch and import over its queues.

A batch of records travels as one *carrier* harvest object, so the stock consumers need no change.
Carriers are ``NEW`` until the listing is read to its end: ckanext-harvest re-queues whatever is
``WAITING`` and not in Redis, and would run them twice otherwise.
"""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from ckan import model
from ckan.common import _

from ckanext.harvest.model import (
    HarvestGatherError,
    HarvestJob,
    HarvestObject,
    HarvestObjectError,
)

from ckanext.jilinopen.harvest import config, messages
from ckanext.jilinopen.harvest.client import Client
from ckanext.jilinopen.harvest.errors import PortalError
from ckanext.jilinopen.harvest.model import HarvestFinding, HarvestRun, now
from ckanext.jilinopen.harvest.reading import Listing, decode_work, encode_work
from ckanext.jilinopen.harvest.records import Severity
from ckanext.jilinopen.harvest.runs import (
    Read,
    RunActiveError,
    Runner,
    begin_run,
    end_run,
    open_client,
)
from ckanext.jilinopen.harvest.sources import (
    SOURCE_TYPE,
    Source,
    SourceError,
    get_source,
    validated_config,
)

__all__ = ["MunicipalHarvester"]

log = logging.getLogger(__name__)

CARRIER = "carrier"
BATCHES_OPEN = "batches_open"
HELD = "run.held"


class MunicipalHarvester:
    """Harvests the portals of cities through the families of ``portals/``."""

    def info(self) -> dict[str, Any]:
        """What ckanext-harvest shows of this harvester in its source form."""
        return {
            "name": SOURCE_TYPE,
            "title": _("Municipal portal"),
            "description": _("Portals of Chinese cities and CKAN sites; settings name the family"),
            "form_config_interface": "Text",
        }

    def validate_config(self, config_text: str) -> str:
        """Check a source's settings as typed into the form.

        Raises:
            ValueError: the settings are wrong; the text names the setting.
        """
        try:
            validated_config(config_text)
        except SourceError as problem:
            raise ValueError(
                messages.source_problem(problem.code, problem.name, problem.cause)
            ) from problem
        return config_text

    def get_original_url(self, harvest_object_id: str) -> str | None:
        """Address of the record's page at its source."""
        harvest_object = HarvestObject.get(harvest_object_id)
        if not harvest_object or not harvest_object.content:
            return None
        try:
            return msgspec.json.decode(harvest_object.content).get("url")
        except (msgspec.DecodeError, AttributeError):
            return None

    def gather_stage(self, harvest_job: HarvestJob) -> list[str]:
        """Read the listing and put what has to be looked at on the queue, in carriers."""
        job_id = harvest_job.id
        source = self._open(harvest_job)
        if source is None:
            return []
        with open_client(source) as client:
            runner = Runner(source, client, job_id)
            runner.sink.index_pending()
            listing = runner.read_listing()
            runner.keep(listing.findings)
            is_held = runner.settle_missing(listing)
            carriers = _store_carriers(source, job_id, listing)
            runner.counts[BATCHES_OPEN] = len(carriers)
            _remember(runner, listing)
            if not carriers or listing.error or is_held:
                self._note_fault(runner, listing.error, is_held)
            if not carriers:
                end_run(job_id, source, runner.counts, listing.error, client, is_held=is_held)
        _release_carriers(job_id)
        return carriers

    def _open(self, harvest_job: HarvestJob) -> Source | None:
        try:
            source = get_source(harvest_job.source_id)
            begin_run(source, harvest_job)
        except SourceError as problem:
            text = messages.source_problem(problem.code, problem.name, problem.cause)
        except RunActiveError as active:
            text = messages.source_problem("run.active", active.source, "")
        else:
            return source
        model.Session.rollback()
        HarvestGatherError.create(text, harvest_job)
        harvest_job.status = "Finished"
        harvest_job.save()
        return None

    def _note_fault(self, runner: Runner, error: PortalError | None, is_held: bool) -> None:
        """Keep on the run why it can't end well, until its last carrier ends it."""
        values = {"error_code": HELD if is_held else ""}
        if error is not None:
            values = {
                "error_code": error.code,
                "error_address": error.address,
                "error_cause": error.cause,
            }
        model.Session.execute(
            sa.update(HarvestRun).where(HarvestRun.id == runner.run_id).values(**values)
        )
        model.Session.commit()

    def fetch_stage(self, harvest_object: HarvestObject) -> bool:
        """Read the details of one carrier's records and keep them on the carrier."""
        if not _is_running(harvest_object.harvest_job_id):
            return True
        source = get_source(harvest_object.harvest_source_id)
        work = decode_work(harvest_object.content)
        only = [item.entry.remote_id for item in work]
        with open_client(source) as client, ThreadPoolExecutor(config.readers()) as pool:
            runner = Runner(source, client, harvest_object.harvest_job_id, only)
            reads = [future.result() for future in runner.start_reading(work, pool)]
            _count_requests(harvest_object.harvest_job_id, client.requests, client.received_bytes)
        harvest_object.content = msgspec.json.encode(reads).decode()
        harvest_object.save()
        return True

    def import_stage(self, harvest_object: HarvestObject) -> str:
        """Map, compare and write one carrier's records; the last carrier ends the run."""
        job_id, carrier_id = harvest_object.harvest_job_id, harvest_object.id
        if not _is_running(job_id):
            return "unchanged"
        source = get_source(harvest_object.harvest_source_id)
        reads = msgspec.json.decode(harvest_object.content, type=list[Read])
        with open_client(source) as client:
            runner = Runner(source, client, job_id, [read.remote_id for read in reads])
            runner.apply(reads)
            _record_errors(carrier_id, job_id, [read.remote_id for read in reads])
            run = _add_counts(job_id, runner.counts)
            if run.counts[BATCHES_OPEN] <= 0:
                _end(run, source, client)
        return "unchanged"


def _store_carriers(source: Source, job_id: str, listing: Listing) -> list[str]:
    """One carrier object for each batch of work, in one statement."""
    size = config.batch_size()
    moment = datetime.utcnow()  # noqa: DTZ003 - ckanext-harvest stores naive UTC
    rows = [
        {
            "id": str(uuid.uuid4()),
            "guid": CARRIER,
            "state": "NEW",
            "gathered": moment,
            "content": encode_work(listing.work[start : start + size]),
            "harvest_job_id": job_id,
            "harvest_source_id": source.id,
        }
        for start in range(0, len(listing.work), size)
    ]
    if rows:
        model.Session.execute(sa.insert(HarvestObject), rows)
        model.Session.commit()
    return [row["id"] for row in rows]


def _release_carriers(job_id: str) -> None:
    model.Session.execute(
        sa.update(HarvestObject)
        .where(HarvestObject.harvest_job_id == job_id, HarvestObject.state == "NEW")
        .values(state="WAITING")
        .execution_options(synchronize_session=False)
    )
    model.Session.commit()


def _remember(runner: Runner, listing: Listing) -> None:
    model.Session.execute(
        sa.update(HarvestRun)
        .where(HarvestRun.id == runner.run_id)
        .values(
            total=listing.total,
            counts=dict(runner.counts),
            requests=runner.client.requests,
            received_bytes=runner.client.received_bytes,
        )
    )
    model.Session.commit()


def _count_requests(run_id: str, requests: int, received_bytes: int) -> None:
    model.Session.execute(
        sa.update(HarvestRun)
        .where(HarvestRun.id == run_id)
        .values(
            requests=HarvestRun.requests + requests,
            received_bytes=HarvestRun.received_bytes + received_bytes,
        )
    )
    model.Session.commit()


def _add_counts(run_id: str, counts: Mapping[str, int]) -> HarvestRun:
    """Add one carrier's counts to its run's and take it off the open ones, under a row lock.

    Two carriers that end at the same moment thus agree on which one was the last.
    """
    query = sa.select(HarvestRun).where(HarvestRun.id == run_id).with_for_update()
    run = model.Session.execute(query.execution_options(populate_existing=True)).scalar_one()
    total = Counter(run.counts)
    total.update(counts)
    total[BATCHES_OPEN] -= 1
    run.counts, run.touched = dict(total), now()
    model.Session.commit()
    return run


def _end(run: HarvestRun, source: Source, client: Client) -> None:
    """End a run with the fault that its gathering met, if any."""
    is_held = run.error_code == HELD
    error = None
    if run.error_code and not is_held:
        error = PortalError(run.error_code, run.error_address, run.error_cause)
    end_run(run.id, source, run.counts, error, client, is_held=is_held)


def _is_running(run_id: str) -> bool:
    query = sa.select(HarvestRun.status).where(HarvestRun.id == run_id)
    return model.Session.execute(query).scalar() == "running"


def _record_errors(carrier_id: str, job_id: str, remote_ids: list[str]) -> None:
    """Show errors of single records on ckanext-harvest's own job page too."""
    query = sa.select(HarvestFinding).where(
        HarvestFinding.run_id == job_id,
        HarvestFinding.severity == Severity.ERROR.value,
        HarvestFinding.remote_id.in_(remote_ids),
    )
    for finding in model.Session.execute(query).scalars():
        text = f"{finding.remote_id}: {messages.describe(finding.code)} {finding.value}"
        model.Session.add(
            HarvestObjectError(message=text, harvest_object_id=carrier_id, stage="Import")
        )
    model.Session.commit()
