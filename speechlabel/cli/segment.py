"""``speechlabel segment``: straight from audio files to segments, with no project."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from speechlabel.cli.terminal import AsJson, print_json, progress_bar, values

__all__ = ["segment"]


def segment(
    audio: Annotated[list[str], typer.Argument(metavar="AUDIO… [OPTION=VALUE]…", help="Recordings.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results.")],
    segmenter: Annotated[str, typer.Option(help="Which segmenter cuts the recordings.")] = "webrtc",
    format: Annotated[str, typer.Option(help="rttm, textgrid or native.")] = "rttm",
    workers: Annotated[int | None, typer.Option(min=1, help="Processes to use.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find speech in recordings and write `DIR/<stem>.rttm` for each; two of one stem are told apart.

    Example: `speechlabel segment a.wav b.mp3 --format rttm --out segments min_silence_ms=400`
    """
    from speechlabel.batch.local import LocalPool
    from speechlabel.config import load_settings
    from speechlabel.workflow.segment import segment_files

    paths = [Path(item) for item in audio if "=" not in item or Path(item).exists()]
    options = values([item for item in audio if Path(item) not in paths])
    settings = load_settings(workers=workers)
    with progress_bar(len(paths), "segmenting") as told, LocalPool(settings.workers) as pool:
        report = segment_files(
            paths, out, segmenter=segmenter, options=options, format=format, executor=pool, progress=told
        )
    if as_json:
        print_json(
            {
                "written": [{"audio": str(path), "file": str(target)} for path, target in report.written],
                "failed": [{"path": str(path), "reason": reason} for path, reason in report.failed],
            }
        )
    else:
        print(f"{len(report.written)} files in {out}")
    for path, reason in report.failed:
        print(f"speechlabel: {path}: {reason}", file=sys.stderr)
    if report.failed:
        raise typer.Exit(1)
