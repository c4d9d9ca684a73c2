"""Annotations on the command line: brought in, shown first, converted, validated, chosen and split."""

import json

import pytest

from tests.audio.sounds import noise, write
from tests.cli.running import answer, run

RTTM = """\
SPEAKER one 1 0.500 0.500 <NA> <NA> Anna <NA> <NA>
SPEAKER one 1 1.200 0.600 <NA> <NA> Bea <NA> <NA>
"""


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "in"
    made.mkdir()
    write(made / "one.wav", noise(32_000))
    (made / "one.rttm").write_text(RTTM)
    return made


@pytest.fixture
def data(tmp_path):
    run("project", "create", "p", "--language", "en", workspace=tmp_path / "data")
    return tmp_path / "data"


def test_what_is_brought_in_is_shown_first_then_taken_once(folder, data):
    shown = answer("ingest", "p", folder, "--preview", workspace=data)
    [item] = shown["items"]
    assert (item["format"], item["segments"], item["speakers"], item["how"]) == (
        "rttm",
        2,
        ["Anna", "Bea"],
        "beside",
    )
    assert answer("status", "p", workspace=data)["recordings"] == []
    told = run("ingest", "p", folder, "--preview", workspace=data).stdout
    assert "rttm, 2 segments" in told and "tier Anna: 1 segment" in told
    (folder / "minutes.json").write_text('{"minutes": 3}')
    told = run("ingest", "p", folder, "--preview", workspace=data).stdout
    assert "1 file in no known format: minutes.json" in " ".join(told.split())

    report = answer("ingest", "p", folder, "--tier", "Bea=skip", workspace=data)
    assert report["added"] == ["one"] and report["imported"][0]["segments"] == 1
    assert "1 annotated already" in run("ingest", "p", folder, "--tier", "Bea=skip", workspace=data).stdout
    wrong = run("ingest", "p", folder, "--tier", "Bea=person", workspace=data, code=2)
    assert "is not what a tier can be" in wrong.stderr


def test_one_file_becomes_another(folder, tmp_path):
    out = tmp_path / "one.TextGrid"
    told = answer("convert", folder / "one.rttm", out, "--format", "textgrid", workspace=None)
    assert told["segments"] == 2 and out.read_text(encoding="utf-8").startswith("File type")
    assert any(field == "segment" for field, _, _ in told["losses"]), "turns without a text"
    clash = run("convert", folder / "one.rttm", out, "--format", "textgrid", code=2)
    assert "there already" in clash.stderr
    unknown = run("convert", folder / "one.rttm", tmp_path / "out", code=2)
    assert "use --format" in unknown.stderr
    wrong = run("convert", folder / "one.rttm", tmp_path / "out", "--format", "rttm", "nonsense=1", code=2)
    assert "no such option" in wrong.stderr


def test_faults_are_told_with_their_line_and_an_exit_code(folder):
    assert "valid" in run("validate", folder / "one.rttm").stdout
    (folder / "one.rttm").write_text(RTTM + "SPEAKER one 1 3.0 -1 <NA> <NA> Bea <NA> <NA>\n")
    told = run("validate", folder / "one.rttm", "--format", "rttm", code=1).stdout
    assert "one.rttm:3" in told and "fault" in told
    found = json.loads(run("validate", folder / "one.rttm", "--format", "rttm", "--json", code=1).stdout)
    assert found["faults"][0]["line"] == 3


def test_what_goes_out_is_chosen_and_split(folder, data, tmp_path):
    write(folder / "two.wav", noise(32_000, seed=2))
    (folder / "two.rttm").write_text(
        RTTM.replace("one", "two").replace("Anna", "Cleo").replace("Bea", "Dora")
    )
    run("ingest", "p", folder, workspace=data)
    run("prepare", "p", workspace=data)
    only = answer(
        *("export", "p", "--format", "rttm", "--out", tmp_path / "anna"),
        *("--include", "all", "--speaker", "Anna", "--shortest", "0.2"),
        workspace=data,
    )
    assert only["segments"] == 1 and only["excluded"] == {"other_speaker": 3}
    made = answer(
        "split", "p", "train=rest", "test=25%", "--format", "rttm", "--include", "all", workspace=data
    )
    assert sum(found["units"] for found in made["splits"].values()) == 4
    assert (
        "kept their place"
        in run(
            "split", "p", "train=rest", "test=25%", "--format", "rttm", "--include", "all", workspace=data
        ).stdout
    )
    parts = answer(
        *(
            "export",
            "p",
            "--format",
            "rttm",
            "--out",
            tmp_path / "parts",
            "--include",
            "all",
            "--split",
            "main",
        ),
        workspace=data,
    )
    assert parts["segments"] == 4
    assert {path.name for path in (tmp_path / "parts").iterdir()} == {"train", "test"}
    lost = run(
        *("export", "p", "--format", "rttm", "--out", tmp_path / "x", "--split", "other"),
        workspace=data,
        code=3,
    )
    assert "other" in lost.stderr
