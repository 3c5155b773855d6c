"""A harvest run: read, map, check, compare, write, and say what happened.

The steps are the same whether they run in one process (``run_source``), on ckanext-harvest's queue
(``harvester.py``) or without the last one (``preview_source``).
"""

from __future__ import annotations

import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from ckan import model

from ckanext.harvest.model import HarvestGatherError, HarvestJob

from ckanext.jilinopen.harvest import config, indexing, messages, portals
from ckanext.jilinopen.harvest.client import Client
from ckanext.jilinopen.harvest.errors import PortalError, RecordError
from ckanext.jilinopen.harvest.mapping import map_record, mapping_key
from ckanext.jilinopen.harvest.model import HarvestFinding, HarvestRecord, HarvestRun, now
from ckanext.jilinopen.harvest.plan import (
    Change,
    Difference,
    Reading,
    brake_holds,
    differences,
    vanished,
)
from ckanext.jilinopen.harvest.portals import Portal
from ckanext.jilinopen.harvest.reading import Listing, Work, read_listing
from ckanext.jilinopen.harvest.records import Dataset, Finding, RemoteRecord, Severity, Struct
from ckanext.jilinopen.harvest.rules import RuleContext, check
from ckanext.jilinopen.harvest.sink import Item, Sink, load_known, load_raw
from ckanext.jilinopen.harvest.sources import Source

__all__ = [
    "Preview",
    "Read",
    "RunActiveError",
    "RunResult",
    "Runner",
    "begin_run",
    "open_client",
    "preview_source",
    "run_source",
]

log = logging.getLogger(__name__)

TIME_ZONE = ZoneInfo("Asia/Shanghai")
GIVE_UP_AFTER = 5
"""So many records in a row that the portal does not answer for end the reading."""


class RunActiveError(Exception):
    """Another run of the same source is still going on."""

    def __init__(self, source: str, since: datetime) -> None:
        super().__init__(source, since)
        self.source = source
        self.since = since


class Read(Struct, frozen=True, kw_only=True):
    """A record that was read, or why it could not be."""

    remote_id: str
    stamp: str | None = None
    record: RemoteRecord | None = None
    finding: Finding | None = None
    is_portal_fault: bool = False
    are_files_stored: bool = False


@dataclass(frozen=True)
class RunResult:
    """How a run ended.

    Attributes:
        run_id: id of the run and of ckanext-harvest's job.
        status: ``finished``, ``failed`` or ``held``.
        counts: listed, created, updated, same, failed, gone, removed, warnings, providers.
        error: why the source could not be read whole, if so.
        seconds: wall-clock time.
    """

    run_id: str
    source: Source
    status: str
    counts: Mapping[str, int]
    error: PortalError | None
    seconds: float
    requests: int

    @property
    def exit_code(self) -> int:
        """0 all well, 1 some records failed, 2 the source failed or was held back."""
        if self.status != "finished":
            return 2
        return 1 if self.counts["failed"] else 0


