"""``python -m demo.portals``: run one simulated portal until it is stopped."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from demo.catalogue import CATALOGUES
from demo.portals.faults import NAMES
from demo.portals.server import FAMILIES, USUAL, Options, PortalServer, options_of
from demo.records import Record
from demo.replay import read_replay

_PORTS = {"odweb": ("JILINOPEN_ODWEB_PORT", 9311), "oportal": ("JILINOPEN_OPORTAL_PORT", 9312)}


def main(arguments: list[str] | None = None) -> int:
    """Run a portal.

    Args:
        arguments: of the command line; those of the process by default.

    Returns:
        Exit code: 0 stopped, 2 wrong arguments or port in use.
    """
    options = _parser().parse_args(arguments)
    try:
        server = PortalServer(
            options.family, _records(options), options=_options(options), port=_port(options)
        )
        for text in options.fault:
            server.fault_text(text)
    except (ValueError, OSError) as error:
        print(f"启动失败：{error}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"{server.options.title}（模拟，示例数据）：{server.url}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m demo.portals", description="在本机运行一个模拟的市级开放平台（示例数据）。"
    )
    parser.add_argument("family", choices=FAMILIES, help="门户产品类型")
    parser.add_argument("--port", type=int, help="端口，默认取环境变量，再默认 9311 / 9312")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--catalogue", choices=sorted(CATALOGUES), help="示例目录")
    source.add_argument("--replay", type=Path, metavar="FILE", help="按协议提供 JSONL 文件中的记录")
    parser.add_argument("--title", default="", help="平台名称")
    parser.add_argument("--base", default="", help="路径前缀，默认 /odweb 或 /oportal")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[,route=…][,times=…]",
        help=f"打开一种故障，可重复：{'、'.join(NAMES)}",
    )
    return parser


def _port(options: argparse.Namespace) -> int:
    name, default = _PORTS[options.family]
    return options.port if options.port is not None else int(os.environ.get(name, default))


def _records(options: argparse.Namespace) -> tuple[Record, ...]:
    if options.replay:
        return read_replay(options.replay)
    return CATALOGUES[options.catalogue or USUAL[options.family]]()


def _options(options: argparse.Namespace) -> Options:
    usual = options_of(options.family, options.catalogue or USUAL[options.family])
    path = "base" if options.family == "odweb" else "ctx"
    given = {"title": options.title, path: options.base}
    return replace(usual, **{name: value for name, value in given.items() if value})


if __name__ == "__main__":
    sys.exit(main())
