"""Saving over HTTP: every status of the contract, and many threads at once."""

import itertools
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from watching import refused

from speechlabel.errors import ConflictError, ExportError, WorkspaceError

number = itertools.count()


def set_text(segment, text, version=None):
    return {
        "action": "update",
        "target": "segment",
        "id": segment["id"],
        "version": segment.get("version", 0) if version is None else version,
        "changes": {"text": text},
    }


@pytest.fixture
def save(client, opened):
    """Post a batch of edits."""

    def save(*edits, op_id=None, **fields):
        body = json.dumps({"op_id": op_id or f"op-{next(number)}", "edits": list(edits)} | fields)
        address = f"/api/transcripts/{opened['transcript']['id']}/edits"
        return client.post(address, content=body, headers={"content-type": "application/json"})

    return save


def test_a_save_answers_revision_and_versions_and_is_in_the_journal(save, opened, workspace):
    first, second = opened["segments"][:2]
    new = {"id": "new", "start_us": 0, "end_us": 1000, "text": "你好 😀"}
    voice = {"id": "k", "name": "Kim"}
    saved = save(
        {"action": "insert", "target": "speaker", "record": voice},
        set_text(first, "one") | {"changes": {"text": "one", "speaker": "k"}},
        {"action": "delete", "target": "segment", "id": second["id"], "version": 0},
        {"action": "insert", "target": "segment", "record": new},
        op_id="op",
        visit="v",
    )
    assert saved.status_code == 200
    body = saved.json()
    assert (body["op_id"], body["revision"], body["dup"]) == ("op", 1, False)
    assert body["versions"]["segment"] == {first["id"]: 1, "new": 1}
    assert set(body["versions"]["speaker"]) == {"k"}
    id = opened["transcript"]["id"]
    assert [item.text for item in workspace.store.segments(id) if item.version] == ["你好 😀", "one"]
    assert {entry.op_id for entry in workspace.store.history(id)} == {"op"}
    assert workspace.store.history(id)[0].author == "user:me"


def test_the_same_batch_again_is_answered_the_same(save, opened):
    edit = set_text(opened["segments"][0], "x")
    first = save(edit, op_id="op").json()
    assert save(edit, op_id="op").json() == first | {"dup": True}
    error = refused(save(set_text(opened["segments"][0], "y"), op_id="op"), 422, "conflict")
    assert error["reason"] == "op_reused"


def test_a_stale_edit_is_refused_with_both_texts_and_kept(save, opened, workspace):
    segment, other = opened["segments"][:2]
    assert save(set_text(segment, "theirs")).status_code == 200
    error = refused(save(set_text(other, "fine"), set_text(segment, "mine", 0)), 412, "conflict")
    assert error["reason"] == "stale"
    [conflict] = error["conflicts"]
    assert (conflict["id"], conflict["theirs"]["text"], conflict["theirs"]["version"]) == (
        segment["id"],
        "theirs",
        1,
    )
    assert conflict["mine"]["changes"] == {"text": "mine"}
    id = opened["transcript"]["id"]
    assert len(workspace.store.side_drafts(id)) == 1
    assert workspace.store.transcript(id).revision == 1


def test_an_edit_without_a_version_is_refused(save, opened):
    edit = set_text(opened["segments"][0], "x") | {"version": None}
    assert refused(save(edit), 428, "conflict")["reason"] == "version_missing"


@pytest.mark.parametrize(
    "edits",
    [
        [],
        [{}],
        [1],
        [{"action": "drop", "target": "segment", "id": "x"}],
        [{"action": "update", "target": "table", "id": "x", "version": 0, "changes": {"text": ""}}],
        [{"action": "update", "target": "segment", "id": 1, "version": 0, "changes": {"text": ""}}],
        [{"action": "update", "target": "segment", "id": "x", "version": "0", "changes": {"text": ""}}],
        [{"action": "insert", "target": "segment", "record": {"start_us": 5, "end_us": 4}}],
        [{"action": "insert", "target": "segment", "record": {"start_us": 0, "end_us": 10**12}}],
        [{"action": "insert", "target": "segment", "record": {"start_us": 0, "end_us": 10**30}}],
        [
            {
                "action": "insert",
                "target": "segment",
                "record": {"start_us": 0, "end_us": 9, "custom": {"a": "\ud800"}},
            }
        ],
        [{"action": "insert", "target": "segment", "record": {"start_us": 0, "end_us": 9, "text": "a\0"}}],
        [{"action": "insert", "target": "segment", "record": {"start_us": 0, "end_us": 9, "confidence": 2}}],
        [{"action": "insert", "target": "segment", "record": {"__proto__": {}}}],
    ],
)
def test_a_bad_edit_is_refused_whole(save, opened, workspace, edits):
    good = set_text(opened["segments"][0], "good")
    refused(save(*([good] if edits else []), *edits), 422)
    assert workspace.store.transcript(opened["transcript"]["id"]).revision == 0


