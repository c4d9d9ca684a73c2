"""REST under ``/api`` and media under ``/media``: thin routes over the verbs; no rule lives here."""

from fastapi import APIRouter

from speechlabel.web.api import exports, media, projects, recordings, transcripts, uploads

__all__ = ["router"]

router = APIRouter()
for part in (projects, recordings, transcripts, uploads, exports, media):
    router.include_router(part.router)
