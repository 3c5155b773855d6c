"""The tile map of the eleven regions."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from ckanext.jilinopen.catalogue import vocabulary
from ckanext.jilinopen.portal.tilemap import draw

CODES = [region.code for region in vocabulary.regions()]
COUNTS = st.dictionaries(st.sampled_from(CODES), st.integers(0, 3) | st.integers(0, 10_000))


def drawn(counts, **options):
    return draw(counts, lambda code: f"/region/{code}", chinese=True, **options)


def test_every_region_has_one_tile():
    assert sorted(tile.code for tile in drawn({}).tiles) == sorted(CODES)


def test_the_city_is_never_called_like_the_province():
    names = {tile.code: tile.name for tile in drawn({}).tiles}
    assert names["220200"] == "吉林市"
    assert "吉林" not in names.values()


def test_an_empty_region_is_drawn_apart():
    steps = {tile.code: tile.step for tile in drawn({"220100": 5, "220200": 1}).tiles}
    assert steps["220100"] == 5
    assert steps["220400"] == 0


@given(COUNTS)
@example({"220100": 1})
@example(dict.fromkeys(CODES, 7))
def test_more_datasets_never_look_paler(counts):
    tiles = sorted(drawn(counts).tiles, key=lambda tile: tile.count)
    assert [tile.step for tile in tiles] == sorted(tile.step for tile in tiles)
    assert all(0 <= tile.step <= 5 for tile in tiles)
    assert all((tile.step == 0) == (tile.count == 0) for tile in tiles)


def test_the_page_s_region_is_marked():
    assert [tile.code for tile in drawn({}, current="222400").tiles if tile.current] == ["222400"]
