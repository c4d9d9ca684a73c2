"""Gradio's pages: layout and wiring only; every rule is in a verb of ``workflow``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import gradio as gr

from speechlabel.web.editor import make_editor
from speechlabel.web.pages.export import ExportPage
from speechlabel.web.pages.projects import ProjectsPage
from speechlabel.web.site import Site
from speechlabel.web.statics import module_names, static_base

__all__ = ["Pages", "make_pages"]

FONTS = ("system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The Blocks and what ``mount_gradio_app`` needs beside them."""

    blocks: gr.Blocks
    theme: gr.Theme
    head: str


def make_pages(site: Site) -> Pages:
    """Build the page: the editor, and below it the projects and export views that its header shows."""
    with gr.Blocks(title="speechlabel", analytics_enabled=False, fill_width=True) as blocks:
        editor = make_editor()
        place = gr.State({})
        projects = ProjectsPage(site, editor)
        export = ExportPage(site)
        labelled = [*projects.labels, *export.labels]

        def moved(event: gr.EventData) -> list[Any]:
            """Follow the browser: remember its place, in its language, and fill the view it shows."""
            now: dict[str, Any] = {
                name: getattr(event, name) for name in ("project", "recording", "view", "locale")
            }
            words = [label.in_words(now["locale"]) for label in labelled]
            return [now, *words, *projects.filled(now), *export.filled(now)]

        cast("Any", editor).select(
            moved,
            outputs=[place, *(label.component for label in labelled), *projects.outputs, *export.outputs],
            show_progress="hidden",
            queue=True,
            # One after the other: "always_last" would repeat the first of two with the data that it had.
            trigger_mode="multiple",
            api_visibility="private",
        )
        projects.wire(place)
        export.wire(place)
    # Local fonts only: a theme's web fonts would be fetched from another host.
    theme: gr.Theme = cast("Any", gr).themes.Default(
        primary_hue="blue", font=FONTS, font_mono=("ui-monospace", "monospace")
    )
    # The modules start loading with the page, not after Gradio has built it.
    head = "".join(f'<link rel="modulepreload" href="{static_base()}/{name}">' for name in module_names())
    # Linked, not given to Gradio as its CSS: it would rewrite the selectors.
    head += "".join(
        f'<link rel="stylesheet" href="{static_base()}/{name}">'
        for name in ("page/page.css", "page/import.css", "editor/editor.css")
    )
    return Pages(blocks=blocks, theme=theme, head=head)
