"""Snapshots as they lie in the workspace: ``snapshots/<project>/<number>``, and an index beside them.

A snapshot's folder is the aligned manifest without audio.  It holds nothing of the machine or the hour it
was made at: recordings are told by id and content hash, and where they lie is looked up when audio is wanted.
``index.json`` keeps what is no part of that: when each was made, its digest, the highest number there was,
and which content each recording id that was ever in a snapshot stands for.  The index outlives what it lists.
"""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import orjson

from speechlabel import formats
from speechlabel.errors import NotFoundError, ParseError
from speechlabel.formats import Bundle
from speechlabel.records import Recording
from speechlabel.store.blobs import atomic
from speechlabel.store.workspace import Workspace

__all__ = [
    "Index",
    "Snapshot",
    "find_snapshot",
    "forget_snapshots",
    "home_of",
    "id_is_spent",
    "list_snapshots",
    "load_snapshot",
    "read_index",
    "reserve",
    "snapshot_at",
    "write_index",
]

ABOUT, RECORDINGS = "snapshot.json", "recordings.jsonl"
INDEX = "index.json"
SCHEMA = "speechlabel.snapshots/1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A numbered state of what goes out of a project, which never changes.

    ``digest`` is the SHA-256 of its ``snapshot.json``, which holds those of all its other files: the same
    digest means the same bytes.  ``made_from`` tells transcripts, revisions and what was asked for.
    """

    project: str
    number: int
    created_at: str
    digest: str
    recordings: int
    segments: int
    duration_us: int
    include: tuple[str, ...]
    excluded: Mapping[str, int]
    made_from: Mapping[str, Any]
    path: Path

    def to_dict(self) -> dict[str, Any]:
        """Return what is known of it, without the transcripts that it was made from."""
        facts = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        del facts["made_from"]
        return facts | {
            "include": list(self.include),
            "excluded": dict(self.excluded),
            "tool_version": self.made_from.get("tool_version"),
            "path": str(self.path),
        }


@dataclass(slots=True, kw_only=True)
class Index:
    """What is known of a project's snapshots beside what they hold."""

    last: int = 0
    made: dict[int, dict[str, str]] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    recordings: dict[str, dict[str, str]] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]


def home_of(workspace: Workspace, project_id: str) -> Path:
    """Return where a project's snapshots lie or will lie."""
    return workspace.root / "snapshots" / project_id


def read_index(home: Path) -> Index:
    """Read the index; what lies there without being listed is taken up.

    Raises
    ------
    ParseError
        The index is damaged.
    """
    path = home / INDEX
    index = Index()
    if path.is_file():
        try:
            found = orjson.loads(path.read_bytes())
            index.last = int(found["last"])
            index.made = {int(number): dict(facts) for number, facts in found["made"].items()}
            index.recordings = {id: dict(facts) for id, facts in found["recordings"].items()}
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            reason = "is not an index of snapshots any more; put back a copy, or move it away to make it anew"
            raise ParseError(path, reason) from error
    for number in sorted(_numbers(home) - set(index.made)):
        # A process was killed before it was listed, or the folder was put here by hand.
        _take_up(index, home / str(number), number)
    return index


def write_index(home: Path, index: Index) -> None:
    """Write the index, whole or not at all."""
    facts = {
        "schema": SCHEMA,
        "last": index.last,
        "made": {str(number): index.made[number] for number in sorted(index.made)},
        "recordings": dict(sorted(index.recordings.items())),
    }
    with atomic(home / INDEX) as part:
        part.write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def reserve(index: Index, recordings: Iterator[Recording] | tuple[Recording, ...]) -> None:
    """Keep which content each recording's id stands for, and where it was last."""
    for item in recordings:
        index.recordings[item.id] = {"content_hash": item.content_hash, "path": item.path}


def list_snapshots(workspace: Workspace, project_id: str) -> list[Snapshot]:
    """Return the snapshots of a project, the first first.

    Raises
    ------
    NotFoundError
        There is no such project.
    ParseError
        The index, or what a snapshot tells of itself, was damaged.
    """
    home = home_of(workspace, workspace.store.project(project_id).id)
    index = read_index(home)
    return [snapshot_at(home, index, number) for number in sorted(_numbers(home))]


def find_snapshot(workspace: Workspace, project_id: str, number: int) -> Snapshot:
    """Return a snapshot by its number.

    Raises
    ------
    NotFoundError
        There is no such project or snapshot.
    """
    home = home_of(workspace, workspace.store.project(project_id).id)
    known = _numbers(home)
    if number not in known:
        listed = ", ".join(map(str, sorted(known))) or "none yet; 'speechlabel snapshot make' makes one"
        raise NotFoundError("snapshot", str(number), hint=f"of project {project_id}; there are: {listed}")
    return snapshot_at(home, read_index(home), number)


