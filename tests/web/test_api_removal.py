"""Names and the end of projects and recordings over REST."""

from watching import refused

from speechlabel.edits import Insert, edit_to_dict
from speechlabel.testing import make_segment


def test_a_project_is_renamed_and_removed(client, recording):
    assert client.patch("/api/projects/p", json={"name": "Calls"}).json()["name"] == "Calls"
    assert client.get("/api/projects/p").json()["name"] == "Calls"
    assert refused(client.patch("/api/projects/p", json={"name": ""}), 422)["code"] == "record"
    refused(client.patch("/api/projects/nobody", json={"name": "x"}), 404, "not_found")
    would_go = client.get("/api/projects/p/removal").json()
    assert (would_go["recordings"], would_go["worked_on"]) == (1, 0)
    assert client.delete("/api/projects/p").json() == would_go
    refused(client.delete("/api/projects/p"), 404, "not_found")
    assert client.get("/api/projects").json() == []


def test_a_recording_is_renamed_and_removed(client, app, recording):
    place = f"/api/projects/p/recordings/{recording.id}"
    assert client.patch(place, json={"name": "Call 7"}).json() == {"id": recording.id, "name": "Call 7"}
    [row] = client.get("/api/projects/p/recordings").json()
    assert row["name"] == "Call 7"
    refused(client.patch(place, json={"name": " "}), 422, "input")
    assert client.get(f"{place}/removal").json()["recordings"] == 1
    assert client.delete(place).json()["recordings"] == 1
    refused(client.delete(place), 404, "not_found")
    assert client.get("/api/projects/p/recordings").json() == []
    assert app.state.site.preparer.progress("p", recording.id) is None


def test_a_save_to_a_recording_that_is_gone_says_so(client, opened, recording):
    client.delete(f"/api/projects/p/recordings/{recording.id}")
    edit = edit_to_dict(Insert(target="segment", record=make_segment("new", 0, 100)))
    body = {"op_id": "late", "edits": [edit]}
    refused(client.post(f"/api/transcripts/{opened['transcript']['id']}/edits", json=body), 404, "not_found")
    refused(client.get(f"/api/projects/p/recordings/{recording.id}/open"), 404, "not_found")