@dataclass
class Preview:
    """What a run would do; nothing of it is written.

    Attributes:
        changes: per changed record its title, what would happen, and the differing fields.
    """

    source: Source
    counts: Counter[str] = field(default_factory=Counter)
    changes: list[tuple[str, str, Change, tuple[Difference, ...]]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    error: PortalError | None = None
    is_held: bool = False

    @property
    def exit_code(self) -> int:
        """The exit code that the run itself would have, as far as reading can tell."""
        if self.error is not None or self.is_held:
            return 2
        return 1 if self.counts["failed"] else 0


def open_client(source: Source) -> Client:
    """The HTTP client for one source, with the site's limits and guard."""
    return Client(
        limits=config.limits(source.config),
        guard=config.guard(),
        user_agent=config.user_agent(),
        ca_bundle=config.ca_bundle(),
    )


def begin_run(source: Source, job: HarvestJob | None = None) -> HarvestRun:
    """Open a run, with its job, unless another one of the same source is alive.

    A run that showed no progress for ``stale_minutes`` is ended first, with that reason.

    Raises:
        RunActiveError: another run of this source is going on.
    """
    lock = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
    model.Session.execute(lock, {"key": f"jilinopen-harvest {source.id}"})
    _end_stale_runs(source)
    query = sa.select(HarvestRun).where(
        HarvestRun.source_id == source.id, HarvestRun.status == "running"
    )
    active = model.Session.execute(_fresh(query)).scalars().first()
    if active is not None and (job is None or active.id != job.id):
        model.Session.rollback()
        raise RunActiveError(source.name, active.started)
    run = HarvestRun(
        id=job.id if job else _new_job(source), source_id=source.id, status="running", counts={}
    )
    model.Session.add(run)
    model.Session.commit()
    return run


def _new_job(source: Source) -> str:
    job_id = str(uuid.uuid4())
    moment = datetime.utcnow()  # noqa: DTZ003 - ckanext-harvest stores naive UTC
    model.Session.add(
        HarvestJob(id=job_id, source_id=source.id, status="Running", gather_started=moment)
    )
    return job_id


def _end_stale_runs(source: Source) -> None:
    limit = now() - timedelta(minutes=config.stale_minutes())
    query = sa.select(HarvestRun).where(
        HarvestRun.source_id == source.id,
        HarvestRun.status == "running",
        HarvestRun.touched < limit,
    )
    for run in model.Session.execute(_fresh(query)).scalars():
        run.status, run.finished, run.error_code = "failed", now(), "run.stale"
        _finish_job(run.id)
    model.Session.flush()  # CKAN's session does not flush before a query


def _fresh(query: sa.Select[tuple[HarvestRun]]) -> sa.Select[tuple[HarvestRun]]:
    """CKAN's session keeps what it has read; other processes may have changed it."""
    return query.execution_options(populate_existing=True)


def _finish_job(job_id: str) -> None:
    moment = datetime.utcnow()  # noqa: DTZ003 - ckanext-harvest stores naive UTC
    model.Session.execute(
        sa.update(HarvestJob)
        .where(HarvestJob.id == job_id)
        .values(
            status="Finished",
            finished=moment,
            gather_finished=sa.func.coalesce(HarvestJob.gather_finished, moment),
        )
        .execution_options(synchronize_session=False)
    )


class Runner:
    """The steps of one run of one source.

    Args:
        source: what to harvest.
        client: the open HTTP client.
        run_id: id of the run; ``None`` for a preview, which can't write.
        only: the records that this runner will meet; ``None`` means any of the source.
    """

    def __init__(
        self,
        source: Source,
        client: Client,
        run_id: str | None,
        only: Sequence[str] | None = None,
    ) -> None:
        self.source = source
        self.client = client
        self.run_id = run_id
        self.counts: Counter[str] = Counter()
        self.mapping_key = mapping_key(source.config)
        self.known = load_known(source.id, only)
        self.portal = Portal(source.address, source.config, client)
        self.family = portals.family(source.config.family)
        self._rules = RuleContext(
            today=datetime.now(TIME_ZONE).date(), own_address=config.site_url()
        )
        self._sink = Sink(source, run_id, self.mapping_key) if run_id else None

    @property
    def sink(self) -> Sink:
        """Where this run writes; a preview has none."""
        if self._sink is None:
            raise RuntimeError("a preview does not write")
        return self._sink

    def read_listing(self, *, always_detail: bool = False) -> Listing:
        """Read the listing and decide which records to look at."""
        listing = read_listing(
            self.family,
            self.portal,
            self.known,
            self.mapping_key,
            always_detail=always_detail or self.source.config.details == "always",
        )
        self.counts["listed"] = len(listing.seen)
        self.counts["same"] = len(listing.seen) - len(listing.work)
        return listing

    def start_reading(self, batch: Sequence[Work], pool: ThreadPoolExecutor) -> list[Future[Read]]:
        """Start reading a batch: details from the portal, the rest from what is stored."""
        stored_ids = [work.entry.remote_id for work in batch if work.reading is Reading.STORED]
        stored = load_raw(self.source.id, stored_ids) if stored_ids else {}
        model.Session.rollback()  # no transaction stays open while the portal is waited for
        return [pool.submit(self._read_one, work, stored) for work in batch]

    def _read_one(self, work: Work, stored: Mapping[str, RemoteRecord]) -> Read:
        entry = work.entry
        record = stored.get(entry.remote_id)
        if record is not None:
            return Read(remote_id=entry.remote_id, stamp=entry.stamp, record=record)
        try:
            record = self.family.record(self.portal, entry)
        except RecordError as error:
            return Read(
                remote_id=entry.remote_id,
                finding=_failed(entry.remote_id, error.code, error.cause or entry.title),
            )
        except PortalError as error:
            return Read(
                remote_id=entry.remote_id,
                finding=_failed(entry.remote_id, error.code, f"{error.address} {error.cause}"),
                is_portal_fault=True,
            )
        except Exception as error:  # a family of another package may raise anything
            log.exception("Record %s of %s could not be read", entry.remote_id, self.source.name)
            cause = type(error).__name__
            return Read(
                remote_id=entry.remote_id,
                finding=_failed(entry.remote_id, "record.detail_unreadable", cause),
            )
        return Read(remote_id=entry.remote_id, stamp=entry.stamp, record=record)

    def map_reads(self, reads: Sequence[Read]) -> tuple[list[Item], list[Finding]]:
        """Map and check what was read.

        Returns:
            The items that may be written, and the findings of all records.
        """
        items: list[Item] = []
        findings: list[Finding] = []
        for read in self._with_stored_files(reads):
            if read.record is None:
                findings.extend([read.finding] if read.finding else [])
                continue
            mapped = map_record(read.record, self.source.context)
            noticed = mapped.findings + check(mapped.dataset, self._rules)
            if read.are_files_stored:
                noticed = (*noticed, _files_kept(read.remote_id))
            findings.extend(noticed)
            if not any(finding.severity is Severity.ERROR for finding in noticed):
                items.append(Item(read.record, mapped.dataset, noticed, read.stamp))
        return items, findings

    def _with_stored_files(self, reads: Sequence[Read]) -> list[Read]:
        """Keep the files that are stored where the portal would not list them this time.

        Such a record gets no stamp, so that the next run asks again.
        """
        unsure = [
            read.remote_id
            for read in reads
            if read.record and not read.record.files_known and read.remote_id in self.known
        ]
        stored = load_raw(self.source.id, unsure) if unsure else {}
        return [_keeping_files(read, stored.get(read.remote_id)) for read in reads]

    def apply(self, reads: Sequence[Read]) -> None:
        """Map, check, compare and write one batch; keep its findings."""
        items, findings = self.map_reads(reads)
        outcomes = self.sink.write(items, self.known)
        findings.extend(outcome.finding for outcome in outcomes if outcome.finding)
        self.counts.update(outcome.change.value for outcome in outcomes)
        self.counts["failed"] += len(reads) - len(items)
        self.keep(findings)

    def keep(self, findings: Sequence[Finding]) -> None:
        """Store findings of this run and count the warnings."""
        self.counts["warnings"] += sum(f.severity is Severity.WARNING for f in findings)
        if not findings:
            return
        rows = [
            {**_finding_row(finding), "run_id": self.run_id, "source_id": self.source.id}
            for finding in findings
        ]
        model.Session.execute(sa.insert(HarvestFinding), rows)
        model.Session.commit()

    def settle_missing(self, listing: Listing) -> bool:
        """Deal with records that the source no longer lists; only after a whole listing.

        Returns:
            Whether the run is held because too much vanished at once.
        """
        if not listing.is_complete:
            return False
        gone = [record for record in vanished(self.known, listing.seen) if not record.is_removed]
        fresh = [record for record in gone if record.missing_since is None]
        self.counts["gone"] = len(gone)
        stored = sum(not record.is_removed for record in self.known.values())
        if brake_holds(len(fresh), stored, config.brake()):
            return True
        if self._sink is not None:
            self._sink.mark_missing(fresh)
            if self.source.config.removal == "delete":
                moment = now()
                limit = moment - timedelta(days=self.source.config.grace_days)
                due = [record for record in gone if (record.missing_since or moment) <= limit]
                self.counts["removed"] = self._sink.remove(due)
        return False

    def touch(self) -> None:
        """Show that the run is alive."""
        model.Session.execute(
            sa.update(HarvestRun)
            .where(HarvestRun.id == self.run_id)
            .values(touched=now(), counts=dict(self.counts))
        )
        model.Session.commit()


def _keeping_files(read: Read, stored: RemoteRecord | None) -> Read:
    record = read.record
    if record is None or record.files_known or stored is None or not stored.files_known:
        return read
    kept = msgspec.structs.replace(record, files=stored.files, files_known=True)
    return msgspec.structs.replace(read, record=kept, stamp=None, are_files_stored=True)


def _files_kept(remote_id: str) -> Finding:
    return Finding(
        code="files.unavailable",
        severity=Severity.WARNING,
        field="resources",
        remote_id=remote_id,
    )


def _failed(remote_id: str, code: str, cause: str) -> Finding:
    return Finding(
        code=code, severity=Severity.ERROR, value=cause.strip()[:500], remote_id=remote_id
    )


def _finding_row(finding: Finding) -> dict[str, str]:
    return {
        "remote_id": finding.remote_id,
        "code": finding.code,
        "severity": finding.severity.value,
        "field": finding.field,
        "value": finding.value,
    }


def run_source(
    source: Source,
    *,
    always_detail: bool = False,
    readers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> RunResult:
    """Harvest one source in this process.

    Args:
        source: what to harvest.
        always_detail: read the details of unchanged records too.
        readers: details read side by side; ``None`` means the site's setting.
        progress: called after each batch with (records done, records to do).

    Raises:
        RunActiveError: another run of this source is going on.
    """
    begun = time.monotonic()
    run = begin_run(source)
    run_id = run.id
    with open_client(source) as client:
        try:
            runner = Runner(source, client, run_id)
            error, is_held = _work_through(runner, always_detail, readers, progress)
        except BaseException as fault:
            model.Session.rollback()
            end_run(
                run_id,
                source,
                Counter(),
                PortalError("run.crashed", source.address, type(fault).__name__),
                client,
            )
            raise
        status = end_run(run_id, source, runner.counts, error, client, is_held=is_held)
    return RunResult(
        run_id=run_id,
        source=source,
        status=status,
        counts=complete_counts(runner.counts),
        error=error,
        seconds=time.monotonic() - begun,
        requests=client.requests,
    )


def _work_through(
    runner: Runner,
    always_detail: bool,
    readers: int | None,
    progress: Callable[[int, int], None] | None,
) -> tuple[PortalError | None, bool]:
    runner.sink.index_pending()
    listing = runner.read_listing(always_detail=always_detail)
    runner.keep(listing.findings)
    done, error = 0, listing.error
    try:
        for reads in read_batches(runner, listing.work, readers or config.readers()):
            runner.apply(reads)
            runner.touch()
            done += len(reads)
            if progress:
                progress(done, len(listing.work))
    except PortalError as fault:
        error = fault
    is_held = runner.settle_missing(listing)
    return error, is_held


def read_batches(runner: Runner, work: Sequence[Work], readers: int) -> Iterator[list[Read]]:
    """Read all work in batches, one batch ahead of the caller.

    Raises:
        PortalError: the portal stopped answering; what was read before has been given.
    """
    size = config.batch_size()
    batches = [work[start : start + size] for start in range(0, len(work), size)]
    with ThreadPoolExecutor(max_workers=readers) as pool:
        ahead: list[Future[Read]] = runner.start_reading(batches[0], pool) if batches else []
        for following in [*batches[1:], []]:
            current, ahead = ahead, runner.start_reading(following, pool) if following else []
            reads = [future.result() for future in current]
            if reads:
                yield reads
            if _portal_is_gone(reads):
                for future in ahead:
                    future.cancel()
                raise _last_fault(runner, reads)


def _portal_is_gone(reads: Sequence[Read]) -> bool:
    tail = reads[-GIVE_UP_AFTER:]
    return len(tail) == GIVE_UP_AFTER and all(read.is_portal_fault for read in tail)


def _last_fault(runner: Runner, reads: Sequence[Read]) -> PortalError:
    fault = reads[-1].finding
    code, cause = (fault.code, fault.value) if fault else ("source.unreachable", "")
    return PortalError(code, runner.source.address, cause)


def complete_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """All counts of a run, zeros included, in the order in which people read them."""
    names = ("listed", "created", "updated", "same", "failed", "gone", "removed", "warnings")
    return {name: counts.get(name, 0) for name in names}


def end_run(
    run_id: str,
    source: Source,
    counts: Mapping[str, int],
    error: PortalError | None,
    client: Client,
    *,
    is_held: bool = False,
) -> str:
    """Close a run and its job with their final state.

    Returns:
        The run's status.
    """
    status = "failed" if error else "held" if is_held else "finished"
    if error is not None:
        text = messages.portal_error(error, source.title)
        model.Session.add(HarvestGatherError(message=text, harvest_job_id=run_id))
    elif is_held:
        text = messages.held(source.title, counts.get("gone", 0))
        model.Session.add(HarvestGatherError(message=text, harvest_job_id=run_id))
    model.Session.execute(
        sa.update(HarvestRun)
        .where(HarvestRun.id == run_id)
        .values(
            status=status,
            finished=now(),
            touched=now(),
            counts=complete_counts(counts),
            error_code=error.code if error else "",
            error_address=error.address if error else "",
            error_cause=error.cause if error else "",
            requests=HarvestRun.requests + client.requests,
            received_bytes=HarvestRun.received_bytes + client.received_bytes,
        )
    )
    _finish_job(run_id)
    model.Session.commit()
    indexing.commit()
    return status


def preview_source(
    source: Source, *, always_detail: bool = False, readers: int | None = None
) -> Preview:
    """Say what a run would do, without writing anything anywhere."""
    preview = Preview(source)
    with open_client(source) as client:
        runner = Runner(source, client, None)
        listing = runner.read_listing(always_detail=always_detail)
        preview.counts.update(runner.counts)
        preview.error = listing.error
        preview.findings.extend(listing.findings)
        try:
            for reads in read_batches(runner, listing.work, readers or config.readers()):
                _preview_batch(runner, reads, preview)
        except PortalError as error:
            preview.error = error
        preview.is_held = runner.settle_missing(listing)
        preview.counts["gone"] = runner.counts["gone"]
    model.Session.rollback()
    return preview


def _preview_batch(runner: Runner, reads: Sequence[Read], preview: Preview) -> None:
    items, findings = runner.map_reads(reads)
    preview.findings.extend(findings)
    preview.counts["failed"] += len(reads) - len(items)
    preview.counts["warnings"] += sum(f.severity is Severity.WARNING for f in findings)
    stored = _stored_datasets(runner.source.id, [item.dataset.remote_id for item in items])
    for item in items:
        before = stored.get(item.dataset.remote_id)
        changed = differences(
            msgspec.to_builtins(before) if before else {}, msgspec.to_builtins(item.dataset)
        )
        change = Change.CREATED if before is None else Change.UPDATED if changed else Change.SAME
        preview.counts[change.value] += 1
        if change is not Change.SAME:
            preview.changes.append((item.dataset.remote_id, item.dataset.title, change, changed))


def _stored_datasets(source_id: str, remote_ids: Sequence[str]) -> dict[str, Dataset]:
    rows = model.Session.execute(
        sa.select(HarvestRecord.remote_id, HarvestRecord.mapped).where(
            HarvestRecord.source_id == source_id, HarvestRecord.remote_id.in_(remote_ids)
        )
    )
    return {row.remote_id: msgspec.convert(row.mapped, Dataset) for row in rows}
