"""What may be segmented anew: all that shows what a segmenter made."""

from __future__ import annotations

import numpy as np
import soundfile

from speechlabel.records import Segment, Transcript
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.prepare import PrepareOptions, prepare
from speechlabel.workflow.recut import recuttable


def parts(desk):
    found = recuttable(desk.workspace, "p")
    return {item.id for item in found.free}, {item.id for item in found.worked_on}


def test_work_imports_and_drafts_are_parted_from_what_a_segmenter_made(desk, tmp_path):
    noise = np.random.default_rng(1).normal(0, 0.2, 16_000)
    for number, name in enumerate(
        ("looked", "labelled", "undone", "imported", "drafted", "plain", "waiting")
    ):
        soundfile.write(tmp_path / f"{name}.wav", noise * (0.5 + number / 20), 16_000)
    ids = [item.id for item in ingest(desk.workspace, "p", [tmp_path]).added]
    done = [id for id in ids if id != "waiting"]
    assert not prepare(desk.workspace, "p", done, options=PrepareOptions(segmenter="energy")).failed
    desk.open("looked")
    desk.label("labelled", Segment(start_us=0, end_us=500_000, text="somebody typed this"))
    desk.label("undone", Segment(start_us=0, end_us=500_000, text="somebody typed this, and took it back"))
    desk.label("undone")  # as it was; but it can be done again
    for id, author in (("imported", "import:textgrid"), ("drafted", "engine:whisper")):
        made = Transcript(
            project_id="p", recording_id=id, author=author, stage="label", created_at="2020-01-01T00:00:00Z"
        )
        desk.workspace.store.add_transcript(made, [], [])
    free, worked_on = parts(desk)
    assert free == {"looked", "plain", "waiting"}
    assert worked_on == {"labelled", "undone", "imported", "drafted"}
    found = recuttable(desk.workspace, "p")
    assert found.find("plain") == desk.workspace.store.recording("p", "plain")
    assert found.find("labelled") is None and found.find("gone") is None

    # Cut anew, what was only looked at shows the new segments and is still free.
    again = PrepareOptions(segmenter="energy", values={"min_speech_ms": 10_000}, again=True)
    assert not prepare(desk.workspace, "p", ["looked"], options=again).failed
    assert desk.open("looked").segments == []
    assert parts(desk) == (free, worked_on)
