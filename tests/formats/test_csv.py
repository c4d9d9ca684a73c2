"""Tables of other people: what is recognised, mapped, guessed, mended and told."""

import csv
from pathlib import Path

import pytest

from speechlabel import formats
from speechlabel.errors import OptionError, ParseError
from speechlabel.formats import Bundle, dump, load
from speechlabel.formats.contract import sample_export
from speechlabel.formats.gather import TO_THE_END_US
from speechlabel.records import Speaker

from .conftest import recording, segment

DATA = Path(__file__).parent / "data/csv"
S = 1_000_000


def table(folder, content, name="table.csv", encoding="utf-8"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode(encoding))
    return path


def read(path, **options):
    """Recordings as {name: [(start, end, text, speaker's name)]}, and the bundle."""
    bundle = load(path, "csv", **options)
    found = {}
    for item, segments in bundle.stream():
        names = {id: speaker.name for id, speaker in bundle.speakers_of(item.id).items()}
        found[item.name] = [(s.start_us, s.end_us, s.text, names.get(s.speaker)) for s in segments]
    return found, bundle


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiter_line_ends_and_encoding_are_found_out(tmp_path, delimiter, end, encoding):
    rows = ["file,start,end,speaker,text", "a.wav,0.5,1.5,Änne,你好 x", 'a.wav,1.5,2,Bo,"say ""it"""']
    path = table(tmp_path, end.join(row.replace(",", delimiter) for row in rows) + end, encoding=encoding)
    assert formats.detect(path) == "csv"
    found, bundle = read(path)
    assert found == {"a": [(S // 2, 3 * S // 2, "你好 x", "Änne"), (3 * S // 2, 2 * S, 'say "it"', "Bo")]}
    assert bundle.recordings[0].path == str(tmp_path / "a.wav")
    assert bundle.notes == ()


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_chinese_headers(tmp_path, encoding):
    head = "文件名,开始时间,结束时间,说话人,性别,文本,备注\n"
    text = f"{head}会议.wav,00:00:01.5,0:01:02,张三,女,我们今天开会讨论,很好\n"
    path = table(tmp_path, text, encoding=encoding)
    assert formats.detect(path) == "csv"
    found, bundle = read(path)
    assert found == {"会议": [(1_500_000, 62 * S, "我们今天开会讨论", "张三")]}
    [(_, [item])] = bundle.stream()
    assert item.note == "很好"
    assert next(iter(bundle.speakers.values()))[0].gender == "female"
    assert any("not UTF-8" in note for note in bundle.notes) == (encoding == "gb18030")


def test_a_german_table_of_excel(tmp_path):
    text = "sep=;\r\nDatei;Anfang;Ende;Sprecher;Text\r\nx.wav;0,5;1,25;Jürgen;Grüße, schön\r\n"
    path = table(tmp_path, text, encoding="cp1252")
    found, bundle = read(path, columns="audio=Datei")
    assert found == {"x": [(500_000, 1_250_000, "Grüße, schön", "Jürgen")]}
    assert any("UTF-8" in note for note in bundle.notes)


def test_units_are_told_by_headers_guessed_or_given(tmp_path):
    told = table(tmp_path, "start (ms),end [s],text\n500,1.5,a\n", "told.csv")
    assert read(told)[0] == {"told": [(500_000, 1_500_000, "a", None)]}
    guessed = table(tmp_path, "start,end,text\n0,1500,a\n1500,4000,b\n", "guessed.csv")
    found, bundle = read(guessed)
    assert found["guessed"][1][:2] == (1_500_000, 4 * S)
    assert any("milliseconds" in note for note in bundle.notes)
    assert read(guessed, unit="s")[0]["guessed"][1][:2] == (1500 * S, 4000 * S)
    whole = table(tmp_path, "start,end,text\n0,3,a\n3,12,b\n", "whole.csv")
    assert read(whole)[0]["whole"][1][:2] == (3 * S, 12 * S)
    assert read(whole, unit="ms")[0]["whole"][1][:2] == (3000, 12_000)
    with pytest.raises(ParseError, match="00:01:02"):
        read(whole, unit="timecode")


@pytest.mark.parametrize(
    ("cell", "time"),
    [
        ("01:02.5", 62_500_000),
        ("1:00:00,250", 3600_250_000),
        ("1.5s", 1_500_000),
        ("1500 ms", 1_500_000),
        ("1e-3", 1000),
    ],
)
def test_times_in_other_writings(tmp_path, cell, time):
    path = table(tmp_path, f'start,end,text\n"{cell}",9:00:00,a\n')
    assert read(path)[0]["table"][0][0] == time


def test_a_length_serves_for_the_end(tmp_path):
    path = table(tmp_path, "audio_filepath,offset,duration,text\nd/a.wav,1.5,0.25,x\n")
    found, bundle = read(path)
    assert found == {"a": [(1_500_000, 1_750_000, "x", None)]}
    assert bundle.recordings[0].path == str(tmp_path / "d/a.wav")


def test_a_row_without_times_is_its_whole_file(tmp_path):
    path = table(tmp_path, "path,sentence,length\na.wav,x,2.5\nb/a.wav,y,\n")
    found, bundle = read(path)
    assert len({item.id for item in bundle.recordings}) == 2
    spans = {item.path: [(s.start_us, s.end_us) for s in segments] for item, segments in bundle.stream()}
    assert spans == {
        str(tmp_path / "a.wav"): [(0, 2_500_000)],
        str(tmp_path / "b/a.wav"): [(0, TO_THE_END_US)],
    }
    assert len(found) == 1  # two files of one name are two recordings


def test_a_start_alone_lasts_to_the_next(tmp_path):
    path = table(tmp_path, "start,text\n0:01,a\n0:05,b\n")
    found, bundle = read(path)
    assert [row[:2] for row in found["table"]] == [(S, 5 * S), (5 * S, TO_THE_END_US)]
    assert any("next start" in note for note in bundle.notes)


def test_what_cannot_be_is_mended_or_left_out_and_told(tmp_path):
    rows = [
        "id,start,end,text",
        "a,-0.5,1,early",
        "b,2,1,backwards",
        "b,3,3,point",
        "c,,,untimed",
        "a,4,5,again",
    ]
    path = table(tmp_path, "\n".join(rows) + "\n")
    bundle = load(path)
    [(_, segments)] = bundle.stream()
    assert [(s.start_us, s.end_us, s.kind, s.text) for s in segments] == [
        (0, S, "speech", "early"),
        (3 * S, 3 * S, "event", "point"),
        (4 * S, 5 * S, "speech", "again"),
    ]
    assert [s.id for s in segments][:2] == ["a", "b"] and segments[2].id != "a"
    told = "\n".join(bundle.notes)
    for line, word in (
        (2, "before the recording"),
        (3, "ends before"),
        (4, "no length"),
        (5, "no time"),
        (6, "twice"),
    ):
        assert any(f"line {line}:" in note and word in note for note in bundle.notes), told


def test_columns_without_a_field_are_kept_and_written_again(tmp_path):
    path = table(tmp_path, "start,end,text,Stimmung,score\n0,1,a,froh,17\n1,2,b,,0.5\n")
    bundle = load(path)
    [(_, segments)] = bundle.stream()
    assert [dict(s.custom) for s in segments] == [{"csv": {"Stimmung": "froh", "score": "17"}}, {}]
    assert segments[1].confidence == 0.5
    dump(bundle, tmp_path / "out", "csv")
    with (tmp_path / "out/segments.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Stimmung"] for row in rows] == ["froh", ""]
    assert next(iter(load(tmp_path / "out").stream()))[1] == segments


def test_values_that_a_record_cannot_hold_are_kept(tmp_path):
    head = "start,end,text,kind,is_valid,channel,gender,events,fields\n"
    path = table(tmp_path, head + '0,1,a,chatter,vielleicht,7th,robot,[1],"{""a"":1}"\n')
    [(_, [item])] = load(path).stream()
    assert item.custom["csv"] == {
        "kind": "chatter", "is_valid": "vielleicht", "channel": "7th", "gender": "robot", "events": "[1]",
        "fields": '{"a":1}',
    }  # fmt: skip


def test_labels_in_a_cell(tmp_path):
    path = table(tmp_path, 'start,end,text,tags,noise,valid\n0,1,a,x; y;x,"[""a,b""]",否\n')
    [(_, [item])] = load(path).stream()
    assert (item.tags, item.noise_labels, item.is_valid) == (("x", "y"), ("a,b",), False)


def test_whispers_own_tsv_counts_milliseconds_and_never_quotes(tmp_path):
    path = table(tmp_path, 'start\tend\ttext\n0\t40\t"Hello\n40\t2500\tit\'s "fine"\n', "talk.tsv")
    assert formats.detect(path) == "csv"
    found, bundle = read(path)
    assert found == {"talk": [(0, 40_000, '"Hello', None), (40_000, 2_500_000, 'it\'s "fine"', None)]}
    assert bundle.notes == ()


CV = "client_id path sentence_id sentence up_votes down_votes age gender accents variant locale segment\n"
CV = CV.replace(" ", "\t")


def test_a_folder_of_common_voice(tmp_path):
    row = "{0}\tcommon_voice_de_{1}.mp3\tid{1}\t{2}\t2\t0\ttwenties\tmale_masculine\tBairisch\t\tde\t\n"
    (tmp_path / "clips").mkdir()
    table(tmp_path, CV + row.format("f" * 128, 1, '"Ja", sagte er'), "train.tsv")
    again = row.format("f" * 128, 1, '"Ja", sagte er') + row.format("e" * 128, 2, "Nein")
    table(tmp_path, CV + again, "validated.tsv")
    table(tmp_path, "clip\tduration[ms]\ncommon_voice_de_1.mp3\t2712\n", "clip_durations.tsv")
    assert formats.detect(tmp_path) == "csv"
    assert formats.detect(tmp_path / "train.tsv") == "csv"
    bundle = load(tmp_path)
    (first, [one]), (_, [two]) = bundle.stream()
    assert first.path == str(tmp_path / "clips/common_voice_de_1.mp3")
    assert (one.start_us, one.end_us, one.text, one.language) == (0, 2_712_000, '"Ja", sagte er', "de")
    assert (two.end_us, two.text) == (TO_THE_END_US, "Nein")
    [speaker] = bundle.speakers[first.id]
    assert (speaker.name, speaker.gender, speaker.age_band, speaker.accent) == (
        "f" * 128,
        "male",
        "twenties",
        "Bairisch",
    )
    assert one.custom["csv"]["split"] == "train" and one.custom["csv"]["up_votes"] == "2"
    assert any("1 clips" in note for note in bundle.notes)


def test_a_folder_of_ljspeech(tmp_path):
    (tmp_path / "wavs").mkdir()
    table(tmp_path, 'LJ001-0001|Printing, in "the|printing\nLJ001-0002|in 1455|in fourteen\n', "metadata.csv")
    assert formats.detect(tmp_path) == "csv"
    bundle = load(tmp_path)
    (item, [first]), _ = bundle.stream()
    assert (item.id, item.path) == ("LJ001-0001", str(tmp_path / "wavs/LJ001-0001.wav"))
    assert (first.text, first.custom) == ('Printing, in "the', {"csv": {"normalized_text": "printing"}})
    (tmp_path / "LJ001-0001.wav").write_bytes(b"")  # some keep the audio beside the table
    assert load(tmp_path).recordings[0].path == str(tmp_path / "LJ001-0001.wav")


@pytest.mark.parametrize("order", ["wavs/{0}.wav|{1}|{2}", "wavs/{0}.wav|{2}|{1}"])
def test_lists_with_a_speaker_between_pipes(tmp_path, order):
    lines = [order.format(n, "spk7" if n < 3 else "spk8", f"sentence number {n}") for n in range(4)]
    path = table(tmp_path, "\n".join(lines) + "\n", "filelist.txt")
    assert formats.detect(path) == "csv"
    found, bundle = read(path)
    assert [found[str(n)][0][2:] for n in (0, 3)] == [
        ("sentence number 0", "spk7"),
        ("sentence number 3", "spk8"),
    ]
    assert any("speaker" in note for note in bundle.notes)


def test_a_table_without_a_header_is_mapped_by_number(tmp_path):
    path = table(tmp_path, "a.wav,0.5,1.5,hello\na.wav,1.5,2.5,world\n")
    with pytest.raises(ParseError, match="give columns"):
        load(path, "csv")
    found, _ = read(path, columns="file=1;start=2;end=3;text=4")
    assert found == {"a": [(500_000, 1_500_000, "hello", None), (1_500_000, 2_500_000, "world", None)]}


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("filename\tonset\toffset\tevent_label", "a.wav\t0.5\t1.25\tdog", (500_000, 1_250_000, "dog")),
        ("path\toffset\tduration\ttext", "a.wav\t0.5\t1\thi", (500_000, 1_500_000, "hi")),
        ("segment_onset\tsegment_offset\traw_filename", "1990\t2500\ta.wav", (1_990_000, 2_500_000, None)),
        (
            "Name\tStart\tDuration\tTime Format\tType",
            "x\t0:01.000\t0:02.5\tdecimal\tCue",
            (10**6, 3_500_000, "x"),
        ),
        ("Begin Time (s)\tEnd Time (s)\tAnnotation", "0.5\t1.25\tsong", (500_000, 1_250_000, "song")),
    ],
    ids=["DCASE", "NeMo", "ChildProject", "Audition", "Raven"],
)
def test_tables_of_other_programs(tmp_path, header, row, expected):
    path = table(tmp_path, f"{header}\n{row}\n", "a.tsv")
    assert formats.detect(path) == "csv"
    assert [item[:3] for item in read(path)[0]["a"]] == [expected]


