"""The audio that an export names: where each file goes, copied or cut when it is written."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from speechlabel.audio.base import fits_flac
from speechlabel.audio.clip import Container, write_channel
from speechlabel.formats import Format
from speechlabel.records import Recording
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.clips import AudioOptions, ClipCutter
from speechlabel.workflow.ingest import check_unchanged, refuse_changed
from speechlabel.workflow.prepare import playable_path, proxy_path
from speechlabel.workflow.projects import unique_id

__all__ = ["AudioFiles"]

AS_IT_IS = AudioOptions()


class AudioFiles:
    """Gives a format its files of audio; each is written once.

    Parameters
    ----------
    write
        False: only tell where a file would lie.
    with_audio
        Copy what could be pointed at as well, so that the export can be moved.
    options
        How segments are cut out, if they are.
    progress
        Called with the number of segments cut out so far.
    """

    def __init__(
        self,
        workspace: Workspace,
        writer: Format,
        *,
        write: bool,
        with_audio: bool,
        options: AudioOptions = AS_IT_IS,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self._workspace, self._writer = workspace, writer
        self._write, self._with_audio = write, with_audio
        container: Container = writer.audio if options.container == "auto" else options.container
        self.clips = ClipCutter(
            lambda recording: playable_path(workspace, recording),
            container,
            options,
            write=write,
            progress=progress,
        )
        self._taken: set[str] = set()
        self._copies: dict[str, Path] = {}

    def channel(self, recording: Recording, channel: int | None, folder: Path) -> Path:
        """Return a file that holds one channel (None: the mix of all), in ``folder`` unless it is there.

        Raises
        ------
        ChangedError
            It is the recording's own file, which is gone or holds other bytes.
        """
        has_proxy = proxy_path(self._workspace, recording).exists()
        if recording.channels == 1 and not has_proxy and _fits(recording, self._writer):
            source = check_unchanged(recording)
            return self._copy(recording, source, folder) if self._with_audio else source
        part = "" if recording.channels == 1 else "-mix" if channel is None else f"-ch{channel}"
        kind = self._writer.audio if fits_flac(recording.sample_rate, 1) else "WAV"
        target = self._place(folder, f"{recording.id}{part}", f".{kind.lower()}")
        if self._write:
            wanted = channel if recording.channels > 1 else None
            write_channel(playable_path(self._workspace, recording), target, wanted, format=kind)
        return target

    def original(self, recording: Recording, folder: Path) -> Path | None:
        """Return a copy of the recording's own file; None where that is gone.

        Raises
        ------
        ChangedError
            It holds other bytes than those that were taken in.
        """
        return self._copy(recording, Path(recording.path), folder) if refuse_changed(recording) else None

    def _copy(self, recording: Recording, source: Path, folder: Path) -> Path:
        """Copy byte for byte, so that what is told of the recording (its hash, its size) stays true."""
        if recording.id not in self._copies:
            target = self._place(folder, recording.id, source.suffix.lower())
            if self._write:
                shutil.copyfile(source, target)
            self._copies[recording.id] = target
        return self._copies[recording.id]

    def _place(self, folder: Path, stem: str, suffix: str) -> Path:
        """Return where a file goes; two are told apart also where case does not count."""
        stem = unique_id(stem, lambda wanted: f"{wanted}{suffix}".casefold() in self._taken)
        self._taken.add(f"{stem}{suffix}".casefold())
        if self._write:
            folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{stem}{suffix}"


def _fits(recording: Recording, writer: Format) -> bool:
    """Tell whether a format's readers open the recording's own container."""
    container = recording.container.lower()
    return container == "wav" if writer.audio == "WAV" else container in ("wav", "flac", "ogg")
