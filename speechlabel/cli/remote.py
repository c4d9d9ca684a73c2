"""The verbs over REST, for commands that find a server at work in the workspace.

The server and the command run on one machine for one person: the token in the workspace, which only they can
read, says so, and lets the command take in files that the page may not name.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlsplit

from speechlabel.errors import (
    ChangedError,
    ConflictError,
    InputError,
    NotFoundError,
    SpeechLabelError,
    WorkspaceError,
)

if TYPE_CHECKING:
    from speechlabel.cli.terminal import Told
    from speechlabel.workflow.options import ImportOptions, PrepareOptions

__all__ = ["Server"]

PATIENCE_S = 600  # a file of many gigabytes is hashed within one request
POLL_S = 0.3
BUSY = "is being prepared for somebody else; wait until that is done, then try again"
GONE = "was removed in the meantime"
KINDS: Mapping[str, type[SpeechLabelError]] = {
    kind.code: kind for kind in (NotFoundError, WorkspaceError, ChangedError, ConflictError)
}


class Server:
    """A running server.

    Parameters
    ----------
    address
        As it announced it, e.g. ``http://127.0.0.1:7860``.
    token
        The secret that it keeps in the workspace for commands of the same user.
    workspace
        The folder that it serves.
    """

    def __init__(self, address: str, token: str | None, workspace: Path) -> None:
        self.address = _reachable(address)
        self._workspace = workspace
        self._headers = {"Accept": "application/json"} | (
            {"Authorization": f"Bearer {token}"} if token else {}
        )
        # Never by a proxy: the server is on this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def create_project(
        self, name: str, *, language: str, preset: str, rules: str | None = None
    ) -> dict[str, Any]:
        """Make a project."""
        body = {"name": name, "language": language, "preset": preset, "guideline": rules}
        made = self._send("POST", "/api/projects", body)
        return {key: made[key] for key in ("id", "name", "language")}

    def set_guideline(self, name: str, rules: str) -> dict[str, Any]:
        """Give a project another guideline."""
        path = f"/api/projects/{quote(self._project(name), safe='')}/guideline"
        made = self._send("PUT", path, {"guideline": rules})
        return {key: made[key] for key in ("id", "name", "language")}

    def rename_project(self, name: str, new: str) -> dict[str, Any]:
        """Give a project another name."""
        made = self._send("PATCH", f"/api/projects/{quote(self._project(name), safe='')}", {"name": new})
        return {key: made[key] for key in ("id", "name")}

    def remove_project(self, name: str) -> dict[str, Any]:
        """Remove a project."""
        return self._send("DELETE", f"/api/projects/{quote(self._project(name), safe='')}")

    def rename_recording(self, name: str, recording: str, new: str) -> dict[str, Any]:
        """Give a recording another name."""
        return self._send("PATCH", self._recording(name, recording), {"name": new})

    def remove_recording(self, name: str, recording: str) -> dict[str, Any]:
        """Remove a recording."""
        return self._send("DELETE", self._recording(name, recording))

    def rename_speaker(self, name: str, old: str, new: str) -> dict[str, Any]:
        """Rename a speaker in all recordings."""
        path = f"/api/projects/{quote(self._project(name), safe='')}/speakers/rename"
        return self._send("POST", path, {"name": old, "new_name": new})

    def change_speaker(self, name: str, speaker: str, changes: Mapping[str, str | None]) -> dict[str, Any]:
        """Give a speaker another colour or role in all recordings."""
        path = f"/api/projects/{quote(self._project(name), safe='')}/speakers/change"
        return self._send("POST", path, {"name": speaker, "changes": dict(changes)})

    def ingest(self, name: str, paths: Sequence[Path], told: Told, options: ImportOptions) -> dict[str, Any]:
        """Take in recordings, one a request, then annotations; it is prepared only when that is asked for."""
        from speechlabel.workflow.documents import find_documents
        from speechlabel.workflow.ingest import UNWRITABLE_NAME, is_writable

        project = quote(self._project(name))
        found = find_documents(paths, format=options.format, options=options.values, beside=self._workspace)
        total = len(found.audio)
        report: dict[str, Any] = {"added": [], "known": [], "failed": []}
        for number, path in enumerate(found.audio, 1):
            if is_writable(str(path)):
                body = {"path": str(path), "prepare": False}
                answer = self._send("POST", f"/api/projects/{project}/ingest", body)
                report["added"] += answer["added"]
                for key in ("known", "failed"):
                    report[key] += [item | {"path": str(path)} for item in answer[key]]
            else:
                report["failed"].append({"path": str(path), "reason": UNWRITABLE_NAME})
            told(f"{number} of {total}", 1.0, total)
        body = options.to_dict() | {"paths": [str(Path(path).absolute()) for path in paths], "prepare": False}
        imported = self._send("POST", f"/api/projects/{project}/annotations", body)
        for key in ("added", "failed"):
            imported[key] = report[key] + imported[key]
        return imported | {"known": report["known"], "skipped": len(found.skipped)}

    def prepare(
        self, name: str, options: PrepareOptions, told: Told, ids: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """Prepare recordings, all or those named; returns when the server is done with them."""
        from speechlabel.workflow.options import changes_layout, check_options

        check_options(options)
        project = self._project(name)
        rows = _named(self._recordings(project), ids)
        todo = [
            row["id"]
            for row in rows
            if options.again
            or row["state"] != "ready"
            or changes_layout(options.layout, row["layout"], row["channels"])
        ]
        body = {"segmenter": options.segmenter, "options": dict(options.values), "layout": options.layout}
        waiting = set(todo)
        report: dict[str, Any] = {
            "ready": [],
            "unchanged": [row["id"] for row in rows if row["id"] not in todo],
            "failed": [],
        }
        for id in todo:
            path = f"/api/projects/{quote(project)}/recordings/{quote(id)}/prepare"
            if not self._send("POST", path, body)["queued"]:
                waiting.remove(id)
                report["failed"].append({"recording": id, "reason": BUSY})
        while waiting:
            rows = self._recordings(project)
            for id in sorted(waiting - {row["id"] for row in rows}):
                waiting.remove(id)
                report["failed"].append({"recording": id, "reason": GONE})
            for row in rows:
                if row["id"] not in waiting:
                    continue
                is_busy = row["progress"] is not None or row["state"] == "preparing"
                told(row["id"], row["progress"] or 0.0 if is_busy else 1.0, len(todo))
                if not is_busy:
                    waiting.remove(row["id"])
                    if row["error"]:
                        report["failed"].append({"recording": row["id"], "reason": row["error"]})
                    else:
                        report["ready"].append(row["id"])
            if waiting:
                time.sleep(POLL_S)
        return report

    def _project(self, name: str) -> str:
        """Return a project's id; a name may hold anything, so it is compared here and not sent in a path."""
        projects = self._send("GET", "/api/projects")
        for of in ("id", "name"):
            for project in projects:
                if project[of] == name:
                    return project["id"]
        known = ", ".join(project["name"] for project in projects) or "none yet"
        raise NotFoundError("project", name, hint=f"projects: {known}")

    def _recording(self, name: str, recording: str) -> str:
        """Return the address of a recording; its name may hold anything, so only ids go into it."""
        project = self._project(name)
        rows = self._recordings(project)
        ids = [row["id"] for row in rows if row["id"] == recording]
        ids = ids or [row["id"] for row in rows if row["name"] == recording]
        if not ids:
            raise NotFoundError("recording", recording, hint=f"in project {name}")
        if len(ids) > 1:
            known = ", ".join(ids)
            raise InputError(f"{len(ids)} recordings are called {recording!r}; name one by its id: {known}")
        return f"/api/projects/{quote(project, safe='')}/recordings/{quote(ids[0], safe='')}"

    def _recordings(self, project: str) -> list[dict[str, Any]]:
        return self._send("GET", f"/api/projects/{quote(project)}/recordings")

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Send a request; a refusal comes back as the error that it was over there."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, self._headers, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with self._opener.open(request, timeout=PATIENCE_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise _refusal(error, self.address) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise WorkspaceError(
                "locked", f"the server at {self.address} does not answer ({reason}); stop it and try again"
            ) from error