def test_columns_mapped_by_hand(tmp_path):
    path = table(tmp_path, "begin_ms,Ende (ms),Transkript A,text\n1,2,x,machine\n")
    found, bundle = read(path, columns="start=begin_ms;end=Ende (ms);text=Transkript A", unit="ms")
    assert found == {"table": [(1000, 2000, "x", None)]}
    [(_, [item])] = bundle.stream()
    assert item.custom == {"csv": {"text": "machine"}}
    for wrong in ("start=nothing", "beginning=1", "start", "text=9"):
        with pytest.raises(OptionError):
            read(path, columns=wrong)


def test_what_a_table_looks_like(tmp_path):
    path = table(tmp_path, "Beginn;start;stop;Wer;transcript\nx;0;1500;A;hallo\n")
    told = formats.get("csv").look(path).to_dict()
    assert told["columns"] == ["Beginn", "start", "stop", "Wer", "transcript"]
    assert told["rows"] == [["x", "0", "1500", "A", "hallo"]]
    assert told["mapping"] == {"start": "start", "end": "stop", "text": "transcript"}
    assert told["unit"] == "ms" and told["format"] == "csv"
    assert {"start", "end", "duration", "text", "speaker", "audio"} <= set(told["fields"])
    by_hand = formats.get("csv", columns="speaker=Wer").look(path)
    assert by_hand.mapping["speaker"] == "Wer"


