"""Our static files and the address they are served under, which changes with their content."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

__all__ = ["FILES", "LOCALES", "module_names", "static_base"]

FILES = Path(__file__).parent / "static"
LOCALES = Path(__file__).parent / "locales"


@cache
def static_base() -> str:
    """``/speechlabel-static/<digest>``: a new version of any file gets a new address for all of them.

    Not ``/static`` or ``/assets``: Gradio has routes of those names.
    """
    digest = hashlib.sha256()
    for path in sorted([*FILES.rglob("*"), *LOCALES.rglob("*")]):
        if path.is_file():
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return f"/speechlabel-static/{digest.hexdigest()[:12]}"


def module_names() -> list[str]:
    """Names below ``static_base`` of the modules that a page runs, for it to fetch them all at once.

    Found one by the import of another, on a slow line each step would cost a round trip.
    """
    scripts = (path.relative_to(FILES).as_posix() for path in FILES.rglob("*.js"))
    return sorted(name for name in scripts if not name.endswith(("-worker.js", "/types.js")))
