"""Derived files appear whole or not at all: write beside the target, sync, rename."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator
from pathlib import Path

__all__ = ["appearing"]


@contextlib.contextmanager
def appearing(target: Path) -> Generator[Path]:
    """Give a path to write to; the file becomes ``target`` when the block ends well, else it is removed."""
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
