"""Python's edits and the browser's give the same for segments and texts made at random."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from speechlabel import edits
from speechlabel.edits import Document, Edit, edit_from_dict, edit_to_dict
from speechlabel.errors import ConflictError, SpeechLabelError
from speechlabel.records import Segment, from_dict, to_dict

SCRIPT = Path(__file__).parents[1] / "js" / "edits.test.js"
NODE = shutil.which("node")
LETTERS = [
    "a",
    "b",
    " ",
    "  ",
    "你",
    "好",
    "。",
    "，",
    "😀",
    "😁",
    "𠮷",
    "\n",
    "\t",
    "\u3000",
    "\xa0",
    "\ufeff",
]
LETTERS += ["가", "ｱ", "\u2028", "é", "e\u0301", "\uf900", "\U0001fa00"]


class Maker:
    """Random segments in their JSON form."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def chance(self, ratio: float) -> bool:
        return self.random.random() < ratio

    def text(self, longest: int = 8) -> str:
        return "".join(self.random.choices(LETTERS, k=self.random.randrange(longest)))

    def words(self, text: str) -> list[dict[str, Any]]:
        """Words of a text: most of them, some stripped, some untimed."""
        out: list[dict[str, Any]] = []
        while text:
            size = self.random.randint(1, 3)
            word, text = text[:size], text[size:]
            if self.chance(0.1):
                continue
            start = self.random.randrange(90)
            out.append({"word": word.strip() if self.chance(0.5) else word})
            if self.chance(0.9):
                out[-1] |= {"start_us": start, "end_us": start + self.random.randrange(20)}
        return out

    def segment(self, id: str) -> dict[str, Any]:
        start = self.random.randrange(50)
        text = self.text()
        data: dict[str, Any] = {
            "id": id,
            "start_us": start,
            "end_us": start + self.random.randint(1, 50),
            "version": self.random.randint(1, 9),
            "status": self.random.choice(["machine", "draft", "done", "unsure"]),
            "words": [] if self.chance(0.3) else self.words(text if self.chance(0.9) else self.text()),
        }
        extras: dict[str, Any] = {
            "text": text,
            "channel": self.random.randint(0, 1),
            "noise_labels": self.random.sample("xyz", 2),
            "fields": {self.random.choice("pq"): self.text()},
            "events": [{"label": "e", "start_us": self.random.randrange(99)}, {"label": "f"}],
            "note": self.text(),
            "confidence": self.random.choice([0, 1, 0.25]),
            "speaker": self.random.choice(["", "s"]),
            "language": self.random.choice(["", "zh"]),
        }
        data |= {name: value for name, value in extras.items() if self.chance(0.9 if name == "text" else 0.3)}
        data |= {"is_locked": True} if self.chance(0.03) else {}
        return to_dict(segment_of(data))

    def other_text(self, text: str) -> str:
        """Something of its own, or a text with its middle changed."""
        if self.chance(0.3):
            return self.text()
        cut = self.random.randrange(6)
        return text[:cut] + self.text(3) + text[cut + self.random.randrange(3) :]


def outcome(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except ConflictError as error:
        names = ("reason", "conflicts")
        return {"error": {"code": error.code} | {name: error.data[name] for name in names}}
    except SpeechLabelError as error:
        field = error.data.get("field", error.data.get("option"))
        return {"error": {"code": error.code, "field": field}}


def as_json(batch: list[Edit]) -> list[dict[str, Any]]:
    return [edit_to_dict(edit) for edit in batch]


def segment_of(data: dict[str, Any]) -> Segment:
    return from_dict(Segment, data)


def examples(seed: int, count: int) -> dict[str, list[dict[str, Any]]]:
    """Examples in the form of tests/vectors/edits.json; what Python does is what is expected."""
    make = Maker(seed)
    out: dict[str, list[dict[str, Any]]] = {k: [] for k in ("split", "merge", "retext", "retime", "apply")}

    def add(kind: str, given: dict[str, Any], result: Callable[[], Any]) -> None:
        out[kind].append({"name": f"{seed}/{len(out[kind])}", **given, "expected": outcome(result)})

    for _ in range(count):
        one, two = make.segment("a"), make.segment("b")
        first, second = segment_of(one), segment_of(two)
        at_us = make.random.randrange(first.start_us, first.end_us + 1)
        caret = make.random.choice([None, make.random.randrange(12)])
        text = None if make.chance(0.1) else make.other_text(first.text or "")
        times = make.random.randrange(-1, 99), make.random.randrange(120)
        add(
            "split",
            {"segment": one, "at_us": at_us, "caret": caret, "id": "n"},
            lambda: as_json(edits.split(first, at_us, caret=caret, id="n")),
        )
        add("merge", {"first": one, "second": two}, lambda: as_json(edits.merge(first, second)))
        add("retext", {"segment": one, "text": text}, lambda: retext_json(first, text))
        add(
            "retime",
            {"segment": one, "start_us": times[0], "end_us": times[1]},
            lambda: as_json(edits.retime(first, *times)),
        )
        add_applied(make, add, one, two)
    return out


def retext_json(segment: Segment, text: str | None) -> dict[str, Any]:
    changes = edits.retext(segment, text)
    return edit_to_dict(edits.Update(target="segment", id="a", changes=changes))["changes"]


def add_applied(make: Maker, add: Callable[..., None], one: dict[str, Any], two: dict[str, Any]) -> None:
    batch: list[dict[str, Any]] = []
    for _ in range(make.random.randint(1, 4)):
        id = make.random.choice("abc")
        version = make.random.choice([one["version"], two["version"], None])
        target: dict[str, Any] = {"target": "segment", "id": id, "version": version}
        changes = {"text": make.text(), "end_us": make.random.randrange(99), "words": make.words("ab")}
        batch.append(
            make.random.choice(
                [
                    {"action": "insert", "target": "segment", "record": make.segment(id)},
                    {"action": "update", **target, "changes": changes},
                    {"action": "update", **target, "changes": {"note": None, "tags": ["x"]}},
                    {"action": "delete", **target},
                ]
            )
        )

    def applied() -> dict[str, Any]:
        document = Document(segments={"a": segment_of(one), "b": segment_of(two)})
        forward = [edit_from_dict(edit) for edit in batch]
        after = edits.apply(document, forward, revision=50)
        segments = [to_dict(item) for _, item in sorted(after.segments.items())]
        inverse = as_json(edits.invert(document, forward))
        return {"document": {"segments": segments, "speakers": []}, "inverse": inverse}

    given = {"document": {"segments": [one, two], "speakers": []}, "revision": 50, "edits": batch}
    add("apply", given, applied)


@pytest.mark.skipif(NODE is None, reason="needs node")
@pytest.mark.parametrize("seed", [1, 2])
def test_python_and_the_browser_agree(tmp_path: Path, seed: int) -> None:
    made = examples(seed, 1500)
    failed = sum("error" in item["expected"] for item in made["apply"])
    assert 300 < failed < 1400, "some batches are refused, some are not"
    path = tmp_path / "examples.json"
    path.write_text(json.dumps(made))
    assert NODE is not None
    done = subprocess.run(
        [NODE, "--test", SCRIPT],
        capture_output=True,
        text=True,
        env=os.environ | {"SPEECHLABEL_EXAMPLES": str(path)},
        check=False,
    )
    assert done.returncode == 0, done.stdout[:4000]
