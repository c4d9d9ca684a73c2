"""The export view: choose a format, see the lines and what stays out and why, export, download."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

import gradio as gr

from speechlabel import formats
from speechlabel.errors import SpeechLabelError
from speechlabel.registry import names
from speechlabel.timing import format_timecode
from speechlabel.web.pages.choosing import ChoosingPanel, asked
from speechlabel.web.pages.labels import Label
from speechlabel.web.pages.snapshots import SnapshotPanel
from speechlabel.web.pages.splitting import SplitPanel
from speechlabel.web.pages.updates import SKIP, update
from speechlabel.web.site import Site
from speechlabel.web.words import error_words, pick_locale, project_title, word
from speechlabel.workflow.export import INCLUDABLE, Plan, Preview, preview

__all__ = ["ExportPage"]

SHOWN_LINES = 200
FIRST_FORMAT = "native"
MAIN_FILES = re.compile(r"segments\.|manifest|^text$|\.TextGrid$")  # what people want to see first
SIDE_FILES = re.compile(r"^(template|snapshot)\.json$|id_map")  # and last


class ExportPage:
    """Layout and wiring of the view."""

    def __init__(self, site: Site) -> None:
        self.site = site
        with gr.Column(elem_id="slp-export-view", elem_classes="slp-view"):
            title = gr.Markdown()
            with gr.Row():
                self.format = gr.Dropdown(choices=_formats(), value=FIRST_FORMAT, interactive=True)
                self.include = gr.CheckboxGroup(choices=list(INCLUDABLE), value=[])
            self.choosing = ChoosingPanel(site)
            self.splitting = SplitPanel(site, self.choosing)
            self.snapshots = SnapshotPanel(site, self.choosing)
            with gr.Row():
                self.facts = gr.HTML(padding=False)
                with gr.Column(elem_classes="slp-narrow"):
                    self.button = gr.Button(variant="primary")
                    self.result = gr.HTML(padding=False)
            self.lines = gr.Code(language="json", interactive=False, max_lines=16, wrap_lines=True)
        self.labels = [
            Label(component=title, keys={"value": "page.export_title"}),
            Label(component=self.format, keys={"label": "page.format", "info": "page.format_info"}),
            Label(
                component=self.include,
                keys={"label": "page.include", "info": "page.include_info"},
                choices={reason: f"page.reason_{reason}" for reason in INCLUDABLE},
            ),
            Label(component=self.lines, keys={"label": "page.export_lines"}),
            Label(component=self.button, keys={"value": "page.export_button"}),
            *self.choosing.labels,
            *self.splitting.labels,
            *self.snapshots.labels,
        ]
        self.outputs = [
            *(self.facts, self.lines, self.format, self.include, self.result),
            *self.choosing.outputs,
            *self.splitting.outputs,
            *self.snapshots.outputs,
        ]

    def wire(self, place: gr.State) -> None:
        """Connect the events."""
        inputs = [place, self.format, self.include, *self.choosing.inputs]
        fields: list[Any] = [self.format, self.include, *self.choosing.inputs]
        for field in fields:
            field.change(
                self._preview,
                inputs=inputs,
                outputs=[self.facts, self.lines],
                show_progress="hidden",
                trigger_mode="always_last",
                api_visibility="private",
            )
        self.button.click(
            self._export,
            inputs=inputs,
            outputs=[self.result],
            api_visibility="private",
        )
        self.splitting.wire(place, self.format, self.include)
        self.snapshots.wire(place, self.format, self.include)

    def filled(self, place: dict[str, Any]) -> list[Any]:
        """Return values for ``outputs`` at a place; nothing is computed while the view is hidden."""
        if place["view"] != "export":
            return [*(SKIP for _ in self.outputs[:4]), "", *(SKIP for _ in self.outputs[5:])]
        return [
            *self._preview(place, FIRST_FORMAT, []),
            *(update(value=FIRST_FORMAT), update(value=[]), ""),
            *self.choosing.filled(place.get("project"), pick_locale(place.get("locale"))),
            "",
            *self.snapshots.filled(place.get("project"), pick_locale(place.get("locale"))),
        ]

    def _preview(
        self,
        place: dict[str, Any],
        format: str,
        include: list[str],
        *values: Any,  # noqa: ANN401 - of the panel's fields
    ) -> tuple[str, Any]:
        locale = pick_locale(place.get("locale"))
        if not place.get("project"):
            return escape(word(locale, "page.nothing_yet")), ""
        try:
            wanted = asked(values)
            options: dict[str, Any] = dict(wanted.values())
            formats.get(format, **options)  # says which option there is not
            seen = preview(
                self.site.workspace,
                place["project"],
                format,
                selection=wanted.selection(include),
                delivery=wanted.delivery(self.site, place["project"]),
                **options,
            )
        except SpeechLabelError as error:
            return f'<p class="slp-error">{escape(error_words(locale, error))}</p>', ""
        shown = update(value=_lines(seen), visible=bool(seen.files))
        return _facts(seen.plan, locale) + _losses(seen, locale), shown

    def _export(
        self,
        place: dict[str, Any],
        format: str,
        include: list[str],
        *values: Any,  # noqa: ANN401 - of the panel's fields
    ) -> str:
        locale = pick_locale(place.get("locale"))
        try:
            wanted = asked(values)
            id, made = self.site.exports.make(
                place["project"],
                format,
                wanted.selection(include),
                delivery=wanted.delivery(self.site, place["project"]),
                options=wanted.values(),
            )
        except SpeechLabelError as error:
            is_empty = "remedy" in error.data
            words = _nothing(error.data["remedy"], locale) if is_empty else error_words(locale, error)
            return f'<p class="slp-error">{escape(words)}</p>'
        words = word(locale, "page.download", n=made.plan.n_in)
        return f'<a class="slp-download" href="/api/exports/{id}/download" download>{escape(words)}</a>'


def _formats() -> list[tuple[str, str]]:
    return [(f"{formats.get(name).title}  ({name})", name) for name in names("format")]


def _facts(plan: Plan, locale: str) -> str:
    out = sum(plan.excluded.values())
    reasons = "".join(
        f"<li>{escape(word(locale, f'page.reason_{reason}'))}: {count}</li>"
        for reason, count in plan.excluded.items()
    )
    time = format_timecode(plan.in_us, decimals=0)
    facts = (
        f"<span><b>{plan.n_in}</b> {escape(word(locale, 'page.segments_in', time=time))}</span>"
        f"<span><b>{out}</b> {escape(word(locale, 'page.segments_out'))}</span>"
    )
    if plan.not_prepared:
        reasons += f"<li>{escape(word(locale, 'page.not_prepared', n=len(plan.not_prepared)))}</li>"
    nothing = f"<p>{escape(_nothing(plan.remedy, locale))}</p>" if plan.n_in == 0 else ""
    name = f"<strong>{escape(project_title(locale, plan.project))}</strong>"
    return f'{name}<div class="slp-facts">{facts}</div><ul class="slp-reasons">{reasons}</ul>{nothing}'


def _nothing(remedy: Sequence[str], locale: str) -> str:
    """Say that nothing would be exported, and what to do: label, or tick the boxes that would help."""
    words = word(locale, "page.export_nothing")
    if not remedy:
        return words
    quote = "“{}”".format
    boxes = word(locale, "page.list_separator").join(
        quote(word(locale, f"page.reason_{reason}")) for reason in remedy
    )
    space = "" if locale.startswith("zh") else " "
    return words + space + word(locale, "page.export_remedy", boxes=boxes, group=word(locale, "page.include"))


def _losses(seen: Preview, locale: str) -> str:
    if not seen.losses and not seen.warnings:
        return ""
    items = "".join(
        f"<li>{escape(loss.field)} ({loss.count}): {escape(loss.reason)}</li>" for loss in seen.losses
    )
    items += "".join(f"<li>{escape(warning)}</li>" for warning in seen.warnings)
    if not seen.is_whole:
        items += f"<li>{escape(word(locale, 'page.losses_part', n=seen.recordings))}</li>"
    return f"<details><summary>{escape(word(locale, 'page.losses'))}</summary><ul>{items}</ul></details>"


def _rank(name: str) -> tuple[bool, bool, str]:
    return SIDE_FILES.search(name) is not None, MAIN_FILES.search(name) is None, name


def _lines(seen: Preview) -> str:
    """Return the first lines of each file, the file's name above when there are several."""
    named = sorted(seen.files.items(), key=lambda item: _rank(item[0]))
    if len(named) == 1:
        return "\n".join(named[0][1][:SHOWN_LINES])
    return "\n\n".join("\n".join([f"── {name}", *lines]) for name, lines in named)
