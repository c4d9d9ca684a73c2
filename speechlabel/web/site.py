"""What the routes and pages of one running server share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from starlette.requests import HTTPConnection

from speechlabel.audio.pcm import OpenDecoders
from speechlabel.config import Settings
from speechlabel.store.workspace import Workspace
from speechlabel.web.exporting import Exports
from speechlabel.web.importing import Imports
from speechlabel.web.preparing import Preparer
from speechlabel.web.uploading import Uploads

__all__ = ["LOCAL_AUTHOR", "Site", "site_of"]

LOCAL_AUTHOR = "user:me"  # one person on their own machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One workspace being served."""

    workspace: Workspace
    settings: Settings
    preparer: Preparer
    decoders: OpenDecoders
    uploads: Uploads
    imports: Imports
    exports: Exports


def site_of(connection: HTTPConnection) -> Site:
    """Return the site that a request is for."""
    return cast("Site", connection.app.state.site)
