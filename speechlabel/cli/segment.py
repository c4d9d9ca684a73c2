"""``speechlabel segment``: straight from audio files to segments, with no project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from speechlabel.cli.terminal import AsJson, list_failures, n_of, print_json, progress_bar, values

__all__ = ["segment"]


def segment(
    audio: Annotated[
        list[str],
        typer.Argument(metavar="AUDIO", help="Recordings; also OPTION=VALUE for the segmenter."),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results.")],
    segmenter: Annotated[str, typer.Option(help="Which segmenter cuts the recordings.")] = "webrtc",
    format: Annotated[str, typer.Option(help="rttm, textgrid or native.")] = "rttm",
    workers: Annotated[int | None, typer.Option(min=1, help="Processes to use.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find speech in recordings and write `DIR/<stem>.rttm` for each; two of one stem are told apart."""
    from speechlabel.cli.verbs import pool
    from speechlabel.config import load_settings
    from speechlabel.workflow.segment import segment_files

    is_option = ["=" in item and not Path(item).exists() for item in audio]
    paths = [Path(item) for item, is_set in zip(audio, is_option, strict=True) if not is_set]
    options = values([item for item, is_set in zip(audio, is_option, strict=True) if is_set])
    settings = load_settings(workers=workers)
    with progress_bar("segmenting") as told, pool(settings.workers) as executor:
        report = segment_files(
            paths,
            out,
            segmenter=segmenter,
            options=options,
            format=format,
            executor=executor,
            progress=lambda name, ratio: told(name, ratio, len(paths)),
        ).to_dict()
    if as_json:
        print_json(report)
    else:
        print(f"{n_of(len(report['written']), 'recording')} segmented, in {out}")
    list_failures(report["failed"], "path")
