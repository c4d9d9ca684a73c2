"""``speechlabel convert`` and ``speechlabel validate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from speechlabel.cli.terminal import AsJson, n_of, print_json, values

__all__ = ["convert", "validate"]

AudioRoot = Annotated[
    str | None,
    typer.Option(metavar="OLD=NEW", help="Audio below the folder OLD is to be found below NEW."),
]


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="File or folder to read.")],
    out: Annotated[
        Path,
        typer.Argument(
            metavar="OUT", help="Folder to write, or a file where one file of the format holds all."
        ),
    ],
    options: Annotated[
        list[str] | None, typer.Argument(metavar="OPTION=VALUE", help="Options of the format written.")
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(help="Format to write; without it OUT's ending tells: .srt, .TextGrid, .eaf …"),
    ] = None,
    from_format: Annotated[
        str | None, typer.Option("--from", help="Format of IN; without it it is recognised.")
    ] = None,
    from_option: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Option of the format read; may be repeated."),
    ] = None,
    audio: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="Where recordings lie that IN does not name; may be repeated."),
    ] = None,
    audio_root: AudioRoot = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what lies at OUT.")] = False,
    as_json: AsJson = False,
) -> None:
    """Convert an annotation into another format; no audio is needed unless that format holds some."""
    from speechlabel import formats
    from speechlabel.errors import InputError
    from speechlabel.workflow import convert as verb
    from speechlabel.workflow.delivery import Delivery, parse_audio_root

    wanted = format or formats.by_extension(out)
    if wanted is None:
        raise InputError(f"which format {out.name!r} shall be cannot be told from its name; use --format")
    formats.get(wanted, **values(options))  # says which option there is not
    delivery = Delivery(audio_root=parse_audio_root(audio_root) if audio_root else None)
    bundle, report = verb.convert(
        source,
        out,
        wanted,
        from_format=from_format,
        from_options=values(from_option),
        audio=audio or (),
        delivery=delivery,
        overwrite=overwrite,
        options=values(options),
    )
    if as_json:
        print_json(
            {
                "path": str(report.path),
                "format": report.format,
                "files": report.files,
                "segments": report.segments,
                "losses": [[loss.field, loss.reason, loss.count] for loss in report.losses],
                "notes": bundle.notes,
                "warnings": report.warnings,
            }
        )
        return
    print(f"{n_of(report.segments, 'segment')} in {report.path}")
    for loss in report.losses:
        print(f"  not carried: {loss.field} ({loss.count}): {loss.reason}")
    for note in (*bundle.notes, *report.warnings):
        print(f"  note: {note}")


def validate(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="File or folder to check.")],
    format: Annotated[str | None, typer.Option(help="Its format; without it it is recognised.")] = None,
    option: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Option of the format; may be repeated.")
    ] = None,
    audio_root: AudioRoot = None,
    no_audio: Annotated[
        bool, typer.Option("--no-audio", help="Do not open the audio that it names.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check an annotation as strictly as its target does, and its audio; exit code 1 if it is faulty."""
    from speechlabel.workflow import validate as verb
    from speechlabel.workflow.delivery import parse_audio_root

    root = parse_audio_root(audio_root) if audio_root else None
    found = verb.validate(
        path, format=format, options=values(option), audio_root=root, with_audio=not no_audio
    )
    if as_json:
        print_json(found.to_dict())
    else:
        for fault in found.faults:
            print(fault)
        segments, files = n_of(found.segments, "segment"), n_of(found.audio, "audio file")
        verdict = n_of(len(found.faults), "fault") if found.faults else "valid"
        print(f"{path}: {found.title}, {segments}, {files} opened: {verdict}")
        for note in found.notes:
            print(f"  note: {note}")
    if found.faults:
        raise typer.Exit(1)
