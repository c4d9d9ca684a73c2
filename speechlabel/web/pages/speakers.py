"""The panel "Speakers of the project": who speaks in how many recordings, by name."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from speechlabel.timing import format_timecode
from speechlabel.web.pages.labels import Label
from speechlabel.web.pages.updates import SKIP
from speechlabel.web.site import Site
from speechlabel.web.words import pick_locale, word
from speechlabel.workflow.speakers import ProjectSpeaker, project_speakers

__all__ = ["SpeakersPanel"]

COLUMNS = ("name", "recordings", "segments", "length", "note")


class SpeakersPanel:
    """Layout and wiring of the panel; only while it is open is anything counted."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.is_open = gr.State(False)
        with gr.Accordion(open=False, elem_id="slp-speakers") as self.panel:
            self.list = gr.HTML(padding=False)
        self.labels = [Label(component=self.panel, keys={"label": "page.speakers_title"})]

    def wire(self, project: gr.Dropdown, place: gr.State) -> None:
        """Connect the events; ``project`` is the choice above."""
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        both = [self.list, self.is_open]
        self.panel.expand(self._opened, inputs=[project, place], outputs=both, **quiet)
        self.panel.collapse(self._shut, outputs=both, **quiet)
        project.input(self._chosen, inputs=[project, place, self.is_open], outputs=[self.list], **quiet)
        place.change(self._moved, inputs=[place, self.is_open], outputs=[self.list], **quiet)

    def _opened(self, project: str | None, place: dict[str, Any]) -> list[Any]:
        return [self._table(project, place), True]

    def _shut(self) -> list[Any]:
        return ["", False]

    def _chosen(self, project: str | None, place: dict[str, Any], is_open: bool) -> Any:  # noqa: ANN401
        return self._table(project, place) if is_open else SKIP

    def _moved(self, place: dict[str, Any], is_open: bool) -> Any:  # noqa: ANN401 - text, or nothing new
        is_shown = is_open and place.get("view") == "projects"
        return self._table(place.get("project"), place) if is_shown else SKIP

    def _table(self, project: str | None, place: dict[str, Any]) -> str:
        locale = pick_locale(place.get("locale"))
        speakers = project_speakers(self.site.workspace, project) if project else []
        if not speakers:
            return f"<p>{escape(word(locale, 'page.speakers_none'))}</p>"
        head = "".join(
            f'<th scope="col">{escape(word(locale, f"page.speakers_{of}"))}</th>' for of in COLUMNS
        )
        rows = "".join(_row(locale, item) for item in speakers)
        how = escape(word(locale, "page.speakers_how"))
        return f"<p>{how}</p><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(locale: str, item: ProjectSpeaker) -> str:
    """One name.  Names come from people and files, so they are escaped."""
    notes = [*item.roles]
    if item.is_generic and len(item.recordings) > 1:
        notes.append(word(locale, "page.speakers_perhaps"))
    cells = (
        item.name,
        str(len(item.recordings)),
        str(item.segments),
        format_timecode(item.length_us, decimals=0),
        ("、" if locale == "zh-CN" else ", ").join(notes),
    )
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
