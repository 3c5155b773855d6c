"""Write mapped datasets to the catalogue, a batch a transaction, and index them after commit."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.harvest.model import HarvestObject

from ckanext.jilinopen.catalogue import naming
from ckanext.jilinopen.harvest import indexing
from ckanext.jilinopen.harvest.model import HarvestRecord, now
from ckanext.jilinopen.harvest.packages import package_dict
from ckanext.jilinopen.harvest.plan import Change, Known, content_hash, dataset_id
from ckanext.jilinopen.harvest.providers import Providers
from ckanext.jilinopen.harvest.records import Dataset, Finding, RemoteRecord, Severity
from ckanext.jilinopen.harvest.sources import Source, site_user

__all__ = ["Item", "Outcome", "Sink", "load_known", "load_raw"]

log = logging.getLogger(__name__)

_REPORT_STATUS = {Change.CREATED: "added", Change.UPDATED: "updated"}
"""ckanext-harvest's words, which its job pages count."""


@dataclass(frozen=True)
class Item:
    """A mapped record on its way into the catalogue."""

    record: RemoteRecord
    dataset: Dataset
    findings: tuple[Finding, ...]
    stamp: str | None


@dataclass(frozen=True)
class Outcome:
    """What became of one item."""

    remote_id: str
    change: Change
    finding: Finding | None = None


def load_known(source_id: str, remote_ids: Sequence[str] | None = None) -> dict[str, Known]:
    """What is stored about a source's records, by remote id; one query.

    Args:
        source_id: the source.
        remote_ids: only these records; ``None`` means all.
    """
    columns = (
        HarvestRecord.remote_id,
        HarvestRecord.package_id,
        HarvestRecord.stamp,
        HarvestRecord.content_hash,
        HarvestRecord.mapping_key,
        HarvestRecord.missing_since,
        HarvestRecord.removed,
    )
    # A record whose dataset was purged (e.g. by ckanext-harvest's "clear") is as good as unknown.
    query = (
        sa.select(*columns)
        .join(model.Package, model.Package.id == HarvestRecord.package_id)
        .where(HarvestRecord.source_id == source_id)
    )
    if remote_ids is not None:
        query = query.where(HarvestRecord.remote_id.in_(remote_ids))
    rows = model.Session.execute(query)
    return {
        row.remote_id: Known(
            remote_id=row.remote_id,
            package_id=row.package_id,
            stamp=row.stamp,
            content_hash=row.content_hash,
            mapping_key=row.mapping_key,
            missing_since=row.missing_since,
            is_removed=row.removed is not None,
        )
        for row in rows
    }


def load_raw(source_id: str, remote_ids: Sequence[str]) -> dict[str, RemoteRecord]:
    """Records as their source stated them at the last good harvest."""
    rows = model.Session.execute(
        sa.select(HarvestRecord.remote_id, HarvestRecord.raw).where(
            HarvestRecord.source_id == source_id, HarvestRecord.remote_id.in_(remote_ids)
        )
    )
    return {row.remote_id: msgspec.convert(row.raw, RemoteRecord) for row in rows}


