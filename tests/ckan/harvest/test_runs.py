"""Harvest runs against simulated portals, on the real database and the real index."""

from __future__ import annotations

import pysolr
import pytest

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.harvest.model import HarvestJob, HarvestObject

from ckanext.jilinopen.catalogue import naming
from ckanext.jilinopen.harvest import indexing
from ckanext.jilinopen.harvest.model import HarvestFinding, HarvestRecord, HarvestRun
from ckanext.jilinopen.harvest.plan import dataset_id
from ckanext.jilinopen.harvest.runs import (
    RunActiveError,
    begin_run,
    preview_source,
    run_source,
)

LISTED = 60


class TestFirstRun:
    def test_every_listed_record_arrives_and_is_found(self, odweb, add_source, datasets):
        result = run_source(add_source(odweb))
        assert (result.status, result.exit_code) == ("finished", 0)
        assert (result.counts["created"], result.counts["failed"]) == (LISTED, 0)
        arrived = datasets()
        assert {item["title"] for item in arrived.values()} == {
            " ".join(record.title.split()) for record in odweb.catalogue.all()
        }
        assert set(arrived) == {record.record_id for record in odweb.catalogue.all()}

    def test_oportal_too(self, oportal, add_source, datasets):
        result = run_source(add_source(oportal))
        assert result.counts["created"] == LISTED
        assert set(datasets()) == {record.record_id for record in oportal.catalogue.all()}

    def test_fields_of_a_dataset(self, odweb, add_source, datasets):
        source = add_source(odweb)
        run_source(source)
        record = next(r for r in odweb.catalogue.all() if r.files and not r.conditional)
        dataset = datasets()[record.record_id]
        assert dataset["organization"]["title"] == record.official_department
        assert dataset["jl_region"] == record.region_code
        assert dataset["jl_open_type"] == "unconditional"
        assert dataset["jl_source_portal"] == source.title
        assert record.record_id in dataset["jl_source_url"]
        assert dataset["jl_source_values"]["department"] == record.department
        assert {resource["format"].lower() for resource in dataset["resources"]} >= {
            file.format for file in record.files
        }
        assert all(resource["url"].startswith(odweb.origin) for resource in dataset["resources"])

    def test_ids_come_from_identity_and_never_from_outside(self, odweb, add_source, datasets):
        source = add_source(odweb)
        run_source(source)
        for remote_id, dataset in datasets().items():
            assert dataset["id"] == dataset_id(source.id, remote_id)
            outside = {file.file_id for record in odweb.catalogue.all() for file in record.files}
            assert not outside & {resource["id"] for resource in dataset["resources"]}

    def test_stock_harvest_pages_know_the_run(self, odweb, add_source):
        source = add_source(odweb)
        result = run_source(source)
        job = HarvestJob.get(result.run_id)
        assert job.status == "Finished"
        status = tk.get_action("harvest_source_show_status")(
            {"ignore_auth": True}, {"id": source.id}
        )
        assert status["total_datasets"] == LISTED
        assert status["last_job"]["stats"]["added"] == LISTED


