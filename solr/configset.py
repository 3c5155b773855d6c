"""Write Solr's configuration for this portal: the installed CKAN's own schema plus our overlays.

CKAN ships the schema that its index needs. This tool changes a copy of it by the operations in
``overlay/*.xml``, applied in file-name order, so that a CKAN upgrade needs no fork: an operation
that no longer fits stops here and says so.

    python solr/configset.py --out DIRECTORY [--schema FILE]

It needs nothing outside the standard library; ``--schema`` spares it the installed CKAN as well.
"""

from __future__ import annotations

import argparse
import copy
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).resolve().parent
SCHEMA_NAME = "ckan-2.12"


class ConfigsetError(Exception):
    """The configuration cannot be written; the message names the cause and the fix, in Chinese."""


def installed_schema() -> Path:
    """Find the schema that the installed CKAN ships.

    Returns:
        The path of its ``schema.xml``.

    Raises:
        ConfigsetError: CKAN is not installed for this Python.
    """
    spec = importlib.util.find_spec("ckan")
    if spec is None or spec.origin is None:
        raise ConfigsetError(
            "当前 Python 环境中没有安装 CKAN；请用安装了 CKAN 的 Python 运行,或用 --schema 指定文件"
        )
    return Path(spec.origin).parent / "config" / "solr" / "schema.xml"


def patched_schema(schema: Path, overlays: list[Path]) -> bytes:
    """Apply overlays to a schema.

    Args:
        schema: CKAN's ``schema.xml``.
        overlays: Overlay files, applied in this order.

    Returns:
        The new schema as UTF-8 XML.

    Raises:
        ConfigsetError: The schema is for another CKAN, or an operation does not fit it.
    """
    root = _parse(schema).getroot()
    if root.get("name") != SCHEMA_NAME:
        raise ConfigsetError(
            f"{schema} 的版本是 {root.get('name')}，本项目只支持 {SCHEMA_NAME}；请安装 CKAN 2.12"
        )
    for overlay in overlays:
        for operation in _parse(overlay).getroot():
            if isinstance(operation.tag, str):
                _apply(root, operation, overlay)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def write(out: Path, schema: Path) -> None:
    """Write the complete configuration set.

    Args:
        out: The ``conf`` directory of a core or configset; made when absent.
        schema: CKAN's ``schema.xml``.

    Raises:
        ConfigsetError: As for :func:`patched_schema`.
    """
    files = {path.name: path.read_bytes() for path in sorted((HERE / "conf").iterdir())}
    files["schema.xml"] = patched_schema(schema, sorted((HERE / "overlay").glob("*.xml")))
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).write_bytes(content)


def _parse(path: Path) -> ElementTree.ElementTree[ElementTree.Element]:
    # Only files of this project and of the installed CKAN are read here.
    builder = ElementTree.TreeBuilder(insert_comments=True)
    parser = ElementTree.XMLParser(target=builder)  # noqa: S314
    try:
        return ElementTree.parse(path, parser)  # noqa: S314
    except (OSError, ElementTree.ParseError) as error:
        raise ConfigsetError(f"无法读取 {path}：{error}") from error


def _replace(
    root: ElementTree.Element, target: ElementTree.Element, operation: ElementTree.Element
) -> None:
    parent = next(node for node in root.iter() if target in list(node))
    place = list(parent).index(target)
    parent.remove(target)
    for offset, node in enumerate(operation):
        parent.insert(place + offset, copy.deepcopy(node))


def _append(
    root: ElementTree.Element, target: ElementTree.Element, operation: ElementTree.Element
) -> None:
    target.extend(copy.deepcopy(node) for node in operation)


def _set(
    root: ElementTree.Element, target: ElementTree.Element, operation: ElementTree.Element
) -> None:
    target.set(operation.attrib["attribute"], operation.attrib["value"])


# <replace select="…">nodes</replace>  put nodes in the place of the selected one
# <append select="…">nodes</append>    add nodes as its last children
# <set select="…" attribute="…" value="…"/>
_OPERATIONS: dict[
    str, Callable[[ElementTree.Element, ElementTree.Element, ElementTree.Element], None]
] = {
    "replace": _replace,
    "append": _append,
    "set": _set,
}


def _apply(root: ElementTree.Element, operation: ElementTree.Element, overlay: Path) -> None:
    apply = _OPERATIONS.get(operation.tag)
    if apply is None:
        raise ConfigsetError(
            f"{overlay.name}：未知操作 <{operation.tag}>；可用：{'、'.join(_OPERATIONS)}"
        )
    select = operation.get("select", "")
    targets = [root] if select == "." else root.findall(select)
    if len(targets) != 1:
        raise ConfigsetError(
            f"{overlay.name}：{select} 在 CKAN 的 schema.xml 中匹配到 {len(targets)} 处，"
            "应为 1 处；请按新的 schema 修改这个覆盖文件"
        )
    apply(root, targets[0], operation)


def main() -> None:
    """Run the command line; an error ends it with status 1."""
    parser = argparse.ArgumentParser(description="用已安装的 CKAN 的 schema.xml 生成 Solr 配置")
    parser.add_argument("--out", type=Path, required=True, help="输出目录（核心的 conf 目录）")
    parser.add_argument("--schema", type=Path, help="CKAN 的 schema.xml；默认取已安装的 CKAN")
    args = parser.parse_args()
    try:
        write(args.out, args.schema or installed_schema())
    except ConfigsetError as error:
        sys.exit(f"Solr 配置生成失败：{error}")


if __name__ == "__main__":
    main()
