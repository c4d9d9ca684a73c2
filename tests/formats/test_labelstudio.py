"""Label Studio's tasks come in as they were labelled, and go out with a configuration that shows them."""

import json
from xml.etree import ElementTree

import pytest

from speechlabel.errors import ExportError, OptionError, ParseError
from speechlabel.formats import Bundle, dump, get, load
from speechlabel.formats.base import bare_recording
from speechlabel.formats.gather import TO_THE_END_US
from speechlabel.records import Segment, Speaker

SPAN = {"start": 1.0, "end": 2.0, "channel": 0}


def region(id="a", **fields):
    value = SPAN | fields.pop("value", {"labels": ["Ann"]})
    return {"id": id, "from_name": "labels", "to_name": "audio", "type": "labels", "value": value} | fields


def more(type, value, *, control, id="a"):
    return {"id": id, "from_name": control, "to_name": "audio", "type": type, "value": SPAN | value}


def made(*results, **fields):
    return {"id": 1, "result": list(results)} | fields


@pytest.fixture
def read(tmp_path):
    def read(*tasks, **options):
        (tmp_path / "tasks.json").write_text(json.dumps(tasks), encoding="utf-8")
        return load(tmp_path / "tasks.json", "labelstudio", **options)

    return read


@pytest.fixture
def one(read):
    """The one segment of one annotation's results, and the name of its speaker."""

    def one(*results, **options):
        bundle = read({"id": 1, "data": {"audio": "a.wav"}, "annotations": [made(*results)]}, **options)
        [(recording, [segment])] = bundle.stream()
        speaker = bundle.speakers_of(recording.id).get(segment.speaker or "")
        return segment, speaker and speaker.name, bundle

    return one


def test_results_of_one_id_are_one_segment(one):
    segment, name, bundle = one(
        region(meta={"text": ["check"]}, score=0.5),
        more("textarea", {"text": ["hello", "there"]}, control="transcription"),
        more("textarea", {"text": "bonjour"}, control="translation"),
        more("choices", {"choices": ["happy"]}, control="emotion"),
        more("choices", {"choices": ["far", "soft"]}, control="tags"),
        more("rating", {"rating": 4}, control="clarity"),
        more("taxonomy", {"taxonomy": [["a", "b"]]}, control="topic"),
    )
    assert (segment.id, segment.start_us, segment.end_us) == ("a", 1_000_000, 2_000_000)
    assert (segment.text, name, segment.note, segment.confidence) == ("hello\nthere", "Ann", "check", 0.5)
    assert segment.fields == {"translation": "bonjour", "emotion": "happy", "clarity": "4"}
    assert segment.tags == ("far", "soft") and segment.status == "draft"
    [other] = segment.custom["labelstudio"]["results"]
    assert other["value"]["taxonomy"] == [["a", "b"]]
    assert bundle.notes == ()


@pytest.mark.parametrize(
    ("label", "options", "wanted"),
    [
        ("Ann", {}, ("speech", "Ann", (), ())),
        ("Music", {}, ("music", None, (), ())),
        ("Non-speech", {}, ("nonspeech", None, (), ())),
        ("Music", {"labels": "speakers"}, ("speech", "Music", (), ())),
        ("Ann", {"labels": "kinds"}, ("speech", None, ("Ann",), ())),
        ("cough", {"labels": "noises"}, ("speech", None, (), ("cough",))),
        ("cough", {"labels": "tags"}, ("speech", None, ("cough",), ())),
        ("Hold", {"map": "Ann=tag, Hold=kind:music"}, ("music", None, (), ())),
        ("Ann", {"map": "Ann=tag, Hold=kind:music"}, ("speech", None, ("Ann",), ())),
        ("x=y", {"map": "x=y=noise"}, ("speech", None, (), ("x=y",))),
    ],
)
def test_labels_are_speakers_or_what_they_are_told_to_be(one, label, options, wanted):
    segment, name, _ = one(region(value={"labels": [label]}), **options)
    assert (segment.kind, name, segment.tags, segment.noise_labels) == wanted


