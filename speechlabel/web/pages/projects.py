"""The projects view: make a project, take in a folder of the server, watch recordings being prepared."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from speechlabel.errors import SpeechLabelError
from speechlabel.guideline import preset_names
from speechlabel.records import new_id
from speechlabel.timing import format_timecode
from speechlabel.web.api.recordings import allowed_path
from speechlabel.web.pages.labels import Label
from speechlabel.web.pages.updates import SKIP, update
from speechlabel.web.site import Site
from speechlabel.web.words import error_words, pick_locale, project_title, word
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.projects import create_project
from speechlabel.workflow.status import project_status

__all__ = ["ProjectsPage"]

LANGUAGES = ("zh", "en", "yue", "ja", "ko", "de", "es", "fr", "ru", "ar")
COLUMNS = ("recording", "length", "channels", "state", "done", "segments")
REFRESH_SECONDS = 2.0


class ProjectsPage:
    """Layout and wiring of the view."""

    def __init__(self, site: Site, editor: gr.HTML) -> None:
        self.site = site
        self.editor = editor
        with gr.Column(elem_id="slp-projects-view", elem_classes="slp-view"):
            title = gr.Markdown()
            self.project = gr.Dropdown(choices=[], interactive=True)
            self.table = gr.Dataframe(
                headers=list(COLUMNS), interactive=False, wrap=True, max_height=420, show_label=False
            )
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
            self.timer = gr.Timer(REFRESH_SECONDS, active=False)
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
        ]
        self.outputs = [self.project, self.table, self.timer]

    def wire(self, place: gr.State) -> None:
        """Connect the events."""
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        self.project.input(
            self._rows, inputs=[self.project, place], outputs=[self.table, self.timer], **quiet
        )
        self.timer.tick(self._rows, inputs=[self.project, place], outputs=[self.table, self.timer], **quiet)
        self.table.select(self._open, inputs=[self.project], outputs=[self.editor], **quiet)
        self.create.click(
            self._create,
            inputs=[self.name, self.language, self.preset, place],
            outputs=[self.said, self.project, self.table, self.timer, self.name],
            **quiet,
        )
        self.take.click(
            self._take,
            inputs=[self.project, self.folder, place],
            outputs=[self.said, self.table, self.timer],
            **quiet,
        )

    def filled(self, place: dict[str, Any]) -> list[Any]:
        """Return values for ``outputs`` at a place; nothing is read while the view is hidden."""
        if place["view"] != "projects":
            return [SKIP, SKIP, gr.Timer(active=False)]
        return [self._choices(place.get("project"), place), *self._rows(place.get("project"), place)]

    def _choices(self, chosen: str | None, place: dict[str, Any]) -> Any:  # noqa: ANN401 - an update of Gradio's
        locale = pick_locale(place.get("locale"))
        projects = self.site.workspace.store.projects()
        return update(choices=[(project_title(locale, item), item.id) for item in projects], value=chosen)

    def _rows(self, project: str | None, place: dict[str, Any]) -> tuple[Any, Any]:
        locale = pick_locale(place.get("locale"))
        headers = [word(locale, f"page.column_{name}") for name in COLUMNS]
        if not project:
            return update(value=[], headers=headers), gr.Timer(active=False)
        found = project_status(self.site.workspace, project)["recordings"]
        rows = [
            [
                _title(item, locale),
                format_timecode(item["duration_us"], decimals=0),
                item["channels"],
                self._state(project, item, locale),
                item["done"],
                item["segments"],
            ]
            for item in found
        ]
        is_busy = any(item["state"] in ("new", "preparing") for item in found)
        return update(value=rows, headers=headers), gr.Timer(active=is_busy)

    def _state(self, project: str, recording: dict[str, Any], locale: str) -> str:
        words = word(locale, f"page.state_{recording['state']}")
        if recording["error"]:  # also of one that waits for room on the disk, or that was ready before
            return f"{words}: {recording['error']}"
        ratio = self.site.preparer.progress(project, recording["id"])
        return words if ratio is None or recording["state"] == "ready" else f"{words} {round(ratio * 100)} %"

    def _open(self, event: gr.SelectData, project: str) -> dict[str, Any]:
        """Send the browser to the recording of the row that was clicked."""
        row: int = event.index[0]
        recording = self.site.workspace.store.recordings(project)[row]
        place = {"project": project, "recording": recording.id, "segment": None, "view": "label"}
        return {"nonce": new_id(), "place": place}

    def _create(self, name: str, language: str, preset: str, place: dict[str, Any]) -> tuple[Any, ...]:
        locale = pick_locale(place.get("locale"))
        try:
            made = create_project(self.site.workspace, name, language=language, preset=preset)
        except SpeechLabelError as error:
            return _bad(error_words(locale, error)), SKIP, SKIP, SKIP, SKIP
        said = escape(word(locale, "page.project_made", name=made.name))
        return said, self._choices(made.id, place), *self._rows(made.id, place), ""

    def _take(self, project: str | None, folder: str, place: dict[str, Any]) -> tuple[Any, ...]:
        locale = pick_locale(place.get("locale"))
        if not project:
            return _bad(word(locale, "page.choose_project")), SKIP, SKIP
        try:
            report = ingest(self.site.workspace, project, [allowed_path(self.site, folder)])
        except SpeechLabelError as error:
            return _bad(error_words(locale, error)), SKIP, SKIP
        for recording in report.added:
            self.site.preparer.add(recording)
        said = escape(word(locale, "page.taken", n=len(report.added), known=len(report.known)))
        for path, reason in report.failed:
            said += _bad(f"{path.name}: {reason}")
        return said, *self._rows(project, place)


def _title(recording: dict[str, Any], locale: str) -> str:
    """Return what people call a recording: its title in their language, else its file's name."""
    titles: dict[str, str] = recording["title"] or {}
    name: str = recording["name"]
    return titles.get(locale, name)


def _bad(text: str) -> str:
    return f'<p class="slp-error">{escape(text)}</p>'
