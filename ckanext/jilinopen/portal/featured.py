"""Collections of Jilin: datasets of many departments around one subject, found by a search."""

from __future__ import annotations

from dataclasses import dataclass

from ckanext.jilinopen.catalogue import vocabulary

__all__ = ["Collection", "collection", "collections"]


@dataclass(frozen=True)
class Collection:
    """A collection.

    Attributes:
        slug: its name in addresses and the name of its picture.
        label_zh, label_en: its name.
        words: a dataset belongs to it when its title holds one of them.
    """

    slug: str
    label_zh: str
    label_en: str
    words: tuple[str, ...]

    @property
    def condition(self) -> str:
        """The Solr filter that finds its datasets."""
        return "+title:({})".format(" OR ".join(f'"{word}"' for word in self.words))

    def label(self, locale: str) -> str:
        """Its name in a language."""
        return self.label_zh if locale.startswith("zh") else self.label_en


# What belongs together, in the words that departments put into titles.
_WORDS = {
    "bxly": "冰雪 滑雪 滑冰 雾凇 旅游 景区 旅行社 星级饭店 民宿",
    "htny": "黑土 耕地 农业 农产品 粮食 玉米 水稻 农机 种子 人参",
    "qczb": "汽车零部件 汽车制造 汽车产业 汽车维修 装备制造 轨道客车 机动车 充电桩",
}


def collections() -> tuple[Collection, ...]:
    """The collections in their order; one without words is not shown."""
    return tuple(
        Collection(theme.slug, theme.label_zh, theme.label_en, tuple(_WORDS[theme.slug].split()))
        for theme in vocabulary.featured_themes()
        if theme.slug in _WORDS
    )


def collection(slug: str) -> Collection | None:
    """The collection of that slug."""
    return next((item for item in collections() if item.slug == slug), None)
