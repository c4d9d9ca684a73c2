"""The page's one custom component: header and editor, plain ES modules inside a ``gr.HTML``.

Gradio carries ids here, never audio or segments: the modules fetch those by URL and save over REST.
"""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from speechlabel.web.statics import static_base

__all__ = ["Editor"]

# Constant: Gradio would diff a changed template by position and remove what the modules have built.
TEMPLATE = '<div class="slp-root"></div>'


class Editor(gr.HTML):
    """Header and editor.

    The value goes to the browser: ``{"nonce", "place": {project, recording, view}}`` moves the page there.
    The event ``place`` comes from it: ``{project, recording, view, locale}``, whenever the page has moved.
    """

    EVENTS = ("place",)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - passed on to gr.HTML
        base = static_base()
        script = (
            f"import({json.dumps(base + '/page/index.js')}).then((page) => page.mount("
            "element.querySelector('.slp-root') ?? element, "
            f"{{ props, trigger, watch, staticBase: {json.dumps(base)} }}));"
        )
        super().__init__(
            value=None,
            html_template=TEMPLATE,
            js_on_load=script,
            apply_default_css=False,
            elem_id="slp-root",
            **kwargs,
        )

    def api_info(self) -> dict[str, Any]:
        """Return the JSON type of the value."""
        return {"type": "object"}
