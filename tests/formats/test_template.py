"""Layouts that clients ask for: read back by readers that are not ours; a slip is told with its line."""

# ruff: noqa: E501 - an inline table of TOML stands on one line

import csv
import dataclasses
import json
import re
from pathlib import Path

import openpyxl
import pytest

from speechlabel import formats, guideline
from speechlabel.errors import ExportError, OptionError, ParseError
from speechlabel.formats import Bundle, dump, dump_as, get
from speechlabel.formats.client.template_fields import LOOKUP
from speechlabel.formats.client.template_values import in_unit, unit_text
from speechlabel.formats.contract import sample_export
from speechlabel.formats.examples import speaker_key
from speechlabel.records import Event, Speaker, Word
from speechlabel.template_parts import FIELDS
from speechlabel.workflow.rules import load_rules

from .conftest import recording, segment

S = 1_000_000
HEAD = 'version = 1\nname = "x"\nlanguages = ["zh"]\n'
LABELS = (
    '[[labels]]\nname = "noise"\ntitle = { en = "Noise", zh-CN = "噪声" }\n'
    '[[invalid_reasons]]\nname = "cut_off"\ntitle = { zh-CN = "截断" }\n'
    '[[fields]]\nname = "mood"\nkind = "choice"\ntitle = {}\n'
    'choices = [{ name = "calm", title = { zh-CN = "平静" } }]\n'
)


def rules(*templates):
    return HEAD + LABELS + "".join(f"[[templates]]\n{text}\n" for text in templates)


def one(layout, rest):
    return rules(f'name = "t"\nlayout = "{layout}"\n{rest}')


@pytest.fixture
def call():
    """A call of two channels, and a recording of one with nothing in it."""
    agent = Speaker(id="a", name="王芳", role="agent", gender="female", channel=0, custom={"工号": "A7"})
    customer = Speaker(id="c", name="李四", role="customer", channel=1)
    said = (
        segment(
            "s1", 1_234_567, 2_500_000, channel=0, text="您好, “请讲”", speaker="a", noise_labels=("noise",)
        ),
        segment(
            "s2",
            3 * S,
            4 * S,
            channel=1,
            text="=1+1",
            speaker="c",
            is_valid=False,
            invalid_reason="cut_off",
            fields={"mood": "calm"},
            words=(Word(word="一", start_us=3 * S, end_us=3_500_000), Word(word="加")),
            events=(Event(label="noise", start_us=3 * S),),
        ),
        segment("s3", 5 * S, 6 * S, channel=1),
    )
    one, two = recording("call-1", channels=2, metadata={"城市": "上海"}), recording("empty")
    return Bundle(
        recordings=(two, dataclasses.replace(one, name="客服 1.wav", path="/audio/客服 1.wav")),
        segments={"call-1": said},
        speakers={"call-1": (agent, customer)},
        languages={"call-1": "zh"},
    )


def written(bundle, out, text, **options):
    return dump(dataclasses.replace(bundle, guideline=text), out, "template", overwrite=True, **options)


def document(bundle, out, text, name="call-1.json"):
    written(bundle, out, text)
    return json.loads((out / name).read_bytes())


SERVICE = """
time = "s:3"
[templates.values]
valid = { true = "有效", false = "无效" }
gender = { female = "女", male = "男" }
role = { agent = "客服", customer = "客户" }
[templates.document]
"音频" = "{audio.name}"
"时长" = "{duration}"
"版本" = 2
"城市" = "{metadata.城市}"
"段数" = "{n_segments}"
"说话人" = { each = "speakers", item = { "名" = "{name}", "性别" = { value = "{gender}", default = "未知" }, "工号" = "{custom.工号}" } }
"段落" = { each = "segments", item = { "号" = "{index}", "区间" = "{start}-{end}", "起" = "{start}", "谁" = "{speaker.role}", "文本" = "{text}", "噪声" = "{noise_labels}", "有效" = "{valid}" } }
"左" = { each = "segments", where = { side = "left" }, item = "{text}" }
"无效" = { each = "segments", where = { valid = false, channel_number = [2, 3] }, item = ["{id}", { each = "words", item = "{word}" }] }
"""


