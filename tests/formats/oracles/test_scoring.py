"""NIST's own programs, meeteval and pyannote judge what we write for scorers, and agree with our faults."""

import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from speechlabel.formats import Bundle, Labelled, dump, get
from speechlabel.formats.contract import NASTY_TEXTS, sample_export
from speechlabel.records import Segment, Speaker, Word

from ..conftest import recording


def sctk(name):
    found = shutil.which(name) or next(iter(Path("/usr/lib").glob(f"**/sctk/bin/{name}")), None)
    if found is None:
        pytest.skip(f"{name} is not installed: apt-get install sctk")
    return str(found)


def run(*command):
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=60, check=False
    )
    return done.returncode, done.stdout + done.stderr


def meeting(id="mtg.1"):
    """Two people who speak in turn, with words, and an hour's stretch that is labelled."""
    texts = ["well hello there", "hi", "how are you", "fine thanks and you"]
    segments = []
    for n, text in enumerate(texts):
        start, words = n * 2_000_000 + 100_000, text.split()
        share = 1_500_000 // len(words)
        timed = tuple(
            Word(word=word, start_us=start + at * share, end_us=start + (at + 1) * share, score=0.5)
            for at, word in enumerate(words)
        )
        segments.append(
            Segment(
                id=f"s{n}",
                start_us=start,
                end_us=start + 1_600_000,
                text=text,
                speaker="xy"[n % 2],
                words=timed,
            )
        )
    voices = (Speaker(id="x", name="Li Wei"), Speaker(id="y", name="O'Hara"))
    return Bundle(
        recordings=(recording(id),),
        segments={id: segments},
        speakers={id: voices},
        labelled={id: (Labelled(None, 0, 4_000_000), Labelled(None, 5_000_000, 9_000_000))},
    )


RTTM = """;; a fair file
SPKR-INFO a 1 <NA> <NA> <NA> adult_female x <NA> <NA>
SPEAKER a 1 0.5 2.5 <NA> <NA> x 0.5 <NA>
SPEAKER a 1 3.000 1.25 <NA> <NA> x <NA> <NA>
SPEAKER a 1 1.0 .75 <NA> <NA> y <NA>
SPEAKER a 2 1 2 <NA> <NA> x 1 <NA>
LEXEME a 1 0.6 0.2 hello lex x 0.25 <NA>
LEXEME a 1 0.8 0.4 A. alpha x <NA> <NA>
LEXEME a 1 3.1* 0.1 uh- frag x <NA> <NA>
NON-LEX a 1 1.2 0.1 <NA> breath x <NA> <NA>
SU a 1 0.5 1 <NA> statement x <NA> <NA>
NON-SPEECH a 1 6 1 <NA> music <NA> <NA> <NA>
NOSCORE a 1 8 2 <NA> <NA> <NA> <NA> <NA>
IP a 1 0.8 <NA> <NA> edit x <NA> <NA>
SEGMENT a 1 0 9 <NA> eval <NA> <NA> <NA>
"""
VALUES = (
    *(
        "<NA>",
        "0",
        "1",
        "2",
        "3",
        "-1",
        "0.5",
        "2.4999",
        "3.0005",
        "1e1",
        "1.",
        ".5",
        "5*",
        "x",
        "lex",
        "LEX",
    ),
    *(
        "eval",
        "other",
        "adult_male",
        "Child",
        "1.0001",
        "alpha",
        "SPEAKER",
        "lexeme",
        "NOSCORE",
        "SU",
        "B.",
        "é",
    ),
)


def mutated(chance):
    """Lose, double or change a field or two of a fair file."""
    lines = [line.split(" ") for line in RTTM.rstrip("\n").split("\n")]
    for _ in range(chance.randint(1, 2)):
        line = chance.choice(lines[1:])
        at = chance.randrange(len(line))
        what = chance.random()
        if what < 0.8:
            line[at] = chance.choice(VALUES)
        elif what < 0.9 and len(line) > 1:
            del line[at]
        else:
            line.insert(at, chance.choice(VALUES))
    if chance.random() < 0.3:
        lines.insert(chance.randrange(1, len(lines)), chance.choice(lines[1:]))
    return "\n".join(map(" ".join, lines)) + "\n"


def test_our_faults_of_rttm_are_those_of_the_validator(tmp_path):
    validator, chance = sctk("rttmValidator.pl"), random.Random(3)
    refused = 0
    for number in range(120):
        path = tmp_path / f"{number}.rttm"
        path.write_text(mutated(chance) if number else RTTM, encoding="utf-8")
        code, said = run("perl", validator, "-t", "-upef", "-i", str(path))
        faults = list(get("rttm").faults(path))
        assert bool(faults) == (code != 0), f"{path.read_text()}\n{said}\n{faults}"
        refused += code != 0
    assert 30 < refused < 119
    assert not list(get("rttm").faults(tmp_path / "0.rttm"))


