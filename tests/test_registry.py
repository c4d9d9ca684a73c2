"""Names lead to classes, lazily; what cannot be had says why."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from collections.abc import Iterator

import pytest

from speechlabel import registry
from speechlabel.errors import SpeechLabelError, UnknownNameError


def point(name: str, value: str, group: str = "speechlabel.formats") -> importlib.metadata.EntryPoint:
    return importlib.metadata.EntryPoint(name=name, value=value, group=group)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[importlib.metadata.EntryPoint]]:
    points: list[importlib.metadata.EntryPoint] = []
    monkeypatch.setattr(registry, "entry_points", lambda *, group: [p for p in points if p.group == group])
    registry._targets.cache_clear()
    yield points
    registry._targets.cache_clear()


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="unknown format 'xml'; known: native, "):
        registry.load("format", "xml")


def test_other_packages_come_after_the_built_ins(installed: list[importlib.metadata.EntryPoint]) -> None:
    installed += [
        point("zz", "json:dumps"),
        point("aa", "json:loads"),
        point("no", "json:x", "speechlabel.rules"),
    ]
    built_in = list(registry.BUILT_IN["format"])
    assert registry.names("format") == [*built_in, "aa", "zz"]
    import json

    assert registry.load("format", "aa") is json.loads


def test_a_clash_names_both_and_spares_the_others(installed: list[importlib.metadata.EntryPoint]) -> None:
    installed += [point("native", "other.module:Format"), point("fine", "json:loads")]
    with pytest.raises(SpeechLabelError, match=r"claimed by speechlabel and other\.module:Format; uninstall"):
        registry.load("format", "native")
    assert registry.load("format", "fine")


@pytest.mark.parametrize("target", ["no_such_module:X", "json:no_such_thing"])
def test_what_cannot_be_imported_says_so(installed: list[importlib.metadata.EntryPoint], target: str) -> None:
    installed.append(point("broken", target))
    with pytest.raises(SpeechLabelError, match=r"'broken' of package .* cannot be loaded: .*no_such"):
        registry.load("format", "broken")


def test_the_ground_is_light_to_import() -> None:
    heavy = {"gradio", "fastapi", "sqlalchemy", "numpy", "soundfile", "librosa", "av"}
    code = "import sys, speechlabel.edits, speechlabel.registry; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not heavy & set(loaded)
