"""Workbooks of other people, and ours in the hands of openpyxl."""

import datetime
import re
import zipfile

import openpyxl
import pytest

from speechlabel import formats
from speechlabel.errors import ParseError
from speechlabel.formats import dump, load
from speechlabel.formats.contract import NASTY_TEXTS, sample_export

from .conftest import segment

S = 1_000_000


def workbook(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_workbook_as_a_team_has_it(tmp_path):
    rows = [
        ["Projekt 7"],
        [],
        ["文件名", "开始时间", "结束时间", "说话人", "文本", "Stimmung"],
        ["a.wav", datetime.time(0, 0, 1, 500_000), datetime.timedelta(seconds=2.25), "张三", "你好", "froh"],
        [],
        ["a.wav", 3, "0:00:04.5", 7, 42, None],
    ]
    path = workbook(tmp_path / "team.xlsx", cover=[["Read me"]], labels=rows)
    assert formats.detect(path) == "xlsx"
    bundle = load(path)
    [(item, segments)] = bundle.stream()
    names = {id: speaker.name for id, speaker in bundle.speakers_of(item.id).items()}
    assert [(s.start_us, s.end_us, s.text, names[s.speaker]) for s in segments] == [
        (1_500_000, 2_250_000, "你好", "张三"),
        (3 * S, 4_500_000, "42", "7"),
    ]
    assert segments[0].custom == {"xlsx": {"Stimmung": "froh"}}
    assert any("above the header" in note for note in bundle.notes)
    told = formats.get("xlsx").look(path)
    assert told.mapping["text"] == "文本" and told.rows[0][3] == "张三"


def test_a_sheet_that_is_named_and_columns_mapped_by_hand(tmp_path):
    path = workbook(
        tmp_path / "x.xlsx", a=[["start", "end", "text"], [0, 1, "x"]], b=[["A", "B", "C"], [1, 2, "y"]]
    )
    with pytest.raises(ParseError, match="no sheet"):
        load(path, "xlsx", sheet="c")
    [(_, [item])] = load(path, "xlsx", sheet="b", columns="start=A;end=B;text=C").stream()
    assert (item.start_us, item.text) == (S, "y")
    [(_, [item])] = load(path).stream()
    assert item.text == "x"


def test_openpyxl_sees_texts_and_numbers_and_no_formula(tmp_path, bundle_of):
    texts = [text for text in NASTY_TEXTS if len(text) < 30_000] + [
        "_x0041_",
        "_x005F_x0041_",
        "=HYPERLINK(1)",
    ]
    bundle = bundle_of(*(segment(f"n{n:03}", n * S, n * S + 1, text=text) for n, text in enumerate(texts)))
    dump(bundle, tmp_path / "out", "xlsx")
    book = openpyxl.load_workbook(tmp_path / "out/segments.xlsx")
    header, *rows = book["segments"].iter_rows()
    place = {cell.value: n for n, cell in enumerate(header)}
    assert len(rows) == len(texts)
    for text, row in zip(texts, rows, strict=True):
        cell = row[place["text"]]
        assert cell.data_type in ("s", "n") and (cell.data_type == "s") == (text != "")
        seen = re.sub(
            "_x([0-9A-F]{4})_", lambda code: chr(int(code[1], 16)), cell.value or ""
        )  # as Excel does
        assert seen == text
        assert isinstance(row[place["end"]].value, int | float)
    [(_, segments)] = load(tmp_path / "out").stream()
    assert [s.text for s in segments] == texts


def test_a_text_longer_than_a_cell_is_cut_and_told(tmp_path, bundle_of):
    one = segment("a", 0, S, text="é" * 40_000, custom={"x": "y" * 40_000})
    report = dump(bundle_of(one), tmp_path / "out", "xlsx")
    assert {(loss.field, loss.ids) for loss in report.losses} == {("text", ("a",)), ("custom", ("a",))}
    [(_, [item])] = load(tmp_path / "out").stream()
    assert item.text == "é" * 32_767


def test_the_same_workbook_at_another_time_is_the_same_file(tmp_path, monkeypatch):
    dump(sample_export(tmp_path), tmp_path / "a", "xlsx")
    with zipfile.ZipFile(tmp_path / "a/segments.xlsx") as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.read("docProps/core.xml").count(b"1980-01-01T00:00:00Z") == 2


def test_entities_and_bombs_are_refused(tmp_path):
    path = workbook(tmp_path / "x.xlsx", a=[["start", "end", "text"], [0, 1, "x"]])
    for encoding in ("utf-8", "utf-16"):
        bad = tmp_path / f"bad-{encoding}.xlsx"
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(bad, "w") as new:
            for info in old.infolist():
                raw = old.read(info)
                if info.filename == "xl/worksheets/sheet1.xml":
                    text = raw.decode().partition("?>")[2] or raw.decode()
                    head = f'<?xml version="1.0" encoding="{encoding}"?>{" " * 5000}'
                    doctype = head + '<!DOCTYPE x [<!ENTITY a "b">]>'
                    raw = (doctype + text).encode(encoding)
                new.writestr(info.filename, raw)
        with pytest.raises(ParseError, match="document type"):
            load(bad, "xlsx")
        assert not formats.get("xlsx").sniff(bad)


def test_more_rows_than_a_sheet_holds_go_on_in_another(tmp_path, bundle_of, monkeypatch):
    monkeypatch.setattr("speechlabel.formats.tables.xlsx_write.MOST_ROWS", 3)
    bundle = bundle_of(*(segment(f"s{n}", n * S, n * S + S, text=str(n)) for n in range(5)))
    dump(bundle, tmp_path / "out", "xlsx")
    assert openpyxl.load_workbook(tmp_path / "out/segments.xlsx").sheetnames[0] == "segments"
    [(_, segments)] = load(tmp_path / "out").stream()
    assert [s.text for s in segments] == list("01234")
