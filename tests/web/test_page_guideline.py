"""The panel "Guideline": seen, edited, checked and saved; what is wrong or would be missed is said."""

from __future__ import annotations

import gc

import pytest

from speechlabel import guideline
from speechlabel.edits import Update
from speechlabel.store.base import Batch
from speechlabel.web.words import word
from speechlabel.workflow.label import open_recording, save
from speechlabel.workflow.projects import create_project, set_guideline

PLACES = {
    locale: {"locale": locale, "view": "projects", "project": "p", "recording": "tone"}
    for locale in ("en", "zh-CN")
}
EN = PLACES["en"]
DEFAULT = guideline.preset("default")
SMALL = 'version = 1\nname = "x"\nlanguages = ["zh"]\n'


@pytest.fixture
def panel(client, app, monkeypatch):
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")  # before the first import: it calls other hosts
    import gradio as gr

    from speechlabel.web.editor import make_editor
    from speechlabel.web.pages.guideline import GuidelinePanel

    with gr.Blocks(analytics_enabled=False):
        gc.collect()
        yield GuidelinePanel(app.state.site, make_editor())


def show(panel, place=EN, held=None, text=""):
    """Come to a place; returns what is held, the text in the box, the summary and what is said."""
    from speechlabel.web.pages.guideline import NOTHING

    held, box, summary, said, button = panel._moved(place, held or NOTHING, text)
    return held, box.get("value", text), summary, said, button


def stored(workspace, project="p"):
    return workspace.store.project(project).guideline


def test_a_guideline_is_shown_as_text_and_at_a_glance(panel, workspace):
    extra = (
        '[[labels]]\nname = "um"\nscope = "inline"\ntitle = {en = "Um <b>"}\n'
        '[[fields]]\nname = "mood"\nkind = "choice"\nrequired = true\ntitle = {zh-CN = "情绪"}\n'
        'choices = [{name = "calm", title = {zh-CN = "平静"}}]\n[[snippets]]\nshort = "ty"\ntext = "thanks"\n'
    )
    terms = "terms = [" + ", ".join(f'"t{n}"' for n in range(15)) + "]\n"
    set_guideline(workspace, "p", terms + DEFAULT + extra)
    held, text, summary, said, button = show(panel, PLACES["zh-CN"])
    assert (text, held["base"], said) == (stored(workspace), stored(workspace), "")
    assert button == {"value": "保存", "interactive": False, "__type__": "update"}
    for part in ("环境噪声", "Alt+1", "#b45309", "听不清", "情绪", "平静, 必填", "ty → thanks", "t11", "+ 3"):
        assert part in summary, part
    assert "t12" not in summary and "Um &lt;b&gt;" in summary and "文内标记" in summary
    assert "mood" in show(panel)[2]  # without an English title: its name