def test_bad_envelopes_are_refused(client, save, opened):
    edit = set_text(opened["segments"][0], "x")
    address = f"/api/transcripts/{opened['transcript']['id']}/edits"
    for body in (
        {"edits": [edit]},
        {"op_id": "", "edits": [edit]},
        {"op_id": "a" * 101, "edits": [edit]},
        [],
        None,
    ):
        refused(client.post(address, json=body), 422, "request")
    refused(save(edit, colour="red"), 422, "request")
    refused(save(edit, visit=7), 422, "request")
    refused(save(edit, op_id="a\0b"), 422, "record")
    refused(
        client.post("/api/transcripts/nope/edits", json={"op_id": "1", "edits": [edit]}), 404, "not_found"
    )
    plain = client.post(address, content=b'{"op_id":"1"}', headers={"content-type": "text/plain"})
    refused(plain, 422)  # what a foreign form could send is no JSON here


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (WorkspaceError("full", "the disk is full"), 507, "full"),
        (WorkspaceError("locked", "busy"), 503, "locked"),
        (WorkspaceError("unwritable", "no"), 503, "unwritable"),
        (ConflictError("lease_lost", "somebody else has it"), 409, "lease_lost"),
        (ConflictError("read_only", "reading only"), 409, "read_only"),
        (OSError(28, "No space left on device"), 507, "full"),
        (OSError(5, "Input/output error", "/somewhere/secret"), 503, "unwritable"),
    ],
)
def test_what_the_store_raises_becomes_a_status(save, opened, workspace, monkeypatch, error, status, reason):
    def fails(*_):
        raise error

    monkeypatch.setattr(workspace.store, "save", fails)
    answer = save(set_text(opened["segments"][0], "x"))
    assert refused(answer, status)["reason"] == reason
    assert ("retry-after" in answer.headers) == (status == 503)
    assert "secret" not in answer.text


def test_twenty_clients_at_once_lose_nothing_and_each_revision_is_given_once(save, opened, workspace):
    segments = opened["segments"]
    start = threading.Barrier(20)
    revisions = []

    def work(me):
        start.wait()
        for turn in range(5):
            new = {"id": f"n{me}-{turn}", "start_us": 0, "end_us": 1000, "text": str(turn)}
            saved = save({"action": "insert", "target": "segment", "record": new}, op_id=f"{me}-{turn}")
            assert saved.status_code == 200, saved.text
            revisions.append(saved.json()["revision"])

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(work, range(20)))
    assert sorted(revisions) == list(range(1, 101))
    id = opened["transcript"]["id"]
    assert len(workspace.store.segments(id)) == len(segments) + 100
    assert sorted(entry.revision for entry in workspace.store.history(id)) == list(range(1, 101))


def test_of_two_who_save_one_segment_one_is_told(save, opened):
    segment = opened["segments"][0]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda me: save(set_text(segment, str(me))).status_code, range(8)))
    assert sorted(answers) == [200] + [412] * 7


def test_saves_go_on_while_twenty_wait_for_exports(app, client, save, opened, monkeypatch):
    begun, go_on = threading.Semaphore(0), threading.Event()

    def slow(*_, **__):
        begun.release()
        assert go_on.wait(60)
        raise ExportError("that was slow")

    monkeypatch.setattr(type(app.state.site.exports), "make", slow)
    with ThreadPoolExecutor(20) as pool:
        waiting = [
            pool.submit(client.post, "/api/projects/p/exports", json={"format": "native"}) for _ in range(20)
        ]
        for _ in range(20):
            assert begun.acquire(timeout=60)
        assert save(set_text(opened["segments"][0], "x")).status_code == 200
        assert not any(job.done() for job in waiting)
        go_on.set()
        assert {job.result().status_code for job in waiting} == {422}


def test_a_stretch_is_segmented_anew_and_nothing_is_changed(client, opened, workspace):
    id = opened["transcript"]["id"]
    address = f"/api/transcripts/{id}/resegment"
    end_us = opened["recording"]["duration_us"]
    before = workspace.store.segments(id)
    found = client.post(address, json={"start_us": 0, "end_us": end_us, "segmenter": "energy"}).json()[
        "spans"
    ]
    assert found and all(0 <= span["start_us"] < span["end_us"] <= end_us for span in found)
    assert workspace.store.segments(id) == before
    refused(client.post(address, json={"start_us": 9, "end_us": 9}), 422, "option")
    refused(client.post(address, json={"start_us": 0, "end_us": 9, "segmenter": "x"}), 422, "unknown_name")
    refused(client.post(address, json={"start_us": 0, "end_us": 9, "channel": 7}), 404, "not_found")
    refused(client.post(address, json={"start_us": -1, "end_us": 9}), 422, "request")
    refused(client.post("/api/transcripts/x/resegment", json={"start_us": 0, "end_us": 9}), 404, "not_found")


def test_the_segmenters_say_what_can_be_set(client):
    known = {item["name"]: item for item in client.get("/api/segmenters").json()}
    assert {"webrtc", "energy"} <= known.keys()
    silence = next(item for item in known["webrtc"]["options"] if item["name"] == "min_silence_ms")
    assert (silence["default"], silence["unit"], silence["min"]) == (200, "ms", 0)
