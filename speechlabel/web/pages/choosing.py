"""What goes out, more closely: labels, speakers, languages, length, novelty; which text and which audio."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import gradio as gr

from speechlabel import guideline
from speechlabel.errors import InputError, OptionError
from speechlabel.timing import seconds_to_us
from speechlabel.web.pages.labels import Label
from speechlabel.web.pages.updates import update
from speechlabel.web.site import Site
from speechlabel.web.words import word
from speechlabel.workflow.clips import AudioOptions
from speechlabel.workflow.delivery import Delivery
from speechlabel.workflow.export import Selection
from speechlabel.workflow.filtering import Filter
from speechlabel.workflow.shelf import list_snapshots
from speechlabel.workflow.speakers import project_speakers
from speechlabel.workflow.splitting import load_split, split_names

__all__ = ["Asked", "ChoosingPanel", "asked"]

AS_IT_IS = ""
RATES = ("8000", "16000", "22050", "24000", "44100", "48000")
CONTAINERS = ("FLAC", "WAV", "OPUS")


@dataclass(frozen=True, slots=True)
class Asked:
    """The values of the panel's fields, in their order."""

    labels: list[str] = field(default_factory=list[str])
    without: list[str] = field(default_factory=list[str])
    speakers: list[str] = field(default_factory=list[str])
    languages: list[str] = field(default_factory=list[str])
    shortest: float | None = None
    longest: float | None = None
    distinct: bool = False
    layer: str = AS_IT_IS
    cut: bool = False
    container: str = AS_IT_IS
    rate: str = AS_IT_IS
    pad: float | None = None
    split: str = AS_IT_IS
    options: str = ""
    merge_back: bool = False
    snapshot: str = AS_IT_IS

    def selection(self, include: list[str]) -> Selection:
        """Return the selection that is meant.

        Raises
        ------
        InputError
            The shortest is longer than the longest.
        """
        wanted = Filter(
            labels=frozenset(self.labels),
            without=frozenset(self.without),
            speakers=frozenset(self.speakers),
            languages=frozenset(self.languages),
            shortest_us=seconds_to_us(self.shortest or 0.0),
            longest_us=seconds_to_us(self.longest) if self.longest else None,
            distinct="text" if self.distinct else "",
        )
        return Selection(
            include=frozenset(include),
            filter=wanted,
            snapshot=int(self.snapshot) if self.snapshot else None,
            with_audio=True,
        )

    def delivery(self, site: Site, project_id: str) -> Delivery:
        """Return how it is to be made.

        Raises
        ------
        NotFoundError, OptionError
            The split is gone, or a number is beyond what can be done.
        """
        audio = AudioOptions(
            cut=self.cut,
            container=cast("Any", self.container or "auto"),
            sample_rate=int(self.rate) if self.rate else None,
            pad_us=seconds_to_us(self.pad or 0.0),
        )
        split = load_split(site.workspace, project_id, self.split) if self.split else None
        return Delivery(audio=audio, layer=self.layer or None, split=split, merge_back=self.merge_back)

    def values(self) -> dict[str, str]:
        """Return the options of the format: ``name=value``, one a line or with blanks between.

        Raises
        ------
        OptionError
            One is not written so.
        """
        found: dict[str, str] = {}
        for pair in self.options.split():
            name, sign, value = pair.partition("=")
            if not sign:
                raise OptionError(pair, "write it as NAME=VALUE")
            found[name] = value
        return found


