"""Derived files appear whole or not at all: write beside the target, sync, rename."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Generator
from pathlib import Path

import soundfile

from speechlabel.errors import WorkspaceError

__all__ = ["appearing", "appearing_sound"]

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
NO_WAY = (errno.EROFS, errno.EFBIG)
NEARLY_FULL = 1_000_000  # bytes: libsndfile does not tell why it cannot write; this little left is why


@contextlib.contextmanager
def appearing(target: Path) -> Generator[Path]:
    """Give a path to write to; the file becomes ``target`` when the block ends well, else it is removed.

    Raises
    ------
    WorkspaceError
        ``full`` or ``unwritable``.
    """
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        # The block may also read other files; only what concerns this one is told as such.
        if error.errno in NO_ROOM or error.errno in NO_WAY or error.filename in (str(part), str(target)):
            raise _unwritable(target, error) from error
        raise
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def appearing_sound(
    target: Path, sample_rate: int, channels: int, format: str
) -> Generator[soundfile.SoundFile]:
    """Give a 16-bit sound file to write to, which becomes ``target`` when the block ends well.

    Raises
    ------
    WorkspaceError
        ``full`` or ``unwritable``.
    """
    with appearing(target) as part:
        try:
            with soundfile.SoundFile(str(part), "w", sample_rate, channels, "PCM_16", format=format) as file:
                yield file
        except soundfile.SoundFileError as error:
            raise _unwritable(target, error) from error


def _unwritable(target: Path, error: Exception) -> WorkspaceError:
    full = getattr(error, "errno", None) in NO_ROOM
    with contextlib.suppress(OSError):
        full = full or shutil.disk_usage(target.parent).free < NEARLY_FULL
    if full:
        return WorkspaceError("full", f"the disk of {str(target.parent)!r} is full; make room and try again")
    return WorkspaceError(
        "unwritable", f"{str(target)!r} cannot be written: {getattr(error, 'strerror', None) or error}"
    )
