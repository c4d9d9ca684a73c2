"""Exports asked for in the page: written into the workspace, zipped, fetched by an address of their own."""

from __future__ import annotations

import re
import shutil
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from speechlabel import formats
from speechlabel.errors import NotFoundError
from speechlabel.records import new_id
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.corrections import CorrectionReport, correct
from speechlabel.workflow.delivery import Delivery
from speechlabel.workflow.export import ExportReport, Selection, export
from speechlabel.workflow.planning import PLAIN

__all__ = ["Exports"]

T = TypeVar("T")

KEEP_SECONDS = 7 * 86_400
ID = re.compile(r"[0-9a-f-]{36}")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same export gives the same bytes


class Exports:
    """The exports of one workspace that can still be fetched."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.folder = workspace.root / "exports"

    def make(
        self,
        project_id: str,
        format: str,
        selection: Selection,
        *,
        delivery: Delivery = PLAIN,
        options: Mapping[str, Any] | None = None,
    ) -> tuple[str, ExportReport]:
        """Write an export and its archive; returns the id to fetch it by.

        Raises
        ------
        ExportError, NotFoundError, UnknownNameError, ChangedError
            As ``workflow.export.export``.
        WorkspaceError
            The disk is full.  Whatever is raised, nothing is left of the export.
        """
        options = options or {}
        formats.get(format, **options)  # a name that is none must not become a path

        def write(out: Path) -> ExportReport:
            return export(
                self.workspace, project_id, format, out, selection=selection, delivery=delivery, **options
            )

        return self._archive(project_id, format, write)

    def correct(
        self, project_id: str, format: str, older: int, newer: int, options: Mapping[str, Any]
    ) -> tuple[str, CorrectionReport]:
        """Write what changed between two snapshots, and its archive; returns the id to fetch it by.

        Raises
        ------
        ExportError, NotFoundError, ParseError, UnknownNameError, ChangedError
            As ``workflow.corrections.correct``.
        WorkspaceError
            The disk is full.  Whatever is raised, nothing is left of it.
        """
        formats.get(format, **options)

        def write(out: Path) -> CorrectionReport:
            return correct(self.workspace, project_id, older, newer, format, out, with_audio=True, **options)

        return self._archive(project_id, f"{format}-{older}-{newer}", write)

    def _archive(self, project_id: str, what: str, write: Callable[[Path], T]) -> tuple[str, T]:
        """Have a folder written, and pack it."""
        self.workspace.store.project(project_id)
        self.sweep()
        id = new_id()
        home = self.folder / id
        name = f"{project_id}-{what}"
        try:
            home.mkdir(parents=True)
            report = write(home / name)
            _zip(home / name, home / f"{name}.zip.part")
            (home / f"{name}.zip.part").rename(home / f"{name}.zip")
            shutil.rmtree(home / name)
        except BaseException:
            shutil.rmtree(home, ignore_errors=True)
            raise
        return id, report

    def find(self, id: str) -> Path:
        """Return the archive of an export.

        Raises
        ------
        NotFoundError
            There is none of that id, or it is older than a week.
        """
        if ID.fullmatch(id):
            for path in (self.folder / id).glob("*.zip"):
                return path
        raise NotFoundError("export", id, hint="export again; archives are kept for a week")

    def sweep(self, *, unfinished: bool = False) -> None:
        """Remove archives older than a week, and with ``unfinished`` what a killed server left behind."""
        for home in self.folder.glob("*"):
            try:
                is_old = time.time() - home.stat().st_mtime > KEEP_SECONDS
            except OSError:
                continue  # another sweep was faster
            if is_old or (unfinished and not any(home.glob("*.zip"))):
                shutil.rmtree(home, ignore_errors=True)


def _zip(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                info = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", EPOCH)
                is_audio = path.parent.name == "audio"  # little is gained by packing sound
                info.compress_type = zipfile.ZIP_STORED if is_audio else zipfile.ZIP_DEFLATED
                info.file_size = path.stat().st_size  # says whether 4 GB are passed
                with path.open("rb") as source, archive.open(info, "w") as entry:
                    shutil.copyfileobj(source, entry, 1 << 20)
