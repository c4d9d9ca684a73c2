"""The panel "Split for training": shares, strata, seed; what each part holds and what leaks."""

from __future__ import annotations

from html import escape
from typing import Any, get_args

import gradio as gr

from speechlabel.errors import InputError, SpeechLabelError
from speechlabel.timing import format_timecode
from speechlabel.web.pages.choosing import ChoosingPanel, asked
from speechlabel.web.pages.labels import Label
from speechlabel.web.pages.updates import SKIP
from speechlabel.web.site import Site
from speechlabel.web.words import error_words, pick_locale, word
from speechlabel.workflow.splits import SplitReport, SplitSpec, Stratum, parse_shares
from speechlabel.workflow.splitting import make_split

__all__ = ["SplitPanel"]

FIRST_SHARES = "train=rest dev=10% test=10%"
FIRST_NAME = "main"


class SplitPanel:
    """Layout and wiring; the split that was made is chosen in the panel above."""

    def __init__(self, site: Site, choosing: ChoosingPanel) -> None:
        self.site, self.choosing = site, choosing
        with gr.Accordion(open=False, elem_id="slp-split") as self.panel:
            with gr.Row():
                self.name = gr.Textbox(value=FIRST_NAME, max_lines=1, interactive=True)
                self.shares = gr.Textbox(value=FIRST_SHARES, max_lines=1, interactive=True, scale=2)
                self.by = gr.Dropdown(choices=["speaker", "recording"], value="speaker", interactive=True)
                self.seed = gr.Number(value=0, precision=0, interactive=True)
            with gr.Row():
                self.strata = gr.CheckboxGroup(choices=list(get_args(Stratum)), value=[], interactive=True)
                self.button = gr.Button(elem_classes="slp-narrow")
            self.said = gr.HTML(padding=False)
        self.labels = [
            Label(component=self.panel, keys={"label": "page.split_title"}),
            Label(component=self.name, keys={"label": "page.split_name"}),
            Label(
                component=self.shares, keys={"label": "page.split_shares", "info": "page.split_shares_info"}
            ),
            Label(
                component=self.by,
                keys={"label": "page.split_by"},
                choices={name: f"page.split_by_{name}" for name in ("speaker", "recording")},
            ),
            Label(component=self.seed, keys={"label": "page.split_seed"}),
            Label(
                component=self.strata,
                keys={"label": "page.split_strata"},
                choices={name: f"page.stratum_{name}" for name in get_args(Stratum)},
            ),
            Label(component=self.button, keys={"value": "page.split_button"}),
        ]
        self.outputs = [self.said]

    def wire(self, place: gr.State, format: gr.Dropdown, include: gr.CheckboxGroup) -> None:
        """Connect the button."""
        self.button.click(
            self._split,
            inputs=[
                *(place, self.name, self.shares, self.by, self.seed, self.strata, format, include),
                *self.choosing.inputs,
            ],
            outputs=[self.said, self.choosing.split],
            api_visibility="private",
        )

    def _split(self, *values: Any) -> list[Any]:  # noqa: ANN401 - of the fields, in their order
        place, name, shares, by, seed, strata, format, include, *chosen = values
        locale = pick_locale(place.get("locale"))
        try:
            pairs = dict(pair.partition("=")[::2] for pair in shares.split())
            if seed is None:
                raise InputError("the seed is a whole number")
            spec = SplitSpec(shares=parse_shares(pairs), seed=int(seed), by=by, strata=tuple(strata))
            selection = asked(tuple(chosen)).selection(include)
            _, report = make_split(
                self.site.workspace, place["project"], name.strip(), spec, format=format, selection=selection
            )
        except SpeechLabelError as error:
            return [f'<p class="slp-error">{escape(error_words(locale, error))}</p>', SKIP]
        return [_told(report, locale), self.choosing.with_splits(place["project"], name.strip(), locale)]


def _told(report: SplitReport, locale: str) -> str:
    head = "".join(
        f"<th>{escape(word(locale, f'page.split_{key}'))}</th>"
        for key in ("part", "time", "segments", "units")
    )
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{format_timecode(report.duration_us[name], decimals=0)}</td>"
        f"<td>{report.segments[name]}</td><td>{report.units[name]}</td></tr>"
        for name in report.spec.shares
    )
    leaks = "".join(
        "<li>"
        + escape(
            word(
                locale,
                f"page.leak_{leak.kind}",
                n=leak.count,
                first=leak.splits[0],
                second=leak.splits[1],
                examples=word(locale, "page.list_separator").join(leak.examples[:3]),
            )
        )
        + "</li>"
        for leak in report.leaks
    )
    clean = "" if leaks else f"<p>{escape(word(locale, 'page.leak_none'))}</p>"
    return (
        f'<table class="slp-parts"><tr>{head}</tr>{rows}</table><ul class="slp-reasons">{leaks}</ul>{clean}'
    )
