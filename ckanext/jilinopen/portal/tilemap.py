"""The map of the eleven regions: equal tiles in brick order, no boundaries. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log

__all__ = ["Tile", "TileMap", "draw"]

STEPS = 5


@dataclass(frozen=True)
class Tile:
    """One region on the map.

    Attributes:
        code: code of the region.
        place: class that puts the tile where it belongs.
        name: its short name; 吉林 alone would be the province, so the city is 吉林市.
        count: datasets of the region with everything below it.
        step: colour step, 0 for an empty region to 5.
        url: where the tile leads.
        current: whether the page is about this region.
    """

    code: str
    place: str
    name: str
    count: int
    step: int
    url: str
    current: bool = False


@dataclass(frozen=True)
class TileMap:
    """The whole map.

    Attributes:
        tiles: the regions in reading order, north-west to south-east.
        province: the departments of the province itself; ``None`` leaves them out.
    """

    tiles: tuple[Tile, ...]
    province: Tile | None


@dataclass(frozen=True)
class _Seat:
    code: str
    place: str
    zh: str
    en: str


# Reading order and brick position after the lie of the land; names as short as a tile needs.
_SEATS = (
    _Seat("220800", "bc", "白城", "Baicheng"),
    _Seat("220700", "sy", "松原", "Songyuan"),
    _Seat("220100", "cc", "长春", "Changchun"),
    _Seat("220200", "jls", "吉林市", "Jilin City"),
    _Seat("222400", "yb", "延边", "Yanbian"),
    _Seat("220300", "sp", "四平", "Siping"),
    _Seat("220400", "ly", "辽源", "Liaoyuan"),
    _Seat("220581", "mhk", "梅河口", "Meihekou"),
    _Seat("cbs", "cbs", "长白山", "Changbai"),
    _Seat("220500", "th", "通化", "Tonghua"),
    _Seat("220600", "bs", "白山", "Baishan"),
)


def draw(
    counts: Mapping[str, int],
    url: Callable[[str], str],
    *,
    chinese: bool,
    province: Tile | None = None,
    current: str = "",
) -> TileMap:
    """Lay out the map.

    Args:
        counts: datasets by region code; a missing region has none.
        url: address of a region's page, by code.
        chinese: whether the reader's language is Chinese.
        province: the tile of the provincial departments, if the map shows one.
        current: code of the region that the page is about.
    """
    numbers = [counts.get(seat.code, 0) for seat in _SEATS]
    least = min((number for number in numbers if number), default=0)
    most = max(numbers)
    tiles = tuple(
        Tile(
            code=seat.code,
            place=seat.place,
            name=seat.zh if chinese else seat.en,
            count=count,
            step=_step(count, least, most),
            url=url(seat.code),
            current=seat.code == current,
        )
        for seat, count in zip(_SEATS, numbers, strict=True)
    )
    return TileMap(tiles, province)


def _step(count: int, least: int, most: int) -> int:
    """Colour step: logarithms tell the many small regions apart, 0 stays for itself."""
    if count == 0:
        return 0
    # The lowest step ends between an eighth and a thirty-second of the largest count: few regions
    # must not look alike, and one that towers must not make all others look empty.
    floor = min(max(least, most / 32), most / 8)
    share = log(max(count / floor, 1)) / log(most / floor)
    return min(1 + int(share * STEPS), STEPS)
