"""A TextGrid that was read, edited and written back is the same but for what was edited."""

import dataclasses
import re
from pathlib import Path

import pytest

from speechlabel.formats import Export, dump, load
from speechlabel.records import Segment, Speaker, Word

LONG = '''File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0 
xmax = 10.000000000000002 
tiers? <exists> 
size = 5 
item []: 
    item [1]:
        class = "IntervalTier" 
        name = "Anna" 
        xmin = 0 
        xmax = 10.000000000000002 
        intervals: size = 5 
        intervals [1]:
            xmin = 0 
            xmax = 1.0000000000000002 
            text = "" 
        intervals [2]:
            xmin = 1.0000000000000002 
            xmax = 2.5 
            text = "hello ""you""" 
        intervals [3]:
            xmin = 2.5 
            xmax = 3.123456789012345 
            text = "" 
        intervals [4]:
            xmin = 3.123456789012345 
            xmax = 4 
            text = "there" 
        intervals [5]:
            xmin = 4 
            xmax = 10.000000000000002 
            text = "" 
    item [2]:
        class = "IntervalTier" 
        name = "Anna - words" 
        xmin = 0 
        xmax = 10.000000000000002 
        intervals: size = 5 
        intervals [1]:
            xmin = 0 
            xmax = 1.0000000000000002 
            text = "" 
        intervals [2]:
            xmin = 1.0000000000000002 
            xmax = 1.75 
            text = "hello" 
        intervals [3]:
            xmin = 1.75 
            xmax = 2.5 
            text = "you" 
        intervals [4]:
            xmin = 2.5 
            xmax = 3.123456789012345 
            text = "" 
        intervals [5]:
            xmin = 3.123456789012345 
            xmax = 10.000000000000002 
            text = "" 
    item [3]:
        class = "IntervalTier" 
        name = "Bo" 
        xmin = 0 
        xmax = 10.000000000000002 
        intervals: size = 3 
        intervals [1]:
            xmin = 0 
            xmax = 5.1 
            text = "" 
        intervals [2]:
            xmin = 5.1 
            xmax = 6.2 
            text = "grüß dich" 
        intervals [3]:
            xmin = 6.2 
            xmax = 10.000000000000002 
            text = "" 
    item [4]:
        class = "IntervalTier" 
        name = " Bo" 
        xmin = 0 
        xmax = 10.000000000000002 
        intervals: size = 0 
    item [5]:
        class = "TextTier" 
        name = "clicks" 
        xmin = 0 
        xmax = 10.000000000000002 
        points: size = 1 
        points [1]:
            number = 7.333333333333333 
            mark = "click" 
'''


def short(text):
    """The short form of a long text."""
    tokens = re.findall(r'"(?:[^"]|"")*"|<exists>|(?<== )[0-9.]+', text.split("\n\n", 1)[1])
    return 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n' + "\n".join(tokens) + "\n"


@pytest.fixture
def back(tmp_path):
    """Read a file, let a function change its segments and speakers, and write them back."""

    def make(raw, change=lambda segments, speakers: (segments, speakers), **options):
        path = tmp_path / "r.TextGrid"
        path.write_bytes(raw)
        bundle = load(path)
        segments, speakers = change(next(bundle.stream())[1], list(bundle.speakers["r"]))
        bundle = dataclasses.replace(bundle, segments={"r": segments}, speakers={"r": tuple(speakers)})
        report = dump(
            Export(bundle=bundle, originals=bundle.sources), tmp_path / "out", "textgrid", overwrite=True
        )
        return (tmp_path / "out/r.TextGrid").read_bytes(), report

    return make


def edit(label, /, **changes):
    def change(segments, speakers):
        assert any(item.text == label for item in segments)
        return [
            dataclasses.replace(item, **changes) if item.text == label else item for item in segments
        ], speakers

    return change


FORMS = {
    "utf-8": LONG.encode(),
    "short": short(LONG).encode(),
    "utf-16": LONG.encode("utf-16"),
    "crlf": LONG.replace("\n", "\r\n").encode("utf-8-sig"),
    "mac": LONG.replace("\n", "\r").encode("mac_roman"),
    "latin-1": LONG.encode("latin-1"),
}


@pytest.mark.parametrize("form", FORMS)
def test_without_an_edit_the_bytes_are_equal(back, form):
    assert back(FORMS[form])[0] == FORMS[form]


@pytest.mark.parametrize("form", FORMS)
def test_a_changed_label_changes_its_bytes_alone(back, form):
    codec = {"utf-16": "utf-16", "mac": "mac_roman", "latin-1": "latin-1"}.get(form, "utf-8")
    after, report = back(FORMS[form], edit("there", text='say "ö"'))
    wanted = FORMS[form].decode(codec).replace('"there"', '"say ""ö"""').encode(codec)
    assert after == wanted and report.warnings == ()


def test_letters_that_an_old_encoding_lacks_make_it_utf_8(back):
    after, report = back(FORMS["latin-1"], edit("there", text="你好"))
    assert after == LONG.replace('"there"', '"你好"').encode()
    assert "UTF-8" in report.warnings[0]