def test_keys_nesting_maps_and_units_are_those_of_the_template(call, tmp_path):
    made = document(call, tmp_path / "out", one("json", SERVICE))
    assert made["音频"] == "客服 1.wav" and (made["时长"], made["版本"], made["段数"]) == (10.0, 2, 3)
    assert made["城市"] == "上海"
    assert made["说话人"] == [
        {"名": "王芳", "性别": "女", "工号": "A7"},
        {"名": "李四", "性别": "未知", "工号": None},
    ]
    assert made["段落"][0] == {
        "号": 1,
        "区间": "1.235-2.500",
        "起": 1.235,
        "谁": "客服",
        "文本": "您好, “请讲”",
        "噪声": ["noise"],
        "有效": "有效",
    }
    assert made["段落"][2] == {
        **{"号": 3, "区间": "5.000-6.000", "起": 5.0, "谁": None, "文本": None, "噪声": [], "有效": "有效"}
    }
    assert made["左"] == ["您好, “请讲”"] and made["无效"] == [["s2", ["一", "加"]]]
    assert list(made) == ["音频", "时长", "版本", "城市", "段数", "说话人", "段落", "左", "无效"]
    empty = json.loads((tmp_path / "out/empty.json").read_bytes())
    assert empty["段落"] == [] and empty["段数"] == 0


def test_a_document_is_written_in_pieces_as_it_would_be_at_once(call, tmp_path):
    made = document(call, tmp_path / "out", one("json", SERVICE))
    text = (tmp_path / "out/call-1.json").read_text("utf-8")
    assert text == json.dumps(made, ensure_ascii=False, indent=2) + "\n"
    made = document(call, tmp_path / "out", one("json", "pretty = false\n" + SERVICE))
    text = (tmp_path / "out/call-1.json").read_text("utf-8")
    assert text == json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n"


@pytest.mark.parametrize(
    ("missing", "wanted"),
    [("null", {"a": None, "b": None, "c": 0}), ("empty", {"a": "", "b": "", "c": 0}), ("omit", {"c": 0})],
)
def test_what_is_not_told_is_null_or_empty_or_left_out(call, tmp_path, missing, wanted):
    text = one(
        "json",
        f'missing = "{missing}"\ndocument = {{ a = "{{layout}}", b = "{{metadata.x}}", c = {{ value = "{{metadata.y}}", default = 0 }} }}',
    )
    call = dataclasses.replace(
        call, recordings=tuple(dataclasses.replace(r, layout=None) for r in call.recordings)
    )
    assert document(call, tmp_path / "out", text) == wanted


@pytest.mark.parametrize(
    ("unit", "typed", "text"),
    [
        ("s", 1.234567, "1.234567"),
        ("s:0", 1, "1"),
        ("s:2", 1.23, "1.23"),
        ("s:6", 1.234567, "1.234567"),
        ("ms", 1235, "1235"),
        ("timecode", "00:00:01.235", "00:00:01.235"),
    ],
)
def test_units_of_time(call, tmp_path, unit, typed, text):
    assert in_unit(1_234_567, unit) == typed and unit_text(1_234_567, unit) == text
    loop = '{ each = "segments", item = ["{start}", "{start:ms}", "<{start}>"] }'
    made = document(call, tmp_path / "out", one("json", f'time = "{unit}"\ndocument = {{ x = {loop} }}'))
    assert made["x"][0] == [typed, 1235, f"<{text}>"]


def test_long_times_have_hours():
    assert unit_text(3_723_004_500, "timecode") == "01:02:03.005"
    assert unit_text(100 * 3600 * S, "timecode") == "100:00:00.000"
    assert unit_text(2 * S, "s") == "2" and in_unit(2 * S, "s") == 2.0


def test_lines_one_a_segment_or_recording(call, tmp_path):
    document = 'document = { id = "{utterance_id}", text = "{text}", words = { each = "words", item = { w = "{word}", at = "{start}" } } }'
    written(call, tmp_path / "out", one("jsonl", document))
    lines = [json.loads(line) for line in (tmp_path / "out/call-1.jsonl").read_text("utf-8").splitlines()]
    assert [line["id"] for line in lines] == ["call-1-s1", "call-1-s2", "call-1-s3"]
    assert lines[1]["words"] == [{"w": "一", "at": 3.0}, {"w": "加", "at": None}]
    text = one(
        "jsonl",
        'per = "all"\nrows = "recordings"\ndocument = { id = "{id}", n = "{index:03}", of = "{n_recordings}" }',
    )
    text = text.replace("{n_recordings}", "{project.n_recordings}")
    report = written(call, tmp_path / "out", text)
    assert report.files == ("p.jsonl", "template.json")
    lines = [json.loads(line) for line in (tmp_path / "out/p.jsonl").read_text("utf-8").splitlines()]
    assert lines == [{"id": "call-1", "n": "001", "of": 2}, {"id": "empty", "n": "002", "of": 2}]


