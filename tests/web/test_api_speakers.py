"""The speakers of a project over REST."""

import pytest
from watching import refused, speechlike

RENAME, CHANGE = "/api/projects/p/speakers/rename", "/api/projects/p/speakers/change"


@pytest.fixture
def calls(client, take):
    """Two recordings with a "spk1" each, who speaks the first segment."""
    ids = [take(f"{name}.wav", speechlike(seed)).id for seed, name in enumerate("ab", 3)]
    for id in ids:
        opened = client.get(f"/api/projects/p/recordings/{id}/open").json()
        first = opened["segments"][0]
        edits = [
            {"action": "insert", "target": "speaker", "record": {"id": "u1", "name": "spk1"}},
            {
                "action": "update",
                "target": "segment",
                "id": first["id"],
                "version": first.get("version", 0),
                "changes": {"speaker": "u1"},
            },
        ]
        address = f"/api/transcripts/{opened['transcript']['id']}/edits"
        assert client.post(address, json={"op_id": f"begin {id}", "edits": edits}).status_code == 200
    return ids


def test_speakers_are_listed_renamed_and_coloured(client, calls):
    [found] = client.get("/api/projects/p/speakers").json()
    assert (found["name"], found["recordings"], found["segments"]) == ("spk1", calls, 2)
    assert found["is_generic"] and found["length_us"] > 0

    body = {"name": "spk1", "new_name": "Anna", "recordings": calls[1:]}
    report = client.post(RENAME, json=body).json()
    assert (report["changed"], report["merged"], report["locked"], report["failed"]) == (
        calls[1:],
        [],
        [],
        [],
    )
    names = {item["name"]: item["recordings"] for item in client.get("/api/projects/p/speakers").json()}
    assert names == {"spk1": calls[:1], "Anna": calls[1:]}

    changes = {"color": "#d1495b", "role": "agent"}
    report = client.post(CHANGE, json={"name": "Anna", "changes": changes}).json()
    assert report["changed"] == calls[1:]
    opened = client.get(f"/api/projects/p/recordings/{calls[1]}/open").json()
    [speaker] = opened["speakers"]
    assert (speaker["name"], speaker["color"], speaker["role"]) == ("Anna", "#d1495b", "agent")
    assert len(opened["undo"]) == 3  # in the editor each of these is one's own step


def test_what_is_wrong_is_said(client, calls):
    refused(client.get("/api/projects/nobody/speakers"), 404, "not_found")
    refused(
        client.post(RENAME.replace("/p/", "/q/"), json={"name": "spk1", "new_name": "x"}), 404, "not_found"
    )
    refused(client.post(RENAME, json={"name": "Nobody", "new_name": "x"}), 404, "not_found")
    refused(client.post(RENAME, json={"name": "spk1", "new_name": " "}), 422)
    refused(client.post(RENAME, json={"name": "spk1", "new_name": "spk1"}), 422)
    refused(client.post(CHANGE, json={"name": "spk1", "changes": {"color": "red"}}), 422)
    refused(client.post(CHANGE, json={"name": "spk1", "changes": {"role": "cook"}}), 422, "unknown_name")
    refused(client.post(CHANGE, json={"name": "spk1", "changes": {}}), 422)