def test_a_good_one_is_saved_and_the_editor_opens_anew(panel, workspace):
    held, *_ = show(panel)
    changed = DEFAULT.replace('name = "echo"', 'name = "ringing"')
    assert panel._typed(EN, held, changed)[0] == f'<p role="status">{word("en", "page.rules_unsaved")}</p>'
    assert panel._typed(EN, held, DEFAULT.rstrip())[0] == ""  # the box takes the last end of line off
    assert word("en", "page.rules_good") in panel._check(EN, held, changed)[0]
    assert stored(workspace) == DEFAULT
    held, _, summary, said, button, editor = panel._save(EN, held, changed)
    assert stored(workspace) == changed == held["base"]
    assert word("en", "page.rules_saved") in said and "Echo" in summary and not button["interactive"]
    assert editor["recut"] == {"project": "p", "recordings": ["tone"]}


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        (SMALL + "x =", "Line 4 is not TOML: Invalid value", "第 4 行不符合 TOML 语法（Invalid value）"),
        ("", "version: it is missing", "version：缺少此项"),
        (
            SMALL + "colour = 1",
            "Line 4, colour: there is no such field; there are version,",
            "第 4 行，colour：没有",
        ),
        (
            SMALL + '[[labels]]\nname = "a"\ntitle = {}\ncolor = "red"',
            "Line 7, labels[0].color: “red” is no colour",
            "第 7 行，labels[0].color：“red”不是颜色",
        ),
        (
            SMALL + '[[labels]]\nname = "a"\ntitle = {}\n' * 2,
            "Line 8, labels: “a” is given twice",
            "第 8 行，labels：“a”重复",
        ),
        (SMALL + "terms = 5", "must be a list", "必须是列表"),
        (SMALL + "x = " + "[" * 5000, "is nested too deeply", "is nested too deeply"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_nothing_is_saved(panel, workspace, text, en, zh):
    held, *_ = show(panel)
    for locale, words in (("en", en), ("zh-CN", zh)):
        [checked] = panel._check(PLACES[locale], held, text)
        assert words in checked and 'role="alert"' in checked
        said = panel._save(PLACES[locale], held, text)[3]
        assert words in said and word(locale, "page.rules_nothing_saved") in said
    assert stored(workspace) == DEFAULT


def test_every_rule_of_the_guideline_has_words_of_both_languages(panel):
    from speechlabel.web.pages.guideline_words import WHY

    for locale in PLACES:
        for _, end in WHY:
            assert word(locale, f"page.rules_why_{end}") != f"page.rules_why_{end}"
        for kind in ("label", "invalid_reason", "field", "choice"):
            assert word(locale, f"page.rules_orphan_{kind}") != f"page.rules_orphan_{kind}"


def test_what_segments_would_be_left_with_is_said_before_it_is_saved(panel, workspace, recording):
    opened = open_recording(workspace, "p", recording.id, author="user:me")
    first = opened.segments[0]
    edit = Update(target="segment", id=first.id, version=first.version, changes={"noise_labels": ["echo"]})
    save(workspace, opened.transcript.id, Batch(op_id="1", author="user:me", edits=(edit,)))
    held, *_ = show(panel)
    changed = DEFAULT.replace('name = "echo"', 'name = "ringing"')
    told = "The label “Echo” goes. Segments that carry it: 1; recordings: 1."
    assert told in panel._check(EN, held, changed)[0]
    warned, *_, said, button, editor = panel._save(EN, held, changed)
    assert told in said and word("en", "page.rules_kept") in said
    assert button["value"] == word("en", "page.rules_save_anyway") and "recut" not in editor
    assert stored(workspace) == DEFAULT
    # Another text than the one that was warned of asks again.
    assert told in panel._save(EN, warned, changed + "# more")[3] and stored(workspace) == DEFAULT
    panel._save(EN, warned, changed)
    assert stored(workspace) == changed
    assert open_recording(workspace, "p", recording.id, author="user:me").segments[0].noise_labels == (
        "echo",
    )


def test_somebody_elses_change_is_not_overwritten_unasked(panel, workspace):
    held, *_ = show(panel)
    set_guideline(workspace, "p", SMALL)
    warned, *_, said, _, _ = panel._save(EN, held, DEFAULT + "#")
    assert word("en", "page.rules_meanwhile") in said and stored(workspace) == SMALL
    panel._save(EN, warned, DEFAULT + "#")
    assert stored(workspace) == DEFAULT + "#\n"


def test_what_is_not_saved_stays_while_one_looks_elsewhere(panel, workspace):
    create_project(workspace, "other", rules=SMALL)
    held, *_ = show(panel)
    draft = DEFAULT + "# mine\n"
    held, text, *_ = show(panel, PLACES["zh-CN"], held, draft)  # another language: not touched
    assert text == draft
    held, text, *_ = show(panel, EN | {"project": "other"}, held, draft)
    assert text == SMALL
    text = SMALL.rstrip()  # as the box has it: no draft
    held, text, _, said, button = show(panel, EN, held, text)
    assert text == draft and word("en", "page.rules_unsaved") in said and button["interactive"]
    held, box, *_ = panel._revert(EN, held)
    assert box["value"] == DEFAULT and held["drafts"] == {}
    assert panel._moved(EN | {"view": "label"}, held, draft)[0]["__type__"] == "update"


def test_a_file_is_put_into_the_box_and_checked(panel):
    held, *_ = show(panel)
    text, said, button = panel._loaded(EN, held, SMALL)
    assert text == SMALL and word("en", "page.rules_good") in said and button["interactive"]
    text, said, _ = panel._loaded(EN, held, "\0")
    assert "value" not in text and word("en", "page.rules_bad_file") in said


def test_without_a_project_there_is_nothing_to_edit(panel):
    for project in (None, "gone"):
        held, box, summary, _, button = panel._moved(EN | {"project": project}, show(panel)[0], DEFAULT)
        assert (box["value"], box["interactive"], button["interactive"]) == ("", False, False)
        assert word("en", "page.choose_project") in summary
        assert "there is no project" in panel._save(EN, held, SMALL)[3]


TEMPLATE = (
    '[[templates]]\nname = "t"\nlayout = "jsonl"\ntitle = {en = "Lines <b>", zh-CN = "逐行"}\n'
    'document = { "文本" = "{text}", "开始" = "{start:timecode}" }\n'
)


def test_templates_are_shown_on_the_first_segments_as_they_are_typed(panel, workspace, recording):
    held, *_ = show(panel)
    assert panel._samples(EN, held, DEFAULT) == ""
    text = DEFAULT + TEMPLATE
    for locale, title in (("en", "Lines &lt;b&gt;”: the first segments"), ("zh-CN", "“逐行”：前几个片段")):
        shown = panel._samples(PLACES[locale], held, text)
        assert title in shown and f"{recording.id}.jsonl" in shown
        assert shown.count("开始") in (1, 2, 3) and "00:00:0" in shown
    assert panel._samples(EN, held, text.replace("{text}", "{txt}")) == ""  # it is said where it is checked
    [said] = panel._check(EN, held, text.replace("{text}", "{txt}"))
    line = len(text.splitlines())
    assert f"Line {line}, templates[0].document: “{{txt}}”: there is no such field here" in said
    layer = '[[fields]]\nname = "x"\ntitle = {}\n'
    demand = TEMPLATE.replace('"{text}"', '{ value = "{fields.x}", required = true }')
    lacking = DEFAULT + layer + demand
    assert "slp-error" in panel._samples(EN, held, lacking) and "required" in panel._samples(
        EN, held, lacking
    )
    set_guideline(workspace, "p", text)
    assert "Lines &lt;b&gt;" in show(panel)[2]


def test_without_segments_a_template_waits(panel, workspace):
    held, *_ = show(panel)
    assert "as soon as a recording has segments" in panel._samples(EN, held, DEFAULT + TEMPLATE)
    assert panel._samples(EN | {"view": "label"}, held, DEFAULT + TEMPLATE) == ""
