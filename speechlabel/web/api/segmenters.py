"""Segmenters over REST: which there are, and what can be set."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from speechlabel import registry
from speechlabel.segment.base import describe_options
from speechlabel.web.api.json import answer

__all__ = ["router"]

router = APIRouter(prefix="/api/segmenters", tags=["segmenters"])


@router.get("")
def segmenters() -> Response:
    """List the segmenters: name, title and options with their type, default, unit, range and help."""
    kinds = [registry.load("segmenter", name) for name in registry.names("segmenter")]
    return answer(
        [{"name": kind.name, "title": kind.title, "options": describe_options(kind)} for kind in kinds]
    )
