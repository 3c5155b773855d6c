"""The same run over ckanext-harvest's queues, with its own consumers and the real Redis."""

from __future__ import annotations

import pytest

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.harvest import queue
from ckanext.harvest.model import HarvestGatherError, HarvestJob, HarvestObject

from ckanext.jilinopen.harvest.model import HarvestRun

LISTED = 60


@pytest.fixture
def work(clean_queues, site):
    """Create a job for a source and let the stock consumers work until the queues are empty."""

    def go(source) -> HarvestRun | None:
        user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        job = tk.get_action("harvest_job_create")(
            {"ignore_auth": True, "user": user, "model": model, "session": model.Session},
            {"source_id": source.id, "run": True},
        )
        gather = queue.get_gather_consumer()
        drain(gather, queue.gather_callback, queue.get_gather_queue_name())
        fetch = queue.get_fetch_consumer()
        drain(fetch, queue.fetch_callback, queue.get_fetch_queue_name())
        model.Session.remove()  # what the consumers wrote is read anew
        return model.Session.get(HarvestRun, job["id"])

    return go


def drain(consumer, callback, queue_name) -> None:
    while True:
        method, header, body = consumer.basic_get(queue=queue_name)
        if body is None:
            return
        callback(consumer, method, header, body)


def test_queue_gives_what_the_process_gives(odweb, add_source, work, datasets):
    run = work(add_source(odweb))
    assert run is not None
    assert run.status == "finished"
    assert (run.counts["created"], run.counts["failed"]) == (LISTED, 0)
    assert HarvestJob.get(run.id).status == "Finished"
    tk.get_action("package_search")({}, {})
    assert len(datasets()) == LISTED


def test_second_job_writes_nothing(odweb, add_source, work):
    source = add_source(odweb)
    work(source)
    objects = model.Session.query(HarvestObject).count()
    run = work(source)
    assert run is not None
    assert (run.counts["created"], run.counts["updated"], run.counts["same"]) == (0, 0, LISTED)
    assert model.Session.query(HarvestObject).count() == objects


def test_carriers_hold_a_batch_each(odweb, add_source, work, monkeypatch):
    monkeypatch.setitem(tk.config, "ckanext.jilinopen.harvest.batch_size", 25)
    run = work(add_source(odweb))
    assert run is not None
    assert run.counts["created"] == LISTED
    carriers = model.Session.query(HarvestObject).filter_by(guid="carrier")
    assert {carrier.state for carrier in carriers} == {"COMPLETE"}
    assert carriers.count() == 3


def test_carrier_that_is_delivered_twice_is_worked_once(odweb, add_source, work, datasets):
    run = work(add_source(odweb))
    assert run is not None
    carrier = model.Session.query(HarvestObject).filter_by(guid="carrier").first()
    queue.get_fetch_publisher().send({"harvest_object_id": carrier.id})
    drain(queue.get_fetch_consumer(), queue.fetch_callback, queue.get_fetch_queue_name())
    assert len(datasets()) == LISTED
    model.Session.refresh(run)
    assert run.counts["created"] == LISTED


def test_failing_gather_is_an_error_and_never_a_success(odweb, add_source, work):
    source = add_source(odweb)
    odweb.fault("html_instead_of_json", route="list")
    run = work(source)
    assert run is not None
    assert (run.status, run.error_code) == ("failed", "source.not_json")
    assert HarvestJob.get(run.id).status == "Finished"
    [error] = model.Session.query(HarvestGatherError).filter_by(harvest_job_id=run.id)
    assert source.address in error.message


def test_gather_that_breaks_off_ends_failed_after_its_carriers(
    odweb, add_source, work, monkeypatch
):
    monkeypatch.setitem(tk.config, "ckanext.jilinopen.harvest.retries", 0)
    source = add_source(odweb, page_size=20)
    odweb.fault("http_500", route="list", skip=2)
    run = work(source)
    assert run is not None
    assert (run.status, run.counts["created"]) == ("failed", 40)
