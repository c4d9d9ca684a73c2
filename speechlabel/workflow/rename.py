"""Rename: what people call a project or a recording; ids, and with them addresses and exports, stay."""

from __future__ import annotations

from speechlabel.errors import InputError, NotFoundError
from speechlabel.records import Project, Recording
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.projects import check_name, find_project

__all__ = ["named_recording", "rename_project", "rename_recording"]

LONGEST = 200  # letters


def rename_project(workspace: Workspace, project: str, name: str) -> Project:
    """Give a project (by id or name) another name.

    Raises
    ------
    NotFoundError
        There is no such project.
    InputError
        Another project has that name, or it is none.
    """
    found = find_project(workspace, project)
    others = [item for item in workspace.store.projects() if item.id != found.id]
    return workspace.store.update_project(found.id, name=check_name(name, others))


def rename_recording(workspace: Workspace, project: str, recording: str, name: str) -> Recording:
    """Give a recording (by id or name) another name; its file is left as it is.

    A sample's titles in several languages go: the new name is what people see, in any language.

    Raises
    ------
    NotFoundError
        There is no such project or recording.
    InputError
        It is no name, or several recordings have the old one.
    """
    found = named_recording(workspace, project, recording)
    name = name.strip()
    if not name or not name.isprintable() or len(name) > LONGEST:
        raise InputError(f"name {name!r}: a recording's name is one line of 1 to {LONGEST} letters")
    metadata = {key: value for key, value in found.metadata.items() if key != "title"}
    return workspace.store.update_recording(found.project_id, found.id, name=name, metadata=metadata)


def named_recording(workspace: Workspace, project: str, recording: str) -> Recording:
    """Return the recording of a project with that id, else the only one with that name.

    Raises
    ------
    NotFoundError
        There is none.
    InputError
        Several have that name; the message lists their ids.
    """
    known = workspace.store.recordings(find_project(workspace, project).id)
    found = [item for item in known if item.id == recording] or [
        item for item in known if item.name == recording
    ]
    if not found:
        raise NotFoundError("recording", recording, hint=f"in project {project}")
    if len(found) > 1:
        ids = ", ".join(item.id for item in found)
        raise InputError(f"{len(found)} recordings are called {recording!r}; name one by its id: {ids}")
    return found[0]
