from speechlabel.formats.tables.look_at import look_at

from .test_xlsx import workbook


def test_a_table_is_shown_whatever_file_it_is_in(tmp_path):
    rows = [["begin", "Bis", "Satz"], ["0", "1500", "hallo"], ["1500", "3500", "du"]]
    text = tmp_path / "a.csv"
    text.write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
    book = workbook(tmp_path / "a.xlsx", Blatt=rows)
    for path in (text, book):
        told = look_at(path, columns="end=Bis;text=3")
        assert told.columns == ("begin", "Bis", "Satz")
        assert told.rows == (("0", "1500", "hallo"), ("1500", "3500", "du"))
        assert dict(told.mapping) == {"start": "begin", "end": "Bis", "text": "Satz"}
        assert told.unit == "ms" and told.format == path.suffix[1:]
