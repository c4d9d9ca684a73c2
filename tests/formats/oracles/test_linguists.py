"""Praat, praatio, pympi and lxml read what is written, and write what is read."""

import dataclasses
import shutil
import subprocess
import warnings
from itertools import pairwise
from pathlib import Path

import pympi
import pytest
import xmlschema
from lxml import etree
from praatio import textgrid as praatio

from speechlabel.formats import Bundle, Export, dump, load
from speechlabel.formats.contract import NASTY_TEXTS, sample_export
from speechlabel.formats.linguists.eaf_files import read_eaf
from speechlabel.formats.linguists.textgrid_files import read_grid
from speechlabel.records import Speaker

from ..conftest import recording, segment
from ..test_eaf import FULL as EAF
from ..test_textgrid_merge import LONG
from ..test_trs import FULL as TRS

# Prints each tier, and each of its labels with its times to 17 digits; line ends of labels are shown as \n.
TELL = r"""
form Which
  sentence path
endform
Text writing preferences: "UTF-8"
grid = Read from file: path$
tiers = Get number of tiers
for tier to tiers
  selectObject: grid
  name$ = Get tier name: tier
  interval = Is interval tier: tier
  appendInfoLine: "tier", tab$, interval, tab$, name$
  if interval
    count = Get number of intervals: tier
    for i to count
      a = Get start time of interval: tier, i
      b = Get end time of interval: tier, i
      text$ = Get label of interval: tier, i
      text$ = replace$ (text$, newline$, "\n", 0)
      appendInfoLine: fixed$ (a, 6), tab$, fixed$ (b, 6), tab$, text$
    endfor
  else
    count = Get number of points: tier
    for i to count
      a = Get time of point: tier, i
      text$ = Get label of point: tier, i
      appendInfoLine: fixed$ (a, 6), tab$, fixed$ (a, 6), tab$, text$
    endfor
  endif
endfor
"""
MAKE = r"""
form Where
  sentence folder
endform
Create TextGrid: 0, 2.7182818284590451, "Mary John bell", "bell"
Insert boundary: 1, 0.5
Insert boundary: 1, 1.2345678901234567
Set interval text: 1, 1, "abc"
Set interval text: 1, 2, "hé ""q"" 你😀"
Insert boundary: 2, 0.25
Set interval text: 2, 2, "long" + newline$ + "text"
Insert point: 3, 1.125, "dïng"
Insert point: 3, 1.625, "ascii"
Save as binary file: folder$ + "/binary.TextGrid"
Save as chronological text file: folder$ + "/chronological.TextGrid"
Save as text file: folder$ + "/long.TextGrid"
Save as short text file: folder$ + "/short.TextGrid"
"""


