"""From the words of other portals to our codes.

Every function takes text as a portal wrote it and answers with a code of ours, or with nothing
where the text is not understood. None of them guesses: an unknown word is for a person to map.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from ckanext.jilinopen.catalogue import vocabulary
from ckanext.jilinopen.catalogue.text import fold, key, squeeze, without_brackets
from ckanext.jilinopen.catalogue.vocabulary import Department, Division

__all__ = [
    "match_department",
    "match_division",
    "match_format",
    "match_formats",
    "match_frequency",
    "match_industry",
    "match_open_type",
    "match_theme",
    "official_department_name",
]

PROVINCE = vocabulary.PROVINCE
CATCH_ALL = "qita"

# Between two values; 、 also stands inside one value (文化、体育), so it only splits what is left.
_BETWEEN = re.compile(r"[,;|/\\\n]+")
_INSIDE = re.compile(r"[、\s]+")


def _index(items: Iterable[vocabulary.Term]) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in items:
        for word in (item.value, item.label_zh, *item.aliases):
            found.setdefault(key(word), item.value)
    return found


def _split_known(text: str, known: Callable[[str], str | None]) -> list[str]:
    """Codes of all values in a text; the whole is tried before its parts."""
    whole = known(text)
    if whole:
        return [whole]
    found: list[str] = []
    for part in _BETWEEN.split(re.sub(r"[\[\]'\"]", "", text.replace("，", ",").strip())):
        code = known(part)
        codes = [code] if code else [known(piece) for piece in _INSIDE.split(part)]
        found += [code for code in codes if code]
    return list(dict.fromkeys(found))


# --- themes and industries ---------------------------------------------------------------------


@cache
def _themes() -> dict[str, str]:
    found = {key(alias): slug for alias, slug in vocabulary.theme_aliases().items()}
    found.update(_index(vocabulary.themes()))
    return found


def _theme(text: str) -> str | None:
    word = key(text)
    return _themes().get(word) or _themes().get(word.removesuffix("主题"))


def match_theme(text: str) -> list[str]:
    """Slugs of the themes that a theme label names, in the label's order.

    The catch-all theme is only given where nothing else is.

    Args:
        text: one label or several joined by ``，``, ``,``, ``、``, ``|``, ``；`` or ``/``.
    """
    found = _split_known(fold(text), _theme)
    return [slug for slug in found if slug != CATCH_ALL] or found


@cache
def _industries() -> dict[str, str]:
    found = _index(vocabulary.industries())
    return {word.replace("、", ""): code for word, code in found.items()}


def match_industry(text: str) -> list[str]:
    """Letters of the GB/T 4754 sections that an industry label names, in the label's order.

    Args:
        text: names of sections or of their divisions, or letters, joined as in ``match_theme``.
    """
    return _split_known(fold(text), lambda part: _industries().get(key(part).replace("、", "")))


# --- frequency and openness --------------------------------------------------------------------

_INTERVAL = re.compile(
    r"^每?(?P<count>\d{1,4}|[半一二两三四五六七八九十]{1,2})?个?"
    r"(?P<unit>分钟|小时|工作日|日|天|周|星期|旬|月|季度|季|年)(?:一次|更新|更新一次)?$"
)
_UNIT_DAYS = {
    "分钟": 1 / 1440,
    "小时": 1 / 24,
    "工作日": 1,
    "日": 1,
    "天": 1,
    "周": 7,
    "星期": 7,
    "旬": 10,
    "月": 30.5,
    "季度": 91.5,
    "季": 91.5,
    "年": 365,
}
_DIGITS = {"半": 0.5, "两": 2, "十一": 11, "十二": 12}
_DIGITS |= {digit: number for number, digit in enumerate("一二三四五六七八九十", start=1)}

# The longest interval, in days, that each frequency still keeps its promise for.
_LONGEST = (
    ("realtime", 1 / 24),
    ("daily", 1),
    ("weekly", 7),
    ("monthly", 31),
    ("quarterly", 92),
    ("semiannual", 184),
    ("annual", 366),
)


@cache
def _frequencies() -> dict[str, str]:
    found = _index(vocabulary.frequencies())
    for item in vocabulary.frequencies():
        if item.guide2017_code:
            found[item.guide2017_code] = item.value
    found[""] = "unknown"
    return found


def _interval_days(word: str) -> float | None:
    met = _INTERVAL.match(word)
    if met is None:
        return None
    count = met["count"] or "1"
    number = float(count) if count.isdigit() else _DIGITS.get(count)
    return number * _UNIT_DAYS[met["unit"]] if number else None


def match_frequency(text: str) -> str | None:
    """The update frequency that a text names.

    An interval without a frequency of its own (每 2 日) becomes the next slower one, so that
    nothing looks late that is not; an interval above a year is ``irregular``.

    Returns:
        A value of ``frequencies()``; ``unknown`` where the text says that nothing is known,
        ``None`` where the text is not understood.
    """
    for word in (key(text), key(without_brackets(text)), key(text).removesuffix("更新")):
        if word in _frequencies():
            return _frequencies()[word]
    days = _interval_days(key(without_brackets(text)))
    if days is None:
        return None
    return next((value for value, longest in _LONGEST if days <= longest), "irregular")


_OPENNESS = (
    (re.compile(r"^无条件"), "unconditional"),
    (re.compile(r"^(?:有条件|依申请|需申请|受限)"), "conditional"),
    (re.compile(r"^(?:不予|非|不|禁止)(?:开放|公开)"), "none"),
)


@cache
def _open_types() -> dict[str, str]:
    return _index(vocabulary.open_types())


def match_open_type(text: str) -> str | None:
    """The openness that a text names, ``None`` where it names none or is not understood."""
    for word in (key(text), key(without_brackets(text))):
        if word in _open_types():
            return _open_types()[word]
    return next((value for pattern, value in _OPENNESS if pattern.match(key(text))), None)


# --- formats -----------------------------------------------------------------------------------

# 电子表格-xlsx, 数据库/mysql: the category before the mark adds nothing.
_CATEGORY = re.compile(
    r"(?:电子文件|电子表格|数据库|图形图像|流媒体|自描述格式|服务接口)\s*[-—–:/]\s*(?=[a-z0-9])"
)


@cache
def _formats() -> dict[str, str]:
    found = _index(vocabulary.formats())
    for item in vocabulary.formats():
        if item.media_type:
            found.setdefault(key(item.media_type), item.value)
    return found


def match_format(text: str) -> str | None:
    """The extension of one format name, ``None`` for words that name no format (文件, 其他)."""
    word = key(_CATEGORY.sub("", fold(text).lower())).lstrip(".")
    return _formats().get(word)


def match_formats(text: str) -> list[str]:
    r"""Extensions of all formats in a text, in the text's order, unknown words left out.

    Args:
        text: such as ``['xls', 'json']``, ``xls,csv``, ``xml\json`` or ``电子表格-xlsx``.
    """
    return _split_known(_CATEGORY.sub("", fold(text).lower()), match_format)


# --- divisions ---------------------------------------------------------------------------------

_CODE = re.compile(r"^\d{6}(?:\d{3}){0,2}$")
_BRANCH = re.compile(r"(?:区|县|市)?(?:分局|支局|分公司|分中心|大队)")


def _names(item: Division) -> Iterator[str]:
    """The spellings under which a division is found without knowing its parent.

    The short names of districts (朝阳, 西安, 铁西) are places elsewhere too.
    """
    yield item.name_zh
    yield from item.aliases
    if item.kind != "district":
        yield item.short_zh


@cache
def _places() -> dict[str, Division]:
    """Spelling to division; where two share one (吉林, 通化), the higher one has it."""
    found: dict[str, Division] = {}
    for item in sorted(vocabulary.divisions(), key=lambda item: item.level):
        for name in _names(item):
            found.setdefault(key(name), item)
    return found


@cache
def _place_names() -> tuple[str, ...]:
    return tuple(sorted(_places(), key=len, reverse=True))


def _prefixes(text: str) -> Iterator[tuple[Division, str]]:
    """Places that a text begins with, the longest spelling first, and what follows each."""
    for name in _place_names():
        if text.startswith(name):
            yield _places()[name], text[len(name) :]


def _below(item: Division, above: Division) -> bool:
    return item.parent_code == above.code or (item != above and above in _above(item))


@cache
def _above(item: Division) -> tuple[Division, ...]:
    """The units above by GB/T 2260, in which 梅河口市 stands under 通化市."""
    parent = vocabulary.division(item.parent_code)
    return (parent, *_above(parent)) if parent else ()


def _by_code(text: str) -> Division | None:
    tries = (text, text[:9], text[:6])
    return next((found for code in tries if (found := vocabulary.division(code))), None)


def _by_short_name(text: str, within: str) -> Division | None:
    """A district by its short name, where it is known where to look."""
    found = [
        item
        for item in vocabulary.divisions()
        if text in (key(item.short_zh), key(item.name_zh))
        and vocabulary.is_within(item.code, within)
    ]
    return found[0] if len(found) == 1 else None


def _descend(place: Division, rest: str) -> Division:
    """The smallest unit that a text names after a place."""
    for below, remainder in _prefixes(rest):
        if _below(below, place):
            return _descend(below, remainder)
    for below in vocabulary.children(place.code):
        at = rest.find(key(below.short_zh))
        if at >= 0 and _BRANCH.match(rest, at + len(below.short_zh)):
            return below
    return place


def match_division(text: str, within: str = PROVINCE) -> Division | None:
    """The division that a code, a name, a path of names or an organ's title speaks of.

    吉林 alone is the province and 吉林市 the city; former codes and names lead to today's unit; of
    several units in one text (吉林市公安局昌邑分局) the smallest is meant.

    Args:
        text: as the source has it.
        within: code of the division that the source speaks for; it tells which 朝阳 is meant.
    """
    word = key(text)
    if _CODE.match(word) or vocabulary.division(word):
        return _by_code(word)
    exact = _places().get(word)
    if exact is None or exact.level == 1:
        exact = (_by_short_name(word, within) if within != PROVINCE else None) or exact
    if exact:
        return exact
    for place, rest in _prefixes(word):
        return _descend(place, rest)
    full_names = [item for item in vocabulary.divisions() if key(item.name_zh) in word]
    if not full_names:
        return None
    first = min(full_names, key=lambda item: (word.find(key(item.name_zh)), -len(item.name_zh)))
    return _descend(first, word.partition(key(first.name_zh))[2])


# --- departments -------------------------------------------------------------------------------

_SELF = re.compile(r"^(?P<who>省|市|州|区|县)(?P<body>.+)$")
_SECTION = re.compile(
    r"^(?P<organ>.{2,}?(?:局|厅|委|委员会|办公室|中心|联合会))(?P<part>.{2,14}(?:科|处|室))$"
)
_PREFIXED = re.compile(r"^(?:【[^】]*】|\[[^\]]*\]|〔[^〕]*〕)")

# Organs of the state, parties and companies name themselves; no place is put before them.
_NATIONAL = re.compile(
    r"^(?:中共|中国|中华|国家|全国|共青团|民革|民盟|民建|民进|农工|致公|九三|台盟|国网)"
)

_ORGAN = re.compile(r"(?:局|厅|委|委员会|办|办公室)$")


@cache
def _departments() -> dict[tuple[str, str], Department]:
    """(division, title without the place) to department."""
    found: dict[tuple[str, str], Department] = {}
    for item in vocabulary.departments():
        place = vocabulary.division(item.division)
        if place is None:
            continue
        for title in (item.name_zh, *item.aliases):
            body = key(title).removeprefix(key(place.name_zh))
            if body:
                found.setdefault((item.division, body), item)
        if place.kind == "zone":
            found[place.region, key(item.short_name)] = item
    return found


@cache
def _titles() -> dict[str, Department]:
    found = {key(alias): item for item in vocabulary.departments() for alias in item.aliases}
    found.update({key(item.name_zh): item for item in vocabulary.departments()})
    return found


def _in_place(place: str, body: str) -> Department | None:
    words = (body, *vocabulary.department_words().get(body, ()))
    return next((found for word in words if (found := _departments().get((place, word)))), None)


def _owner(who: str, division: str) -> Division | None:
    """Whom 省, 市, 州, 区 or 县 before a title means, said by a source of that division."""
    own = vocabulary.division(division)
    if own is None or who == "省":
        return vocabulary.division(PROVINCE) if who == "省" else None
    line = (own, *vocabulary.ancestors(own.code))
    kinds = {
        "市": ("prefecture_city", "county_city"),
        "州": ("autonomous_prefecture",),
        "区": ("district", "zone", "functional_area"),
        "县": ("county", "autonomous_county"),
    }[who]
    return next((item for item in line if item.kind in kinds), None)


def _clean_title(name: str) -> str:
    """A title without the portal's prefix in brackets and without white space."""
    text = squeeze(name)
    return _PREFIXED.sub("", text) or text


