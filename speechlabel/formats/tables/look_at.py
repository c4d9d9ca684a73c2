"""Look at a table before it is taken in: for a page or a command where people map its columns by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from speechlabel import formats
from speechlabel.formats.tables.csv_table import CsvFormat
from speechlabel.formats.tables.table_look import TableLook
from speechlabel.formats.tables.xlsx import XlsxFormat

__all__ = ["look_at"]

WORKBOOKS = (".xlsx", ".xlsm")


def look_at(path: Path, **options: Any) -> TableLook:  # noqa: ANN401 - of the format
    """Tell a table's columns, first rows, units, and which field each column is taken for.

    Parameters
    ----------
    path : a workbook, else a text file or a folder with a table
    options : of the format ``xlsx`` or ``csv``, such as ``columns`` and ``unit``; what is told follows them

    Raises
    ------
    ParseError
        It is no table.
    OptionError
        There is no such option, or ``columns`` names a column that is not there.
    """
    name = "xlsx" if path.suffix.lower() in WORKBOOKS else "csv"
    return cast("CsvFormat | XlsxFormat", formats.get(name, **options)).look(path)
