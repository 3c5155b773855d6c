"""Where messages come from: our own catalogue folder, CKAN and its extensions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from ckanext.jilinopen.catalogue.localisation.messages import (
    DOMAIN,
    LOCALE,
    Messages,
    add,
    extract,
    read_if_there,
)

__all__ = ["Catalogues", "Component", "components"]

_EXAMPLE = "ckanext/example_"  # CKAN's plugins for developers are never switched on here


@dataclass(frozen=True)
class Component:
    """A piece of software whose messages the portal shows.

    Attributes:
        name: name of the distribution.
        folders: (prefix of the places, folder of sources) pairs.
        template: the ``.pot`` it ships, if that is worth reading.
        catalogue: the Chinese ``.po`` it ships.
    """

    name: str
    folders: tuple[tuple[str, Path], ...]
    template: Path | None = None
    catalogue: Path | None = None

    @property
    def version(self) -> str:
        """Installed version."""
        try:
            return version(self.name)
        except PackageNotFoundError:
            return "?"

    def wanted(self) -> Messages:
        """Messages of the installed code, and those that only its ``.pot`` knows."""
        return _wanted(self)

    def shipped(self) -> Messages:
        """Translations that the component brings along."""
        return read_if_there(self.catalogue)


@lru_cache(maxsize=16)
def _wanted(part: Component) -> Messages:
    found: Messages = {}
    for prefix, folder in part.folders:
        add(found, extract(folder, prefix).values())
    for entry in read_if_there(part.template).values():
        if not all(place.startswith(_EXAMPLE) for place in entry.places):
            found.setdefault(entry.msgid, replace(entry, text=""))
    return found


@dataclass(frozen=True)
class Catalogues:
    """The catalogue folder of the project.

    Attributes:
        folder: the ``i18n`` folder.
        sources: the package folder that our own messages come from.
    """

    folder: Path
    sources: Path

    @classmethod
    def here(cls) -> Catalogues:
        """The installed folder; in a checkout that is not installed, the one beside the code."""
        sources = Path(__file__).parents[2]
        spec = find_spec("ckanext.jilinopen.i18n")
        found = Path(spec.origin).parent if spec and spec.origin else sources.parents[1] / "i18n"
        return cls(found, sources)

    @property
    def template(self) -> Path:
        """Our own messages, untranslated."""
        return self.folder / f"{DOMAIN}.pot"

    @property
    def own(self) -> Path:
        """Our own messages in Chinese."""
        return self.folder / LOCALE / "LC_MESSAGES" / f"{DOMAIN}.po"

    @property
    def compiled(self) -> Path:
        """Everything, as CKAN loads it."""
        return self.own.with_suffix(".mo")

    def overlay(self, name: str) -> Path:
        """What we fill and mend in a component."""
        return self.folder / "overlay" / f"{name}.{LOCALE}.po"

    def overlays(self) -> list[Path]:
        """All overlay files, in the order of their names."""
        return sorted((self.folder / "overlay").glob(f"*.{LOCALE}.po"))

    def files(self) -> dict[str, Messages]:
        """All sources by file name; ours comes first and wins."""
        return {path.name: read_if_there(path) for path in [self.own, *self.overlays()]}

    def merged(self) -> Messages:
        """What the compiled catalogue must hold."""
        found: Messages = {}
        for messages in self.files().values():
            for entry in messages.values():
                if entry.text and not entry.fuzzy:
                    found.setdefault(entry.msgid, entry)
        return found


@lru_cache(maxsize=1)
def components() -> tuple[Component, ...]:
    """CKAN itself and the extensions that the portal stands on, as far as they are installed."""
    root = _package_folder("ckan")
    found = [_core(root)] if root else []
    for package in ("harvest", "scheming"):
        folder = _package_folder(f"ckanext.{package}")
        if folder:
            found.append(Component(f"ckanext-{package}", ((f"ckanext/{package}/", folder),)))
    return tuple(found)


def _core(root: Path) -> Component:
    """CKAN with the plugins of its own distribution, which its template names."""
    template = root / "i18n" / "ckan.pot"
    places = (place for entry in read_if_there(template).values() for place in entry.places)
    plugins = {
        place.split("/")[1]
        for place in places
        if place.startswith("ckanext/") and not place.startswith(_EXAMPLE)
    }
    folders = {f"ckanext/{name}/": root.parent / "ckanext" / name for name in sorted(plugins)}
    there = [(prefix, folder) for prefix, folder in folders.items() if folder.is_dir()]
    catalogue = root / "i18n" / LOCALE / "LC_MESSAGES" / "ckan.po"
    return Component("ckan", (("ckan/", root), *there), template, catalogue)


def _package_folder(name: str) -> Path | None:
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None
