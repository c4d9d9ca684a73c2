"""The panel "Guideline": see, edit, check, save, load and download the guideline of a project."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from typing import Any

import gradio as gr

from speechlabel import guideline
from speechlabel.errors import NotFoundError, ParseError, SpeechLabelError
from speechlabel.records import new_id
from speechlabel.web.pages.guideline_words import orphan_words, samples, summary, wrong_words
from speechlabel.web.pages.labels import Label
from speechlabel.web.pages.updates import SKIP, update
from speechlabel.web.site import Site
from speechlabel.web.statics import static_base
from speechlabel.web.words import error_words, pick_locale, word
from speechlabel.workflow.guidelines import orphans
from speechlabel.workflow.projects import set_guideline
from speechlabel.workflow.showing import show_templates

__all__ = ["GuidelinePanel"]

NO_GUIDELINE = "\0"  # what the browser sends in place of a file that is not text, or too long
NOTHING: dict[str, Any] = {"project": None, "base": "", "drafts": {}, "warned": None}


class GuidelinePanel:
    """Layout and wiring of the panel below the table of recordings.

    What is typed and not saved stays while one looks at other views and projects (``held``): ``project`` is
    the one in the box, ``base`` its guideline when it came there, ``drafts`` the texts of others, and
    ``warned`` the text of whose consequences the person has been told.
    """

    def __init__(self, site: Site, editor: gr.HTML) -> None:
        self.site = site
        self.editor = editor
        self.held = gr.State(NOTHING)
        with gr.Accordion(open=False, elem_id="slp-guideline") as self.panel:
            self.summary = gr.HTML(padding=False)
            self.code = gr.Code(
                language="python",  # comments, strings and lists look the same; there is no TOML
                interactive=True,
                lines=12,
                max_lines=24,
                wrap_lines=True,
                buttons=[],
            )
            self.said = gr.HTML(padding=False)
            with gr.Row(elem_classes="slp-buttons"):
                self.save = gr.Button(variant="primary", size="md")
                self.check = gr.Button(size="md")
                self.revert = gr.Button(size="md")
                self.load = gr.Button(size="md")
                self.download = gr.Button(size="md")
            self.samples = gr.HTML(padding=False)
        self.labels = [
            Label(component=self.panel, keys={"label": "page.rules_title"}),
            Label(component=self.code, keys={"label": "page.rules_code"}),
            Label(component=self.check, keys={"value": "page.rules_check"}),
            Label(component=self.revert, keys={"value": "page.rules_revert"}),
            Label(component=self.load, keys={"value": "page.rules_load"}),
            Label(component=self.download, keys={"value": "page.rules_download"}),
        ]

    def wire(self, project: gr.Dropdown, place: gr.State) -> None:
        """Connect the events; ``project`` is the choice above."""
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        whole = [self.held, self.code, self.summary, self.said, self.save]
        given = [place, self.held, self.code]
        self.code.input(self._typed, inputs=given, outputs=[self.said, self.save], **quiet)
        # Files go no way through the server's pages, which take none: the browser reads and writes them.
        module = json.dumps(f"{static_base()}/page/text-file.js")
        pick = f"async (a, b, text) => [a, b, await (await import({module})).pick('.toml', text)]"
        shown: dict[str, Any] = {"inputs": given, "outputs": [self.samples], **quiet}
        for done in (
            project.input(self._chosen, inputs=[project, *given], outputs=whole, **quiet),
            place.change(self._moved, inputs=given, outputs=whole, **quiet),
            self.check.click(self._check, inputs=given, outputs=[self.said], **quiet),
            self.revert.click(self._revert, inputs=[place, self.held], outputs=whole, **quiet),
            self.save.click(self._save, inputs=given, outputs=[*whole, self.editor], **quiet),
            self.load.click(
                self._loaded, inputs=given, outputs=[self.code, self.said, self.save], js=pick, **quiet
            ),
        ):
            done.then(self._samples, **shown)
        self.download.click(
            None,
            inputs=[project, self.code],
            js=f"async (name, text) => (await import({module})).hand(`${{name}}.toml`, text)",
            **quiet,
        )

    def _samples(self, place: dict[str, Any], held: dict[str, Any], text: str | None) -> str:
        """Show what the templates give; what is wrong in the text is said where it is checked."""
        if place.get("view") != "projects" or not held["project"]:
            return ""
        try:
            shown = show_templates(self.site.workspace, held["project"], _whole(text))
        except SpeechLabelError:
            return ""
        return samples(pick_locale(place.get("locale")), shown)

    def _moved(self, place: dict[str, Any], held: dict[str, Any], text: str | None) -> list[Any]:
        if place.get("view") != "projects":
            return [SKIP] * 5
        return self._chosen(place.get("project"), place, held, text)

    def _chosen(
        self, project: str | None, place: dict[str, Any], held: dict[str, Any], text: str | None
    ) -> list[Any]:
        """Show a project's guideline, or the draft of one; that of the project before is kept."""
        locale, text = pick_locale(place.get("locale")), _whole(text)
        drafts = dict(held["drafts"])
        if held["project"] and text != held["base"]:
            drafts[held["project"]] = {"base": held["base"], "text": text}
        stored = self._stored(project)
        draft = drafts.pop(project, None) if stored is not None else None
        shown: dict[str, str] = draft or {"base": stored or "", "text": stored or ""}
        is_there = project == held["project"] and shown["text"] == text  # who types keeps the caret
        now = {"project": project, "base": shown["base"], "drafts": drafts, "warned": None}
        can = stored is not None
        return [
            now,
            update(interactive=can) if is_there else update(value=shown["text"], interactive=can),
            _summary(locale, stored),
            _line(word(locale, "page.rules_unsaved")) if draft else "",
            self._button(locale, can=draft is not None),
        ]

    def _stored(self, project: str | None) -> str | None:
        try:
            return _whole(self.site.workspace.store.project(project).guideline) if project else None
        except NotFoundError:  # somebody has deleted it
            return None

    def _button(self, locale: str, *, can: bool, is_warned: bool = False) -> Any:  # noqa: ANN401 - an update
        return update(
            value=word(locale, "page.rules_save_anyway" if is_warned else "page.rules_save"), interactive=can
        )

    def _typed(self, place: dict[str, Any], held: dict[str, Any], text: str | None) -> list[Any]:
        locale = pick_locale(place.get("locale"))
        is_changed = _whole(text) != held["base"]
        said = _line(word(locale, "page.rules_unsaved")) if is_changed else ""
        return [said, self._button(locale, can=is_changed)]

    def _loaded(self, place: dict[str, Any], held: dict[str, Any], text: str | None) -> list[Any]:
        locale = pick_locale(place.get("locale"))
        if text == NO_GUIDELINE:
            return [SKIP, _bad([word(locale, "page.rules_bad_file")]), SKIP]
        [said] = self._check(place, held, text)
        return [text or "", said, self._button(locale, can=_whole(text) != held["base"])]

    def _check(self, place: dict[str, Any], held: dict[str, Any], text: str | None) -> list[Any]:
        """Say whether it is a guideline, and what saving it would mean."""
        locale = pick_locale(place.get("locale"))
        try:
            warnings = self._warnings(locale, held, _whole(text))
        except SpeechLabelError as error:
            return [_bad([_words(locale, error)])]
        return [_line(word(locale, "page.rules_good")) + _warned(warnings)]

    def _warnings(self, locale: str, held: dict[str, Any], text: str) -> list[str]:
        """Return what a person should know before the text is saved, a line each."""
        project = held["project"] or ""
        lines = [orphan_words(locale, item) for item in orphans(self.site.workspace, project, text)]
        if lines:
            lines.append(word(locale, "page.rules_kept"))
        if self._stored(project) != held["base"]:
            lines.append(word(locale, "page.rules_meanwhile"))
        return lines

    def _save(self, place: dict[str, Any], held: dict[str, Any], text: str | None) -> list[Any]:
        locale, text = pick_locale(place.get("locale")), _whole(text)
        try:
            warnings = self._warnings(locale, held, text)
            if warnings and held["warned"] != text:
                asked = self._button(locale, can=True, is_warned=True)
                return [held | {"warned": text}, SKIP, SKIP, _warned(warnings), asked, SKIP]
            set_guideline(self.site.workspace, held["project"], text)
        except SpeechLabelError as error:
            said = _bad([_words(locale, error), word(locale, "page.rules_nothing_saved")])
            return [SKIP, SKIP, SKIP, said, self._button(locale, can=True), SKIP]
        now = held | {"base": text, "warned": None}
        # The editor holds the guideline of when it was opened: it opens its recording anew when it is shown.
        opened = {"project": place.get("project"), "recordings": [place.get("recording")]}
        anew = {"nonce": new_id(), "recut": opened} if place.get("recording") else SKIP
        said = _line(word(locale, "page.rules_saved"))
        return [now, SKIP, _summary(locale, text), said, self._button(locale, can=False), anew]

    def _revert(self, place: dict[str, Any], held: dict[str, Any]) -> list[Any]:
        """Show again what is stored."""
        return self._chosen(held["project"], place, held | {"project": None}, None)


def _whole(text: str | None) -> str:
    """Return a text with one end of line at its end: the box takes off what stands there."""
    return f"{text.rstrip()}\n" if text and text.strip() else ""


def _words(locale: str, error: SpeechLabelError) -> str:
    return wrong_words(locale, error) if isinstance(error, ParseError) else error_words(locale, error)


def _summary(locale: str, text: str | None) -> str:
    if text is None:
        return f"<p>{escape(word(locale, 'page.choose_project'))}</p>"
    return summary(locale, guideline.load(text))


def _line(text: str) -> str:
    return f'<p role="status">{escape(text)}</p>'


def _bad(lines: Iterable[str]) -> str:
    return "".join(f'<p class="slp-error" role="alert">{escape(line)}</p>' for line in lines)


def _warned(lines: list[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<ul class="slp-warning" role="alert">{items}</ul>' if items else ""