def praat(folder, script, *arguments):
    """Run a script, and give what it says."""
    found = shutil.which("praat")
    if found is None:
        pytest.skip("praat is not installed: apt-get install praat")
    path = folder / "script.praat"
    path.write_text(script, encoding="utf-8")
    done = subprocess.run([found, "--utf8", "--run", str(path), *arguments], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return done.stdout.decode("utf-8")


def told_by_praat(folder, path):
    """Tiers of a file as Praat tells them: (is interval, name, [(start µs, end µs, text)])."""
    found = []
    for line in praat(folder, TELL, str(path)).split("\n"):
        first, _, rest = line.partition("\t")
        if first == "tier":
            kind, _, name = rest.partition("\t")
            found.append((kind == "1", name, []))
        elif first:
            end, _, text = rest.partition("\t")
            found[-1][2].append(
                (round(float(first) * 1e6), round(float(end) * 1e6), text.replace("\\n", "\n"))
            )
    return found


def ours(path):
    return [
        (not tier.is_points, tier.name, [item[1:] for item in tier.items])
        for tier in read_grid(path, with_places=False).tiers
    ]


@pytest.mark.parametrize("form", ["binary", "chronological", "long", "short"])
def test_each_form_that_praat_saves_is_read_as_praat_reads_it(tmp_path, form):
    praat(tmp_path, MAKE, str(tmp_path))
    path = tmp_path / f"{form}.TextGrid"
    assert ours(path) == told_by_praat(tmp_path, path)
    assert read_grid(path).form == form
    bundle = load(path)
    names = {speaker.id: speaker.name for speaker in bundle.speakers[form]}
    found = {(names.get(item.speaker, item.tier), item.text) for item in bundle.segments[form]}
    assert found == {
        ("Mary", "abc"), ("Mary", 'hé "q" 你😀'), ("John", "long\ntext"), ("bell", "dïng"), ("bell", "ascii")
    }  # fmt: skip


@pytest.mark.parametrize("form", ["binary", "chronological"])
def test_edits_of_other_forms_go_back_as_text_with_all_else(tmp_path, form):
    praat(tmp_path, MAKE, str(tmp_path))
    path = tmp_path / f"{form}.TextGrid"
    bundle = load(path)
    unchanged = dump(Export(bundle=bundle, originals=bundle.sources), tmp_path / "same", "textgrid")
    assert unchanged.warnings == () and (tmp_path / f"same/{form}.TextGrid").read_bytes() == path.read_bytes()
    edited = [
        dataclasses.replace(item, text="new") if item.text == "abc" else item
        for item in bundle.segments[form]
    ]
    bundle = dataclasses.replace(bundle, segments={form: edited})
    report = dump(Export(bundle=bundle, originals=bundle.sources), tmp_path / "out", "textgrid")
    assert "anew" in report.warnings[0]
    before, after = told_by_praat(tmp_path, path), told_by_praat(tmp_path, tmp_path / f"out/{form}.TextGrid")
    before[0][2][0] = (*before[0][2][0][:2], "new")
    assert after == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_praat_reads_what_is_written(tmp_path, encoding):
    dump(sample_export(tmp_path), tmp_path / "out", "textgrid", encoding=encoding)
    for path in (tmp_path / "out").iterdir():
        assert told_by_praat(tmp_path, path) == ours(path)
    names = [name for _, name, _ in told_by_praat(tmp_path, tmp_path / "out/a-mono.TextGrid")]
    assert "Lin Wei" in names and "李 明" in names


def test_praat_reads_every_nasty_text(tmp_path):
    texts = [text for text in NASTY_TEXTS if text.strip() and "\\n" not in text]
    turns = [segment(f"n{n}", n * 100_000, n * 100_000 + 90_000, text=text) for n, text in enumerate(texts)]
    bundle = Bundle(recordings=(recording(),), segments={"r": turns})
    dump(bundle, tmp_path / "out", "textgrid")
    [(_, _, found)] = told_by_praat(tmp_path, tmp_path / "out/r.TextGrid")
    assert [text for _, _, text in found if text] == texts


def test_praat_and_praatio_read_what_was_merged_back(tmp_path):
    path = tmp_path / "r.TextGrid"
    path.write_text(
        LONG.replace(
            "size = 0", 'size = 1\n intervals [1]:\n xmin = 0 \n xmax = 10.000000000000002 \n text = ""'
        ),
        encoding="utf-8",
    )
    bundle = load(path)
    new = segment("new", 6_500_000, 7_000_000, text='"q"', speaker="n")
    bundle = dataclasses.replace(
        bundle,
        segments={"r": [*bundle.segments["r"], new]},
        speakers={"r": (*bundle.speakers["r"], Speaker(id="n", name="Neu"))},
    )
    dump(Export(bundle=bundle, originals=bundle.sources), tmp_path / "out", "textgrid")
    made = tmp_path / "out/r.TextGrid"
    told = told_by_praat(tmp_path, made)
    assert told == ours(made)
    assert told[:5] == told_by_praat(tmp_path, path)
    assert [text for _, _, text in told[5][2] if text] == ['"q"']
    read = praatio.openTextgrid(str(made), includeEmptyIntervals=True, duplicateNamesMode="rename")
    assert "Neu" in read.tierNames


def eaf_schema():
    return xmlschema.XMLSchema(str(Path(__file__).parent / "eaf-3.0.xsd"))


def in_time(row):
    return row[0] or 0, row[1] or 0, row[2]


def told_by_pympi(path, *, without=()):
    """Tiers with their annotations (start ms, end ms, text), as pympi reads them.

    It fails on tiers that depend on a dependent one.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = pympi.Eaf(str(path))
    tiers = {
        name: sorted(
            ((*row[:2], row[2] or "") for row in read.get_annotation_data_for_tier(name)), key=in_time
        )
        for name in read.get_tier_names()
        if name not in without
    }
    return tiers, read


def ours_of_eaf(path):
    eaf = read_eaf(path)
    found = {}
    for tier in eaf.tiers:
        times = [(item.start_us - eaf.origin_us, item.end_us - eaf.origin_us) for item in tier.annotations]
        rows = [
            (a // 1000, b // 1000, item.text) for (a, b), item in zip(times, tier.annotations, strict=True)
        ]
        found[tier.id] = sorted(rows, key=in_time)
    return found


def test_pympi_and_a_schema_accept_what_is_written(tmp_path):
    export = sample_export(tmp_path)
    dump(export, tmp_path / "out", "eaf")
    schema = eaf_schema()
    for path in sorted((tmp_path / "out").iterdir()):
        assert [error.reason for error in schema.iter_errors(str(path))] == []
        tiers, read = told_by_pympi(path)
        assert tiers == ours_of_eaf(path)
        assert list(read.timeslots.values()) == sorted(read.timeslots.values())
    tiers, read = told_by_pympi(tmp_path / "out/a-mono.eaf")
    assert read.get_tier_names() and "emotion@Lin Wei" in tiers
    assert read.controlled_vocabularies["kind"]


def test_the_schema_would_not_accept_anything(tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "eaf")
    path = tmp_path / "out/a-mono.eaf"
    good = path.read_text(encoding="utf-8")
    for old, new in (('REF1="ts1"', 'REF1="tsX"'), ("TIME_ORDER>", "TIMES>"), (' DATE="', ' DAY="')):
        path.write_text(good.replace(old, new), encoding="utf-8")
        assert list(eaf_schema().iter_errors(str(path))), new


def test_pympi_reads_every_nasty_text(tmp_path):
    turns = [
        segment(f"n{n}", n * 100_000, n * 100_000 + 90_000, text=text) for n, text in enumerate(NASTY_TEXTS)
    ]
    dump(Bundle(recordings=(recording(),), segments={"r": turns}), tmp_path / "out", "eaf")
    tiers, _ = told_by_pympi(tmp_path / "out/r.eaf")
    assert [text for *_, text in tiers["segments"]] == list(NASTY_TEXTS)
    assert list(eaf_schema().iter_errors(str(tmp_path / "out/r.eaf"))) == []


def test_pympi_and_the_schema_accept_what_was_merged_back(tmp_path):
    bundle = load(EAF)
    new = segment(
        "new", 4_600_000, 4_900_000, text='"q" & <b>', speaker="n", fields={"free": "x"}, note="look"
    )
    bundle = dataclasses.replace(
        bundle,
        segments={"full": [*bundle.segments["full"], new]},
        speakers={"full": (*bundle.speakers["full"], Speaker(id="n", name="Neu"))},
    )
    dump(Export(bundle=bundle, originals=bundle.sources), tmp_path / "out", "eaf")
    made = tmp_path / "out/full.eaf"
    assert list(eaf_schema().iter_errors(str(EAF))) == list(eaf_schema().iter_errors(str(made))) == []
    before, _ = told_by_pympi(EAF, without=["gloss@A"])
    after, read = told_by_pympi(made, without=["gloss@A"])
    assert {name: rows for name, rows in after.items() if name in before} == before
    assert after["Neu"] == [(4480, 4780, '"q" & <b>')] and after["free@Neu"] == [(4480, 4780, "x")]
    assert read.tiers["note@Neu"][2]["PARENT_REF"] == "Neu"


def test_lxml_validates_trs_files(tmp_path):
    with (Path(__file__).parent / "trs.dtd").open("rb") as file:
        rules = etree.DTD(file)
    dump(sample_export(tmp_path), tmp_path / "out", "trs")
    turns = [
        segment(f"n{n}", n * 100_000, n * 100_000 + 90_000, text=text) for n, text in enumerate(NASTY_TEXTS)
    ]
    dump(Bundle(recordings=(recording(),), segments={"r": turns}), tmp_path / "nasty", "trs")
    dump(load(TRS), tmp_path / "again", "trs")
    for path in (
        TRS,
        *(tmp_path / "out").iterdir(),
        *(tmp_path / "nasty").iterdir(),
        *(tmp_path / "again").iterdir(),
    ):
        tree = etree.parse(str(path), etree.XMLParser(load_dtd=False, no_network=True))
        assert rules.validate(tree), rules.error_log
        sections = tree.findall(".//Section")
        for parent, parts in [(section, section.findall("Turn")) for section in sections]:
            times = [(part.get("startTime"), part.get("endTime")) for part in parts]
            assert all(float(one[1]) == float(two[0]) for one, two in pairwise(times)), "turns tile"
            assert float(times[0][0]) == float(parent.get("startTime"))
            assert float(times[-1][1]) == float(parent.get("endTime"))
    broken = etree.parse(str(TRS), etree.XMLParser(load_dtd=False))
    broken.find(".//Turn").set("speaker", "nobody")
    assert not rules.validate(broken)
