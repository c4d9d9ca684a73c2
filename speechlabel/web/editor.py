"""The page's one custom component: header and editor, plain ES modules inside a ``gr.HTML``.

Gradio carries ids here, never audio or segments: the modules fetch those by URL and save over REST.
"""

from __future__ import annotations

import json
from typing import Any, cast

import gradio as gr

from speechlabel.web.statics import static_base

__all__ = ["make_editor"]

# Constant: Gradio would diff a changed template by position and remove what the modules have built.
TEMPLATE = '<div class="slp-root"></div>'


def make_editor() -> gr.HTML:
    """Make the component; must be called inside a ``Blocks``.

    Its value goes to the browser: ``{"nonce", "place": {project, recording, view}}`` moves the page there.
    Its event ``select`` comes from it: ``{project, recording, view, locale}``, whenever the page has moved.

    Not a subclass of ``gr.HTML``: Gradio would write an interface file beside this one at each import.
    """
    base = static_base()
    script = (
        f"import({json.dumps(base + '/page/index.js')}).then((page) => page.mount("
        "element.querySelector('.slp-root') ?? element, "
        f"{{ props, trigger, watch, staticBase: {json.dumps(base)} }}));"
    )
    return cast("Any", gr).HTML(
        value=None, html_template=TEMPLATE, js_on_load=script, apply_default_css=False, elem_id="slp-root"
    )
