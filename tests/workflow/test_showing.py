"""What a client template gives of the first segments, before anything is delivered."""

from __future__ import annotations

import pytest
from cli.running import voice, write

from speechlabel import guideline
from speechlabel.errors import NotFoundError, ParseError
from speechlabel.records import Segment
from speechlabel.workflow.export import export, preview
from speechlabel.workflow.projects import set_guideline
from speechlabel.workflow.showing import first_lines, show_templates

RULES = (
    'version = 1\nname = "x"\nlanguages = ["zh"]\n[[labels]]\nname = "n"\nmark = "[N]"\ntitle = {}\n'
    'export = { template = "<n>" }\n'
    '[[templates]]\nname = "lines"\nlayout = "jsonl"\ndocument = { t = "{text}", a = "{audio.name}" }\n'
    '[[templates]]\nname = "book"\nlayout = "xlsx"\nper = "all"\n'
    'columns = [{ title = "文本", value = "{text}" }, { title = "起", value = "{start}" }]\n'
)


@pytest.fixture
def labelled(desk, tmp_path):
    first, second = desk.take(
        write(tmp_path / "a.wav", voice(6)), write(tmp_path / "b.wav", voice(6, seed=3))
    )
    desk.label(first, Segment(start_us=0, end_us=900_000))
    segments = [
        Segment(start_us=n * 1_000_000, end_us=n * 1_000_000 + 900_000, text=f"句{n} [N]", status="done")
        for n in range(5)
    ]
    desk.label(second, Segment(start_us=5_000_000, end_us=5_500_000), *segments)
    return desk


def test_three_segments_with_a_text_are_shown_by_each_template(labelled):
    lines, book = show_templates(labelled.workspace, "p", RULES)
    assert (lines.file, lines.error) == ("b.jsonl", None)
    assert lines.text.splitlines() == [f'{{"t":"句{n} <n>","a":"b.wav"}}' for n in range(3)]
    assert book.text.splitlines() == ["文本\t起", "句0 <n>\t0", "句1 <n>\t1", "句2 <n>\t2"]


def test_what_it_demands_is_told_and_a_guideline_without_templates_shows_nothing(labelled):
    demand = RULES.replace('t = "{text}"', 't = { value = "{note}", required = true }')
    assert "t is required and not told: b.wav" in show_templates(labelled.workspace, "p", demand)[0].error
    assert show_templates(labelled.workspace, "p", guideline.preset("default")) == []
    with pytest.raises(ParseError):
        show_templates(labelled.workspace, "p", RULES.replace("{text}", "{txt}"))
    with pytest.raises(NotFoundError):
        show_templates(labelled.workspace, "nobody", RULES)


def test_a_project_without_recordings_has_nothing_to_show(desk):
    assert [item.text for item in show_templates(desk.workspace, "p", RULES)] == ["", ""]


def test_the_export_has_it_whole_and_previews_workbooks_as_text(labelled, tmp_path):
    set_guideline(labelled.workspace, "p", RULES)
    made = export(labelled.workspace, "p", "template", tmp_path / "out", template="lines")
    assert made.report.files == ("a.jsonl", "b.jsonl", "template.json")
    assert made.report.segments == 5
    seen = preview(labelled.workspace, "p", "template", template="book")
    assert seen.files["p.xlsx"][:2] == ["文本\t起", "句0 <n>\t0"]
    (tmp_path / "x.bin").write_bytes(b"PK\0\0")
    assert first_lines(tmp_path / "x.bin", 5) == []
