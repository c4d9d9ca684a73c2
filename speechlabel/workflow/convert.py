"""Convert one format into another, without a project."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from speechlabel import formats
from speechlabel.audio.base import fits_flac
from speechlabel.audio.clip import Container, write_channel
from speechlabel.audio.decode import probe
from speechlabel.errors import AudioError, ExportError, InputError
from speechlabel.formats import Bundle, Export, Format, Report, Segments
from speechlabel.formats.gather import TO_THE_END_US
from speechlabel.formats.output import write_file
from speechlabel.records import Recording
from speechlabel.workflow.clips import ClipCutter
from speechlabel.workflow.delivery import Delivery
from speechlabel.workflow.fitting import fit
from speechlabel.workflow.ingest import find_files
from speechlabel.workflow.matching import Matcher
from speechlabel.workflow.wording import worded_bundle

__all__ = ["convert"]

PLAIN = Delivery()


def convert(  # noqa: PLR0913 - from where, where to, how
    source: Path,
    out: Path,
    format: str,
    *,
    from_format: str | None = None,
    from_options: Mapping[str, Any] | None = None,
    audio: Sequence[Path] = (),
    delivery: Delivery = PLAIN,
    overwrite: bool = False,
    options: Mapping[str, Any] | None = None,
) -> tuple[Bundle, Report]:
    """Read a file or folder in one format and write it in another.

    Parameters
    ----------
    out : a folder; or a file, where it ends as files of the format do and one file holds all
    from_format : of ``source``, with its options; else it is detected
    audio : files, or folders of them, in which the recordings are looked for by name; those that ``source``
        names are used where they lie.  No audio is needed unless the format holds some.
    options : of the format that is written

    Returns
    -------
    Bundle, Report
        What was read, with notes on what was repaired, named and marked as the guideline that comes with it
        says for the format; and what was written.

    Raises
    ------
    ParseError, InputError
        ``source`` cannot be read.
    ExportError
        There is nothing in it, ``out`` cannot be written, or the format needs audio that was not found.
    UnknownNameError, OptionError
        No such format or option.
    """
    if not source.exists():
        raise InputError(f"there is no {str(source)!r}")
    writer = formats.get(format, **(options or {}))
    bundle = _with_audio(formats.load(source, from_format, **(from_options or {})), source, audio)
    bundle, taken = worded_bundle(bundle, writer.name)
    export = _export(bundle, writer, delivery)
    if not _is_file(out, writer):
        report = formats.dump_as(writer, export, out, overwrite=overwrite)
        return bundle, dataclasses.replace(report, losses=(*report.losses, *taken))
    if out.exists() and not overwrite:
        raise ExportError(f"{str(out)!r} is there already; give another name, or ask to overwrite it")
    with TemporaryDirectory(prefix="speechlabel-") as folder:
        made = Path(folder) / "out"
        report = formats.dump_as(writer, export, made)
        found = [name for name in report.files if _is_file(Path(name), writer)]
        if len(found) != 1:
            raise ExportError(
                f"{writer.title}: this makes {len(found)} files; name a folder instead of {out.name!r}"
            )
        write_file(out, (made / found[0]).read_bytes())
    losses = (*report.losses, *taken)
    return bundle, dataclasses.replace(report, path=out, files=(out.name,), losses=losses)


def _is_file(out: Path, writer: Format) -> bool:
    return not out.is_dir() and out.suffix.lower() in map(str.lower, writer.extensions)


def _with_audio(bundle: Bundle, source: Path, audio: Sequence[Path]) -> Bundle:
    """Tell of each recording whose file is found what that file says of itself."""
    files = find_files(audio).files if audio else []
    matcher = Matcher((), files)
    found: list[Recording] = []
    segments = dict(bundle.segments)
    for recording in bundle.recordings:
        named = {path for (id, _), path in bundle.audio.items() if id == recording.id}
        match = matcher.find(recording, sorted(named), source)
        found.append(_probed(recording, match.path) if match and match.path else recording)
        if found[-1].container and recording.id in segments:
            segments[recording.id] = _fitted(bundle, found[-1])
        elif not recording.n_frames and _is_endless(bundle, recording):
            raise InputError(
                f"{recording.name!r}: how long it is stands nowhere; name the folder of its audio"
            )
    return dataclasses.replace(bundle, recordings=tuple(found), segments=segments)


def _is_endless(bundle: Bundle, recording: Recording) -> bool:
    return any(item.end_us == TO_THE_END_US for item in bundle.segments.get(recording.id, ()))


def _fitted(bundle: Bundle, recording: Recording) -> Segments:
    return Segments(lambda: fit(bundle, recording.id, recording, {}).segments)


def _probed(recording: Recording, path: Path) -> Recording:
    try:
        info = probe(path)
    except AudioError:
        return recording
    return dataclasses.replace(
        recording,
        path=os.path.abspath(path),  # noqa: PTH100 - resolve() would follow the person's links
        size_bytes=path.stat().st_size,
        container=info.container,
        codec=info.codec,
        sample_rate=info.sample_rate,
        channels=info.channels,
        n_frames=info.n_frames,
    )


def _export(bundle: Bundle, writer: Format, delivery: Delivery) -> Export:
    container: Container = writer.audio if delivery.audio.container == "auto" else delivery.audio.container

    def path_of(recording: Recording) -> Path:
        if not recording.container:
            raise ExportError(f"{recording.name!r}: its audio was not found; name its folder")
        return Path(recording.path)

    def make_audio(recording: Recording, channel: int | None, folder: Path) -> Path:
        if recording.channels == 1 or not recording.container:
            if not recording.path:
                raise ExportError(f"{recording.name!r}: its audio was not found; name its folder")
            return Path(recording.path)
        kind = writer.audio if fits_flac(recording.sample_rate, 1) else "WAV"
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{recording.id}{'-mix' if channel is None else f'-ch{channel}'}.{kind.lower()}"
        write_channel(Path(recording.path), target, channel, format=kind)
        return target

    has_audio = any(recording.path for recording in bundle.recordings)
    return Export(
        bundle=bundle,
        make_audio=make_audio if has_audio else None,
        cut_clips=ClipCutter(path_of, container, delivery.audio).cut,
        is_cut=delivery.audio.cut,
        audio_root=delivery.audio_root,
        snapshot=bundle.snapshot,
    )
