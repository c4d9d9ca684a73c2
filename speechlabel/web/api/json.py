"""JSON answers, fast and never cached."""

from typing import Any

import orjson
from fastapi.responses import Response

__all__ = ["answer"]


def answer(content: Any, status: int = 200) -> Response:  # noqa: ANN401 - whatever orjson takes
    """Return content as a JSON response."""
    return Response(
        orjson.dumps(content), status, {"Cache-Control": "no-store"}, media_type="application/json"
    )