@pytest.mark.parametrize("told", ["Ann", "Ann=person", "=tag", "Ann=kind:nothing"])
def test_a_map_that_says_nothing_is_refused(told, tmp_path):
    (tmp_path / "a.json").write_text('[{"data": {"audio": "a.wav"}}]')
    with pytest.raises(OptionError, match="map"):
        load(tmp_path / "a.json", "labelstudio", map=told)


def test_a_second_speaker_becomes_a_tag(one):
    segment, name, bundle = one(region(value={"labels": ["Ann", "Ben"]}))
    assert (name, segment.tags) == ("Ann", ("Ben",))
    assert "second speaker, 'Ben'" in bundle.notes[0]


def test_annotations_are_never_merged(read):
    def by(id, text, **fields):
        return {"id": id, "result": [region(value={"labels": [text]})]} | fields

    task = {
        "id": 5,
        "data": {"audio": "a.wav"},
        "annotations": [
            by(1, "old", updated_at="2026-01-01T00:00:00Z"),
            by(2, "new", updated_at="2026-01-03T00:00:00Z"),
            by(3, "gone", was_cancelled=True, updated_at="2026-01-09T00:00:00Z"),
            by(4, "mid", updated_at="2026-01-02T00:00:00Z"),
        ],
        "predictions": [by(9, "machine", model_version="v1")],
    }

    def names(bundle):
        return {id: [speaker.name for speaker in found] for id, found in bundle.speakers.items()}

    newest = read(task)
    assert names(newest) == {"a": ["new"]}
    assert newest.notes == (
        "tasks.json: line 1: task 5: 1 cancelled annotations were left out",
        "tasks.json: line 1: task 5: 1 predictions were left out: there are annotations",
        "tasks.json: line 1: task 5: annotation 2 was taken; there are also 1, 4",
    )
    assert names(read(task, annotation="first")) == {"a": ["old"]}
    assert names(read(task, annotation="all")) == {"a-1": ["old"], "a-2": ["new"], "a-4": ["mid"]}
    task["annotations"][0]["ground_truth"] = True
    truth = read(task)
    assert names(truth) == {"a": ["old"]}
    assert [segment.status for _, found in truth.stream() for segment in found] == ["done"]


def test_predictions_and_drafts_count_where_nobody_has_annotated(read):
    guess = {"model_version": "v1", "score": 0.5, "result": [region()]}
    task = {"data": {"audio": "a.wav"}, "annotations": [], "predictions": [guess]}
    [(_, [segment])] = read(task).stream()
    assert segment.status == "machine"
    bundle = read(task | {"drafts": [{"id": 3, "result": [region(value={"labels": ["Ben"]})]}]})
    assert [speaker.name for speaker in bundle.speakers["a"]] == ["Ben"]
    [(recording, segments)] = read({"data": {"audio": "a.wav"}}).stream()
    assert (recording.id, segments) == ("a", [])


@pytest.mark.parametrize(
    ("url", "name", "id", "path"),
    [
        ("/data/upload/1/0a1b2c3d-my%20talk.wav", "my talk.wav", "my_talk", "my talk.wav"),
        ("/data/upload/12/deadbeef-\u4e00.flac", "一.flac", "Yi", "一.flac"),
        ("/data/local-files/?d=sub/a%2Bb.wav", "a+b.wav", "a_b", "sub/a+b.wav"),
        ("/data/local-files/?d=/mnt/x/a.wav", "a.wav", "a", "/mnt/x/a.wav"),
        ("https://example.org/x/a.mp3?sig=1#t", "a.mp3", "a", ""),
        ("s3://bucket/x/a.wav", "a.wav", "a", ""),
        ("calls/a.wav", "a.wav", "a", "calls/a.wav"),
        ("C:\\calls\\a.wav", "a.wav", "a", None),
    ],
)
def test_sound_is_named_by_what_the_task_points_to(read, tmp_path, url, name, id, path):
    [(recording, _)] = read({"data": {"id": "x", "audio": url}}).stream()
    assert (recording.name, recording.id) == (name, id)
    if path is not None:
        assert recording.path == (str(tmp_path / path) if path else "")
    assert recording.metadata["labelstudio"]["data"]["audio"] == url


