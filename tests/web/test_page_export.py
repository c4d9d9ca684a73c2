"""The export view: what it says of a project in which nothing is labelled, and of a preview's part."""

from __future__ import annotations

import gc

import pytest
from watching import speechlike

PLACES = {locale: {"locale": locale, "project": "p", "view": "export"} for locale in ("en", "zh-CN")}


@pytest.fixture
def view(client, app, monkeypatch):
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")  # before the first import: it calls other hosts
    import gradio as gr

    from speechlabel.web.pages.export import ExportPage

    with gr.Blocks(analytics_enabled=False):
        yield ExportPage(app.state.site)
    # What the import left is taken away here: CPython 3.11 trips over it when pytest parses a file later.
    gc.collect()


@pytest.mark.parametrize(
    ("locale", "format", "advice"),
    [
        ("en", "rttm", "To export segments as they are, tick “untouched” under “Export as well”."),
        ("en", "native", "tick “untouched” and “without text” under “Export as well”."),
        ("zh-CN", "rttm", "要按现状导出片段，请在“一并导出”中勾选“未处理”。"),
        ("zh-CN", "native", "请在“一并导出”中勾选“未处理”、“无文本”。"),
        ("en", "nemo", None),  # no tick makes an example of what nobody has transcribed
        ("zh-CN", "nemo", None),
    ],
)
def test_where_nothing_goes_out_it_says_which_boxes_to_tick(view, recording, locale, format, advice):
    nothing = {"en": "Nothing would be exported yet.", "zh-CN": "暂时没有可导出的片段。"}[locale]
    box = {"en": "Export as well", "zh-CN": "一并导出"}[locale]
    facts, lines = view._preview(PLACES[locale], format, [])
    said = view._export(PLACES[locale], format, [])
    assert lines["visible"] is False
    for text in (facts, said):
        assert nothing in text
        assert (box in text) == (advice is not None)
        assert advice is None or advice in text
    assert "slp-error" in said and "no segment" not in said


def test_the_boxes_that_it_names_help(view, recording):
    facts, lines = view._preview(PLACES["en"], "rttm", ["machine"])
    assert "Nothing would" not in facts
    assert "SPEAKER tone 1" in lines["value"]
    assert "/download" in view._export(PLACES["en"], "rttm", ["machine"])


@pytest.mark.parametrize(
    ("locale", "wanted"), [("en", "in the first 1 recordings only"), ("zh-CN", "仅检查了前 1 条录音")]
)
def test_what_was_looked_for_in_a_part_only_is_told(view, recording, take, monkeypatch, locale, wanted):
    # A second recording, behind the one that fills the preview; the format loses something of both.
    take("zz.wav", speechlike(3))
    assert wanted not in view._preview(PLACES[locale], "rttm", ["machine"])[0]
    monkeypatch.setattr("speechlabel.workflow.export.PREVIEW_SEGMENTS", 1)
    assert wanted in view._preview(PLACES[locale], "rttm", ["machine"])[0]
