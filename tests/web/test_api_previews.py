"""What the page is shown of an import before anything is taken in."""

import json

from speechlabel import formats
from speechlabel.formats.scoring.rttm import RttmFormat

LINE = "SPEAKER {} 1 {} 1.0 <NA> <NA> {} <NA> <NA>\n"


def send(client, files):
    id = client.post("/api/projects/p/imports").json()["import_id"]
    for name, content in files.items():
        client.put(
            f"/api/imports/{id}/files", params={"name": name}, content=content.encode()
        ).raise_for_status()
    return id


def preview(client, id, **choices):
    answer = client.post(f"/api/imports/{id}/preview", json=choices)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_what_may_be_several_formats_names_them_and_can_be_told(client, recording, monkeypatch):
    monkeypatch.setattr(RttmFormat, "sniff", lambda _, path: path.suffix == ".jsonl")
    row = {"audio_filepath": "tone.wav", "offset": 0.5, "duration": 1.0, "text": "hello"}
    id = send(client, {"tone.jsonl": json.dumps(row) + "\n"})
    [file] = preview(client, id)["files"]
    assert (file["state"], file["format"], sorted(file["claims"])) == ("failed", None, ["nemo", "rttm"])
    [file] = preview(client, id, files={"tone.jsonl": {"format": "nemo"}})["files"]
    assert (file["state"], file["format"], file["items"][0]["audio"]) == ("read", "nemo", "tone.wav")


def test_rows_are_limited_and_sums_are_of_all(client):
    text = "".join(LINE.format(f"call{n}", 1, f"who{n}") for n in range(400))
    seen = preview(client, send(client, {"all.rttm": text}))
    assert sum(len(file["items"]) for file in seen["files"]) == 300
    assert (seen["totals"]["recordings"], seen["totals"]["unmatched"]) == (400, 400)
    assert len(seen["tiers"]) == 300


def test_a_broken_file_of_a_folder_is_named(client):
    files = {
        "data/wav.scp": "a a.wav\n",
        "data/text": "a-1 hello\n",
        "data/segments": "a-1 a zero 1.0\n",
        "data/utt2spk": "a-1 a\n",
    }
    [file] = preview(client, send(client, files))["files"]
    assert (file["path"], file["format"], file["state"]) == ("data", "kaldi", "failed")
    assert (file["where"], file["line"]) == ("data/segments", 1)


def test_repairs_are_told_without_a_path_of_the_server(client, recording):
    text = LINE.format("tone", 1, "anna") + LINE.format("tone", 9, "anna")
    id = send(client, {"deep/tone.rttm": text})
    seen = preview(client, id, format="rttm")
    assert seen["n_losses"] == len(seen["losses"]) == 1
    assert seen["losses"][0].startswith("tone.rttm: ")
    assert "begins after the end" in seen["losses"][0]
    assert {item["name"] for item in seen["readable"]} >= {"rttm", "textgrid", "kaldi", "csv"}
    assert all(formats.get(item["name"]).can_read for item in seen["readable"])