def test_a_moved_edge_rewrites_its_tier_and_no_other_time(back):
    after, _ = back(LONG.encode(), edit("there", start_us=2_500_000))
    text = after.decode()
    first = LONG[: LONG.index("        intervals [3]")]
    assert text.startswith(first.replace("intervals: size = 5", "intervals: size = 4", 1))
    assert '            xmin = 2.5 \n            xmax = 4 \n            text = "there"' in text
    rest = LONG[LONG.index("    item [2]:") :]
    assert text.endswith(rest), "other tiers are the same to the byte"


def test_a_segment_that_goes_leaves_a_gap_and_takes_its_words(back):
    def change(segments, speakers):
        return [item for item in segments if not (item.text or "").startswith("hello")], speakers

    text = back(LONG.encode(), change)[0].decode()
    assert "hello" not in text and '"you"' not in text and '"there"' in text
    assert text[text.index('name = "Bo"') :] == LONG[LONG.index('name = "Bo"') :]
    after = load_text(text)
    assert after[0].items[0].text == "" and [item.text for item in after[0].items].count("there") == 1


def load_text(text):
    import tempfile

    from speechlabel.formats.linguists.textgrid_files import read_grid

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.TextGrid"
        path.write_text(text, encoding="utf-8")
        return read_grid(path).tiers


def tiers(raw):
    return {
        tier.name: [(item.start_us, item.end_us, item.text) for item in tier.items if item.text.strip()]
        for tier in load_text(raw.decode())
    }


def test_new_segments_find_their_tier_or_get_one(back):
    def change(segments, speakers):
        bo = next(speaker.id for speaker in speakers if speaker.name == "Bo")
        new = Speaker(id="n", name="Cy")
        return [
            *segments,
            Segment(id="x1", start_us=6_200_000, end_us=7_000_000, text="mehr", speaker=bo),
            Segment(id="x2", start_us=5_500_000, end_us=7_000_000, text="darüber", speaker=bo),
            Segment(id="x3", start_us=0, end_us=500_000, text="neu", speaker="n"),
            Segment(id="x4", start_us=8_000_000, end_us=8_000_000, text="pop", kind="event", tier="clicks"),
        ], [*speakers, new]

    found = tiers(back(LONG.encode(), change)[0])
    assert found["Bo"] == [(5_100_000, 6_200_000, "grüß dich"), (6_200_000, 7_000_000, "mehr")]
    assert found[" Bo"] == [(5_500_000, 7_000_000, "darüber")], "the second tier of that name has room"
    assert found["Cy"] == [(0, 500_000, "neu")]
    assert [text for *_, text in found["clicks"]] == ["click", "pop"]


def test_a_cut_segment_takes_its_words_along(back):
    def change(segments, speakers):
        whole = next(item for item in segments if "hello" in (item.text or ""))
        left = dataclasses.replace(whole, end_us=1_750_000, text="hello", words=whole.words[:1])
        right = dataclasses.replace(whole, id="right", start_us=1_750_000, text="you!", words=whole.words[1:])
        return [left, right, *(item for item in segments if item is not whole)], speakers

    found = tiers(back(LONG.encode(), change)[0])
    assert found["Anna"][:2] == [(1_000_000, 1_750_000, "hello"), (1_750_000, 2_500_000, "you!")]
    assert found["Anna - words"] == [(1_000_000, 1_750_000, "hello"), (1_750_000, 2_500_000, "you")]


def test_words_and_speakers_that_change_are_moved(back):
    def change(segments, speakers):
        ids = {speaker.name: speaker.id for speaker in speakers}
        out = []
        for item in segments:
            if item.text == "there":
                words = (Word(word="there", start_us=3_200_000, end_us=4_000_000),)
                item = dataclasses.replace(item, words=words)
            if item.text == "grüß dich":
                item = dataclasses.replace(item, speaker=ids["Anna"])
            out.append(item)
        return out, speakers

    found = tiers(back(LONG.encode(), change)[0])
    assert found["Anna"][-1] == (5_100_000, 6_200_000, "grüß dich")
    assert found["Anna - words"][-1] == (3_200_000, 4_000_000, "there")


def test_tiers_that_were_not_taken_in_stay(back):
    def change(segments, speakers):
        kept = [item for item in segments if item.speaker != speakers[1].id and item.tier is None]
        return kept, speakers[:1]

    assert back(LONG.encode(), change)[0] == LONG.encode()


def test_a_segment_beyond_the_end_makes_the_grid_longer(back):
    def change(segments, speakers):
        return [
            *segments,
            Segment(id="z", start_us=9_000_000, end_us=11_000_000, text="late", speaker=speakers[0].id),
        ], speakers

    raw, report = back(LONG.encode(), change)
    found = load_text(raw.decode())
    assert all(tier.items[-1].end_us == 11_000_000 for tier in found if tier.items and not tier.is_points)
    assert report.warnings and tiers(raw)["Anna"][-1] == (9_000_000, 11_000_000, "late")