def test_two_tasks_of_one_name_are_two_recordings(read):
    bundle = read({"data": {"audio": "x/a.wav"}}, {"data": {"audio": "y/a.wav"}})
    assert [recording.id for recording in bundle.recordings] == ["a", "a_2"]


def test_channels_are_told_apart_only_where_there_are_several(read):
    both = [region("a"), region("b", value={"channel": 1, "labels": ["Ben"]})]
    for results, channels in ((both, [0, 1]), (both[:1], [None])):
        [(recording, segments)] = read({"data": {"audio": "a.wav"}, "annotations": [made(*results)]}).stream()
        assert [segment.channel for segment in segments] == channels
        assert recording.channels == len(channels)


def test_what_is_said_of_the_whole_stays_with_the_recording(read):
    whole = [
        {"id": "q", "from_name": "quality", "type": "choices", "value": {"choices": ["good"]}},
        {"id": "s", "from_name": "summary", "type": "textarea", "value": {"text": ["short"]}},
        {"from_id": "a", "to_id": "a", "type": "relation", "direction": "right"},
    ]
    results = [region(original_length=12.5), *whole]
    bundle = read({"data": {"audio": "a.wav", "client": 7}, "annotations": [made(*results, completed_by=3)]})
    [(recording, [_])] = bundle.stream()
    kept = recording.metadata["labelstudio"]
    assert kept["fields"] == {"summary": "short", "quality": "good"}
    assert kept["annotation"] == {"id": 1, "completed_by": 3} and kept["data"]["client"] == 7
    assert len(kept["relations"]) == 1 and recording.duration_us == 12_500_000


def test_a_transcript_of_the_whole_is_a_segment(read):
    """As the template for speech recognition gives it: one text, and nobody tells how long the sound is."""
    text = {"id": "t", "from_name": "transcription", "type": "textarea", "value": {"text": ["all of it"]}}
    [(_, [segment])] = read(
        {"data": {"audio": "a.wav"}, "annotations": [made(text | {"original_length": 3.5})]}
    ).stream()
    assert (segment.start_us, segment.end_us, segment.text) == (0, 3_500_000, "all of it")
    for task in (
        {"data": {"audio": "a.wav"}, "annotations": [made(text)]},
        {"data": {"audio": "a.wav"}, "annotations": [made(text | {"from_name": "answer"})]},
        {"id": 1, "audio": "a.wav", "transcription": "all of it", "annotator": 1},
    ):
        bundle = read(task)
        [(recording, [segment])] = bundle.stream()
        assert (segment.start_us, segment.end_us, segment.text) == (0, TO_THE_END_US, "all of it")
        assert recording.duration_us == 0
        assert "taken to the end of the file" in bundle.notes[0]


def test_the_minimal_form_pairs_by_order_and_says_so(read):
    labels = [{"start": 0.0, "end": 1.0, "labels": ["Ann"]}, {"start": 1.0, "end": 2.5, "labels": ["Ben"]}]
    task = {"id": 1, "audio": "/data/upload/1/0a1b2c3d-a.wav", "label": labels, "annotator": 1}
    bundle = read(task | {"transcription": ["one", "two"]})
    [(_, found)] = bundle.stream()
    assert [(item.text, item.end_us) for item in found] == [("one", 1_000_000), ("two", 2_500_000)]
    assert "paired with the regions by their order" in bundle.notes[0]
    bundle = read(task | {"transcription": "only one"})
    [(recording, found)] = bundle.stream()
    assert [item.text for item in found] == [None, None]
    assert recording.metadata["labelstudio"]["data"]["transcription"] == "only one"
    assert "1 texts for 2 regions" in bundle.notes[0]


