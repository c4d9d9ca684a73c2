"""Options that say what goes out, shared by the commands that choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from speechlabel.cli.terminal import values

if TYPE_CHECKING:
    from speechlabel.workflow.filtering import Filter
    from speechlabel.workflow.selection import Selection

__all__ = [
    "Distinct",
    "Include",
    "Labels",
    "Languages",
    "Longest",
    "Recordings",
    "Shortest",
    "Speakers",
    "Transcripts",
    "Without",
    "filter_of",
    "selection_of",
]

Include = Annotated[
    str,
    typer.Option(help="Take in as well, by commas: machine,draft,unsure,invalid,no_text,not_speech or all."),
]
Recordings = Annotated[
    list[str] | None,
    typer.Option("--recording", metavar="ID", help="Only this recording, by id or name; may be repeated."),
]
Transcripts = Annotated[
    list[str] | None,
    typer.Option("--transcript", metavar="RECORDING=ID", help="A transcript other than the newest."),
]
Labels = Annotated[
    list[str] | None,
    typer.Option("--label", metavar="NAME", help="Only segments with this label or tag; may be repeated."),
]
Without = Annotated[
    list[str] | None,
    typer.Option("--without", metavar="NAME", help="No segment with this label or tag; may be repeated."),
]
Speakers = Annotated[
    list[str] | None,
    typer.Option("--speaker", metavar="NAME", help="Only what this person says; may be repeated."),
]
Languages = Annotated[
    list[str] | None,
    typer.Option("--language", metavar="TAG", help="Only this language, such as zh; may be repeated."),
]
Shortest = Annotated[float, typer.Option("--shortest", metavar="SECONDS", help="No segment below this.")]
Longest = Annotated[
    float | None, typer.Option("--longest", metavar="SECONDS", help="No segment above this length.")
]
Distinct = Annotated[
    Literal["text", "speaker_text"] | None,
    typer.Option("--distinct", help="Of what is said twice (or twice by one speaker), only the first."),
]


def filter_of(
    labels: list[str] | None,
    without: list[str] | None,
    speakers: list[str] | None,
    languages: list[str] | None,
    shortest: float,
    longest: float | None,
    distinct: Literal["text", "speaker_text"] | None,
) -> Filter:
    """Make the filter that options ask for."""
    from speechlabel.timing import seconds_to_us
    from speechlabel.workflow.filtering import Filter

    return Filter(
        labels=frozenset(labels or ()),
        without=frozenset(without or ()),
        speakers=frozenset(speakers or ()),
        languages=frozenset(languages or ()),
        shortest_us=seconds_to_us(shortest),
        longest_us=None if longest is None else seconds_to_us(longest),
        distinct=distinct or "",
    )


def selection_of(
    include: str,
    recordings: list[str] | None,
    transcripts: list[str] | None,
    wanted: Filter,
    *,
    with_audio: bool = False,
) -> Selection:
    """Make the selection that options ask for."""
    from speechlabel.workflow.selection import Selection

    return Selection(
        include=frozenset(item.strip() for item in include.split(",") if item.strip()),
        recordings=tuple(recordings) if recordings else None,
        transcripts=values(transcripts),
        filter=wanted,
        with_audio=with_audio,
    )
