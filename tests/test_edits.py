"""Edits by shared examples (the same file drives the browser's half) and by law."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speechlabel import edits
from speechlabel.edits import Delete, Document, Edit, Insert, Update, edit_from_dict, edit_to_dict
from speechlabel.errors import ConflictError, RecordError, SpeechLabelError
from speechlabel.records import Segment, Speaker, Word, from_dict, to_dict

VECTORS: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "vectors" / "edits.json").read_text(encoding="utf-8")
)


def examples(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("example", VECTORS[kind], ids=lambda example: example["name"])


def check(example: dict[str, Any], make: Callable[[], Any]) -> None:
    """Compare what a call gives, or how it fails, with an example."""
    expected = example["expected"]
    if isinstance(expected, dict) and "error" in expected:
        with pytest.raises(SpeechLabelError) as caught:
            make()
        data = caught.value.data
        got: dict[str, Any] = {"code": caught.value.code}
        got |= {"field": data[name] for name in ("field", "option") if name in data}
        if isinstance(caught.value, ConflictError):
            got |= {"reason": data["reason"], "conflicts": data["conflicts"]}
        assert got == expected["error"]
    else:
        assert json.loads(json.dumps(make())) == expected


def as_json(batch: list[Edit]) -> list[dict[str, Any]]:
    return [edit_to_dict(edit) for edit in batch]


def segment_of(data: dict[str, Any]) -> Segment:
    return from_dict(Segment, data)


@examples("split")
def test_split(example: dict[str, Any]) -> None:
    check(
        example,
        lambda: as_json(
            edits.split(
                segment_of(example["segment"]), example["at_us"], caret=example["caret"], id=example["id"]
            )
        ),
    )


@examples("merge")
def test_merge(example: dict[str, Any]) -> None:
    check(example, lambda: as_json(edits.merge(segment_of(example["first"]), segment_of(example["second"]))))


@examples("retext")
def test_retext(example: dict[str, Any]) -> None:
    def make() -> dict[str, Any]:
        changes = edits.retext(segment_of(example["segment"]), example["text"])
        return edit_to_dict(Update(target="segment", id="a", changes=changes))["changes"]

    check(example, make)


@examples("retime")
def test_retime(example: dict[str, Any]) -> None:
    check(
        example,
        lambda: as_json(edits.retime(segment_of(example["segment"]), example["start_us"], example["end_us"])),
    )


def document_of(data: dict[str, Any]) -> Document:
    return Document(
        segments={item["id"]: from_dict(Segment, item) for item in data["segments"]},
        speakers={item["id"]: from_dict(Speaker, item) for item in data["speakers"]},
    )


def document_json(document: Document) -> dict[str, Any]:
    return {
        "segments": [to_dict(item) for _, item in sorted(document.segments.items())],
        "speakers": [to_dict(item) for _, item in sorted(document.speakers.items())],
    }


@examples("apply")
def test_apply_and_invert(example: dict[str, Any]) -> None:
    def make() -> dict[str, Any]:
        document = document_of(example["document"])
        batch = [edit_from_dict(item) for item in example["edits"]]
        after = edits.apply(document, batch, revision=example["revision"])
        return {"document": document_json(after), "inverse": as_json(edits.invert(document, batch))}

    check(example, make)


UPDATE = {"action": "update", "target": "segment", "id": "a", "version": 1, "changes": {"text": "x"}}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "target"),
        ({"action": "update", "target": "word", "id": "a", "version": 1, "changes": {"text": "x"}}, "target"),
        ({"action": "move", "target": "segment", "id": "a", "version": 1}, "action"),
        (UPDATE | {"changes": {}}, "changes"),
        ({"action": "update", "target": "segment", "id": "a", "version": 1}, "changes"),
        (UPDATE | {"id": 5}, "id"),
        (UPDATE | {"version": "1"}, "version"),
        (UPDATE | {"version": True}, "version"),
        (UPDATE | {"changes": {"id": "b"}}, "id"),
        (UPDATE | {"changes": {"version": 9}}, "version"),
        (UPDATE | {"changes": {"colour": "x"}}, "colour"),
        (UPDATE | {"changes": {"end_us": 1.5}}, "end_us"),
        (UPDATE | {"action": "delete"}, "changes"),
        ({"action": "insert", "target": "segment", "record": []}, "record"),
        ({"action": "insert", "target": "segment", "record": {"id": "a"}}, "start_us"),
    ],
)  # fmt: skip
def test_what_is_no_edit_is_refused_by_field(data: dict[str, Any], field: str) -> None:
    with pytest.raises(RecordError) as caught:
        edit_from_dict(data)
    assert caught.value.data["field"] == field


# Laws, by generated documents and batches

IDS = ["a", "b", "c", "d"]
texts = st.none() | st.text("ab 你好。😀𠮷\n", max_size=8)
times = st.tuples(st.integers(0, 50), st.integers(1, 50)).map(lambda pair: (pair[0], pair[0] + pair[1]))
ends = st.tuples(st.integers(0, 99), st.integers(0, 99)).map(sorted)
words = st.lists(
    st.builds(
        lambda word, span: Word(word=word, start_us=span[0], end_us=span[1]),
        st.text("ab你😀", min_size=1, max_size=3),
        ends | st.sampled_from([(None, None), (7, None), (None, 7)]),
    ),
    max_size=4,
).map(tuple)  # fmt: skip


@st.composite
def some_segment(draw: st.DrawFn, id: str) -> Segment:
    start, end = draw(times)
    status = draw(st.sampled_from(["machine", "draft", "done", "unsure"]))
    return Segment(
        id=id, start_us=start, end_us=end, text=draw(texts), words=draw(words), status=status,
        version=draw(st.integers(1, 5)), channel=draw(st.none() | st.integers(0, 1)),
        tags=tuple(draw(st.lists(st.sampled_from("xyz"), unique=True, max_size=2))), note=draw(texts),
    )  # fmt: skip


@st.composite
def document_and_batch(draw: st.DrawFn) -> tuple[Document, list[Edit]]:
    ids = draw(st.lists(st.sampled_from(IDS), unique=True, max_size=4))
    document = Document(segments={id: draw(some_segment(id)) for id in ids})
    present = {id: segment.version for id, segment in document.segments.items()}
    versions = dict(present)
    batch: list[Edit] = []
    for _ in range(draw(st.integers(1, 6))):
        id = draw(st.sampled_from(IDS))
        if id not in present:
            batch.append(Insert(target="segment", record=draw(some_segment(id))))
            present[id] = 0
        elif draw(st.booleans()):
            changes = draw(st.fixed_dictionaries({}, optional={"text": texts, "note": texts, "words": words}))
            changes = changes or {"is_locked": True}
            batch.append(Update(target="segment", id=id, version=versions.get(id), changes=changes))
        else:
            batch.append(Delete(target="segment", id=id, version=versions.get(id)))
            del present[id]
    return document, batch


def refilled(batch: list[Edit], document: Document) -> list[Edit]:
    """Edits with the versions that a document has, as whoever posts an inverse fills them in."""
    out: list[Edit] = []
    for edit in batch:
        if isinstance(edit, Insert):
            out.append(edit)
        else:
            known = document.segments.get(edit.id)
            out.append(dataclasses.replace(edit, version=known.version if known else None))
    return out


@given(document_and_batch())
def test_the_inverse_undoes_and_its_inverse_does_it_again(case: tuple[Document, list[Edit]]) -> None:
    document, batch = case
    after = edits.apply(document, batch, revision=10)
    inverse = refilled(edits.invert(document, batch), after)
    back = edits.apply(after, inverse, revision=11)
    assert dict(back.segments) == dict(document.segments)
    again = edits.apply(back, refilled(edits.invert(after, inverse), back), revision=12)
    assert dict(again.segments) == dict(after.segments)


@given(document_and_batch())
def test_only_what_the_batch_names_changes_and_gets_the_revision(case: tuple[Document, list[Edit]]) -> None:
    document, batch = case
    after = edits.apply(document, batch, revision=10)
    named = {edit.record.id if isinstance(edit, Insert) else edit.id for edit in batch}
    assert all(segment.version == 10 for id, segment in after.segments.items() if id in named)
    assert all(after.segments[id] is segment for id, segment in document.segments.items() if id not in named)


@given(document_and_batch())
def test_edits_go_through_json_unchanged(case: tuple[Document, list[Edit]]) -> None:
    for edit in case[1]:
        assert edit_from_dict(json.loads(json.dumps(edit_to_dict(edit)))) == edit


@given(some_segment("a"), st.data())
def test_a_split_loses_no_character_but_blanks_and_no_word(segment: Segment, data: st.DataObject) -> None:
    if segment.duration_us < 2:
        return
    at_us = data.draw(st.integers(segment.start_us + 1, segment.end_us - 1))
    caret = data.draw(st.none() | st.integers(0, len(segment.text or "") + 1))
    after = edits.apply(
        Document(segments={"a": segment}), edits.split(segment, at_us, caret=caret, id="b"), revision=10
    )
    first, second = after.segments["a"], after.segments["b"]
    assert (first.start_us, first.end_us, second.start_us, second.end_us) == (
        segment.start_us, at_us, at_us, segment.end_us,
    )  # fmt: skip
    joined = (first.text or "") + (second.text or "")
    assert "".join(joined.split()) == "".join((segment.text or "").split())
    assert [word.word for word in first.words + second.words] == [word.word for word in segment.words]
    for part in (first, second):
        for word in part.words:
            if word.start_us is not None and word.end_us is not None:
                assert part.start_us <= word.start_us < word.end_us <= part.end_us


@given(some_segment("a"), texts)
def test_a_new_text_keeps_only_words_that_stand_in_it(segment: Segment, text: str | None) -> None:
    kept = edits.retext(segment, text).get("words", segment.words)
    rest = iter(segment.words)
    assert all(word in rest for word in kept), "in their order"
    if "words" in edits.retext(segment, text):
        assert all("".join(word.word.split()) in "".join((text or "").split()) for word in kept)