@pytest.mark.parametrize("words", [False, True])
def test_the_validator_accepts_what_we_write(tmp_path, words):
    for name, source in (("sample", sample_export(tmp_path)), ("meeting", meeting())):
        dump(source, tmp_path / name, "rttm", words=words)
        path = tmp_path / name / "segments.rttm"
        assert ("LEXEME" in path.read_text()) == words
        code, said = run("perl", sctk("rttmValidator.pl"), "-upef", "-i", str(path))
        assert (code, "ERROR" in said) == (0, False), said


def test_md_eval_scores_the_regions_of_the_uem(tmp_path):
    source = meeting("mtg-1")
    assert not dump(source, tmp_path / "rttm", "rttm").warnings
    dump(source, tmp_path / "uem", "uem")
    rttm, uem = str(tmp_path / "rttm/segments.rttm"), str(tmp_path / "uem/segments.uem")
    code, said = run("perl", sctk("md-eval.pl"), "-r", rttm, "-s", rttm, "-u", uem)
    assert code == 0 and re.search(r"OVERALL SPEAKER DIARIZATION ERROR = 0\.00 percent", said), said
    assert float(re.findall(r"EVAL TIME = +([0-9.]+)", said)[-1]) == pytest.approx(8.0, abs=0.01)


@pytest.mark.filterwarnings("ignore")  # of pandas and pyannote, when they are imported
def test_pyannote_reads_the_turns_and_the_regions(tmp_path):
    from pyannote.database.util import load_rttm, load_uem

    dump(meeting(), tmp_path / "rttm", "rttm")
    dump(meeting(), tmp_path / "uem", "uem")
    [annotation] = load_rttm(tmp_path / "rttm/segments.rttm").values()
    found = [(round(turn.start, 3), round(turn.end, 3), who) for turn, _, who in annotation.itertracks(True)]
    assert found == [(0.1, 1.7, "Li_Wei"), (2.1, 3.7, "O'Hara"), (4.1, 5.7, "Li_Wei"), (6.1, 7.7, "O'Hara")]
    [timeline] = load_uem(tmp_path / "uem/segments.uem").values()
    assert [(span.start, span.end) for span in timeline] == [(0, 4), (5, 9)]


def test_md_eval_does_not_find_the_regions_of_a_name_with_a_dot_and_we_warn(tmp_path):
    report = dump(meeting("mtg.1"), tmp_path / "out", "rttm")
    rttm, uem = str(tmp_path / "out/segments.rttm"), str(tmp_path / "out/segments.uem")
    _, said = run("perl", sctk("md-eval.pl"), "-r", rttm, "-s", rttm, "-u", uem)
    assert float(re.findall(r"EVAL TIME = +([0-9.]+)", said)[-1]) != pytest.approx(8.0, abs=0.01)
    [warning] = report.warnings
    assert warning.startswith("mtg.1: md-eval")


CTM = """;; a fair file
call 1 0.50 0.30 well 0.95
call 1 0.80 0.40 hello 0.9 lex spk1
call 1 * * <ALT_BEGIN>
call 1 1.30 0.20 i'm
call 1 * * <ALT_END>
call B 0.25 0.5 uh- 0.5 frag
"""


def test_our_faults_of_ctm_are_those_of_the_validator_and_the_order(tmp_path):
    validator, chance = sctk("ctmValidator.pl"), random.Random(5)
    values = ("*", "0", "-1", "1.", ".5", "0.7", "A", "C", "lex", "LEX", "a.b", "NA", "<ALT>", "", "9", "é")
    refused = 0
    for number in range(100):
        lines = [line.split(" ") for line in CTM.rstrip("\n").split("\n")]
        line = chance.choice(lines[1:])
        at = chance.randrange(len(line))
        line[at : at + chance.choice((0, 1, 1, 1))] = chance.choices(values, k=chance.choice((0, 1, 1)))
        path = tmp_path / "x.ctm"
        path.write_text("\n".join(map(" ".join, lines)) + "\n", encoding="utf-8")
        code, said = run("perl", validator, "-l", "other", "-i", str(path))
        faults = [fault for fault in get("ctm").faults(path) if "not in order" not in fault.reason]
        assert bool(faults) == (code != 0), f"{path.read_text()}\n{said}\n{faults}"
        refused += code != 0
    assert 20 < refused < 95


