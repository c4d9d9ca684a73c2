"""Whole or not at all: folders and files that appear under their name only when they are complete."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from speechlabel.errors import ExportError

__all__ = ["staged_folder", "write_file"]


@contextmanager
def staged_folder(target: Path, *, overwrite: bool = False) -> Generator[Path]:
    """Yield an empty folder beside ``target`` that becomes ``target``, synced to disk, if all goes well.

    Raises
    ------
    ExportError
        ``target`` is there already (and ``overwrite`` is false), or cannot be written.
    """
    target = Path(os.path.abspath(target))  # noqa: PTH100 - resolve() would follow the person's links
    if target.exists() and not overwrite and not (target.is_dir() and not any(target.iterdir())):
        raise ExportError(f"{str(target)!r} is there already; give another folder, or ask to overwrite it")
    part = target.parent / f".{target.name}.{secrets.token_hex(4)}.part"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.mkdir()
        yield part
        for path in sorted(part.rglob("*")):
            _sync(path)
        _sync(part)
        _put(part, target)
        _sync(target.parent)
    except OSError as error:
        raise ExportError(f"cannot write {str(target)!r}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _put(part: Path, target: Path) -> None:
    if not target.exists():
        part.rename(target)
        return
    old = target.parent / f".{target.name}.{secrets.token_hex(4)}.old"
    target.rename(old)
    try:
        part.rename(target)
    except OSError:
        old.rename(target)
        raise
    if old.is_dir():
        shutil.rmtree(old, ignore_errors=True)
    else:
        old.unlink()


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file so that it appears whole, text as UTF-8; an older one is replaced.

    Raises
    ------
    ExportError
        The file cannot be written.
    """
    part = path.parent / f".{path.name}.{secrets.token_hex(4)}.part"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        _sync(part)
        part.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise ExportError(f"cannot write {str(path)!r}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            part.unlink()


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open a folder
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