class ChoosingPanel:
    """Layout of the fields; what they are asked for is ``Asked``."""

    def __init__(self, site: Site) -> None:
        self.site = site
        with gr.Accordion(open=False, elem_id="slp-choosing") as self.panel:
            with gr.Row():
                self.labels_in = gr.Dropdown(choices=[], value=[], multiselect=True, interactive=True)
                self.without = gr.Dropdown(choices=[], value=[], multiselect=True, interactive=True)
                self.speakers = gr.Dropdown(choices=[], value=[], multiselect=True, interactive=True)
                self.languages = gr.Dropdown(
                    choices=[], value=[], multiselect=True, interactive=True, allow_custom_value=True
                )
            with gr.Row():
                self.shortest = gr.Number(value=None, minimum=0, step=0.1, interactive=True)
                self.longest = gr.Number(value=None, minimum=0, step=0.1, interactive=True)
                self.layer = gr.Dropdown(choices=[AS_IT_IS], value=AS_IT_IS, interactive=True)
                self.split = gr.Dropdown(choices=[AS_IT_IS], value=AS_IT_IS, interactive=True)
                self.snapshot = gr.Dropdown(choices=[AS_IT_IS], value=AS_IT_IS, interactive=True)
            with gr.Row():
                self.container = gr.Dropdown(choices=[AS_IT_IS], value=AS_IT_IS, interactive=True)
                self.rate = gr.Dropdown(choices=[AS_IT_IS], value=AS_IT_IS, interactive=True)
                self.pad = gr.Number(value=None, minimum=0, maximum=10, step=0.1, interactive=True)
                self.options = gr.Textbox(value="", max_lines=3, interactive=True)
            with gr.Row():
                self.distinct = gr.Checkbox(value=False, interactive=True)
                self.cut = gr.Checkbox(value=False, interactive=True)
                self.merge_back = gr.Checkbox(value=False, interactive=True)
        self.inputs = [
            *(self.labels_in, self.without, self.speakers, self.languages, self.shortest, self.longest),
            *(self.distinct, self.layer, self.cut, self.container, self.rate, self.pad, self.split),
            *(self.options, self.merge_back, self.snapshot),
        ]
        keys = {
            "page.choose_title": self.panel,
            "page.choose_labels": self.labels_in,
            "page.choose_without": self.without,
            "page.choose_speakers": self.speakers,
            "page.choose_languages": self.languages,
            "page.choose_shortest": self.shortest,
            "page.choose_longest": self.longest,
            "page.choose_distinct": self.distinct,
            "page.choose_layer": self.layer,
            "page.choose_cut": self.cut,
            "page.choose_container": self.container,
            "page.choose_rate": self.rate,
            "page.choose_pad": self.pad,
            "page.choose_split": self.split,
            "page.choose_options": self.options,
            "page.choose_merge_back": self.merge_back,
            "page.choose_snapshot": self.snapshot,
        }
        self.labels = [Label(component=component, keys={"label": key}) for key, component in keys.items()]
        self.outputs = self.inputs

    def filled(self, project_id: str | None, locale: str) -> list[Any]:
        """Return values for ``outputs``: nothing is asked for, and what the project has can be chosen."""
        if not project_id:
            return [update() for _ in self.outputs]
        workspace = self.site.workspace
        project = workspace.store.project(project_id)
        rules = guideline.load(project.guideline)
        names = [(_title(item.title, locale, item.name), item.name) for item in rules.labels]
        as_it_is = [(word(locale, "page.choose_as_it_is"), AS_IT_IS)]
        layers = [(_title(item.title, locale, item.name), item.name) for item in rules.fields]
        people = [item.name for item in project_speakers(workspace, project_id)]
        splits = [(name, name) for name in split_names(workspace, project_id)]
        whole = [(word(locale, "page.choose_no_split"), AS_IT_IS)]
        return [
            update(choices=names, value=[]),
            update(choices=names, value=[]),
            update(choices=people, value=[]),
            update(choices=list(rules.languages), value=[]),
            update(value=None),
            update(value=None),
            update(value=False),
            update(choices=[(word(locale, "page.choose_text"), AS_IT_IS), *layers], value=AS_IT_IS),
            update(value=False),
            update(choices=[*as_it_is, *((name, name) for name in CONTAINERS)], value=AS_IT_IS),
            update(choices=[*as_it_is, *((f"{rate} Hz", rate) for rate in RATES)], value=AS_IT_IS),
            update(value=None),
            update(choices=[*whole, *splits], value=AS_IT_IS),
            update(value=""),
            update(value=False),
            self.with_snapshots(project_id, locale),
        ]

    def with_snapshots(self, project_id: str, locale: str) -> Any:  # noqa: ANN401 - an update
        """Return the update of the field of snapshots: the project as it is now is chosen."""
        now = [(word(locale, "page.choose_now"), AS_IT_IS)]
        found = list_snapshots(self.site.workspace, project_id)
        numbers = [(word(locale, "page.snapshots_one", n=item.number), str(item.number)) for item in found]
        return update(choices=[*now, *reversed(numbers)], value=AS_IT_IS)

    def with_splits(self, project_id: str, chosen: str, locale: str) -> Any:  # noqa: ANN401 - an update
        """Return the update of the field of splits, one of them chosen."""
        whole = [(word(locale, "page.choose_no_split"), AS_IT_IS)]
        names = [(name, name) for name in split_names(self.site.workspace, project_id)]
        return update(choices=[*whole, *names], value=chosen)


def _title(titles: Any, locale: str, name: str) -> str:  # noqa: ANN401 - a mapping by language
    return titles.get(locale) or titles.get("en") or name


def asked(values: tuple[Any, ...]) -> Asked:
    """Make what the fields say of their values.

    Raises
    ------
    InputError
        A number is negative.
    """
    made = Asked(*values)
    for number in (made.shortest, made.longest, made.pad):
        if number is not None and number < 0:
            raise InputError(f"{number:g} is below 0")
    return made
