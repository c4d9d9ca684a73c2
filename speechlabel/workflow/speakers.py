"""Speakers of a whole project: list them, rename, merge, give a colour or a role.

A speaker belongs to one recording.  Across recordings the name is the link, since a person has given it, and
only for a change that a person asks for: two recordings that both say ``spk1`` may mean two people.

What is changed
---------------
Every recording is changed as its editor would change it: by one journalled batch on the author's own pass,
which is begun as a copy of what is shown if there is none.  So each change undoes where the recording is
opened, and meets what somebody else has in hand as a conflict.  The speaker itself is shared by all
transcripts of the recording; its new name or colour shows in all of them.  The segments that a merge hands
over are those of the author's pass; a speaker whom another person's pass still names is not removed, and
the recording is reported as failed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from speechlabel import guideline
from speechlabel.edits import Delete, Edit, Update
from speechlabel.errors import InputError, NotFoundError, SpeechLabelError, UnknownNameError
from speechlabel.formats.names import STAND_INS
from speechlabel.records import Speaker, new_id
from speechlabel.store.base import Batch, Spoken
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.label import Opened, open_recording, precedence, save

__all__ = [
    "ProjectSpeaker",
    "SpeakerReport",
    "change_speaker",
    "is_generic",
    "project_speakers",
    "rename_speaker",
]

# Names that programs give, and people who have not heard who it is.
WORDS = "spk|spkr|speaker|说话人|說話人|讲话人|講話人|发言人|發言人|话者|話者"
COUNTED = r"\d{1,4}|[a-z]|[一二三四五六七八九十]{1,3}"
GENERIC = re.compile(rf"({WORDS})[\s_#-]*({COUNTED})|s?[_-]?\d{{1,4}}|[a-z]", re.IGNORECASE)
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
CHANGEABLE = ("color", "role")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSpeaker:
    """All speakers of one name, in the transcripts that are shown.  Lengths are in microseconds."""

    name: str
    is_generic: bool  # a name that programs give: may be different people
    recordings: list[str]  # ids, oldest first
    segments: int
    locked: int  # of those, segments that are locked
    length_us: int
    colors: list[str]  # those that somebody chose, in order of first use
    roles: list[str]

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerReport:
    """What became of a change in each recording that has a speaker of that name; all lists hold ids."""

    name: str
    is_generic: bool
    changed: list[str] = field(default_factory=list[str])  # renamed, or given the colour or role
    merged: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])  # {"recording", "segments"}
    # {"recording", "segments"}: so many are locked and keep the old speaker, who stays for them
    locked: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    unchanged: list[str] = field(default_factory=list[str])  # had it already
    failed: list[dict[str, str]] = field(default_factory=list[dict[str, str]])  # {"recording", "reason"}

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)


def is_generic(name: str) -> bool:
    """Tell whether a name is one that programs give (``spk1``, ``SPEAKER_00``, ``说话人1``, ``B``)."""
    return GENERIC.fullmatch(name.strip()) is not None


def project_speakers(workspace: Workspace, project_id: str) -> list[ProjectSpeaker]:
    """Return the speakers of a project by name, who speaks longest first.

    Counted over the transcript of each recording that is shown.  The stand-ins (unknown, several, outside)
    are no people and are left out.

    Raises
    ------
    NotFoundError
        There is no such project.
    """
    store = workspace.store
    store.project(project_id)
    counts, spoken = store.counts(project_id), store.spoken(project_id)
    found: dict[str, list[tuple[str, Speaker, Spoken]]] = {}
    for recording in store.recordings(project_id):
        transcripts = [count.transcript for count in counts.get(recording.id, [])]
        if not transcripts:
            continue
        here = spoken.get(max(transcripts, key=precedence).id, {})
        for speaker in _people(store.speakers(project_id, recording.id)):
            said = here.get(speaker.id, Spoken())
            found.setdefault(speaker.name, []).append((recording.id, speaker, said))
    speakers = [
        ProjectSpeaker(
            name=name,
            is_generic=is_generic(name),
            recordings=list(dict.fromkeys(id for id, _, _ in places)),
            segments=sum(said.segments for _, _, said in places),
            locked=sum(said.locked for _, _, said in places),
            length_us=sum(said.length_us for _, _, said in places),
            colors=list(dict.fromkeys(item.color for _, item, _ in places if item.color)),
            roles=list(dict.fromkeys(item.role for _, item, _ in places if item.role)),
        )
        for name, places in found.items()
    ]
    return sorted(speakers, key=lambda item: (-item.length_us, item.name))


def rename_speaker(
    workspace: Workspace,
    project_id: str,
    name: str,
    new_name: str,
    *,
    author: str,
    recordings: Collection[str] | None = None,
) -> SpeakerReport:
    """Rename a speaker in all recordings of a project that have one of that name, or in those named.

    Where a recording has a speaker called ``new_name`` already, the two become one: the segments of the
    author's pass go to the one that stays.  Locked segments stay as they are, and the old speaker for them.
    A recording that fails is reported and holds up no other.

    Raises
    ------
    InputError
        The new name is none (``RecordError``), or is the old one.
    NotFoundError
        There is no such project, or no recording of it has a speaker of that name.
    """
    new_name = new_name.strip()
    Speaker(id="new", name=new_name)  # checks the name
    if new_name == name:
        raise InputError(f"the speaker is called {name!r} already; give another name")

    def plan(opened: Opened, report: SpeakerReport) -> list[Edit]:
        heirs = [item for item in opened.speakers if item.name == new_name]
        theirs = [item for item in _people(opened.speakers) if item.name == name]
        if len(heirs) > 1 and theirs:
            raise InputError(
                f"the recording has {len(heirs)} speakers called {new_name!r}; "
                "merge or rename those there first"
            )
        if heirs:
            return _merging(opened, theirs, heirs[0], report)
        if theirs:
            report.changed.append(opened.recording.id)
        return [_update(item, {"name": new_name}) for item in theirs]

    return _over_recordings(workspace, project_id, name, recordings, author, plan)


def change_speaker(
    workspace: Workspace,
    project_id: str,
    name: str,
    changes: Mapping[str, str | None],
    *,
    author: str,
    recordings: Collection[str] | None = None,
) -> SpeakerReport:
    """Give the speakers of a name another ``color`` (``#rrggbb``) or ``role``; None takes it off.

    Raises
    ------
    InputError
        There is nothing to change, a colour is none, or another field is named.
    UnknownNameError
        The project's guideline has roles, and this is none of them.
    NotFoundError
        There is no such project, or no recording of it has a speaker of that name.
    """
    _check_changes(changes, guideline.load(workspace.store.project(project_id).guideline).speaker_roles)

    def plan(opened: Opened, report: SpeakerReport) -> list[Edit]:
        theirs = [item for item in _people(opened.speakers) if item.name == name]
        edits: list[Edit] = []
        for item in theirs:
            if wanted := {key: value for key, value in changes.items() if value != getattr(item, key)}:
                edits.append(_update(item, wanted))
        if theirs:
            (report.changed if edits else report.unchanged).append(opened.recording.id)
        return edits

    return _over_recordings(workspace, project_id, name, recordings, author, plan)


def _check_changes(changes: Mapping[str, str | None], roles: Sequence[str]) -> None:
    if not changes:
        raise InputError("nothing to change: give a color or a role")
    for key, value in changes.items():
        if key not in CHANGEABLE:
            raise InputError(f"{key!r} of a speaker is not changed here; {' or '.join(CHANGEABLE)} is")
        if key == "color" and value is not None and not COLOR.fullmatch(value):
            raise InputError(f"color {value!r} is not of the form #rrggbb, such as #d1495b")
        if key == "role" and value is not None and roles and value not in roles:
            raise UnknownNameError("role", value, roles)


def _people(speakers: Sequence[Speaker]) -> Iterator[Speaker]:
    return (item for item in speakers if item.id not in STAND_INS)


def _update(speaker: Speaker, changes: Mapping[str, Any]) -> Update:
    return Update(target="speaker", id=speaker.id, version=speaker.version, changes=changes)


def _merging(opened: Opened, gone: Sequence[Speaker], heir: Speaker, report: SpeakerReport) -> list[Edit]:
    """Edits that hand over to the heir whatever is not locked."""
    edits: list[Edit] = []
    given = kept = 0
    for speaker in gone:
        theirs = [item for item in opened.segments if item.speaker == speaker.id]
        free = [item for item in theirs if not item.is_locked]
        for item in free:
            edits.append(
                Update(target="segment", id=item.id, version=item.version, changes={"speaker": heir.id})
            )
        if len(free) == len(theirs):
            edits.append(Delete(target="speaker", id=speaker.id, version=speaker.version))
        given, kept = given + len(free), kept + len(theirs) - len(free)
    if edits:
        report.merged.append({"recording": opened.recording.id, "segments": given})
    if kept:
        report.locked.append({"recording": opened.recording.id, "segments": kept})
    return edits


def _over_recordings(
    workspace: Workspace,
    project_id: str,
    name: str,
    wanted: Collection[str] | None,
    author: str,
    plan: Callable[[Opened, SpeakerReport], list[Edit]],
) -> SpeakerReport:
    """Plan and save the edits of each recording that has such a speaker; what goes wrong is reported."""
    store = workspace.store
    store.project(project_id)
    report = SpeakerReport(name=name, is_generic=is_generic(name))
    known: dict[str, None] = {}
    has_any = False
    for recording in store.recordings(project_id):
        speakers = list(_people(store.speakers(project_id, recording.id)))
        known |= dict.fromkeys(item.name for item in speakers)
        if all(item.name != name for item in speakers):
            continue
        has_any = True
        if wanted is not None and recording.id not in wanted:
            continue
        here = SpeakerReport(name=name, is_generic=report.is_generic)
        try:
            opened = open_recording(workspace, project_id, recording.id, author=author)
            if edits := plan(opened, here):
                save(workspace, opened.transcript.id, Batch(op_id=new_id(), author=author, edits=edits))
        except SpeechLabelError as error:
            report.failed.append({"recording": recording.id, "reason": error.message})
        else:
            for one, all_ in (
                (here.changed, report.changed),
                (here.merged, report.merged),
                (here.locked, report.locked),
                (here.unchanged, report.unchanged),
            ):
                all_ += one
    if not has_any:
        raise NotFoundError("speaker", name, hint=f"speakers: {', '.join(known) or 'none yet'}")
    return report
