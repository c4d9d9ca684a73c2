"""What a change of the guideline would leave without a name: counted, and left as it is."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from speechlabel import guideline
from speechlabel.errors import NotFoundError, ParseError
from speechlabel.records import Event, Segment
from speechlabel.workflow.guidelines import orphans
from speechlabel.workflow.projects import set_guideline

HEAD = 'version = 1\nname = "x"\nlanguages = ["zh"]\n'
RULES = (
    HEAD
    + "".join(
        f'[[labels]]\nname = "{name}"\ntitle = {{en = "{name.title()}"}}\n' for name in ("noise", "music")
    )
    + '[[invalid_reasons]]\nname = "cut"\ntitle = {}\n'
    + '[[fields]]\nname = "gloss"\ntitle = {en = "Gloss"}\n'
    + '[[fields]]\nname = "mood"\ntitle = {}\nkind = "choice"\nchoices = [\n  {name = "calm", title = {}},\n'
    + '  {name = "cross", title = {en = "Cross"}},\n]\n'
)


def part(start_s, **values):
    return Segment(start_us=start_s * 1_000_000, end_us=start_s * 1_000_000 + 900_000, **values)


@pytest.fixture
def labelled(desk, tmp_path):
    """Two recordings: the first carries everything, the second a label only."""
    set_guideline(desk.workspace, "p", RULES)
    noise = np.random.default_rng(1).normal(0, 0.2, 64_000)
    for name, loudness in (("one", 0.5), ("two", 0.6)):
        soundfile.write(tmp_path / f"{name}.wav", noise * loudness, 16_000)
    first, second = desk.take(tmp_path / "one.wav", tmp_path / "two.wav")
    desk.label(
        first,
        part(0, noise_labels=("noise", "music"), fields={"gloss": "x", "mood": "cross"}),
        part(1, noise_labels=("noise",), is_valid=False, invalid_reason="cut"),
        part(2, events=(Event(label="noise"),), fields={"gloss": ""}),
    )
    desk.label(second, part(0, noise_labels=("noise",)))
    return desk


def found(desk, rules):
    return {
        (item.kind, item.name): (item.segments, item.recordings)
        for item in orphans(desk.workspace, "p", rules)
    }


def test_what_disappears_is_counted_by_segments_and_recordings(labelled):
    assert found(labelled, HEAD) == {
        ("label", "noise"): (4, 2),
        ("label", "music"): (1, 1),
        ("invalid_reason", "cut"): (1, 1),
        ("field", "gloss"): (1, 1),
        ("field", "mood"): (1, 1),
        ("choice", "mood.cross"): (1, 1),
    }
    [cross] = orphans(labelled.workspace, "p", RULES.replace('"cross"', '"angry"'))
    assert (cross.kind, cross.name, cross.title) == ("choice", "mood.cross", {"en": "Cross"})


def test_what_stays_or_nobody_used_is_not_told(labelled):
    assert found(labelled, RULES) == {}
    assert found(labelled, RULES.replace('"calm"', '"quiet"')) == {}  # nobody chose it
    set_guideline(labelled.workspace, "p", HEAD)
    assert found(labelled, HEAD) == {}  # it was gone before


def test_segments_keep_what_the_guideline_gave_up(labelled):
    before = [labelled.open(name).segments for name in ("one", "two")]
    set_guideline(labelled.workspace, "p", HEAD)
    assert [labelled.open(name).segments for name in ("one", "two")] == before


def test_an_older_pass_does_not_count(labelled):
    labelled.change("one", noise_labels=(), events=())
    assert found(labelled, RULES.replace('"music"', '"song"')) == {}
    assert found(labelled, RULES.replace('"noise"', '"din"')) == {("label", "noise"): (1, 1)}


def test_what_is_no_guideline_or_no_project_is_refused(labelled):
    with pytest.raises(ParseError):
        orphans(labelled.workspace, "p", "version = ")
    with pytest.raises(NotFoundError):
        orphans(labelled.workspace, "nobody", guideline.preset("default"))