def _named(rows: list[dict[str, Any]], ids: Sequence[str] | None) -> list[dict[str, Any]]:
    """Return the recordings of these ids, or all."""
    if ids is None:
        return rows
    by_id = {row["id"]: row for row in rows}
    for id in ids:
        if id not in by_id:
            raise NotFoundError("recording", id)
    return [by_id[id] for id in dict.fromkeys(ids)]


def _reachable(address: str) -> str:
    """Return where a server that listens on every address is reached from its own machine."""
    parts = urlsplit(address)
    hosts = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}
    if parts.hostname in hosts:
        return f"{parts.scheme}://{hosts[parts.hostname]}:{parts.port}"
    return address.rstrip("/")


def _refusal(answer: urllib.error.HTTPError, address: str) -> SpeechLabelError:
    """Build the error that a server's ``{"error": {"code", "message"}}`` stands for."""
    try:
        found: Any = json.load(answer)["error"]
        code, message = cast("str", found["code"]), cast("str", found["message"])
    except (ValueError, KeyError, TypeError, OSError):
        return WorkspaceError("locked", f"the server at {address} answered {answer.code} {answer.reason}")
    kind = KINDS.get(code, InputError)
    error = kind.__new__(kind)
    SpeechLabelError.__init__(
        error, message, **({"reason": found.get("reason")} if "reason" in found else {})
    )
    return error
