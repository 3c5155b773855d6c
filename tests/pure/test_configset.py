"""The tool that patches CKAN's Solr schema."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from solr.configset import HERE, ConfigsetError, installed_schema, patched_schema, write

SCHEMA = """<schema name="ckan-2.12" version="1.6">
  <types><fieldType name="text" class="a"/><fieldType name="string" class="b"/></types>
  <fields><field name="title" type="text"/></fields>
</schema>"""


def patched(tmp_path: Path, *operations: str) -> ElementTree.Element:
    schema = tmp_path / "schema.xml"
    schema.write_text(SCHEMA, encoding="utf-8")
    overlays = []
    for number, operation in enumerate(operations):
        overlay = tmp_path / f"{number}.xml"
        overlay.write_text(f"<overlay>{operation}</overlay>", encoding="utf-8")
        overlays.append(overlay)
    return ElementTree.fromstring(patched_schema(schema, overlays))


def attribute(root: ElementTree.Element, path: str, name: str) -> str | None:
    return root.findall(path)[0].get(name)


def test_replace_puts_nodes_in_the_old_place(tmp_path: Path) -> None:
    new = "<fieldType name='text' class='c'/>"
    root = patched(tmp_path, f"<replace select=\"./types/fieldType[@name='text']\">{new}</replace>")
    assert [node.get("class") for node in root.findall("./types/fieldType")] == ["c", "b"]


def test_append_and_set(tmp_path: Path) -> None:
    root = patched(
        tmp_path,
        '<append select="./fields"><field name="x" type="string"/></append>',
        "<set select=\"./fields/field[@name='title']\" attribute='type' value='string'/>",
        '<append select="."><copyField source="x" dest="title"/></append>',
    )
    assert [node.get("name") for node in root.findall("./fields/field")] == ["title", "x"]
    assert attribute(root, "./fields/field[@name='title']", "type") == "string"
    assert attribute(root, "./copyField", "source") == "x"


def test_later_overlays_see_what_earlier_ones_did(tmp_path: Path) -> None:
    root = patched(
        tmp_path,
        '<append select="./fields"><field name="x" type="string"/></append>',
        "<set select=\"./fields/field[@name='x']\" attribute='type' value='text'/>",
    )
    assert attribute(root, "./fields/field[@name='x']", "type") == "text"


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ("<set select=\"./fields/field[@name='gone']\" attribute='a' value='b'/>", "匹配到 0 处"),
        ('<set select="./types/fieldType" attribute="a" value="b"/>', "匹配到 2 处"),
        ('<remove select="./types"/>', "未知操作 <remove>"),
    ],
)
def test_an_operation_that_does_not_fit_says_so(tmp_path: Path, operation: str, said: str) -> None:
    with pytest.raises(ConfigsetError, match=said):
        patched(tmp_path, operation)


def test_the_schema_of_another_ckan_is_refused(tmp_path: Path) -> None:
    schema = tmp_path / "schema.xml"
    schema.write_text('<schema name="ckan-2.13"/>', encoding="utf-8")
    with pytest.raises(ConfigsetError, match=r"ckan-2\.13"):
        patched_schema(schema, [])


def test_the_overlays_change_only_what_they_name() -> None:
    ours = ElementTree.fromstring(
        patched_schema(installed_schema(), sorted((HERE / "overlay").glob("*.xml")))
    )
    stock = ElementTree.parse(installed_schema()).getroot()
    for root in (ours, stock):
        types = root.findall("types")[0]
        types.remove(types.findall("./fieldType[@name='text']")[0])
    assert _canonical(ours) == _canonical(stock)


def test_a_written_configset_is_complete(tmp_path: Path) -> None:
    write(tmp_path / "conf", installed_schema())
    names = {path.name for path in (tmp_path / "conf").iterdir()}
    assert names >= {
        "schema.xml",
        "solrconfig.xml",
        "protwords.txt",
        "stopwords.txt",
        "synonyms.txt",
        "chinese_synonyms.txt",
    }


def _canonical(root: ElementTree.Element) -> str:
    return ElementTree.canonicalize(
        ElementTree.tostring(root, encoding="unicode"), strip_text=True, with_comments=False
    )