def load_snapshot(workspace: Workspace, project_id: str, number: int) -> Bundle:
    """Read a snapshot; its recordings point at where their files lie now, if that is known.

    Raises
    ------
    NotFoundError
        There is no such project or snapshot.
    ParseError
        A file of it is not what it was when it was made.
    """
    snapshot = find_snapshot(workspace, project_id, number)
    _refuse_changed(snapshot)
    bundle = formats.load(snapshot.path, "native")
    known = {item.id: item for item in workspace.store.recordings(project_id)}
    hints = read_index(snapshot.path.parent).recordings
    return dataclasses.replace(
        bundle, recordings=tuple(_located(item, known.get(item.id), hints) for item in bundle.recordings)
    )


def _located(item: Recording, now: Recording | None, hints: Mapping[str, Mapping[str, str]]) -> Recording:
    """Point a recording at its file: the project knows best, then where it was when it was last in one."""
    if now is not None and now.content_hash == item.content_hash:
        return dataclasses.replace(
            item, path=now.path, is_stored=now.is_stored, modified_ns=now.modified_ns, state=now.state
        )
    hint = hints.get(item.id, {})
    return dataclasses.replace(item, path=hint.get("path", "")) if hint else item


def id_is_spent(workspace: Workspace, project_id: str, recording_id: str, content_hash: str) -> bool:
    """Tell whether snapshots name another recording by this id: it must never mean two."""
    spent = read_index(home_of(workspace, project_id)).recordings.get(recording_id)
    return spent is not None and spent.get("content_hash") != content_hash


def forget_snapshots(workspace: Workspace, project_id: str) -> None:
    """Remove what the snapshots of a project hold; their numbers and ids stay taken."""
    home = home_of(workspace, project_id)
    if not home.is_dir():
        return
    index = read_index(home)
    for facts in index.recordings.values():
        facts.pop("path", None)
    index.made = {}
    write_index(home, index)
    for number in _numbers(home):
        shutil.rmtree(home / str(number), ignore_errors=True)


def snapshot_at(home: Path, index: Index, number: int) -> Snapshot:
    """Read what a snapshot tells of itself."""
    path = home / str(number)
    about = _about(path)
    source = cast("dict[str, Any]", about["source"])
    return Snapshot(
        project=home.name,
        number=number,
        created_at=index.made[number]["created_at"],
        digest=index.made[number]["digest"],
        recordings=about["files"][RECORDINGS]["lines"],
        segments=source["segments"],
        duration_us=source["duration_us"],
        include=tuple(source["include"]),
        excluded=source["excluded"],
        made_from=source,
        path=path,
    )


def _about(path: Path) -> dict[str, Any]:
    try:
        found = orjson.loads((path / ABOUT).read_bytes())
        if {"segments", "duration_us", "include", "excluded"} <= found["source"].keys():
            found["files"][RECORDINGS]["lines"]
            return found
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ParseError(path / ABOUT, "does not tell of a snapshot any more; put back a copy") from error
    raise ParseError(path / ABOUT, "tells of an export, not of a snapshot")


def _refuse_changed(snapshot: Snapshot) -> None:
    """Hold every file against what was written down of it."""
    told: dict[str, str] = {name: facts["sha256"] for name, facts in _about(snapshot.path)["files"].items()}
    for name, digest in {ABOUT: snapshot.digest, **told}.items():
        path = snapshot.path / name
        try:
            with path.open("rb") as file:
                is_same = hashlib.file_digest(file, "sha256").hexdigest() == digest
        except OSError as error:
            raise ParseError(path, f"cannot be read: {error.strerror or error}") from error
        if not is_same:
            raise ParseError(
                path,
                f"was changed after snapshot {snapshot.number} was made; put back a copy, or make another",
            )


def _numbers(home: Path) -> set[int]:
    if not home.is_dir():
        return set()
    return {int(path.name) for path in home.iterdir() if path.name.isdecimal() and (path / ABOUT).is_file()}


def _take_up(index: Index, path: Path, number: int) -> None:
    raw = (path / ABOUT).read_bytes()
    made = datetime.fromtimestamp((path / ABOUT).stat().st_mtime, UTC).isoformat(timespec="milliseconds")
    index.made[number] = {"created_at": made, "digest": hashlib.sha256(raw).hexdigest()}
    index.last = max(index.last, number)
    for line in (path / RECORDINGS).read_bytes().splitlines():
        facts = orjson.loads(line)
        index.recordings.setdefault(facts["id"], {"content_hash": facts["content_hash"]})