def test_annotations_synced_to_a_storage_are_tasks(tmp_path):
    item = {
        "id": 3,
        "result": [region()],
        "task": {"id": 1, "data": {"audio": "a.wav"}},
        "was_cancelled": False,
    }
    (tmp_path / "3").write_text(json.dumps(item))
    (tmp_path / "notes.json").write_text("{}")
    bundle = load(tmp_path)
    [(recording, [_])] = bundle.stream()
    assert recording.metadata["labelstudio"]["annotation"] == {"id": 3, "was_cancelled": False}
    assert bundle.notes == ("notes.json: holds no tasks; left out",)


@pytest.mark.parametrize(
    "result",
    [
        {"id": "p", "type": "paragraphlabels", "value": {"start": "0", "end": "1", "startOffset": 3}},
        {"id": "n", "type": "labels", "value": {"start": 3, "end": 9, "text": "a name", "labels": ["PER"]}},
        {"id": "s", "type": "timeserieslabels", "value": {"start": 3, "end": 9}},
        {"id": "v", "type": "labels"},
        None,
    ],
)
def test_what_is_no_stretch_of_sound_is_left_out_and_noted(read, result):
    bundle = read({"data": {"audio": "a.wav"}, "annotations": [made(result)]})
    [(_, segments)] = bundle.stream()
    assert segments == [] and len(bundle.notes) == 1


def test_times_are_put_in_order_and_points_are_events(one):
    segment, _, bundle = one(region(value={"start": 2.0, "end": 1.5, "labels": []}))
    assert (segment.start_us, segment.end_us) == (1_500_000, 2_000_000) and len(bundle.notes) == 1
    segment, _, bundle = one(region(value={"start": 2.0, "end": 2.0, "labels": []}))
    assert segment.kind == "event" and len(bundle.notes) == 1


def test_one_id_for_two_stretches_gives_two_segments(read):
    results = [region(), region(value={"start": 5.0, "end": 6.0, "labels": ["Ben"]})]
    bundle = read({"data": {"audio": "a.wav"}, "annotations": [made(*results)]})
    [(_, found)] = bundle.stream()
    assert len({item.id for item in found}) == 2 and "two times" in bundle.notes[0]


