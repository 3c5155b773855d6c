"""What the index finds beyond a dataset's own words, on a real Solr."""

from __future__ import annotations

import json
from contextlib import nullcontext

import pytest

from ckan.tests import factories, helpers

from ckanext.jilinopen.search.index import LABELS, REGION, STRING_BYTES, enriched

pytestmark = pytest.mark.usefixtures("with_plugins", "some_db", "clean_index")

FACETS = [REGION, "jl_open_type", "frequency", "res_format", "groups", "jl_source_portal"]


def search(**parameters):
    return helpers.call_action("package_search", **parameters)


def ids(**parameters):
    return {result["id"] for result in search(**parameters)["results"]}


@pytest.fixture
def dataset(create_dataset):
    organization = factories.Organization(title="长春市卫生健康委员会")
    return create_dataset(
        title="二级以上医院名录",
        notes="列出名称、等级和地址，由各单位每年上报后汇总。",
        owner_org=organization["id"],
        jl_themes=["ylws"],
        jl_region="220104",
        jl_items=[{"name": "BEDS", "label_zh": "床位数"}],
        resources=[{"url": "https://example.cn/a", "format": "xlsx"}],
    )


@pytest.mark.parametrize(
    "query", ["卫生健康委员会", "医疗卫生", "朝阳区", "长春市", "床位数", "医院名录"]
)
def test_a_dataset_is_found_by_the_names_of_its_codes(dataset, query):
    assert ids(q=query) == {dataset["id"]}


def test_a_division_counts_under_its_region_and_not_under_others(dataset, create_dataset):
    province = create_dataset(title="全省医院名录", jl_region="220000")
    meihekou = create_dataset(title="梅河口市医院名录", jl_region="220581")
    assert ids(fq=f"{REGION}:220100") == ids(fq=f"{REGION}:220104") == {dataset["id"]}
    assert ids(fq=f"{REGION}:220581") == {meihekou["id"]}
    assert ids(fq=f"{REGION}:220500") == set()
    assert ids(fq=f"{REGION}:220000") == {province["id"]}


@pytest.mark.parametrize("in_request", [True, False])
def test_facets_count_codes_and_show_their_names(app, dataset, in_request):
    """A search from a command or a job has no request and no reader."""
    request = app.flask_app.test_request_context("/") if in_request else nullcontext()
    with request:
        facets = search(**{"facet.field": FACETS})["search_facets"]
    names = {
        (facet["title"], item["name"]): item["display_name"]
        for facet in facets.values()
        for item in facet["items"]
    }
    assert names["jl_open_type", "unconditional"] == "无条件开放"
    assert names["frequency", "monthly"] == "每月"
    assert names[REGION, "220100"] == "长春市"
    assert names["groups", "ylws"] == "医疗卫生"
    assert names["res_format", "XLSX"] == "XLSX"


def test_a_dataset_with_very_many_items_is_indexed(create_dataset):
    """Solr refuses a string of more than 32,766 bytes, and CKAN puts every extra into one."""
    items = [
        {"name": f"COLUMN_{number}", "label_zh": f"信息项第{number}项", "definition": "说明" * 50}
        for number in range(300)
    ]
    created = create_dataset(jl_items=items)
    found = search(q="信息项第299项")["results"]
    assert [result["id"] for result in found] == [created["id"]]
    assert found[0]["jl_items"] == items


def test_documents_hold_chinese_as_chinese():
    shown = {"title": "长春", "contact": [{"phone": "0431-88888888"}], "jl_region": "220100"}
    document = enriched(
        {
            "type": "dataset",
            "jl_region": "220100",
            "contact": "[…]",
            "extras_contact": "[…]",
            "note": "长" * STRING_BYTES,
            "data_dict": json.dumps({"title": "长春"}),
            "validated_data_dict": json.dumps(shown),
        }
    )
    assert document["data_dict"] == '{"title":"长春"}'
    assert json.loads(document["validated_data_dict"]) == shown
    assert "contact" not in document
    assert "extras_contact" not in document
    assert len(document["note"].encode()) <= STRING_BYTES
    assert document[LABELS].split("\n") == ["长春市", "吉林省"]
