"""The verbs that write, as commands call them: here, or in the server that has the workspace open.

Both give the same answers, as JSON.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from speechlabel.batch.local import LocalPool
from speechlabel.cli.remote import Server
from speechlabel.cli.terminal import Told, complain
from speechlabel.config import Settings
from speechlabel.errors import NotFoundError, WorkspaceError
from speechlabel.store.workspace import Workspace, holder, open_workspace
from speechlabel.workflow.projects import create_project, find_project, set_guideline

if TYPE_CHECKING:
    from speechlabel.workflow.options import ImportOptions, PrepareOptions

__all__ = ["Verbs", "pool", "reading", "writing"]

AUTHOR = "user:me"  # the one person of this machine, as in the page


class Verbs(Protocol):
    """What can be done to a workspace."""

    def create_project(
        self, name: str, *, language: str, preset: str, rules: str | None = None
    ) -> dict[str, Any]:
        """Make a project: ``{"id", "name", "language"}``; ``rules`` is a guideline's text."""
        ...

    def set_guideline(self, name: str, rules: str) -> dict[str, Any]:
        """Give a project another guideline: ``{"id", "name", "language"}``."""
        ...

    def rename_project(self, name: str, new: str) -> dict[str, Any]:
        """Give a project another name: ``{"id", "name"}``."""
        ...

    def remove_project(self, name: str) -> dict[str, Any]:
        """Remove a project: what has gone, see ``workflow.remove.Removal``."""
        ...

    def rename_recording(self, name: str, recording: str, new: str) -> dict[str, Any]:
        """Give a recording another name: ``{"id", "name"}``."""
        ...

    def remove_recording(self, name: str, recording: str) -> dict[str, Any]:
        """Remove a recording: what has gone."""
        ...

    def rename_speaker(self, name: str, old: str, new: str) -> dict[str, Any]:
        """Rename a speaker in all recordings of a project: ``SpeakerReport`` as JSON."""
        ...

    def change_speaker(self, name: str, speaker: str, changes: Mapping[str, str | None]) -> dict[str, Any]:
        """Give a speaker another colour or role in all recordings: ``SpeakerReport`` as JSON."""
        ...

    def ingest(self, name: str, paths: Sequence[Path], told: Told, options: ImportOptions) -> dict[str, Any]:
        """Take recordings and annotations in: see ``workflow.annotations.bring_in``."""
        ...

    def prepare(
        self, name: str, options: PrepareOptions, told: Told, ids: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """Prepare recordings, all or those named: ``{"ready", "unchanged", "failed"}``."""
        ...


class Here:
    """The verbs in this process."""

    def __init__(self, workspace: Workspace, settings: Settings) -> None:
        self.workspace = workspace
        self.settings = settings

    def create_project(
        self, name: str, *, language: str, preset: str, rules: str | None = None
    ) -> dict[str, Any]:
        """Make a project."""
        made = create_project(self.workspace, name, language=language, preset=preset, rules=rules)
        return {"id": made.id, "name": made.name, "language": made.language}

    def set_guideline(self, name: str, rules: str) -> dict[str, Any]:
        """Give a project another guideline."""
        project = set_guideline(self.workspace, name, rules)
        return {"id": project.id, "name": project.name, "language": project.language}

    def rename_project(self, name: str, new: str) -> dict[str, Any]:
        """Give a project another name."""
        from speechlabel.workflow.rename import rename_project

        made = rename_project(self.workspace, name, new)
        return {"id": made.id, "name": made.name}

    def remove_project(self, name: str) -> dict[str, Any]:
        """Remove a project."""
        from speechlabel.workflow.remove import remove_project

        return remove_project(self.workspace, name).to_dict()

    def rename_recording(self, name: str, recording: str, new: str) -> dict[str, Any]:
        """Give a recording another name."""
        from speechlabel.workflow.rename import rename_recording

        made = rename_recording(self.workspace, name, recording, new)
        return {"id": made.id, "name": made.name}

    def remove_recording(self, name: str, recording: str) -> dict[str, Any]:
        """Remove a recording."""
        from speechlabel.workflow.remove import remove_recording

        return remove_recording(self.workspace, name, recording).to_dict()

    def rename_speaker(self, name: str, old: str, new: str) -> dict[str, Any]:
        """Rename a speaker in all recordings."""
        from speechlabel.workflow.speakers import rename_speaker

        project = find_project(self.workspace, name)
        return rename_speaker(self.workspace, project.id, old, new, author=AUTHOR).to_dict()

    def change_speaker(self, name: str, speaker: str, changes: Mapping[str, str | None]) -> dict[str, Any]:
        """Give a speaker another colour or role in all recordings."""
        from speechlabel.workflow.speakers import change_speaker

        project = find_project(self.workspace, name)
        return change_speaker(self.workspace, project.id, speaker, changes, author=AUTHOR).to_dict()

    def ingest(self, name: str, paths: Sequence[Path], told: Told, options: ImportOptions) -> dict[str, Any]:
        """Take recordings and annotations in."""
        from speechlabel.workflow.annotations import bring_in

        project = find_project(self.workspace, name)

        def step(done: int, total: int) -> None:
            told(f"{done} of {total}", 1.0, total)

        return bring_in(self.workspace, project.id, paths, options=options, progress=step)

    def prepare(
        self, name: str, options: PrepareOptions, told: Told, ids: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """Prepare recordings, in processes of their own."""
        from speechlabel.workflow.prepare import is_due, prepare

        project = find_project(self.workspace, name)
        known = self.workspace.store.recordings(project.id)
        chosen = [item for item in known if ids is None or item.id in ids]
        total = sum(is_due(self.workspace, item, options) for item in chosen)
        with pool(self.settings.workers) as executor:
            report = prepare(
                self.workspace,
                project.id,
                ids,
                options=options,
                executor=executor,
                progress=lambda id, ratio: told(id, ratio, total),
            )
        return report.to_dict()


@contextmanager
def writing(settings: Settings) -> Generator[Verbs]:
    """Open the workspace to write, or reach the server that has it open; says so then.

    Raises
    ------
    WorkspaceError
        Another process than a server writes here, or the server does not answer.
    """
    try:
        workspace = open_workspace(settings.workspace)
    except WorkspaceError as error:
        address = error.data.get("address")
        if error.data["reason"] != "locked" or not address:
            raise
        complain(f"a server has the workspace open; this is done there: {address}")
        yield Server(address, holder(settings.workspace).get("token"), settings.workspace)
        return
    with workspace:
        yield Here(workspace, settings)


@contextmanager
def reading(settings: Settings) -> Generator[Workspace]:
    """Open the workspace to read, whoever writes there.

    Raises
    ------
    NotFoundError
        There is none; the message says how to make one.
    """
    try:
        workspace = open_workspace(settings.workspace, read_only=True)
    except NotFoundError as error:
        hint = "make one with 'speechlabel project create NAME', or name another folder with --workspace"
        raise NotFoundError("workspace", str(settings.workspace), hint=hint) from error
    with workspace:
        yield workspace


@contextmanager
def pool(workers: int) -> Generator[LocalPool]:
    """Give worker processes; when the work is broken off they are stopped at once."""
    executor = LocalPool(workers)
    try:
        yield executor
    except BaseException:
        executor.shutdown(cancel_futures=True)
        raise
    executor.shutdown()
