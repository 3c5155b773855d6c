"""The search index finds Chinese words inside titles and texts."""

from __future__ import annotations

from typing import Any

import pytest

from ckan.lib.search import make_connection

TITLE = "长春市公交线路信息"
NOTES = "GB/T 21063 rev_2 of café opening hours, 2024; 数据·目录"


@pytest.fixture(scope="module")
def index() -> Any:
    solr = make_connection()
    document = {
        "index_id": "chinese-text-test",
        "id": "chinese-text-test",
        "site_id": "chinese-text-test",
        "title": TITLE,
        "notes": NOTES,
        "extras_long": "很长" * 30_000,
        "long": "很长" * 30_000,
    }
    solr.add([document], commit=True)
    yield solr
    solr.delete(id="chinese-text-test", commit=True)


def found(index: Any, words: str) -> bool:
    answer = index.search(
        words,
        fq="site_id:chinese-text-test",
        defType="dismax",
        qf="name^4 title^4 tags^2 groups^2 text",
        mm="2<-1 5<80%",
    )
    return answer.hits == 1


@pytest.mark.parametrize(
    "words",
    [
        "公交",
        "公車",
        "公共汽车",
        "线路",
        "線路",
        "路",
        "长春公交线路",
        "交线",
        "2024",
        "２０２４",
        "cafe",
        "CAFÉ",
        "hour",
        "rev",
        "gb 21063",
        "数据目录",
        TITLE,
    ],
)
def test_words_that_are_there_are_found(index: Any, words: str) -> None:
    assert found(index, words)


@pytest.mark.parametrize("words", ["瞎编胡说", "哈尔滨", "线公", "医", "2025", "bus"])
def test_words_that_are_not_there_are_not_found(index: Any, words: str) -> None:
    assert not found(index, words)