def _match(title: str, division: str) -> Department | None:
    word = key(title)
    if word in _titles():
        return _titles()[word]
    prefixed = False
    for place, body in _prefixes(word):
        prefixed = True
        found = _in_place(place.code, body)
        if found:
            return found
    if prefixed:
        return None
    own = vocabulary.division(division)
    bare = _in_place(own.code, word) if own else None
    if bare:
        return bare
    met = _SELF.match(word)
    owner = _owner(met["who"], division) if met else None
    return _in_place(owner.code, met["body"]) if met and owner else None


def match_department(name: str, division: str = PROVINCE) -> Department | None:
    """The department of our table that a portal's department name means.

    Short, former and relative names (市环保局) are understood, a section is taken for its
    department, and an organ of a county never for the city's of the same name.

    Args:
        name: as the source has it, e.g. ``【长春市】市教育局``.
        division: code of the division that the source speaks for.
    """
    title = _clean_title(name)
    for form in dict.fromkeys((title, without_brackets(title))):
        found = _match(form, division)
        if found:
            return found
    section = _SECTION.match(without_brackets(title))
    if section is None or match_division(section["part"]) is not None:
        return None
    return _match(section["organ"], division)


def _standard(body: str) -> str:
    """The standard word for a short one, where it can only mean one."""
    meant = vocabulary.department_words().get(key(body), ())
    return meant[0] if len(meant) == 1 else body


