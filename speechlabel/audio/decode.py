"""Open a recording, whatever its format: libsndfile first, FFmpeg for the rest.

``probe`` reads the header, ``open_audio`` gives blocks and windows.  Both refuse what is no recording with
one ``AudioError`` that a person understands.
"""

from __future__ import annotations

import stat
from pathlib import Path

from speechlabel.audio.base import BLOCK_FRAMES, Decoder, Probe, Sound
from speechlabel.errors import AudioError

__all__ = ["BLOCK_FRAMES", "Decoder", "Probe", "Sound", "open_audio", "probe"]


def probe(path: Path | str) -> Probe:
    """Tell what a file's header says about its sound.

    Raises
    ------
    AudioError
        Missing, empty, cut off inside the header, no sound in it, or not audio.
    """
    with open_audio(path) as decoder:
        return decoder.info


def open_audio(path: Path | str) -> Decoder:
    """Open a recording for reading; a context manager.

    Raises
    ------
    AudioError
        Missing, empty, cut off inside the header, no sound in it, or not audio.
    """
    path = Path(path)
    _check_file(path)
    # Loaded here, because they cost a tenth of a second that the command line's help should not pay.
    import soundfile

    from speechlabel.audio.sndfile import SndfileDecoder

    try:
        return SndfileDecoder(path)
    except (soundfile.SoundFileError, TypeError, ValueError) as error:
        return _open_container(path, error)


def _open_container(path: Path, first_error: Exception) -> Decoder:
    from av.error import FFmpegError

    from speechlabel.audio.container import ContainerDecoder

    try:
        return ContainerDecoder(path)
    except (FFmpegError, ValueError, OSError) as error:
        raise AudioError(
            path,
            "is not audio that can be read, or is cut off before its sound starts; if it plays elsewhere, "
            f"convert it with 'ffmpeg -i FILE new.flac' ({_short(path, first_error)})",
        ) from error


def _short(path: Path, error: Exception) -> str:
    text = str(getattr(error, "error_string", None) or error)
    if "possibly a pipe" in text:  # libsndfile's words for an .mp3 without a single MP3 frame
        text = "format not recognised"
    return text.replace(str(path), path.name).strip().rstrip(".")


def _check_file(path: Path) -> None:
    try:
        status = path.stat()
        if stat.S_ISREG(status.st_mode):
            path.open("rb").close()
    except FileNotFoundError as error:
        raise AudioError(path, "there is no such file") from error
    except (OSError, ValueError) as error:
        raise AudioError(path, f"cannot be opened: {getattr(error, 'strerror', None) or error}") from error
    if stat.S_ISDIR(status.st_mode):
        raise AudioError(path, "is a folder, not a file")
    if not stat.S_ISREG(status.st_mode):  # a pipe or a device might never end
        raise AudioError(path, "is not a regular file")
    if status.st_size == 0:
        raise AudioError(path, "is empty (0 bytes)")
