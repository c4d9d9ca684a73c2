"""Projects, presets, the place to start, and the samples."""

from watching import refused


def test_a_project_is_made_listed_and_found(client):
    made = client.post("/api/projects", json={"name": "方言 1", "language": "zh"})
    assert made.status_code == 201
    project = made.json()
    assert (project["name"], project["language"]) == ("方言 1", "zh")
    assert {item["name"] for item in project["guideline"]["labels"]}
    assert [item["id"] for item in client.get("/api/projects").json()] == ["p", project["id"]]
    assert client.get(f"/api/projects/{project['id']}").json() == project
    assert client.get("/api/projects/方言 1").json() == project


def test_what_is_wrong_with_a_project_is_said(client):
    refused(client.post("/api/projects", json={"name": "p"}), 422)
    refused(client.post("/api/projects", json={"name": " "}), 422)
    refused(client.post("/api/projects", json={"name": "x", "language": "../"}), 422)
    refused(
        client.post("/api/projects", json={"name": "x", "preset": "../../etc/passwd"}), 422, "unknown_name"
    )
    error = refused(client.post("/api/projects", json={"name": "x", "colour": 1}), 422, "request")
    assert "colour" in error["message"]
    for body, status in ((b"{", 422), (b'{"name": "\\ud800"}', 422), (b"[" * 100_000, 400), (b"\xff", 400)):
        as_json = {"content-type": "application/json"}
        refused(client.post("/api/projects", content=body, headers=as_json), status)
    refused(client.get("/api/projects/nobody"), 404, "not_found")
    assert [item["id"] for item in client.get("/api/projects").json()] == ["p"]


def test_a_guideline_of_ones_own_is_given_and_read_back(client):
    rules = 'version = 1\nname = "mine"\nlanguages = ["yue"]\nterms = ["港铁"]\n'
    made = client.post("/api/projects", json={"name": "own", "guideline": rules}).json()
    assert made["guideline"]["terms"] == ["港铁"]
    # The page counts on lists, also where there is nothing.
    assert made["guideline"]["labels"] == made["guideline"]["invalid_reasons"] == []
    assert client.get("/api/projects/own/guideline").json() == {"guideline": rules}
    more = rules.replace("港铁", "地铁")
    changed = client.put("/api/projects/own/guideline", json={"guideline": more})
    assert changed.json()["guideline"]["terms"] == ["地铁"]
    error = refused(client.put("/api/projects/own/guideline", json={"guideline": more + "x = 1"}), 422)
    assert "x" in error["message"]
    assert client.get("/api/projects/own/guideline").json() == {"guideline": more}
    refused(client.post("/api/projects", json={"name": "bad", "guideline": "="}), 422)
    refused(client.put("/api/projects/nobody/guideline", json={"guideline": more}), 404, "not_found")


def test_what_no_route_answers_is_refused_in_the_same_form(client):
    for method, path in (
        ("GET", "/api/nope"),
        ("DELETE", "/api/projects"),
        ("PUT", "/api/projects/p"),
        ("GET", "/media/p"),
        ("GET", "/speechlabel-static/000/editor/index.js"),
    ):
        error = refused(client.request(method, path), 404, "not_found")
        assert f"{method} {path}" in error["message"]


def test_small_facts(client):
    assert client.get("/api/health").json() == {"status": "ok"}
    assert "default" in client.get("/api/presets").json()
    assert {"native", "nemo", "kaldi", "rttm", "textgrid"} <= set(client.get("/api/formats").json())
    assert client.get("/api/start").json() == {"project": None, "recording": None}


def test_the_samples_come_back_as_they_were(client):
    place = client.post("/api/samples/reset?locale=zh-CN").json()
    assert place["project"] == "samples"
    rows = client.get("/api/projects/samples/recordings").json()
    assert {row["state"] for row in rows} == {"ready"}
    address = f"/api/projects/samples/recordings/{place['recording']}/open"
    opened = client.get(address).json()
    first = opened["segments"][0]
    edit = {
        "action": "update",
        "target": "segment",
        "id": first["id"],
        "version": 0,
        "changes": {"text": "!"},
    }
    saved = client.post(
        f"/api/transcripts/{opened['transcript']['id']}/edits", json={"op_id": "1", "edits": [edit]}
    )
    assert saved.status_code == 200
    assert client.get(address).json()["segments"][0]["text"] == "!"
    again = client.post("/api/samples/reset?locale=zh-CN").json()
    fresh = client.get(f"/api/projects/samples/recordings/{again['recording']}/open").json()
    assert fresh["segments"][0].get("text") == first.get("text")
    assert [row["segments"] for row in client.get("/api/projects/samples/recordings").json()] == [
        row["segments"] for row in rows
    ]