def official_department_name(name: str, division: str = PROVINCE) -> str:
    """The full title under which a department is filed.

    A known department has its title in our table. For others the place is put before a relative
    or bare name (市教育局, 教育局); a title that already carries its place keeps it.

    Args:
        name: as the source has it.
        division: code of the division that the source speaks for.

    Returns:
        The title; empty where the name is empty.
    """
    found = match_department(name, division)
    if found:
        return found.name_zh
    title = _placed_title(_clean_title(name), division)
    return title.replace("(", "（").replace(")", "）")


_PLACE_ELSEWHERE = re.compile(
    r"^(?!市|县|区|省|州|自治)"
    r"(?!(?:智慧|数字|海绵|文明|卫生|森林|园林|宜居|现代|特大|中小|沿海|边境)城市)"
    r"(?:[\u4e00-\u9fff]{2,8}?自治(?:区|州|县|旗)|[\u4e00-\u9fff]{2,3}省"
    r"|[\u4e00-\u9fff]{2,4}?(?:市|县|旗|盟|地区)"
    r"|[\u4e00-\u9fff]{1,3}(?<!开发)(?<!高新)(?<!经开)(?<!高新技术)(?<!新)(?<!园)(?<!示范)(?<!管理)(?<!保税)"
    r"(?<!景)(?<!度假)(?<!合作)(?<!工业)(?<!功能)(?<!试验)(?<!产业)(?<!保护)(?<!城)(?<!社)(?<!山)(?<!林)(?<!库)"
    r"区)(?=.{2})"
)
"""A name that begins with a place outside of our tables, such as 六安市应急局 or 叶集区教育局."""


def _placed_title(title: str, division: str) -> str:
    """The title of an unlisted department with the place it belongs to."""
    own = vocabulary.division(division)
    if not title or own is None or _NATIONAL.match(title):
        return title
    for place, rest in _prefixes(key(title)):
        spelling = title[: len(title) - len(rest)]
        in_full = spelling == place.short_zh and _ORGAN.search(rest)
        return (place.name_zh if in_full else spelling) + _standard(title[len(spelling) :])
    if _PLACE_ELSEWHERE.match(title):
        return title
    met = _SELF.match(title)
    owner = _owner(met["who"], division) if met else None
    if met and owner:
        return owner.name_zh + _standard(met["body"])
    return own.name_zh + _standard(title)