class TestSecondRun:
    def test_nothing_changed_means_nothing_written_and_no_detail_read(
        self, odweb, add_source, database_state
    ):
        source = add_source(odweb)
        run_source(source)
        before = database_state()
        details = odweb.counts["detail"]
        result = run_source(source)
        after = database_state()
        assert {
            name: result.counts[name] for name in ("created", "updated", "removed", "same")
        } == {
            "created": 0,
            "updated": 0,
            "removed": 0,
            "same": LISTED,
        }
        assert odweb.counts["detail"] == details
        changed = {name for name in before if before[name] != after[name]}
        assert changed == {"jilinopen_harvest_run", "harvest_job"}

    def test_listing_that_tells_nothing_is_read_again_but_not_written(
        self, oportal, add_source, database_state
    ):
        source = add_source(oportal)
        run_source(source)
        before = database_state()
        result = run_source(source)
        assert (result.counts["same"], result.counts["updated"]) == (LISTED, 0)
        after = database_state()
        changed = {name for name in before if before[name] != after[name]}
        assert not changed & {"package", "resource", "package_tag", "member", "harvest_object"}

    def test_one_change_is_one_update_with_the_same_address(self, odweb, add_source, datasets):
        source = add_source(odweb)
        run_source(source)
        record = odweb.catalogue.all()[7]
        before = datasets()[record.record_id]
        odweb.catalogue.change(record.record_id, title="全新的标题", updated="2026-11-20 08:00:00")
        details = odweb.counts["detail"]
        result = run_source(source)
        assert (result.counts["created"], result.counts["updated"]) == (0, 1)
        assert odweb.counts["detail"] == details + 1
        after = datasets()[record.record_id]
        assert after["title"] == "全新的标题"
        assert (after["id"], after["name"]) == (before["id"], before["name"])
        stats = tk.get_action("harvest_source_show_status")(
            {"ignore_auth": True}, {"id": source.id}
        )["last_job"]["stats"]
        assert (stats["added"], stats["updated"]) == (0, 1)
        assert [r["id"] for r in after["resources"]] == [r["id"] for r in before["resources"]]

    def test_new_words_in_the_tables_reach_stored_records_without_a_request(
        self, odweb, add_source, datasets
    ):
        run_source(add_source(odweb))
        record = next(r for r in odweb.catalogue.all() if r.themes and "，" not in r.themes[0])
        details = odweb.counts["detail"]
        source = add_source(odweb, themes={record.themes[0]: "qxfw"})
        result = run_source(source)
        assert odweb.counts["detail"] == details
        assert result.counts["updated"] >= 1
        themes = {group["name"] for group in datasets()[record.record_id]["groups"]}
        assert "qxfw" in themes


class TestVanishing:
    def test_few_vanished_records_stay_and_are_remembered(self, odweb, add_source, datasets):
        source = add_source(odweb)
        run_source(source)
        gone = [record.record_id for record in odweb.catalogue.all()[:5]]
        for record_id in gone:
            odweb.catalogue.remove(record_id)
        result = run_source(source)
        assert (result.counts["gone"], result.counts["removed"]) == (5, 0)
        assert len(datasets()) == LISTED
        missing = model.Session.query(HarvestRecord.remote_id).filter(
            HarvestRecord.missing_since.isnot(None)
        )
        assert {row.remote_id for row in missing} == set(gone)

    def test_half_a_catalogue_vanishing_holds_the_run(self, odweb, add_source, datasets):
        source = add_source(odweb, removal="delete", grace_days=0)
        run_source(source)
        for record in odweb.catalogue.all()[:30]:
            odweb.catalogue.remove(record.record_id)
        result = run_source(source)
        assert (result.status, result.exit_code) == ("held", 2)
        assert result.counts["removed"] == 0
        assert len(datasets()) == LISTED

    def test_removed_record_comes_back_under_its_old_address(self, odweb, add_source, datasets):
        source = add_source(odweb, removal="delete", grace_days=0)
        run_source(source)
        record = odweb.catalogue.all()[3]
        before = datasets()[record.record_id]
        odweb.catalogue.remove(record.record_id)
        result = run_source(source)
        assert result.counts["removed"] == 1
        assert record.record_id not in datasets()
        odweb.catalogue.add(record)
        assert run_source(source).counts["updated"] == 1
        after = datasets()[record.record_id]
        assert (after["id"], after["name"]) == (before["id"], before["name"])

    def test_grace_days_are_waited_out(self, odweb, add_source, datasets):
        source = add_source(odweb, removal="delete", grace_days=7)
        run_source(source)
        odweb.catalogue.remove(odweb.catalogue.all()[3].record_id)
        assert run_source(source).counts["removed"] == 0
        assert len(datasets()) == LISTED