def test_a_quote_that_is_never_closed(tmp_path):
    rows = "".join(f"{n},{n + 1},text {n}\n" for n in range(12_000))
    path = table(tmp_path, f'start,end,text\n0,1,fine\n1,2,"open\n{rows}')
    with pytest.raises(ParseError, match="quotes=none") as caught:
        load(path, "csv")
    assert caught.value.data["line"] == 3
    assert len(read(path, quotes="none")[0]["table"]) == 12_002


def test_rows_of_other_widths_are_told_and_nothing_of_them_is_lost(tmp_path):
    path = table(tmp_path, "start,end,text\n0,1\n1,2,b,beyond\n")
    bundle = load(path)
    [(_, segments)] = bundle.stream()
    assert [(s.text, dict(s.custom)) for s in segments] == [
        (None, {}),
        ("b", {"csv": {"column 4": "beyond"}}),
    ]
    assert sum("cells than the header" in note for note in bundle.notes) == 2
    assert [fault.line for fault in formats.get("csv").faults(path)] == [2, 3]


def test_line_breaks_and_control_characters_in_texts(tmp_path):
    path = table(tmp_path, 'start,end,text\n0,1,"a\r\nb"\n1,2,c\x00d\x08e\n2,3,x\n')
    bundle = load(path, "csv")
    [(_, segments)] = bundle.stream()
    assert [s.text for s in segments] == ["a\nb", "cde", "x"]
    assert any("line 4" in note and "control" in note for note in bundle.notes)


