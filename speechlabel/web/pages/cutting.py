"""The panel "Cut again with other settings": segmenter, options, lanes; one recording or all untouched."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from speechlabel import registry
from speechlabel.errors import OptionError, SpeechLabelError
from speechlabel.records import Recording, new_id
from speechlabel.segment.base import describe_options, parse_options
from speechlabel.web.editor import recordings_value
from speechlabel.web.pages.labels import Label
from speechlabel.web.pages.updates import SKIP, update
from speechlabel.web.site import Site
from speechlabel.web.words import error_words, pick_locale, word
from speechlabel.workflow.prepare import PrepareOptions
from speechlabel.workflow.recut import recuttable

__all__ = ["CuttingPanel"]

ALL = "*"  # no id of a recording
FIRST_SEGMENTER = PrepareOptions().segmenter
IN_OUR_WORDS = ("webrtc", "energy")  # others come with their own, in the language of whoever wrote them


@dataclass(frozen=True, slots=True, kw_only=True)
class _Option(Label):
    """The field of an option: its name with the unit, its help with the range."""

    segmenter: str
    described: dict[str, Any]

    @property
    def name(self) -> str:
        return self.described["name"]

    def in_words(self, locale: str) -> dict[str, Any]:
        chosen = pick_locale(locale)
        unit = self.described["unit"]
        label = self.title(chosen)
        low, high = self.described["min"], self.described["max"]
        help = self.described["help"]
        if self.segmenter in IN_OUR_WORDS:
            help = word(chosen, f"page.option_help_{self.name}")
        return update(label=f"{label} ({unit})" if unit else label, info=f"{help} {low:g} – {high:g}")

    def title(self, locale: str) -> str:
        """Return what people call the option."""
        return word(locale, f"page.option_{self.name}") if self.segmenter in IN_OUR_WORDS else self.name


class CuttingPanel:
    """Layout and wiring of the panel below the table of recordings."""

    def __init__(self, site: Site, editor: gr.HTML, table: gr.HTML) -> None:
        self.site = site
        self.editor = editor
        self.table = table
        self.options: list[_Option] = []
        self.groups: dict[str, gr.Column] = {}
        with gr.Accordion(open=False, elem_id="slp-cutting") as self.panel:
            with gr.Row():
                self.what = gr.Dropdown(choices=[], interactive=True, scale=2)
                self.segmenter = gr.Dropdown(
                    choices=registry.names("segmenter"), value=FIRST_SEGMENTER, interactive=True, scale=2
                )
                self.layout = gr.Dropdown(choices=["auto"], value="auto", interactive=True, scale=2)
            for name in registry.names("segmenter"):
                self._add_options(name)
            with gr.Row():
                self.promise = gr.HTML(padding=False)
                self.button = gr.Button(variant="primary", elem_classes="slp-narrow")
            self.said = gr.HTML(padding=False)
        self.labels = [
            Label(component=self.panel, keys={"label": "page.cut_title"}),
            Label(component=self.what, keys={"label": "page.cut_what"}),
            Label(component=self.segmenter, keys={"label": "page.segmenter"}),
            Label(component=self.layout, keys={"label": "page.layout"}, choices=_layouts()),
            Label(component=self.button, keys={"value": "page.cut_button"}),
            *self.options,
        ]
        self.outputs = [self.segmenter, self.what, self.promise, self.button, self.said]

    def _add_options(self, segmenter: str) -> None:
        with gr.Column(visible=segmenter == FIRST_SEGMENTER, elem_classes="slp-options") as self.groups[
            segmenter
        ]:
            for described in describe_options(registry.load("segmenter", segmenter)):
                field = gr.Number(value=described["default"], step=_step(described), interactive=True)
                self.options.append(
                    _Option(component=field, keys={}, segmenter=segmenter, described=described)
                )

    def wire(self, project: gr.Dropdown, place: gr.State) -> None:
        """Connect the events; ``project`` is the choice above."""
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        self.segmenter.change(
            self._switched,
            inputs=[self.segmenter],
            outputs=[*self.groups.values()],
            **quiet,
        )
        seen = [self.promise, self.button, self.said]
        self.what.input(self._promise, inputs=[project, place, self.what], outputs=seen, **quiet)
        self.panel.expand(
            self._expanded, inputs=[project, place, self.what], outputs=[self.what, *seen], **quiet
        )
        self.button.click(
            self._cut,
            inputs=[
                *(project, place, self.what, self.segmenter, self.layout),
                *(option.component for option in self.options),
            ],
            outputs=[self.said, self.table, self.editor],
            **quiet,
        )

    def filled(self, project: str | None, locale: str) -> list[Any]:
        """Return values for ``outputs`` when another project, or the same in another language, is shown."""
        segmenters = update(choices=[(_segmenter_title(locale, name), name) for name in self.groups])
        promise = self._promise(project, {"locale": locale}, ALL)
        return [segmenters, self._what(project, locale, ALL), *promise]

    def _switched(self, segmenter: str) -> list[Any]:
        return [update(visible=name == segmenter) for name in self.groups]

    def _expanded(self, project: str | None, place: dict[str, Any], what: str) -> list[Any]:
        locale = pick_locale(place.get("locale"))
        return [self._what(project, locale, what), *self._promise(project, place, what)]

    def _what(self, project: str | None, locale: str, chosen: str) -> Any:  # noqa: ANN401 - an update
        recordings = self.site.workspace.store.recordings(project) if project else []
        choices = [(_title(item, locale), item.id) for item in recordings]
        return update(choices=[(word(locale, "page.cut_all"), ALL), *choices], value=chosen)

    def _promise(self, project: str | None, place: dict[str, Any], what: str) -> list[Any]:
        """Say what would be touched and what not; there is nothing to press when it is nothing."""
        locale = pick_locale(place.get("locale"))
        if not project:
            return ["", update(interactive=False), ""]
        parts = recuttable(self.site.workspace, project)
        if what == ALL:
            names = [word(locale, "page.cut_n" if parts.free else "page.cut_none", n=len(parts.free))]
            if parts.worked_on:
                names.append(word(locale, "page.cut_n_stay", n=len(parts.worked_on)))
            can = bool(parts.free)
        else:
            free = parts.find(what)
            known = {item.id: item for item in parts.worked_on}
            can = free is not None
            if free is None and what not in known:
                return ["", update(interactive=False), ""]  # it was removed
            name = _title(free or known[what], locale)
            names = [word(locale, "page.cut_one" if can else "page.cut_one_stays", name=name)]
        text = " ".join([*names, word(locale, "page.cut_promise")])
        return [f"<p>{escape(text)}</p>", update(interactive=can), ""]

    def _cut(
        self,
        project: str,
        place: dict[str, Any],
        what: str,
        segmenter: str,
        layout: Any,  # noqa: ANN401 - one of the choices, as Gradio checks
        *values: float | None,
    ) -> list[Any]:
        locale = pick_locale(place.get("locale"))
        chosen: dict[str, float] = {}
        for option, value in zip(self.options, values, strict=True):
            if option.segmenter == segmenter and value is not None:  # empty: as it comes
                chosen[option.name] = value
        wrong = self._wrong(locale, segmenter, chosen)
        if wrong:
            return ["".join(f'<p class="slp-error">{escape(line)}</p>' for line in wrong), SKIP, SKIP]
        free = recuttable(self.site.workspace, project).free
        todo = free if what == ALL else [item for item in free if item.id == what]
        options = PrepareOptions(segmenter=segmenter, values=chosen, layout=layout, again=True)
        try:
            queued = [item.id for item in todo if self.site.preparer.add(item, options)]
        except SpeechLabelError as error:
            return [f'<p class="slp-error">{escape(error_words(locale, error))}</p>', SKIP, SKIP]
        # The editor may have one of them open, as it was: it opens it anew when it is shown again.
        opened = {"nonce": new_id(), "recut": {"project": project, "recordings": queued}}
        said = word(locale, "page.cut_queued", n=len(queued))
        return [f"<p>{escape(said)}</p>", recordings_value(project, locale), opened]

    def _wrong(self, locale: str, segmenter: str, values: dict[str, float]) -> list[str]:
        """Return what is wrong with the values, a line an option, in the person's language."""
        wrong: list[str] = []
        for option in self.options:
            if option.segmenter != segmenter or option.name not in values:
                continue
            value, about = values[option.name], option.described
            asked: dict[str, Any] = {
                "name": option.title(locale),
                "min": f"{about['min']:g}",
                "max": f"{about['max']:g}",
                "unit": about["unit"],
            }
            if not about["min"] <= value <= about["max"]:
                wrong.append(word(locale, "page.cut_range", **asked).replace(" .", "."))
            elif about["type"] == "int" and not float(value).is_integer():
                wrong.append(word(locale, "page.cut_whole", **asked))
        if not wrong:
            try:
                parse_options(registry.load("segmenter", segmenter), values)
            except OptionError as error:  # two that do not fit each other
                titles = {option.name: option.title(locale) for option in self.options}
                name = titles.get(error.data["option"], error.data["option"])
                wrong.append(word(locale, "page.cut_unfit", name=name, reason=error.data["reason"]))
        return wrong


def _title(recording: Recording, locale: str) -> str:
    titles: dict[str, str] = recording.metadata.get("title") or {}
    return titles.get(locale, recording.name)


def _segmenter_title(locale: str, name: str) -> str:
    if name in IN_OUR_WORDS:
        return word(locale, f"page.segmenter_{name}")
    return f"{registry.load('segmenter', name).title} ({name})"


def _layouts() -> dict[str, str]:
    return {name: f"page.layout_{name}" for name in ("auto", "mixed", "separate")}


def _step(described: dict[str, Any]) -> float:
    """Return what an arrow key changes: a tenth of what is usual for numbers that are whole."""
    if described["type"] == "int":
        return max(1, described["default"] // 10)
    return 0.05 if described["max"] <= 1 else 1
