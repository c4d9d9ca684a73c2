"""Removing in a running server: the rows and files, and what the server itself still does with them."""

from __future__ import annotations

from speechlabel.web.site import Site
from speechlabel.workflow import remove
from speechlabel.workflow.projects import find_project
from speechlabel.workflow.rename import named_recording

__all__ = ["remove_project", "remove_recording"]


def remove_project(site: Site, project: str) -> remove.Removal:
    """Remove a project (by id or name); see ``workflow.remove``."""
    id = find_project(site.workspace, project).id
    recordings = site.workspace.store.recordings(id)
    gone = remove.remove_project(site.workspace, id)
    for recording in recordings:
        site.preparer.forget(id, recording.id)
    return gone


def remove_recording(site: Site, project: str, recording: str) -> remove.Removal:
    """Remove a recording (by id or name); see ``workflow.remove``."""
    found = named_recording(site.workspace, project, recording)
    gone = remove.remove_recording(site.workspace, found.project_id, found.id)
    site.preparer.forget(found.project_id, found.id)
    return gone