@pytest.mark.parametrize("options", [{}, {"divide": True}])
def test_the_validator_accepts_the_ctm(tmp_path, options):
    dump(sample_export(tmp_path), tmp_path / "out", "ctm", **options)
    code, said = run("perl", sctk("ctmValidator.pl"), "-l", "other", "-i", str(tmp_path / "out/segments.ctm"))
    assert code == 0, said
    assert len((tmp_path / "out/segments.ctm").read_text().split("\n")) > (5 if options else 1)


def test_the_validator_accepts_the_stm(tmp_path):
    for labels in (False, True):
        dump(meeting(), tmp_path / f"out{labels}", "stm", labels=labels)
        code, said = run("perl", sctk("stmValidator.pl"), "-i", str(tmp_path / f"out{labels}/segments.stm"))
        assert (code, "Validated" in said) == (0, True), said


@pytest.mark.parametrize("options", [{}, {"labels": True}])
def test_sclite_finds_no_error_between_our_stm_and_our_ctm(tmp_path, options):
    dump(meeting(), tmp_path / "stm", "stm", **options)
    dump(meeting(), tmp_path / "ctm", "ctm")
    reference, words = str(tmp_path / "stm/segments.stm"), str(tmp_path / "ctm/segments.ctm")
    command = ("-r", reference, "stm", "-h", words, "ctm", "-e", "utf-8", "-o", "sum", "stdout")
    code, said = run(sctk("sclite"), *command)
    assert code == 0, said
    [numbers] = re.findall(r"Sum/Avg *\| *(\d+) +(\d+) *\| *([0-9.]+)", said)
    assert numbers == ("4", "11", "100.0"), said


def test_sclite_lives_with_every_text_we_write(tmp_path):
    segments = [
        Segment(id=f"n{n:03}", start_us=n * 100_000, end_us=n * 100_000 + 90_000, text=text, speaker="x")
        for n, text in enumerate(NASTY_TEXTS)
        if len(text) < 1000
    ]
    bundle = Bundle(recordings=(recording("r"),), segments={"r": segments})
    dump(bundle, tmp_path / "stm", "stm")
    dump(bundle, tmp_path / "ctm", "ctm", divide=True)
    reference, words = str(tmp_path / "stm/segments.stm"), str(tmp_path / "ctm/segments.ctm")
    command = ("-r", reference, "stm", "-h", words, "ctm", "-e", "utf-8", "-o", "sum", "stdout")
    code, said = run(sctk("sclite"), *command)
    assert code == 0 and "Sum/Avg" in said, said


@pytest.mark.filterwarnings("ignore")  # of what meeteval imports
def test_meeteval_scores_our_stm_without_an_error(tmp_path):
    import meeteval

    dump(meeting(), tmp_path / "out", "stm")
    stm = meeteval.io.STM.load(tmp_path / "out/segments.stm")
    assert len(stm.lines) == 4
    [rate] = meeteval.wer.cpwer(stm, stm).values()
    assert (rate.errors, rate.length) == (0, 11)


@pytest.mark.filterwarnings("ignore")  # of pandas and pyannote, when they are imported
def test_pyannote_loads_the_protocol_with_its_turns_regions_and_audio(tmp_path):
    from pyannote.database import registry

    names = [name.strip()[:50] or "blank" for name in NASTY_TEXTS]
    bundle = Bundle(
        recordings=(recording("mtg.1", path="/audio/my calls/é.wav"), recording("007")),
        segments={
            "mtg.1": [
                Segment(id=f"n{n:03}", start_us=n * 100_000, end_us=n * 100_000 + 90_000, speaker=f"p{n}")
                for n in range(len(names))
            ]
        },
        speakers={"mtg.1": tuple(Speaker(id=f"p{n}", name=name) for n, name in enumerate(names))},
        labelled={"mtg.1": (Labelled(None, 0, 4_500_000), Labelled(None, 5_000_000, 9_000_000))},
    )
    dump(bundle, tmp_path / "out", "pyannote", database="Nasty")
    registry.load_database(tmp_path / "out/database.yml")
    files = {file["uri"]: file for file in registry.get_protocol("Nasty.SpeakerDiarization.All").train()}
    assert sorted(files) == ["007", "mtg.1"]
    talk = files["mtg.1"]
    assert len(list(talk["annotation"].itertracks())) == len(names)
    assert len({str(label) for label in talk["annotation"].labels()}) == len(names)
    assert [(span.start, span.end) for span in talk["annotated"]] == [(0, 4.5), (5, 9)]
    assert talk["audio"] == "/audio/my calls/é.wav"
    assert not files["007"]["annotation"]