class TestFaults:
    """A portal in trouble changes nothing here and is named in the result."""

    @pytest.mark.parametrize(
        ("fault", "code"),
        [
            ("html_instead_of_json", "source.not_json"),
            ("login_page", "source.login"),
            ("challenge", "source.challenge"),
            # The answer is cut within a character, so its bytes are no text any more.
            ("bad_json", "source.encoding"),
            ("empty_listing", "source.empty_listing"),
            ("redirect_private", "source.address_refused"),
            ("ignore_start", "source.paging"),
        ],
    )
    def test_broken_listing(self, odweb, add_source, database_state, fault, code):
        source = add_source(odweb, page_size=20)
        run_source(source)
        before = database_state()
        odweb.fault(fault, route="list")
        result = run_source(source)
        assert (result.status, result.exit_code) == ("failed", 2)
        assert result.error is not None
        assert result.error.code == code
        after = database_state()
        changed = {name for name in before if before[name] != after[name]}
        assert changed <= {
            "jilinopen_harvest_run",
            "harvest_job",
            "harvest_gather_error",
            "jilinopen_harvest_finding",
        }

    def test_listing_that_breaks_off_imports_what_it_showed_and_removes_nothing(
        self, odweb, add_source, datasets
    ):
        source = add_source(odweb, page_size=20, removal="delete", grace_days=0)
        odweb.fault("http_500", route="list", skip=2)
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(tk.config, "ckanext.jilinopen.harvest.retries", 0)
            result = run_source(source)
        assert result.exit_code == 2
        assert result.counts["created"] == 40
        assert len(datasets()) == 40
        odweb.faults.clear()
        assert run_source(source).counts["created"] == 20

    def test_total_that_is_never_reached_is_incomplete(self, odweb, add_source):
        odweb.fault("wrong_total", by=37)
        result = run_source(add_source(odweb))
        assert result.error is not None
        assert result.error.code == "source.incomplete"
        assert result.counts["created"] == LISTED

    def test_unreachable_portal(self, odweb, add_source):
        source = add_source(odweb)
        odweb.stop()
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(tk.config, "ckanext.jilinopen.harvest.retries", 0)
            result = run_source(source)
        assert result.error is not None
        assert (result.error.code, result.exit_code) == ("source.unreachable", 2)
        assert source.address.split("/")[2] in result.error.address

    def test_one_unreadable_record_fails_alone_and_keeps_what_is_stored(
        self, odweb, add_source, datasets
    ):
        source = add_source(odweb)
        run_source(source)
        first, second = odweb.catalogue.all()[:2]
        for record in (first, second):
            odweb.catalogue.change(
                record.record_id, title=f"新 {record.title}", updated="2026-11-20 08:00:00"
            )
        odweb.fault("http_500", route="detail", times=1)
        odweb.fault("http_500", route="detail_app", times=1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(tk.config, "ckanext.jilinopen.harvest.retries", 0)
            result = run_source(source, readers=1)
        assert (result.counts["failed"], result.counts["updated"], result.exit_code) == (1, 1, 1)
        titles = [datasets()[record.record_id]["title"] for record in (first, second)]
        assert sum(title.startswith("新 ") for title in titles) == 1
        assert run_source(source).counts["updated"] == 1

    @pytest.mark.parametrize("fault", ["login_page", "http_500"])
    def test_refused_file_list_keeps_the_files_and_is_asked_for_again(
        self, odweb, add_source, datasets, fault
    ):
        source = add_source(odweb)
        run_source(source)
        record = next(record for record in odweb.catalogue.all() if record.files)
        before = datasets()[record.record_id]["resources"]
        odweb.catalogue.change(record.record_id, title="改名", updated="2026-11-20 08:00:00")
        for route in ("files_page", "files"):
            odweb.fault(fault, route=route)
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(tk.config, "ckanext.jilinopen.harvest.retries", 0)
            assert run_source(source).counts["updated"] == 1
        after = datasets()[record.record_id]
        assert after["title"] == "改名"
        assert [r["url"] for r in after["resources"]] == [r["url"] for r in before]
        odweb.faults.clear()
        details = odweb.counts["detail"]
        assert run_source(source).counts["failed"] == 0
        assert odweb.counts["detail"] == details + 1

    def test_dataset_that_ckan_refuses_does_not_keep_its_batch_out(
        self, odweb, add_source, datasets, site
    ):
        source = add_source(odweb)
        victim = odweb.catalogue.all()[10]
        taken = naming.dataset_name(victim.title, f"{source.id}\n{victim.record_id}")
        model.Session.add(model.Package(name=taken, title="占了网址", owner_org=site))
        model.Session.commit()
        result = run_source(source)
        assert (result.counts["created"], result.counts["failed"]) == (LISTED - 1, 1)
        assert result.exit_code == 1
        finding = model.Session.query(HarvestFinding).filter_by(code="record.refused").one()
        assert finding.remote_id == victim.record_id


class TestOurOwnTrouble:
    def test_index_that_refuses_documents_loses_nothing(
        self, odweb, add_source, datasets, monkeypatch
    ):
        source = add_source(odweb)
        elsewhere = pysolr.Solr(tk.config["solr_url"].rsplit("/", 1)[0] + "/no_such_core")
        with monkeypatch.context() as patch:
            patch.setattr(indexing, "make_connection", lambda: elsewhere)
            result = run_source(source)
        assert result.counts["created"] == LISTED
        assert datasets() == {}
        assert run_source(source).counts["created"] == 0
        assert len(datasets()) == LISTED

    def test_solr_that_is_down_is_healed_by_the_next_run(
        self, odweb, add_source, datasets, monkeypatch
    ):
        source = add_source(odweb)
        with monkeypatch.context() as patch:
            patch.setitem(tk.config, "solr_url", "http://127.0.0.1:9/solr/none")
            result = run_source(source)
        assert result.exit_code != 0
        assert run_source(source).exit_code == 0
        assert len(datasets()) == LISTED

    def test_second_run_of_a_source_does_not_start_while_one_goes_on(self, odweb, add_source):
        source = add_source(odweb)
        begin_run(source)
        with pytest.raises(RunActiveError):
            run_source(source)

    def test_dead_run_is_ended_with_a_reason(self, odweb, add_source):
        source = add_source(odweb)
        dead = begin_run(source)
        dead.touched = dead.touched.replace(year=2020)
        model.Session.commit()
        assert run_source(source).status == "finished"
        ended = model.Session.get(HarvestRun, dead.id)
        assert ended is not None
        assert (ended.status, ended.error_code) == ("failed", "run.stale")

    def test_run_that_is_killed_between_two_batches_is_completed_by_the_next(
        self, odweb, add_source, datasets, monkeypatch
    ):
        source = add_source(odweb)
        monkeypatch.setitem(tk.config, "ckanext.jilinopen.harvest.batch_size", 20)

        def die(done: int, _total: int) -> None:
            if done == 40:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run_source(source, progress=die)
        result = run_source(source)
        assert (result.counts["created"], result.counts["same"]) == (20, 40)
        assert len(datasets()) == LISTED

    def test_purged_datasets_come_back(self, odweb, add_source, datasets):
        """ckanext-harvest's "clear" purges datasets behind our back."""
        source = add_source(odweb)
        run_source(source)
        tk.get_action("harvest_source_clear")(
            {"ignore_auth": True, "user": "", "model": model, "session": model.Session},
            {"id": source.id},
        )
        assert run_source(source).counts["created"] == LISTED
        assert len(datasets()) == LISTED


class TestPreview:
    @pytest.mark.parametrize("is_first", [True, False])
    def test_preview_writes_nothing_and_says_what_would_change(
        self, odweb, add_source, database_state, is_first
    ):
        source = add_source(odweb)
        if not is_first:
            run_source(source)
            odweb.catalogue.change(
                odweb.catalogue.all()[0].record_id, title="改了", updated="2026-11-20 08:00:00"
            )
        before = database_state()
        preview = preview_source(source)
        assert database_state() == before
        if is_first:
            assert preview.counts["created"] == LISTED
        else:
            assert (preview.counts["created"], preview.counts["updated"]) == (0, 1)
            [(_id, title, _change, fields)] = preview.changes
            assert title == "改了"
            assert "title" in {item.field for item in fields}


def test_two_sources_may_use_the_same_remote_ids(odweb, add_source):
    first, second = add_source(odweb, "one"), add_source(odweb, "two", portal_title="另一个名字")
    assert run_source(first).counts["created"] == LISTED
    assert run_source(second).counts["created"] == LISTED
    assert model.Session.query(HarvestObject).filter_by(current=True).count() == 2 * LISTED
