"""The page's custom components, plain ES modules inside a ``gr.HTML``: header and editor; the recordings.

Gradio carries ids here, never audio or segments: the modules fetch those by URL and save over REST.
"""

from __future__ import annotations

import json
from typing import Any, cast

import gradio as gr

from speechlabel.records import new_id
from speechlabel.web.statics import static_base

__all__ = ["make_editor", "make_recordings", "recordings_value"]

# Constant: Gradio would diff a changed template by position and remove what the modules have built.
TEMPLATE = '<div class="slp-root"></div>'


def make_editor() -> gr.HTML:
    """Make the component; must be called inside a ``Blocks``.

    Its value goes to the browser: ``{"nonce", "recut": {project, recordings}}`` says which recordings are
    being segmented anew.
    Its event ``select`` comes from it: ``{project, recording, view, locale}``, whenever the page has moved.

    Not a subclass of ``gr.HTML``: Gradio would write an interface file beside this one at each import.
    """
    return _component("page/index.js", "slp-root")


def make_recordings() -> gr.HTML:
    """Make the table of a project's recordings; must be called inside a ``Blocks``.

    Its value goes to the browser: ``{"nonce", "project", "locale"}`` shows a project, anew each time.  A row
    is a link that carries the recording's id; the editor's component follows it.
    """
    return _component("page/recordings.js", "slp-recordings")


def recordings_value(project: str | None, locale: str, *, is_chosen: bool = False) -> dict[str, Any]:
    """Return the value that shows a project in the table of recordings, read anew.

    ``is_chosen``: a person has just chosen it, so that the page goes there too.
    """
    return {"nonce": new_id(), "project": project, "locale": locale, "is_chosen": is_chosen}


def _component(module: str, elem_id: str) -> gr.HTML:
    base = static_base()
    script = (
        f"import({json.dumps(f'{base}/{module}')}).then((page) => page.mount("
        "element.querySelector('.slp-root') ?? element, "
        f"{{ props, trigger, watch, staticBase: {json.dumps(base)} }}));"
    )
    return cast("Any", gr).HTML(
        value=None, html_template=TEMPLATE, js_on_load=script, apply_default_css=False, elem_id=elem_id
    )
