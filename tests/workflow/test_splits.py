"""Splits: nobody in two of them, shares kept, the same again when data comes."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speechlabel.edits import Insert
from speechlabel.errors import ExportError, InputError, NotFoundError
from speechlabel.formats import load
from speechlabel.records import Segment, Speaker
from speechlabel.workflow.delivery import Delivery
from speechlabel.workflow.export import Selection, export
from speechlabel.workflow.remove import remove_project
from speechlabel.workflow.splits import SplitSpec, UnitCount, assign, parse_shares, unit_of
from speechlabel.workflow.splitting import load_split, make_split, split_names
from tests.audio.sounds import noise, write

THREE = {"train": "rest", "dev": 0.1, "test": 0.1}


def units(sizes):
    return {f"speaker:{name}": UnitCount(size, {}) for name, size in sizes.items()}


@given(
    st.dictionaries(st.text(min_size=1, max_size=5), st.integers(1, 10**9), min_size=1, max_size=60),
    st.integers(0, 5),
)
def test_each_unit_is_in_one_split_and_again_in_the_same(sizes, seed):
    spec = SplitSpec(shares=THREE, seed=seed)
    found = assign(units(sizes), spec)
    assert found.keys() == units(sizes).keys() and set(found.values()) <= THREE.keys()
    assert assign(dict(reversed(units(sizes).items())), spec) == found, "the order in which they come"


@given(
    st.dictionaries(st.text(min_size=1, max_size=5), st.integers(1, 10**9), min_size=1, max_size=40),
    st.dictionaries(st.text(min_size=6, max_size=8), st.integers(1, 10**9), max_size=40),
)
def test_what_was_assigned_stays_when_data_comes(first, later):
    spec = SplitSpec(shares=THREE)
    before = assign(units(first), spec)
    after = assign(units(first | later), spec, before)
    assert all(after[unit] == split for unit, split in before.items())


def test_shares_are_kept_within_a_unit():
    sizes = {f"s{n}": 50 + n % 30 for n in range(300)}
    found = assign(units(sizes), SplitSpec(shares=THREE))
    lengths = Counter()
    for unit, split in found.items():
        lengths[split] += units(sizes)[unit].duration_us
    total = sum(sizes.values())
    assert lengths["dev"] == pytest.approx(0.1 * total, abs=80)
    assert lengths["test"] == pytest.approx(0.1 * total, abs=80)


def test_hours_are_kept_and_the_rest_takes_what_is_left():
    hour = 3_600_000_000
    sizes = {f"s{n}": hour // 4 for n in range(40)}
    found = assign(units(sizes), SplitSpec(shares={"train": "rest", "test": "2h"}))
    assert Counter(found.values()) == {"train": 32, "test": 8}


def test_each_split_has_its_share_of_each_stratum():
    people = {
        f"speaker:{n}": UnitCount(100, {("gender", "female" if n % 5 else "male"): 100}) for n in range(200)
    }
    found = assign(people, SplitSpec(shares={"train": 0.8, "test": 0.2}, strata=("gender",)))
    of_test = [unit for unit, split in found.items() if split == "test"]
    men = sum(("gender", "male") in people[unit].strata for unit in of_test)
    assert len(of_test) == 40 and men == 8


def test_another_seed_gives_another_split():
    sizes = {f"s{n}": 100 for n in range(50)}
    one, other = (assign(units(sizes), SplitSpec(shares=THREE, seed=seed)) for seed in (1, 2))
    assert one != other


def test_people_of_one_name_are_one_but_not_those_that_programs_name():
    anna, program, unknown = (
        Speaker(id="s1", name="Anna"),
        Speaker(id="s2", name="spk1"),
        Speaker(id="unknown", name="?"),
    )
    assert unit_of("a", anna, "speaker") == unit_of("b", anna, "speaker")
    assert unit_of("a", program, "speaker") != unit_of("b", program, "speaker")
    assert unit_of("a", unknown, "speaker") != unit_of("b", unknown, "speaker")
    assert unit_of("a", None, "speaker") == unit_of("a", anna, "recording") != unit_of("b", None, "speaker")


@pytest.mark.parametrize(
    "wrong",
    [
        {"shares": {"train": 1.0}},
        {"shares": {"train": 0.8, "test": 0.3}},
        {"shares": {"train": "rest", "test": "rest"}},
        {"shares": {"train": "rest", "test": "some"}},
        {"shares": {"train": "rest", "../x": 0.1}},
        {"shares": THREE, "by": "word"},
        {"shares": THREE, "strata": ("height",)},
    ],
)
def test_a_split_that_cannot_be_is_refused(wrong):
    with pytest.raises(InputError):
        SplitSpec(**wrong)


def test_shares_are_read_as_people_write_them():
    assert parse_shares({"train": "rest", "dev": "5h", "test": "10%", "more": "0.2"}) == {
        "train": "rest",
        "dev": "5h",
        "test": 0.1,
        "more": 0.2,
    }
    with pytest.raises(InputError, match="share"):
        parse_shares({"train": "much"})


@pytest.fixture
def labelled(desk, tmp_path):
    """Six recordings, each of somebody else, who all say the same once."""
    for n in range(6):
        [id] = desk.take(write(tmp_path / f"r{n}.wav", noise(32_000, seed=n)))
        opened = desk.open(id)
        speaker = Speaker(id=f"{id}-p", name=f"Person {chr(65 + n)}x")
        desk.save(opened.transcript, Insert(target="speaker", record=speaker))
        desk.label(
            id,
            Segment(start_us=0, end_us=900_000, text="Good day!", status="done", speaker=speaker.id),
            Segment(
                start_us=1_000_000, end_us=1_900_000, text=f"number {n}", status="done", speaker=speaker.id
            ),
        )
    return desk


def split_of(desk, **more):
    spec = SplitSpec(shares={"train": "rest", "test": 0.34}, **more)
    return make_split(desk.workspace, desk.project, "main", spec)


def test_a_split_is_kept_and_what_leaks_is_told(labelled):
    split, report = split_of(labelled)
    assert load_split(labelled.workspace, labelled.project, "main") == split
    assert split_names(labelled.workspace, labelled.project) == ["main"]
    assert report.units == {"train": 4, "test": 2} and report.segments == {"train": 8, "test": 4}
    [leak] = report.leaks
    assert (leak.kind, leak.splits, leak.count, leak.examples) == (
        "text",
        ("train", "test"),
        2,
        ("Good day!",),
    )
    again, second = split_of(labelled)
    assert again == split and second.kept == 6
    assert second.to_dict()["splits"]["test"]["units"] == 2


def test_an_export_by_split_has_a_folder_for_each(labelled, tmp_path):
    split, _ = split_of(labelled)
    out = tmp_path / "out"
    report = export(
        labelled.workspace, labelled.project, "native", out, delivery=Delivery(split=split)
    ).report
    assert sorted(path.name for path in out.iterdir()) == ["test", "train"]
    people = [
        {speaker.name for found in load(out / name).speakers.values() for speaker in found}
        for name in ("train", "test")
    ]
    assert len(people[0]) == 4 and len(people[1]) == 2 and not people[0] & people[1]
    assert report.segments == 12 and "test/segments.jsonl" in report.files
    assert load(out / "test").snapshot["split"] == {"name": "main", "part": "test", "seed": 0}


def test_who_came_since_must_be_assigned_first(labelled, tmp_path):
    split, _ = split_of(labelled)
    [id] = labelled.take(write(tmp_path / "late.wav", noise(32_000, seed=9)))
    labelled.label(id, Segment(start_us=0, end_us=900_000, text="late", status="done"))
    with pytest.raises(ExportError, match="split again"):
        export(
            labelled.workspace, labelled.project, "native", tmp_path / "out", delivery=Delivery(split=split)
        )
    assert not (tmp_path / "out").exists()
    again, report = split_of(labelled)
    assert report.kept == 6 and all(again.units[unit] == part for unit, part in split.units.items())
    export(labelled.workspace, labelled.project, "native", tmp_path / "out", delivery=Delivery(split=again))


def test_a_split_that_is_not_there_or_of_nothing_is_told(labelled):
    with pytest.raises(NotFoundError, match="none yet"):
        load_split(labelled.workspace, labelled.project, "main")
    with pytest.raises(InputError, match="nothing to split"):
        make_split(
            labelled.workspace,
            labelled.project,
            "main",
            SplitSpec(shares=THREE),
            selection=Selection(recordings=()),
        )


def test_the_splits_of_a_project_go_with_it(labelled):
    split_of(labelled)
    remove_project(labelled.workspace, labelled.project)
    assert not (labelled.workspace.root / "splits" / labelled.project).exists()