def test_one_document_of_all(call, tmp_path):
    text = one(
        "json",
        'per = "all"\nfile = "data/{project}-v1.json"\n[templates.document]\nn = "{n_recordings}"\n'
        'all = { each = "segments", item = "{recording.id}/{id}" }\n'
        'calls = { each = "recordings", item = { id = "{id}", s = { each = "segments", item = "{id}" } } }',
    )
    report = written(call, tmp_path / "out", text)
    assert report.segments == 3
    made = json.loads((tmp_path / "out/data/p-v1.json").read_bytes())
    assert made["all"] == ["call-1/s1", "call-1/s2", "call-1/s3"]
    assert made["calls"] == [{"id": "call-1", "s": ["s1", "s2", "s3"]}, {"id": "empty", "s": []}]


COLUMNS = """
per = "all"
join = "、"
time = "s:2"
columns = [
  { title = "=文本", value = "{text}", default = "无" },
  { title = "起", value = "{start}" },
  { title = "有效", value = "{valid}" },
  { title = "标签", value = "{noise_labels}" },
  { title = "谁", value = "{speaker.name}（{speaker.role}）" },
  { title = "声道", value = "{channel_number}" },
]
"""


def test_csv_is_read_back_and_formulas_are_guarded(call, tmp_path):
    report = written(call, tmp_path / "out", one("csv", "bom = true\n" + COLUMNS))
    raw = (tmp_path / "out/p.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(raw.decode("utf-8-sig").splitlines()))
    assert rows == [
        ["'=文本", "起", "有效", "标签", "谁", "声道"],
        ["您好, “请讲”", "1.23", "true", "noise", "王芳（agent）", "1"],
        ["'=1+1", "3.00", "false", "", "李四（customer）", "2"],
        ["无", "5.00", "true", "", "（）", "2"],
    ]
    told = {loss.field: loss for loss in report.losses}
    assert told["=文本"].count == 2 and "formula" in told["=文本"].reason
    written(call, tmp_path / "out", one("csv", 'guard = false\ndelimiter = "tab"\n' + COLUMNS))
    assert "\n=1+1\t3.00" in (tmp_path / "out/p.csv").read_text("utf-8")


def test_openpyxl_reads_the_workbook_with_types_and_no_formula(call, tmp_path):
    written(call, tmp_path / "out", one("xlsx", COLUMNS))
    book = openpyxl.load_workbook(tmp_path / "out/p.xlsx")
    rows = list(book.worksheets[0].iter_rows())
    assert [cell.value for cell in rows[0]] == ["=文本", "起", "有效", "标签", "谁", "声道"]
    assert [cell.value for cell in rows[2]] == ["=1+1", 3, False, None, "李四（customer）", 2]
    assert rows[2][0].data_type == "s" and rows[1][1].value == 1.23


def test_titles_of_the_guideline_stand_for_names_and_maps_for_the_rest(call, tmp_path):
    text = one(
        "json",
        'titles = "zh-CN"\n[templates.values]\nspeaker.role = { agent = "客服", "*" = "其他" }\nkind = { music = "音乐" }\n'
        '[templates.document]\ns = { each = "segments", item = ["{noise_labels}", "{invalid_reason}", "{fields.mood}", "{speaker.role}", "{kind}", "{events}"] }',
    )
    report = written(call, tmp_path / "out", text)
    made = json.loads((tmp_path / "out/call-1.json").read_bytes())["s"]
    assert made[0] == [["噪声"], None, None, "客服", "speech", []]
    assert made[1] == [[], "截断", "平静", "其他", "speech", ["噪声"]]
    [loss] = [loss for loss in report.losses if loss.field == "kind"]
    assert loss.count == 3 and "'speech' has no value in the template" in loss.reason


def test_files_of_one_name_have_their_id_added(call, tmp_path):
    names = ("会议.wav", "会议.flac", "a?b.wav", "Template.wav")
    made = tuple(dataclasses.replace(recording(f"r{n}"), name=name) for n, name in enumerate(names))
    text = one("json", 'file = "{name}.json"\ndocument = { id = "{id}" }')
    report = written(Bundle(recordings=made), tmp_path / "out", text)
    assert report.files == (
        *("Template-r3.json", "a_b.json", "template.json", "会议-r0.json", "会议-r1.json"),
    )
    assert "3 files would have had the name of another" in report.warnings[0]
    text = one("json", 'file = "{project}/{index:03}_{recording}.json"\ndocument = { id = "{id}" }')
    report = written(Bundle(recordings=made), tmp_path / "out", text)
    assert report.files[:2] == ("p/001_r0.json", "p/002_r1.json")


def test_clips_are_named_where_the_export_cuts(tmp_path):
    sample = sample_export(tmp_path)
    document = 'document = { of = "{audio}", s = { each = "segments", item = "{audio}" }, left = { each = "segments", where = { side = "left" }, item = "{audio.name}" } }'
    bundle = dataclasses.replace(sample.bundle, guideline=one("json", document))
    export = dataclasses.replace(sample, bundle=bundle, is_cut=True)
    dump_as(get("template"), export, tmp_path / "out")
    made = json.loads((tmp_path / "out/b_stereo.json").read_bytes())
    assert made["s"] == [f"clips/b_stereo-t-{n}.flac" for n in (1, 2, 3, 4)]
    assert made["left"] == ["b_stereo-t-1.flac"] and made["of"].endswith("b_stereo.wav")
    assert (tmp_path / "out" / made["s"][1]).read_bytes().startswith(b"fLaC")
    dump_as(get("template"), dataclasses.replace(export, is_cut=False), tmp_path / "whole")
    made = json.loads((tmp_path / "whole/b_stereo.json").read_bytes())
    assert set(made["s"]) == {made["of"]}


@pytest.mark.parametrize("layout", ["json", "jsonl", "csv", "xlsx"])
def test_the_same_bytes_twice_and_valid_by_its_own_rules(call, tmp_path, layout):
    rest = COLUMNS if layout in ("csv", "xlsx") else 'document = { s = "{id}" }'
    text = one(layout, rest)
    found = []
    for _ in range(2):
        report = written(call, tmp_path / "out", text)
        found.append({name: (tmp_path / "out" / name).read_bytes() for name in report.files})
    assert found[0] == found[1]
    assert list(get("template").faults(tmp_path / "out")) == []
    assert (formats.detect(tmp_path / "out") == "template") if layout == "json" else True


def test_what_is_required_and_not_told_is_refused_with_its_place(call, tmp_path):
    item = '{ value = "{text}", required = true }'
    text = one("json", f'[templates.document]\n"段" = {{ each = "segments", item = {{ "文本" = {item} }} }}')
    with pytest.raises(ExportError, match=r"段\[3\]\.文本 is required and not told: 客服 1\.wav, s3"):
        written(call, tmp_path / "out", text)
    assert not (tmp_path / "out").exists()


def test_files_that_were_changed_by_hand_are_found_faulty(call, tmp_path):
    text = one(
        "json",
        '[templates.document]\nn = { value = "{n_segments}", required = true }\ns = { each = "segments", item = { t = "{text}" } }',
    )
    written(call, tmp_path / "out", text)
    file = tmp_path / "out/call-1.json"
    for content, reason in (
        ('{"n": 1,\n"s": [}', "call-1.json:2: "),
        ('{"n": null, "s": []}', "n is required and empty"),
        ('{"n": 1}', "s is missing"),
        ('{"n": 1, "s": [{"t": "", "x": 1}]}', "s[1].x is not in the template"),
        ('{"n": 1, "s": [[]]}', "s[1] is not an object"),
        ('{"n": 1, "s": 5}', "s is not a list"),
    ):
        file.write_text(content)
        [fault] = get("template").faults(tmp_path / "out")
        assert reason in str(fault)
    table = one(
        "csv",
        'per = "all"\ncolumns = [{ title = "a", value = "{id}", required = true }, { title = "b", value = "{text}" }]',
    )
    written(call, tmp_path / "out", table)
    (tmp_path / "out/p.csv").write_text("a,b\nx,y\n,z\nx\n")
    assert [(fault.line, fault.reason) for fault in get("template").faults(tmp_path / "out")] == [
        (3, "a is required and empty"),
        (4, "has 1 cells; there are 2 columns"),
    ]
    (tmp_path / "out/template.json").unlink()
    [fault] = get("template").faults(tmp_path / "out")
    assert "give guideline=FILE" in fault.reason
    (tmp_path / "g.toml").write_text(table, "utf-8")
    assert len(list(get("template", guideline=str(tmp_path / "g.toml")).faults(tmp_path / "out"))) == 2


def test_a_template_is_chosen_by_name_or_from_a_file(call, tmp_path):
    two = rules(*(f'name = "{name}"\nlayout = "json"\ndocument = {{ is = "{name}" }}' for name in "ab"))
    report = written(call, tmp_path / "out", two)
    assert json.loads((tmp_path / "out/call-1.json").read_bytes()) == {"is": "a"}
    assert "a is the first of several templates" in report.warnings[0]
    written(call, tmp_path / "out", two, template="b", describe=False)
    assert json.loads((tmp_path / "out/call-1.json").read_bytes()) == {"is": "b"}
    assert not (tmp_path / "out/template.json").exists()
    with pytest.raises(OptionError, match="'c' is not in the guideline; it has a, b"):
        written(call, tmp_path / "out", two, template="c")
    (tmp_path / "g.toml").write_text(two, "utf-8")
    dump(call, tmp_path / "file", "template", guideline=str(tmp_path / "g.toml"), template="b")
    assert json.loads((tmp_path / "file/call-1.json").read_bytes()) == {"is": "b"}
    report = dump(call, tmp_path / "plain", "template")
    assert "declares no template" in report.warnings[0]


def test_the_template_says_what_goes_out_and_what_it_carries(call):
    text = one(
        "json",
        'takes = "speech"\ninclude = ["invalid"]\ntime = "ms"\ndocument = { s = { each = "segments", item = ["{text}", "{speaker.role}", "{valid}"] } }',
    )
    made = get("template").bound(text)
    assert (made.takes, made.includes, made.time_step_us) == ("speech", {"invalid"}, 1000)
    assert made.carries == {"recording", "text", "speaker.role", "is_valid"}
    assert get("template").takes == "everything"


@pytest.mark.parametrize(
    ("layout", "rest", "says"),
    [
        ("json", 'document = { a = "{b}" }', "'{b}': is no field of a recording; fields are audio, audio.name"),
        ("json", '[templates.document]\na = 1\n"乙" = [{ c = "{start}" }]', "3>'{start}': is no field of a recording"),
        ("json", 'document = { a = "{" }', "a brace alone"),
        ("json", 'document = { a = "{id:ms}" }', "only a time has a unit"),
        ("json", 'document = { a = "{duration:min}" }', "only a time has a unit"),
        ("json", 'document = { a = { each = "words", item = "{word}" } }', "'words': is no list of a recording"),
        ("json", 'document = { a = { each = "segments" } }', "a list is"),
        ("json", 'document = { a = { each = "segments", where = { x = 1 }, item = "" } }', "'{x}': is no field of a segment"),
        ("json", 'document = { a = { value = "{id}", required = "yes" } }', "a value is"),
        ("json", "document = { a = 1979-05-27 }", "is no text, number"),
        ("json", 'document = { a = { value = "", default = 1979-05-27 } }', "a value is"),
        ("json", 'document = { a = { each = "segments", where = { text = [[1]] }, item = "" } }', "where is"),
        ("json", "document = { a = inf }", "is no text, number"),
        ("json", "", "json needs a document"),
        ("csv", "", "csv needs columns"),
        ("csv", 'document = { a = "" }', "csv has columns"),
        ("csv", 'columns = [{ title = "a", value = "{x}" }]', "'{x}': is no field of a segment"),
        ("csv", 'columns = [{ title = "a", value = "" }, { title = "a", value = "" }]', "'a': is given twice"),
        ("yaml", "", "must be one of json, jsonl, csv, xlsx"),
        ("json", 'document = { a = 1 }\ntime = "h"', "2>'h': must be one of s, s:0"),
        ("json", 'document = { a = 1 }\nfile = "x.json"', "2>'x.json': a file each recording needs"),
        ("json", 'document = { a = 1 }\nfile = "../{name}"', "2>is a file's name"),
        ("json", 'document = { a = 1 }\nper = "all"\nfile = "{name}.json"', "3>only {project}"),
        ("json", 'document = { a = 1 }\ninclude = ["bad"]', "2>'bad': must be one of machine"),
        ("json", "document = { a = 1 }\nvalues = { valdi = { true = 1 } }", "2>'valdi': is no field"),
        ("json", 'document = { a = 1 }\n[templates.values]\nvalid = { true = ["x"] }', "3>'valid': gives each value"),
        ("json", 'document = { s = { each = "segments", item = "{fields.tone}" } }', "is not a layer; layers are mood"),
    ],
)  # fmt: skip
def test_a_slip_is_told_with_its_line(layout, rest, says):
    text = one(layout, rest)
    first = text.splitlines().index("[[templates]]") + 3
    after, _, reason = says.rpartition(">")
    with pytest.raises(ParseError) as caught:
        guideline.load(text)
    assert reason in str(caught.value)
    if rest and layout != "yaml":
        assert caught.value.data["line"] == first + int(after or 1)


def test_keys_that_mean_something_to_the_language_can_be_keys(call, tmp_path):
    text = one("json", 'document = { a = { keys = { value = "{id}" } }, b = "{{id}}", keys = 1 }')
    assert document(call, tmp_path / "out", text) == {"a": {"value": "call-1"}, "b": "{id}", "keys": 1}


def test_every_field_that_can_be_named_is_looked_up(call, tmp_path):
    assert {scope: set(names) for scope, names in LOOKUP.items()} == {
        scope: set(names) for scope, names in FIELDS.items()
    }
    parts = {
        "segments": "segment", "speakers": "speaker", "words": "word", "events": "event",
    }  # fmt: skip
    inner = {
        each: ", ".join(f'"{name}" = "{{{name}}}"' for name in sorted(FIELDS[scope] - {"fields", "custom"}))
        for each, scope in parts.items()
    }
    inside = "".join(
        f', {each} = {{ each = "{each}", item = {{ {inner[each]} }} }}' for each in ("words", "events")
    )
    own = ", ".join(f'"{name}" = "{{{name}}}"' for name in sorted(FIELDS["recording"]))
    text = one(
        "json",
        f'document = {{ {own}, who = {{ each = "speakers", item = {{ {inner["speakers"]} }} }}, '
        f'said = {{ each = "segments", item = {{ {inner["segments"]}, parts = {{ "a" = 1{inside} }} }} }} }}',
    )
    made = document(call, tmp_path / "out", text)
    assert made["said"][1]["parts"]["words"][0]["duration"] == 0.5
    assert made["said"][1]["parts"]["events"][0] == {
        **{"duration": None, "end": None, "label": "noise", "score": None, "start": 3.0}
    }
    assert made["who"][0]["key"] == speaker_key("call-1", "a")
    assert made["metadata"] == {"城市": "上海"} and made["said"][0]["side"] == "left"


@pytest.mark.parametrize("name", ["call-center-zh", "read-speech-zh"])
def test_the_templates_of_the_presets_write_the_sample(name, tmp_path):
    sample = sample_export(tmp_path)
    text = guideline.preset(name)
    full = {id: [item for item in items if item.text] for id, items in sample.bundle.segments.items()}
    export = dataclasses.replace(
        sample, bundle=dataclasses.replace(sample.bundle, guideline=text, segments=full), is_cut=True
    )
    report = dump_as(get("template"), export, tmp_path / "out")
    assert report.segments == 6
    if name == "call-center-zh":
        made = json.loads((tmp_path / "out/b_stereo 一.json").read_bytes())
        assert made["段落"][0] == {
            **{"序号": 1, "声道": "左声道", "开始": 0.0, "结束": 1.0, "说话人": "未知", "文本": "left"},
            **{"是否有效": "有效", "无效原因": "", "噪声": []},
        }
    else:
        rows = list(openpyxl.load_workbook(tmp_path / "out/demo.xlsx").worksheets[0].values)
        assert rows[0][:4] == ("文件名", "文本", "说话人编号", "性别") and len(rows) == 7
        assert rows[1][:2] == ("a-mono-s-1.flac", "hello") and rows[1][3] == "男"


def test_the_examples_of_the_howto_are_guidelines():
    page = (Path(guideline.__file__).parents[1] / "docs/howto/client-template.md").read_text("utf-8")
    blocks = [block for block in re.findall(r"```toml\n(.*?)```", page, re.DOTALL) if block.startswith("[[")]
    assert len(blocks) == 3
    for block in blocks:
        assert load_rules(HEAD + block)
    for name in sorted(set().union(*FIELDS.values()) - {"fields", "custom", "metadata"}):
        assert f"`{name}`" in page or f"`{{{name}}}`" in page, name