@pytest.mark.parametrize("guard", [True, False])
def test_formulas_are_guarded_when_asked_and_come_back(tmp_path, bundle_of, guard):
    texts = ["=1+1", "+1", "-1", "@x", "'=x", "''", "'a", "a=b", "\tq"]
    bundle = bundle_of(*(segment(f"s{n}", n * S, n * S + S, text=text) for n, text in enumerate(texts)))
    dump(bundle, tmp_path / "out", "csv", guard=guard)
    with (tmp_path / "out/segments.csv").open(encoding="utf-8", newline="") as file:
        cells = [row["text"] for row in csv.DictReader(file)]
    assert any(cell[0] in "=+-@\t" for cell in cells) != guard
    assert [s.text for s in next(iter(load(tmp_path / "out").stream()))[1]] == texts


def test_pythons_csv_reads_what_we_write(tmp_path):
    export = sample_export(tmp_path)
    dump(export, tmp_path / "out", "csv", bom=True)
    assert (tmp_path / "out/segments.csv").read_bytes().startswith(b"\xef\xbb\xbfid,")
    with (tmp_path / "out/segments.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file, strict=True)}
    wanted = {s.id: s for _, segments in export.bundle.stream() for s in segments}
    assert rows.keys() == wanted.keys()
    for id, row in rows.items():
        assert (round(float(row["start"]) * 1e6), round(float(row["end"]) * 1e6)) == (
            wanted[id].start_us,
            wanted[id].end_us,
        )
        assert row["text"] == (wanted[id].text or "") and (row["is_transcribed"] == "true") == (
            wanted[id].text is not None
        )
        assert "e-" not in row["duration"]


def test_all_that_was_written_comes_back(tmp_path):
    export = sample_export(tmp_path)
    dump(export, tmp_path / "out", "csv", delimiter="tab")
    back = load(tmp_path / "out/segments.tsv")
    whole = export.bundle
    assert back.recordings == whole.recordings
    assert back.labelled == whole.labelled and back.guideline == whole.guideline
    for item in whole.recordings:
        assert back.speakers_of(item.id) == whole.speakers_of(item.id)
    assert back.audio[("b_stereo", 1)] == tmp_path / "out/audio/b_stereo_1.wav"


def test_a_table_that_was_edited_by_hand_is_taken_by_its_ends(tmp_path, bundle_of):
    bundle = bundle_of(segment("a", 0, S, text="x", speaker="s"), speakers=[Speaker(id="s", name="Li")])
    dump(bundle, tmp_path / "out", "csv")
    path = tmp_path / "out/segments.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",0,1,1,", ",0,1.5,1,"), encoding="utf-8")
    [(_, [item])] = load(path).stream()
    assert (item.end_us, item.speaker) == (1_500_000, "s")


def test_tables_that_are_none_of_labels_are_not_claimed(tmp_path):
    for name, content in {
        "prices.csv": "item,price\nbread,2\n",
        "id_map.tsv": "recording_id\tspeaker_id\tspeaker_name\tname_in_rttm\n",
        "notes.txt": "Dear all,\n\nhere is the text, start and end.\n",
        "labels.txt": "0.5\t1.5\thello\n",
        "x.csv": '{"start": 1, "end": 2, "text": "x"}\n',
        "empty.csv": "",
        "audiofolder/metadata.csv": "file_name,text\na.wav,x\n",
        "train.csv": "ID,duration,wav,spk_id,wrd\na,1,a.wav,s,x\n",
    }.items():
        assert not formats.get("csv").sniff(table(tmp_path, content, name)), name


def test_two_recordings_of_one_export_keep_their_ids(tmp_path):
    whole = Bundle(
        recordings=(recording("a"), recording("b")),
        segments={"a": [segment("s", 0, S, text="x")], "b": [segment("s", 0, S, text="y")]},
    )
    dump(whole, tmp_path / "out", "csv")
    assert [(item.id, [s.id for s in found]) for item, found in load(tmp_path / "out").stream()] == [
        ("a", ["s"]),
        ("b", ["s"]),
    ]


def test_blanks_after_delimiters_are_no_part_of_cells(tmp_path):
    path = table(tmp_path, 'file, start, end, text\na.wav, 0, 1, "x, y"\n')
    assert read(path)[0] == {"a": [(0, S, "x, y", None)]}
