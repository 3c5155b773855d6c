"""``ckan jilinopen i18n``: build, check and count the translation catalogues."""

from __future__ import annotations

import sys

import click

from ckanext.jilinopen.catalogue.localisation import main

__all__ = ["i18n"]


@click.group(short_help="界面翻译", help="界面翻译：更新、检查、统计译文。")
def i18n() -> None:
    """Translation catalogues."""


@i18n.command(
    short_help="更新译文文件并编译",
    help=(
        "从代码重新收集要翻译的词句，并编译成 .mo。"
        "已有译文保留，新词句留空待译。编译后要重启 CKAN。"
    ),
)
def build() -> None:
    """Collect messages again and compile."""
    sys.exit(main("build", click.echo))


@i18n.command(
    short_help="检查译文",
    help=(
        "找出没有翻译、占位符或 HTML 不一致、繁体字、残留英文、半角标点、用词不统一的译文，"
        "以及 CKAN 新版本带来的新词句。没有问题时退出码为 0，有问题时为 1。"
    ),
)
def check() -> None:
    """Find wrong, missing and stale translations."""
    sys.exit(main("check", click.echo))


@i18n.command(short_help="统计翻译覆盖率", help="统计 CKAN、各扩展和本平台的翻译覆盖率。")
def stats() -> None:
    """Count coverage."""
    sys.exit(main("stats", click.echo))
