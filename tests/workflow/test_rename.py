"""Another name for a project or recording: people see it everywhere, ids stay."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from speechlabel.errors import InputError, NotFoundError, RecordError
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.projects import create_project, find_project
from speechlabel.workflow.rename import rename_project, rename_recording
from speechlabel.workflow.status import project_status


def test_a_project_is_renamed_and_found_by_either(desk):
    create_project(desk.workspace, "other")
    assert rename_project(desk.workspace, "p", "  客服通话 ").name == "客服通话"
    assert find_project(desk.workspace, "客服通话").id == "p"
    assert rename_project(desk.workspace, "客服通话", "客服通话").id == "p"  # its own name is not taken
    for name, error in (
        ("other", InputError),
        ("a\nb", InputError),
        (" ", RecordError),
        ("x" * 201, RecordError),
    ):
        with pytest.raises(error):
            rename_project(desk.workspace, "p", name)
    with pytest.raises(NotFoundError):
        rename_project(desk.workspace, "nobody", "x")
    assert find_project(desk.workspace, "p").name == "客服通话"


@pytest.fixture
def two(desk, tmp_path):
    """Two recordings of the same name, from different folders."""
    for number, folder in enumerate(("monday", "tuesday")):
        (tmp_path / folder).mkdir()
        soundfile.write(tmp_path / folder / "call.wav", np.full(800, 0.1 * (number + 1)), 8_000)
    return ingest(desk.workspace, "p", [tmp_path / "monday", tmp_path / "tuesday"]).added


def test_a_recording_is_renamed_and_its_title_does_not_hide_that(desk, two):
    desk.workspace.store.update_recording("p", two[0].id, metadata={"title": {"en": "A call"}, "n": 1})
    made = rename_recording(desk.workspace, "p", two[0].id, " Complaint, line 2 ")
    assert (made.id, made.name, made.path, made.metadata) == (
        *(two[0].id, "Complaint, line 2", two[0].path),
        {"n": 1},
    )
    row = project_status(desk.workspace, "p")["recordings"][0]
    assert (row["name"], row["title"]) == ("Complaint, line 2", None)
    assert rename_recording(desk.workspace, "p", "Complaint, line 2", "x").id == two[0].id
    for name in ("", " ", "a\tb", "x" * 201):
        with pytest.raises(InputError, match="one line"):
            rename_recording(desk.workspace, "p", two[0].id, name)


def test_a_name_of_several_recordings_is_refused_with_their_ids(desk, two):
    with pytest.raises(InputError, match=f"2 recordings.*{two[0].id}, {two[1].id}"):
        rename_recording(desk.workspace, "p", "call.wav", "x")
    with pytest.raises(NotFoundError, match="in project p"):
        rename_recording(desk.workspace, "p", "nobody.wav", "x")
