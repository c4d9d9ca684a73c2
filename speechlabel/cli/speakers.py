"""``speechlabel speakers``: the speakers of a project, over all its recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from speechlabel.cli.terminal import (
    AsJson,
    ProjectName,
    WorkspaceOption,
    complain,
    list_failures,
    n_of,
    print_json,
)

if TYPE_CHECKING:
    from speechlabel.config import Settings

__all__ = ["speakers"]


def speakers(
    name: ProjectName,
    rename: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="OLD NEW",
            help="Rename a speaker in every recording that has one of that name. "
            "Where somebody is called NEW already, the two become one.",
        ),
    ] = None,
    color: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="NAME COLOR", help="Give a colour (#rrggbb, or none) to a speaker."),
    ] = None,
    role: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="NAME ROLE", help="Give a role of the guideline (or none) to a speaker."),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: AsJson = False,
) -> None:
    """List the speakers of a project by name, or change one in all its recordings.

    Each recording is changed as its editor would, on your own pass, and can be undone there. Locked segments
    keep their speaker.
    """
    from speechlabel.cli.verbs import writing
    from speechlabel.config import load_settings
    from speechlabel.errors import InputError

    settings = load_settings(workspace=workspace)
    if sum(item is not None for item in (rename, color, role)) > 1:
        raise InputError("give one of --rename, --color and --role at a time")
    if rename is not None:
        with writing(settings) as verbs:
            report = verbs.rename_speaker(name, *rename)
        _tell(report, f"renamed to {rename[1]}", as_json)
    elif chosen := color or role:
        who, wanted = chosen
        changes = {"color" if color else "role": None if wanted in ("", "none") else wanted}
        with writing(settings) as verbs:
            report = verbs.change_speaker(name, who, changes)
        _tell(report, "changed", as_json)
    else:
        _list(settings, name, as_json)


def _list(settings: Settings, name: str, as_json: bool) -> None:
    from speechlabel.cli.verbs import reading
    from speechlabel.timing import format_timecode
    from speechlabel.workflow.projects import find_project
    from speechlabel.workflow.speakers import project_speakers

    with reading(settings) as opened:
        rows = [item.to_dict() for item in project_speakers(opened, find_project(opened, name).id)]
    if as_json:
        print_json({"speakers": rows})
        return
    if not rows:
        print(f"{name}: no speakers yet; they are made in the editor (speechlabel serve)")
    for row in rows:
        notes = [*row["roles"], *row["colors"], *(["perhaps several people"] if _is_risky(row) else [])]
        time = format_timecode(row["length_us"], decimals=0)
        print(
            f"{row['name']:<24} {len(row['recordings']):>5} recordings {row['segments']:>7} segments "
            f"{time:>9}  {', '.join(notes)}".rstrip()
        )


def _is_risky(row: dict[str, Any]) -> bool:
    return row["is_generic"] and len(row["recordings"]) > 1


def _tell(report: dict[str, Any], done: str, as_json: bool) -> None:
    """Say what became of a change; what failed ends the command with exit code 1."""
    changed, merged = report["changed"], report["merged"]
    if report["is_generic"] and len(changed) + len(merged) > 1:
        complain(
            f"{report['name']!r} is a name that programs give; in {len(changed) + len(merged)} recordings it "
            "may be different people: listen, and undo where it is somebody else"
        )
    if as_json:
        print_json(report)
    else:
        parts = [f"{report['name']}: {done} in {n_of(len(changed), 'recording')}"]
        if merged:
            given = n_of(sum(item["segments"] for item in merged), "segment")
            parts.append(f"merged in {len(merged)} ({given})")
        if report["unchanged"]:
            parts.append(f"as wanted already in {len(report['unchanged'])}")
        print(", ".join(parts))
        for item in report["locked"]:
            kept = n_of(item["segments"], "locked segment")
            print(f"{item['recording']}: {report['name']} keeps {kept}")
    list_failures(report["failed"], "recording")
