"""The panel "Snapshots": keep what goes out now, compare two, deliver what changed between them."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from speechlabel.errors import InputError, SpeechLabelError
from speechlabel.timing import format_timecode
from speechlabel.web.pages.choosing import ChoosingPanel, asked
from speechlabel.web.pages.labels import Label
from speechlabel.web.pages.updates import SKIP, update
from speechlabel.web.site import Site
from speechlabel.web.words import error_words, pick_locale, word
from speechlabel.workflow.comparing import Comparison, compare
from speechlabel.workflow.shelf import list_snapshots
from speechlabel.workflow.snapshots import make_snapshot

__all__ = ["SnapshotPanel"]

SHOWN_CHANGES = 20


class SnapshotPanel:
    """Layout and wiring; what goes into a snapshot is chosen in the panels above."""

    def __init__(self, site: Site, choosing: ChoosingPanel) -> None:
        self.site, self.choosing = site, choosing
        with gr.Accordion(open=False, elem_id="slp-snapshots") as self.panel:
            with gr.Row():
                self.list = gr.HTML(padding=False)
                self.make = gr.Button(elem_classes="slp-narrow")
            with gr.Row():
                self.older = gr.Dropdown(choices=[], value=None, interactive=True)
                self.newer = gr.Dropdown(choices=[], value=None, interactive=True)
                self.compare = gr.Button(elem_classes="slp-narrow")
                self.correct = gr.Button(elem_classes="slp-narrow")
            self.said = gr.HTML(padding=False)
        keys: dict[str, Any] = {
            "page.snapshots_older": self.older,
            "page.snapshots_newer": self.newer,
            "page.snapshots_title": self.panel,
        }
        buttons = {
            "page.snapshots_make": self.make,
            "page.snapshots_compare": self.compare,
            "page.snapshots_correct": self.correct,
        }
        self.labels = [
            *(Label(component=component, keys={"label": key}) for key, component in keys.items()),
            *(Label(component=component, keys={"value": key}) for key, component in buttons.items()),
        ]
        self.outputs = [self.list, self.older, self.newer, self.said]

    def wire(self, place: gr.State, format: gr.Dropdown, include: gr.CheckboxGroup) -> None:
        """Connect the buttons."""
        private: dict[str, Any] = {"api_visibility": "private"}
        self.make.click(
            self._make,
            inputs=[place, include, *self.choosing.inputs],
            outputs=[*self.outputs, self.choosing.snapshot],
            **private,
        )
        pair = [place, self.older, self.newer]
        self.compare.click(self._compare, inputs=pair, outputs=[self.said], **private)
        self.correct.click(self._correct, inputs=[*pair, format], outputs=[self.said], **private)

    def filled(self, project_id: str | None, locale: str) -> list[Any]:
        """Return values for ``outputs``: the snapshots there are, the last two of them chosen."""
        if not project_id:
            return ["", SKIP, SKIP, ""]
        found = list_snapshots(self.site.workspace, project_id)
        rows = "".join(
            f"<tr><td>{item.number}</td><td>{escape(item.created_at[:16].replace('T', ' '))}</td>"
            f"<td>{item.recordings}</td><td>{item.segments}</td>"
            f"<td>{format_timecode(item.duration_us, decimals=0)}</td>"
            f"<td><code>{item.digest[:12]}</code></td></tr>"
            for item in reversed(found)
        )
        titles = ("number", "made", "recordings", "segments", "time", "digest")
        head = "".join(f"<th>{escape(word(locale, f'page.snapshots_{of}'))}</th>" for of in titles)
        none = f"<p>{escape(word(locale, 'page.snapshots_none'))}</p>"
        choices = [(_title(item.number, locale), str(item.number)) for item in found]
        last = [choice[1] for choice in choices[-2:]]
        return [
            f"<table><tr>{head}</tr>{rows}</table>" if found else none,
            update(choices=choices, value=last[0] if len(last) == 2 else None),
            update(choices=choices, value=last[-1] if last else None),
            "",
        ]

    def _make(self, place: dict[str, Any], include: list[str], *values: Any) -> list[Any]:  # noqa: ANN401
        locale = pick_locale(place.get("locale"))
        try:
            selection = asked(values).selection(include)
            made = make_snapshot(self.site.workspace, place["project"], selection=selection)
        except SpeechLabelError as error:
            return [SKIP, SKIP, SKIP, _wrong(error, locale), SKIP]
        key = "page.snapshots_is_made" if made.is_new else "page.snapshots_is_same"
        said = f"<p>{escape(word(locale, key, n=made.snapshot.number))}</p>"
        filled = self.filled(place["project"], locale)
        return [*filled[:-1], said, self.choosing.with_snapshots(place["project"], locale)]

    def _compare(self, place: dict[str, Any], older: str | None, newer: str | None) -> str:
        locale = pick_locale(place.get("locale"))
        try:
            numbers = _pair(older, newer, locale)
            return _compared(compare(self.site.workspace, place["project"], *numbers), locale)
        except SpeechLabelError as error:
            return _wrong(error, locale)

    def _correct(self, place: dict[str, Any], older: str | None, newer: str | None, format: str) -> str:
        locale = pick_locale(place.get("locale"))
        try:
            numbers = _pair(older, newer, locale)
            id, made = self.site.exports.correct(place["project"], format, *numbers, {})
        except SpeechLabelError as error:
            return _wrong(error, locale)
        told = made.to_dict()
        words = word(locale, "page.snapshots_download", n=told["segments"], dropped=told["dropped"])
        return f'<a class="slp-download" href="/api/exports/{id}/download" download>{escape(words)}</a>'


def _title(number: int, locale: str) -> str:
    return word(locale, "page.snapshots_one", n=number)


def _wrong(error: SpeechLabelError, locale: str) -> str:
    return f'<p class="slp-error">{escape(error_words(locale, error))}</p>'


def _pair(older: str | None, newer: str | None, locale: str) -> tuple[int, int]:
    if not older or not newer or older == newer:
        raise InputError(word(locale, "page.snapshots_two"))
    return int(older), int(newer)


def _compared(made: Comparison, locale: str) -> str:
    rate = made.errors.characters.rate
    facts = "".join(
        f"<span><b>{escape(value)}</b> {escape(word(locale, f'page.snapshots_{of}'))}</span>"
        for of, value in (
            ("added", str(made.added)),
            ("changed", str(made.changed)),
            ("dropped", str(made.dropped)),
            ("same", str(made.same)),
            ("cer", "–" if rate is None else f"{100 * rate:.2f} %"),
        )
    )
    hours = word(
        locale,
        "page.snapshots_hours",
        older=format_timecode(made.duration_us[0], decimals=0),
        newer=format_timecode(made.duration_us[1], decimals=0),
    )
    rows = "".join(_row(change.to_dict(), locale) for change in made.examples[:SHOWN_CHANGES])
    titles = ("recording", "time", "kind", "before", "after")
    head = "".join(f"<th>{escape(word(locale, f'page.snapshots_{of}'))}</th>" for of in titles)
    table = f"<table><tr>{head}</tr>{rows}</table>" if rows else ""
    return f'<div class="slp-facts">{facts}</div><p>{escape(hours)}</p>{table}'


def _row(change: dict[str, Any], locale: str) -> str:
    cells = (
        change["recording"],
        format_timecode(change["start_us"], decimals=1),
        word(locale, f"page.snapshots_{change['kind']}"),
        change["text_before"] or "",
        change["text_after"] or "",
    )
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
