"""Gradio's updates, with a type: its own are dicts of unknown content."""

from __future__ import annotations

from typing import Any, cast

import gradio as gr

__all__ = ["SKIP", "update"]

SKIP: Any = cast("Any", gr).skip()


def update(**properties: Any) -> Any:  # noqa: ANN401 - what a handler returns for a component
    """Change properties of a component."""
    return cast("Any", gr).update(**properties)
