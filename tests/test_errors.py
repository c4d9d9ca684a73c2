"""Every error carries its data, says one line, and survives the way home from a worker process."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from speechlabel import errors
from speechlabel.errors import (
    AudioError,
    ChangedError,
    ConflictError,
    ExportError,
    InputError,
    NotFoundError,
    OptionError,
    ParseError,
    RecordError,
    SegmenterError,
    SpeechLabelError,
    UnknownNameError,
    WorkspaceError,
)

ONE_OF_EACH = [
    SpeechLabelError("wrong", extra=1),
    InputError("bad input"),
    AudioError(Path("/a/呼叫.wav"), "is empty"),
    ParseError("x.TextGrid", "no tiers", line=3, column=7),
    RecordError("segment a", "text", "x" * 500, "too long"),
    UnknownNameError("format", "xml", ["native", "nemo"]),
    OptionError("pad_ms", "must be 0 to 1000 ms"),
    NotFoundError("project", "p1", hint="see speechlabel projects"),
    ChangedError("a.wav", "has changed"),
    ConflictError("stale", "1 of 1 edits met newer data", conflicts=[{"id": "a"}]),
    SegmenterError("mine", "ZeroDivisionError: oops (mine.py:3)"),
    WorkspaceError("locked", "in use", pid=7, address="http://127.0.0.1:7860"),
    ExportError("nothing to export"),
]


def test_the_list_is_the_whole_tree() -> None:
    assert {type(error).__name__ for error in ONE_OF_EACH} == set(errors.__all__)


@pytest.mark.parametrize("error", ONE_OF_EACH, ids=lambda error: type(error).__name__)
def test_errors_pickle_with_their_data(error: SpeechLabelError) -> None:
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert back.data == error.data
    assert all(getattr(back, name) == value for name, value in error.data.items())


@pytest.mark.parametrize("error", ONE_OF_EACH, ids=lambda error: type(error).__name__)
def test_errors_say_one_line_and_have_a_code(error: SpeechLabelError) -> None:
    assert str(error)
    assert "\n" not in str(error)
    assert error.code.replace("_", "").isalpha()


def test_messages_say_what_where_and_what_to_do() -> None:
    shown = [str(error) for error in ONE_OF_EACH]
    assert "'呼叫.wav': is empty" in shown
    assert "x.TextGrid:3:7: no tiers" in shown
    assert "unknown format 'xml'; known: native, nemo" in shown
    assert "there is no project 'p1'; see speechlabel projects" in shown
    assert max(map(len, shown)) < 200


def test_codes_tell_kinds_apart() -> None:
    codes = [error.code for error in ONE_OF_EACH]
    assert len(set(codes)) == len(codes)