@pytest.mark.parametrize(
    "text",
    ['[{"data": {"text": "no sound"}}]', "[]", "[1]", '{"data": 1}', '{"audio": "a.wav"}\n{"audio": 1}'],
)
def test_other_json_is_not_claimed(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    assert not get("labelstudio").sniff(tmp_path / "a.json")


def test_a_task_without_data_is_refused_with_its_line(tmp_path):
    (tmp_path / "a.json").write_text('[{"data": {"audio": "a.wav"}},\n{"id": 3}]')
    with pytest.raises(ParseError, match=r"a\.json:2: a task needs data"):
        load(tmp_path / "a.json", "labelstudio")


@pytest.fixture
def bundle():
    segments = [
        Segment(id="a", start_us=0, end_us=1_500_000, text='say "<&>"\nthen', speaker="s1", language="zh"),
        Segment(id="b", start_us=1_000_000, end_us=2_000_000, kind="noise", noise_labels=("door & bell",)),
        Segment(id="c", start_us=2_000_000, end_us=3_000_000, text="", speaker="s2", fields={"mood": "up"}),
    ]
    speakers = (Speaker(id="s1", name="Music"), Speaker(id="s2", name="speech"))
    recording = bare_recording("r", "r 一.wav", 5_000_000, path="/sound/r 一.wav")
    return Bundle(recordings=(recording,), segments={"r": segments}, speakers={"r": speakers})


def test_the_configuration_has_a_control_for_each_result(bundle, tmp_path):
    dump(bundle, tmp_path / "out", "labelstudio")
    config = ElementTree.parse(tmp_path / "out/labeling-config.xml").getroot()
    controls = {item.get("name"): item for item in config if item.get("name")}
    [task] = json.loads((tmp_path / "out/tasks.json").read_bytes())
    assert task["data"]["audio"] == "/data/local-files/?d=sound/r%20%E4%B8%80.wav"
    [annotation] = task["annotations"]
    tags = {"labels": "Labels", "textarea": "TextArea", "choices": "Choices"}
    for result in annotation["result"]:
        control = controls[result["from_name"]]
        assert (control.tag, control.get("toName")) == (tags[result["type"]], result["to_name"] or "audio")
        offered = {item.get("value") for item in control}
        value = result["value"]
        assert set(value.get("labels", value.get("choices", ()))) <= offered
        assert control.tag == "Labels" or control.get("perRegion") == "true"
    assert controls["audio"].get("value") == "$audio"
    regions = [result["id"] for result in annotation["result"] if result["type"] == "labels"]
    assert regions == ["r-a", "r-b", "r-c"]


def test_predictions_are_written_where_they_are_asked_for(bundle, tmp_path):
    dump(bundle, tmp_path / "out", "labelstudio", into="predictions", audio_prefix="")
    [task] = json.loads((tmp_path / "out/tasks.json").read_bytes())
    assert set(task) == {"data", "predictions"} and task["data"]["audio"] == "/sound/r%20%E4%B8%80.wav"
    [(_, found)] = load(tmp_path / "out").stream()
    assert {item.status for item in found} == {"machine"}


def test_names_that_mean_something_else_come_back_as_they_were(bundle, tmp_path):
    report = dump(bundle, tmp_path / "out", "labelstudio")
    again = load(tmp_path / "out")
    assert [speaker.name for speaker in again.speakers["r"]] == ["Music", "speech (2)"]
    assert [loss.ids for loss in report.losses if loss.field == "speaker.name"] == [("s2",)]
    [(recording, found)] = again.stream()
    assert (recording.id, recording.name, recording.duration_us) == ("r", "r 一.wav", 5_000_000)
    assert [item.id for item in found] == ["a", "b", "c"]


def test_faults_are_what_label_studio_would_not_show(bundle, tmp_path):
    dump(bundle, tmp_path / "out", "labelstudio")
    checked = get("labelstudio")
    assert list(checked.faults(tmp_path / "out")) == []
    tasks = json.loads((tmp_path / "out/tasks.json").read_bytes())
    results = tasks[0]["annotations"][0]["result"]
    results.append(results[0] | {"value": {"start": 3, "end": 2}})
    results.append(results[0] | {"id": "z", "from_name": "unheard"})
    results.append({"from_id": "z", "to_id": "y", "type": "relation", "direction": "right"})
    (tmp_path / "out/tasks.json").write_text(json.dumps(tasks))
    reasons = [fault.reason for fault in checked.faults(tmp_path / "out")]
    assert len(reasons) == 3
    assert "there twice" in reasons[0] and "stretch of time" in reasons[1] and "'unheard'" in reasons[2]
    config = tmp_path / "out/labeling-config.xml"
    for text in ("<View>", '<!DOCTYPE a [<!ENTITY b "c">]><View/>'):
        config.write_text(text)
        assert [fault.file for fault in checked.faults(tmp_path / "out")] == ["labeling-config.xml"]


def test_an_export_with_faults_does_not_appear(tmp_path):
    recording = bare_recording("r", "r.wav", 5_000_000)
    twice = [Segment(id="a", start_us=n, end_us=n + 9, speaker="x") for n in (0, 10)]
    with pytest.raises(ExportError, match="there twice"):
        dump(Bundle(recordings=(recording,), segments={"r": twice}), tmp_path / "out", "labelstudio")
