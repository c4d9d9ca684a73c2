"""Decoding by FFmpeg (PyAV): M4A, AAC, AMR, WMA, WebM, the sound of a video, and odd WAV and FLAC.

FFmpeg applies MP4 edit lists and the codec's own delay at the start; the padding at the end of an MP4 is cut
here.  Containers that do not tell the delay (ADTS, AAC in Matroska) start with the encoder's priming, as in
every player.  Reading is always forward from the start: exact by construction, so these files get a proxy.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.layout import AudioLayout
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from av.error import FFmpegError

from speechlabel.audio.base import Decoder, Probe, Sound, damaged
from speechlabel.errors import AudioError

__all__ = ["ContainerDecoder"]

# No playlists, no concatenation, no raw data, no devices: only containers that hold their own sound.
DEMUXERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,aac,amr,asf,ogg,flac,wav,w64,aiff,caf,avi,mpegts,mpeg,flv"
OPTIONS = {"format_whitelist": DEMUXERS, "protocol_whitelist": "file"}
SHORT_NAMES = {"mov,mp4,m4a,3gp,3g2,mj2": "mp4", "matroska,webm": "matroska"}


class ContainerDecoder(Decoder):
    """A recording that FFmpeg decodes: the first sound track of the file, at its own rate.

    Raises
    ------
    FFmpegError
        FFmpeg does not know the file.
    AudioError
        There is no sound track, nothing in it, or nothing in it that can be decoded.
    """

    def __init__(self, path: Path) -> None:
        self._container: InputContainer | None = None
        self.path = path
        try:
            first = self._start()
            if first is None:
                raise AudioError(path, "holds no sound (0 samples)")
            container = cast("InputContainer", self._container)
            stream = container.streams.audio[0]
            name = container.format.name
            super().__init__(
                path,
                Probe(
                    container=SHORT_NAMES.get(name, name),
                    codec=stream.codec_context.name,
                    sample_rate=self._rate,
                    channels=first.shape[1],
                    n_frames=0,
                    needs_proxy=True,
                ),
                expected_frames=(container.duration or 0) * self._rate // av.time_base,
            )
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self._parts: Iterator[Sound] = iter(())
        if self._container is not None:
            self._container.close()
            self._container = None

    def _start(self) -> Sound | None:
        """Open the file anew and decode its first part, which waits in ``_left``."""
        # The protocol is written out so that a colon in a file name is not taken for one.
        # Tags are not read, so those in another character set are no reason to refuse the file.
        self._container = container = av.open(
            f"file:{self.path.absolute()}", options=OPTIONS, metadata_errors="replace"
        )
        if not container.streams.audio:
            raise AudioError(self.path, "holds no sound track")
        self._rate = 0
        self._layout: AudioLayout | None = None
        self._resampler: AudioResampler | None = None
        self._parts = self._decode(container)
        first = next(self._parts, None)
        self._left = first
        return first

    def _rewind(self) -> None:
        if self._position:
            self.close()
            self._start()
            self._position = 0

    def _next(self, n_frames: int) -> Sound:
        block = np.empty((n_frames, self.info.channels), np.float32)
        filled = 0
        while filled < n_frames:
            part = self._left if self._left is not None else next(self._parts, None)
            if part is None:
                break
            count = min(len(part), n_frames - filled)
            block[filled : filled + count] = part[:count]
            filled += count
            self._left = part[count:] if count < len(part) else None
        return block[:filled]

    def _decode(self, container: InputContainer) -> Iterator[Sound]:
        """Yield the sound packet by packet; the last part is cut where the container says that it ends."""
        stream = container.streams.audio[0]
        held: Sound | None = None
        position = 0  # frames before ``held``
        for frame in self._frames(container):
            sound = self._convert(frame)
            if held is not None:
                yield held
                position += len(held)
            held = sound
        if held is None:
            return
        if "mp4" in container.format.name and stream.duration and stream.time_base:
            # Only the last packet can hold padding, so a header that is wrong about the rest cuts nothing.
            keep = round(stream.duration * stream.time_base * self._rate) - position
            held = held[:keep] if 0 < keep < len(held) else held
        yield held

    def _frames(self, container: InputContainer) -> Iterator[AudioFrame]:
        """Decode packets.

        Bad ones at the start are passed over, as a recording cut out of a broadcast has them; later, a bad
        one ends the sound, or is an error if more sound follows it: a gap would shift all times after it.
        """
        decoded = 0
        problem: FFmpegError | None = None
        packets = container.demux(container.streams.audio[0])
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    break
                frames = packet.decode()
            except FFmpegError as error:
                problem = error
                continue
            for frame in frames:
                if problem is not None and decoded:
                    raise damaged(self.path, decoded, frame.sample_rate, problem.strerror)
                problem = None
                decoded += frame.samples
                yield frame
        if decoded == 0 and problem is not None:
            raise AudioError(self.path, f"holds sound that cannot be decoded ({problem.strerror})")

    def _convert(self, frame: AudioFrame) -> Sound:
        """Bring a frame to float32 ``(frames, channels)`` at the rate and layout of the first one."""
        if self._layout is None:
            self._rate, self._layout = frame.sample_rate, frame.layout
        key = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampler is None or key != self._key:
            self._key = key
            self._resampler = AudioResampler(format="flt", layout=self._layout, rate=self._rate)
        frame.pts = None  # gaps between time stamps are not filled: a time is a count of samples
        parts = [part.to_ndarray() for part in self._resampler.resample(frame)]
        flat = np.concatenate([np.empty((1, 0), np.float32), *parts], axis=1)
        return flat.astype(np.float32, copy=False).reshape(-1, self._layout.nb_channels)
