"""How a listing is read: counted, judged, and never trusted further than it goes."""

from __future__ import annotations

import pytest

from ckanext.jilinopen.harvest.config_model import SourceConfig
from ckanext.jilinopen.harvest.errors import PortalError
from ckanext.jilinopen.harvest.plan import Known, Reading
from ckanext.jilinopen.harvest.portals import Portal
from ckanext.jilinopen.harvest.reading import decode_work, encode_work, read_listing
from ckanext.jilinopen.harvest.records import Entry, Page


class Paged:
    """A family that shows given pages, and then fails if told so."""

    name = "paged"
    title = "Paged"

    def __init__(self, *pages, fault=None):
        self._pages = pages
        self._fault = fault

    def pages(self, portal):
        yield from self._pages
        if self._fault:
            raise self._fault

    def record(self, portal, entry):
        raise AssertionError("a listing reads no details")


def page(*ids, total=None):
    entries = tuple(Entry(remote_id=i, title=f"题 {i}", stamp=f"s{i}") for i in ids)
    return Page(entries=entries, total=total)


def listing_of(family, known=None, **settings):
    config = SourceConfig(family="paged", **settings)
    portal = Portal("http://data.example.cn", config, client=None)  # type: ignore[arg-type]
    return read_listing(family, portal, known or {}, "m")


def stored(remote_id):
    return Known(remote_id, "p", f"s{remote_id}", "h", "m")


def test_whole_listing_is_complete_and_in_order():
    listing = listing_of(Paged(page("a", "b", total=3), page("c", total=3)))
    assert [work.entry.remote_id for work in listing.work] == ["a", "b", "c"]
    assert listing.is_complete
    assert listing.error is None


def test_unchanged_records_make_no_work_but_count_as_seen():
    listing = listing_of(Paged(page("a", "b", total=2)), {"a": stored("a")})
    assert [work.entry.remote_id for work in listing.work] == ["b"]
    assert listing.seen == {"a", "b"}


def test_portal_without_a_total_is_complete_when_it_ends():
    assert listing_of(Paged(page("a"), page("b"))).is_complete


def test_fewer_records_than_promised_is_incomplete():
    listing = listing_of(Paged(page("a", "b", total=500)))
    assert not listing.is_complete
    assert listing.error is not None
    assert (listing.error.code, listing.error.cause) == ("source.incomplete", "2 / 500")
    assert len(listing.work) == 2


def test_fault_in_the_middle_keeps_what_was_read():
    fault = PortalError("source.http_status", "http://data.example.cn", "HTTP 502")
    listing = listing_of(Paged(page("a", total=2), fault=fault))
    assert listing.error is fault
    assert [work.entry.remote_id for work in listing.work] == ["a"]
    assert not listing.is_complete


def test_empty_listing_is_a_fault_of_the_portal():
    listing = listing_of(Paged(Page(entries=(), total=0)))
    assert listing.error is not None
    assert listing.error.code == "source.empty_listing"


def test_repeated_id_counts_once_and_is_reported():
    listing = listing_of(Paged(page("a", "b", "a", total=3)))
    assert [work.entry.remote_id for work in listing.work] == ["a", "b"]
    assert [(f.code, f.remote_id) for f in listing.findings] == [("record.repeated", "a")]
    assert listing.is_complete


def test_endless_listing_stops_at_the_limit():
    endless = (page(str(number)) for number in range(10_000))
    listing = listing_of(Paged(*[next(endless) for _ in range(50)]), max_records=20)
    assert listing.error is not None
    assert listing.error.code == "source.too_many_records"
    assert len(listing.seen) == 20


@pytest.mark.parametrize("reading", list(Reading))
def test_work_travels_as_text(reading):
    listing = listing_of(Paged(page("a", "b", total=2)))
    again = decode_work(encode_work(listing.work))
    assert again == listing.work