class Sink:
    """Writes the items of one run of one source.

    Args:
        source: where the records come from.
        job_id: ckanext-harvest's job, to which the harvest objects belong.
        mapping_key: the mapping that made the datasets.
    """

    def __init__(self, source: Source, job_id: str, mapping_key: str) -> None:
        self._source = source
        self._job_id = job_id
        self._mapping_key = mapping_key
        self._user = site_user()
        self._providers = Providers(self._user)

    def write(self, items: Sequence[Item], known: Mapping[str, Known]) -> list[Outcome]:
        """Write what differs from what is stored, and index it.

        Items equal to what is stored cost no write, except for a new listing stamp. A dataset that
        CKAN refuses is left as it was and reported; the others of its batch are written.
        """
        hashes = {item.dataset.remote_id: content_hash(item.dataset) for item in items}
        changed = [item for item in items if self._differs(item, hashes, known)]
        changed_ids = {item.dataset.remote_id for item in changed}
        same = [item for item in items if item.dataset.remote_id not in changed_ids]
        self._touch([item for item in same if self._is_stale(item, known)])
        outcomes = [Outcome(item.dataset.remote_id, Change.SAME) for item in same]
        return outcomes + self._write_changed(changed, hashes, known)

    def _differs(self, item: Item, hashes: Mapping[str, str], known: Mapping[str, Known]) -> bool:
        stored = known.get(item.dataset.remote_id)
        return (
            stored is None
            or stored.is_removed
            or stored.content_hash != hashes[item.dataset.remote_id]
        )

    def _is_stale(self, item: Item, known: Mapping[str, Known]) -> bool:
        stored = known[item.dataset.remote_id]
        return (
            stored.stamp != item.stamp
            or stored.mapping_key != self._mapping_key
            or stored.missing_since is not None
        )

    def _touch(self, items: Sequence[Item]) -> None:
        """Records whose listing row moved while their content stayed the same."""
        for item in items:
            model.Session.execute(
                sa.update(HarvestRecord)
                .where(HarvestRecord.source_id == self._source.id)
                .where(HarvestRecord.remote_id == item.dataset.remote_id)
                .values(
                    stamp=item.stamp,
                    mapping_key=self._mapping_key,
                    raw=msgspec.to_builtins(item.record),
                    findings=msgspec.to_builtins(item.findings),
                    missing_since=None,
                )
            )
        model.Session.commit()

    def _write_changed(
        self, items: Sequence[Item], hashes: Mapping[str, str], known: Mapping[str, Known]
    ) -> list[Outcome]:
        if not items:
            return []
        try:
            outcomes = self._transaction(items, hashes, known)
        except Exception as error:  # noqa: BLE001 - whatever one dataset meets, the others go on
            model.Session.rollback()
            self._providers.reload()
            if len(items) == 1:
                return [self._failure(items[0], error)]
            log.info("Batch of %s datasets refused, writing them one by one", len(items))
            singly = (self._write_changed([item], hashes, known) for item in items)
            return [outcome for outcomes in singly for outcome in outcomes]
        self._index([outcome.remote_id for outcome in outcomes])
        return outcomes

    def _transaction(
        self, items: Sequence[Item], hashes: Mapping[str, str], known: Mapping[str, Known]
    ) -> list[Outcome]:
        """All writes of one batch, committed together."""
        ids = {item.dataset.remote_id: self._package_id(item.dataset) for item in items}
        names = self._stored_names(list(ids.values()))
        outcomes = []
        for item in items:
            remote_id = item.dataset.remote_id
            is_new = ids[remote_id] not in names
            name = names.get(ids[remote_id]) or naming.dataset_name(
                item.dataset.title, f"{self._source.id}\n{remote_id}"
            )
            self._write_package(item.dataset, ids[remote_id], name, is_new=is_new)
            # A dataset that existed here under the same identity but without a record of ours
            # (e.g. restored from a backup) is an update, not a creation.
            outcomes.append(Outcome(remote_id, Change.CREATED if is_new else Change.UPDATED))
        self._write_objects(items, ids, outcomes)
        self._write_records(items, ids, hashes)
        model.Session.commit()
        return outcomes

    def _package_id(self, dataset: Dataset) -> str:
        return dataset_id(self._source.id, dataset.remote_id)

    def _stored_names(self, package_ids: Sequence[str]) -> dict[str, str]:
        rows = model.Session.execute(
            sa.select(model.Package.id, model.Package.name).where(model.Package.id.in_(package_ids))
        )
        return {row.id: row.name for row in rows}

    def _write_package(self, dataset: Dataset, package_id: str, name: str, *, is_new: bool) -> None:
        owner = self._source.owner_org
        if dataset.provider:
            owner = self._providers.resolve(dataset.provider, dataset.division)
        fields = package_dict(dataset, package_id=package_id, name=name, owner_org=owner)
        context: Any = {
            "ignore_auth": True,
            "user": self._user,
            "defer_commit": True,
            "return_id_only": True,
        }
        if is_new:
            tk.get_action("package_create")(context, fields)
            return
        # Without this CKAN reads the whole stored dataset again to find out whether it changed;
        # the content hash has told that already.
        context["original_package"] = {"id": package_id, "resources": []}
        tk.get_action("package_update")(context, fields)

    def _write_objects(
        self, items: Sequence[Item], ids: Mapping[str, str], outcomes: Sequence[Outcome]
    ) -> None:
        """ckanext-harvest's own trace of each written dataset, for its pages and API."""
        moment = datetime.utcnow()  # noqa: DTZ003 - ckanext-harvest stores naive UTC
        model.Session.flush()
        model.Session.execute(
            sa.update(HarvestObject)
            .where(HarvestObject.package_id.in_(list(ids.values())))
            .where(HarvestObject.current.is_(True))
            .values(current=False)
            .execution_options(synchronize_session=False)
        )
        rows = [
            {
                "id": str(uuid.uuid4()),
                "guid": item.dataset.remote_id,
                "current": True,
                "state": "COMPLETE",
                "report_status": _REPORT_STATUS[outcome.change],
                "gathered": moment,
                "fetch_finished": moment,
                "import_finished": moment,
                "content": msgspec.json.encode(item.record).decode(),
                "harvest_job_id": self._job_id,
                "harvest_source_id": self._source.id,
                "package_id": ids[item.dataset.remote_id],
            }
            for item, outcome in zip(items, outcomes, strict=True)
        ]
        model.Session.execute(sa.insert(HarvestObject), rows)

    def _write_records(
        self, items: Sequence[Item], ids: Mapping[str, str], hashes: Mapping[str, str]
    ) -> None:
        rows = [
            {
                "source_id": self._source.id,
                "remote_id": item.dataset.remote_id,
                "package_id": ids[item.dataset.remote_id],
                "stamp": item.stamp,
                "content_hash": hashes[item.dataset.remote_id],
                "mapping_key": self._mapping_key,
                "raw": msgspec.to_builtins(item.record),
                "mapped": msgspec.to_builtins(item.dataset),
                "findings": msgspec.to_builtins(item.findings),
                "changed": now(),
                "missing_since": None,
                "removed": None,
                "is_indexed": False,
            }
            for item in items
        ]
        statement = pg_insert(HarvestRecord).values(rows)
        replaced = {
            column: statement.excluded[column]
            for column in rows[0]
            if column not in ("source_id", "remote_id", "package_id")
        }
        model.Session.execute(
            statement.on_conflict_do_update(
                index_elements=["source_id", "remote_id"], set_=replaced
            )
        )

    def _index(self, remote_ids: Sequence[str]) -> None:
        """Index after commit; what Solr refuses stays marked for ``index_pending``."""
        ids = [dataset_id(self._source.id, remote_id) for remote_id in remote_ids]
        if not indexing.index_datasets(ids):
            return
        model.Session.execute(
            sa.update(HarvestRecord)
            .where(HarvestRecord.package_id.in_(ids))
            .values(is_indexed=True)
        )
        model.Session.commit()

    def index_pending(self) -> int:
        """Index what an earlier run stored but could not index; returns how many were tried."""
        rows = model.Session.execute(
            sa.select(HarvestRecord.remote_id).where(
                HarvestRecord.source_id == self._source.id, HarvestRecord.is_indexed.is_(False)
            )
        )
        remote_ids = [row.remote_id for row in rows]
        if remote_ids:
            self._index(remote_ids)
        return len(remote_ids)

    def mark_missing(self, gone: Sequence[Known]) -> None:
        """Remember since when the source does not list these records any more."""
        fresh = [record.remote_id for record in gone if record.missing_since is None]
        if not fresh:
            return
        model.Session.execute(
            sa.update(HarvestRecord)
            .where(HarvestRecord.source_id == self._source.id)
            .where(HarvestRecord.remote_id.in_(fresh))
            .values(missing_since=now())
        )
        model.Session.commit()

    def remove(self, gone: Sequence[Known]) -> int:
        """Take datasets out of the catalogue; their id and address stay reserved for a return."""
        context: Any = {"ignore_auth": True, "user": self._user}
        for record in gone:
            package = model.Package.get(record.package_id)
            if package is not None and package.state == "active":
                tk.get_action("package_delete")(context, {"id": record.package_id})
            model.Session.execute(
                sa.update(HarvestRecord)
                .where(HarvestRecord.package_id == record.package_id)
                .values(removed=now())
            )
            model.Session.commit()
        return len(gone)

    def _failure(self, item: Item, error: Exception) -> Outcome:
        """One refused dataset as a finding: field names and causes, no internals."""
        if isinstance(error, tk.ValidationError):
            code, cause = "record.refused", _summary(error)
        else:
            log.exception("Dataset %s could not be written", item.dataset.remote_id)
            code, cause = "record.write_failed", type(error).__name__
        finding = Finding(
            code=code,
            severity=Severity.ERROR,
            value=cause[:500],
            remote_id=item.dataset.remote_id,
        )
        return Outcome(item.dataset.remote_id, Change.FAILED, finding)


def _summary(error: tk.ValidationError) -> str:
    parts = (f"{field}: {value}" for field, value in error.error_summary.items())
    return "; ".join(parts)
