"""REST under ``/api`` and media under ``/media``: thin routes over the verbs; no rule lives here."""

from fastapi import APIRouter, Request

from speechlabel.errors import NotFoundError
from speechlabel.web.api import (
    annotations,
    exports,
    imports,
    media,
    projects,
    recordings,
    segmenters,
    snapshots,
    speakers,
    transcripts,
    uploads,
)

__all__ = ["nothing", "router"]

router = APIRouter()
for part in (
    projects,
    recordings,
    annotations,
    speakers,
    transcripts,
    segmenters,
    uploads,
    imports,
    exports,
    snapshots,
    media,
):
    router.include_router(part.router)

nothing = APIRouter()


@nothing.api_route(
    "/{path:path}",
    methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
    include_in_schema=False,
)
def no_such_address(request: Request) -> None:
    """Answer here what no route answers; Gradio, which comes behind, would do it in its own way."""
    raise NotFoundError("address", f"{request.method} {request.url.path}")
