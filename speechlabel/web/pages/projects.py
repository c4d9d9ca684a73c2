"""The projects view: make a project, take in a folder of the server, watch recordings being prepared."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from speechlabel.errors import SpeechLabelError
from speechlabel.guideline import preset_names
from speechlabel.web.api.previews import without_folder
from speechlabel.web.api.recordings import allowed_path
from speechlabel.web.editor import make_recordings, recordings_value
from speechlabel.web.pages.cutting import CuttingPanel
from speechlabel.web.pages.guideline import GuidelinePanel
from speechlabel.web.pages.labels import Label
from speechlabel.web.pages.speakers import SpeakersPanel
from speechlabel.web.pages.updates import SKIP, update
from speechlabel.web.site import Site
from speechlabel.web.words import error_words, pick_locale, project_title, word
from speechlabel.workflow.annotations import bring_in
from speechlabel.workflow.projects import create_project

__all__ = ["ProjectsPage"]

LANGUAGES = ("zh", "en", "yue", "ja", "ko", "de", "es", "fr", "ru", "ar")


class ProjectsPage:
    """Layout and wiring of the view."""

    def __init__(self, site: Site, editor: gr.HTML) -> None:
        self.site = site
        with gr.Column(elem_id="slp-projects-view", elem_classes="slp-view"):
            title = gr.Markdown()
            self.project = gr.Dropdown(choices=[], interactive=True)
            self.table = make_recordings()
            self.cutting = CuttingPanel(site, editor, self.table)
            self.speakers = SpeakersPanel(site)
            self.guideline = GuidelinePanel(site, editor)
            with gr.Row():
                self.folder = gr.Textbox(scale=4, visible=bool(site.settings.roots))
                self.take = gr.Button(scale=1, visible=bool(site.settings.roots))
            self.said = gr.HTML(padding=False)
            new_title = gr.Markdown()
            with gr.Row():
                self.name = gr.Textbox(max_length=200, scale=2)
                self.language = gr.Dropdown(choices=list(LANGUAGES), value="zh", scale=1)
                self.preset = gr.Dropdown(choices=preset_names(), value="default", scale=1)
                self.create = gr.Button(variant="primary", scale=1)
        self.labels = [
            Label(component=title, keys={"value": "page.projects_title"}),
            Label(component=self.project, keys={"label": "page.project"}),
            Label(component=self.folder, keys={"label": "page.folder", "placeholder": "page.folder_info"}),
            Label(component=self.take, keys={"value": "page.take_folder"}),
            Label(component=new_title, keys={"value": "page.new_project"}),
            Label(component=self.name, keys={"label": "page.project_name"}),
            Label(
                component=self.language,
                keys={"label": "page.language"},
                choices={code: f"page.language_{code}" for code in LANGUAGES},
            ),
            Label(
                component=self.preset,
                keys={"label": "page.preset"},
                choices={name: f"page.preset_{name}" for name in preset_names()},
            ),
            Label(component=self.create, keys={"value": "page.create"}),
            *self.cutting.labels,
            *self.speakers.labels,
            *self.guideline.labels,
        ]
        self.shown = [self.table, *self.cutting.outputs]
        self.outputs = [self.project, self.language, *self.shown]

    def wire(self, place: gr.State) -> None:
        """Connect the events."""
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        self.project.input(self._choose, inputs=[self.project, place], outputs=self.shown, **quiet)
        self.create.click(
            self._create,
            inputs=[self.name, self.language, self.preset, place],
            outputs=[self.said, self.name, self.project, *self.shown],
            **quiet,
        )
        self.take.click(
            self._take,
            inputs=[self.project, self.folder, place],
            outputs=[self.said, *self.shown],
            **quiet,
        )
        self.cutting.wire(self.project, place)
        self.speakers.wire(self.project, place)
        self.guideline.wire(self.project, place)

    def filled(self, place: dict[str, Any]) -> list[Any]:
        """Return values for ``outputs`` at a place; nothing is read while the view is hidden."""
        if place["view"] != "projects":
            return [SKIP] * len(self.outputs)
        project = place.get("project")
        language = "zh" if pick_locale(place.get("locale")) == "zh-CN" else "en"
        return [self._choices(project, place), update(value=language), *self._shown(project, place)]

    def _choices(self, chosen: str | None, place: dict[str, Any]) -> Any:  # noqa: ANN401 - an update of Gradio's
        locale = pick_locale(place.get("locale"))
        projects = self.site.workspace.store.projects()
        return update(choices=[(project_title(locale, item), item.id) for item in projects], value=chosen)

    def _shown(self, project: str | None, place: dict[str, Any], *, is_chosen: bool = False) -> list[Any]:
        locale = pick_locale(place.get("locale"))
        shown = recordings_value(project, locale, is_chosen=is_chosen)
        return [shown, *self.cutting.filled(project, locale)]

    def _choose(self, project: str | None, place: dict[str, Any]) -> list[Any]:
        return self._shown(project, place, is_chosen=True)

    def _create(self, name: str, language: str, preset: str, place: dict[str, Any]) -> list[Any]:
        locale = pick_locale(place.get("locale"))
        try:
            made = create_project(self.site.workspace, name, language=language, preset=preset)
        except SpeechLabelError as error:
            return [_bad(error_words(locale, error)), *[SKIP] * (2 + len(self.shown))]
        said = escape(word(locale, "page.project_made", name=made.name))
        return [said, "", self._choices(made.id, place), *self._shown(made.id, place, is_chosen=True)]

    def _take(self, project: str | None, folder: str, place: dict[str, Any]) -> Iterator[list[Any]]:
        locale = pick_locale(place.get("locale"))
        quiet = [SKIP] * len(self.shown)
        if not project:
            yield [_bad(word(locale, "page.choose_project")), *quiet]
            return
        yield [escape(word(locale, "page.taking")), *quiet]  # hundreds of files take a while to be read
        try:
            path, roots = allowed_path(self.site, folder), self.site.settings.roots
            report = bring_in(
                self.site.workspace,
                project,
                [path],
                may_open=lambda named: any(named.resolve().is_relative_to(root) for root in roots),
            )
        except SpeechLabelError as error:
            yield [_bad(error_words(locale, error)), *quiet]
            return
        for id in report["added"]:
            self.site.preparer.add(self.site.workspace.store.recording(project, id))
        said = escape(word(locale, "page.taken", n=len(report["added"]), known=len(report["known"])))
        if report["imported"]:
            said += f"<p>{escape(word(locale, 'page.import_done', n=len(report['imported'])))}</p>"
        for item in report["unmatched"]:
            reason = word(locale, "page.import_no_audio")
            said += _bad(f"{Path(item['path']).name}, {item['recording']}: {reason}")
        for item in report["failed"]:
            said += _bad(f"{Path(item['path']).name}: {without_folder(item['reason'], path)}")
        yield [said, *self._shown(project, place)]


def _bad(text: str) -> str:
    return f'<p class="slp-error">{escape(text)}</p>'
