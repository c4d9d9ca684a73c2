"""Decoding by libsndfile: WAV, FLAC, Ogg, Opus, MP3, AIFF, AU, CAF, W64, RF64, NIST SPHERE and VOC.

Floats are always asked for: libsndfile gives zeros when a float WAV is read as int16.  Its MP3 decoder
takes off the encoder's delay that the LAME header tells, and gives the exact length.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from speechlabel.audio.base import Decoder, Probe, Sound, damaged

__all__ = ["SndfileDecoder"]

# The others that libsndfile knows (raw, MATLAB, HTK …) are no recordings, or accept what is not theirs.
CONTAINERS = frozenset(
    {"WAV", "WAVEX", "RF64", "W64", "FLAC", "OGG", "MP3", "AIFF", "AU", "CAF", "NIST", "VOC"}
)
# Seeking in these lands beside the frame asked for, or decodes it otherwise than a whole pass does.
NO_EXACT_SEEK = frozenset({"VORBIS", "OPUS", "MPEG_LAYER_I", "MPEG_LAYER_II", "MPEG_LAYER_III"})
# The densest FLAC (silence) holds about 6,500 frames in a byte; a header that claims more is not believed.
MAX_FRAMES_PER_BYTE = 8_000


class _Stream(soundfile.SoundFile):
    """A sound file that is read straight on.

    ``soundfile`` seeks to where it already is after each read of a seekable file, to bring a write pointer
    along.  In MP3 and Vorbis that spoils the sound at each block's edge, and it fails in FLAC streams.
    """

    def seekable(self) -> bool:
        return False


class SndfileDecoder(Decoder):
    """A recording that libsndfile decodes.

    Raises
    ------
    soundfile.SoundFileError, TypeError
        libsndfile does not know the file.
    ValueError
        It knows it, but another decoder should be tried: no recording's format, no frame in the header,
        or an incredible number of them (a FLAC stream of unknown length).
    """

    def __init__(self, path: Path) -> None:
        self._file = file = _Stream(str(path))
        try:
            if file.format not in CONTAINERS:
                raise ValueError(f"{file.format} is not a recording")
            if not 0 < file.frames <= MAX_FRAMES_PER_BYTE * path.stat().st_size:
                raise ValueError(f"its header claims {file.frames} frames")
            exact = file.subtype not in NO_EXACT_SEEK
            super().__init__(
                path,
                Probe(
                    container=file.format.lower(),
                    codec=file.subtype.lower(),
                    sample_rate=file.samplerate,
                    channels=file.channels,
                    n_frames=file.frames if exact else 0,
                    needs_proxy=not exact,
                ),
                expected_frames=file.frames,
            )
            self._may_be_bad = not file.subtype.startswith(("PCM_", "ULAW", "ALAW"))
        except BaseException:
            file.close()
            raise

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self._file.close()

    def _rewind(self) -> None:
        if self._position:
            if self.info.needs_proxy:  # opening anew is exact, seeking to 0 is not sure to be
                self._file.close()
                self._file = _Stream(str(self.path))
            else:
                self._file.seek(0)
            self._position = 0

    def _seek(self, frame: int) -> None:
        if self.info.needs_proxy:
            super()._seek(frame)
        elif frame != self._position:
            # Past the end nothing is read, and the next seek starts from wherever it likes.
            target = min(frame, self.info.n_frames)
            try:
                self._position = self._file.seek(target)
            except soundfile.LibsndfileError as error:
                raise damaged(self.path, target, self.info.sample_rate, error) from error

    def _next(self, n_frames: int) -> Sound:
        block = np.empty((n_frames, self.info.channels), np.float32)
        try:
            got = self._file.buffer_read_into(block, dtype="float32")
        except soundfile.LibsndfileError as error:
            raise damaged(self.path, self._position, self.info.sample_rate, error) from error
        return block[:got]
