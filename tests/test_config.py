"""Settings: default < file < SPEECHLABEL_* < argument, and what does not fit is told with its source."""

from __future__ import annotations

import ast
import dataclasses
import os
from pathlib import Path

import pytest

from speechlabel.config import Settings, load_settings, variable
from speechlabel.errors import OptionError, ParseError, SpeechLabelError

PACKAGE = Path(__file__).parents[1] / "speechlabel"


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A settings file in the place of the user's own; nothing of the tester's environment counts."""
    for name in list(os.environ):
        if name.startswith("SPEECHLABEL_"):
            monkeypatch.delenv(name)
    path = tmp_path / "settings.toml"
    path.write_text("")
    monkeypatch.setenv("SPEECHLABEL_CONFIG", str(path))
    return path


def test_defaults_serve_this_machine_only(file):
    found = load_settings()
    assert (found.host, found.port, found.roots) == ("127.0.0.1", 7860, ())
    assert found.workers >= 1
    assert found.workspace.is_absolute()


def test_each_source_beats_the_one_below(file, monkeypatch):
    assert load_settings().port == 7860
    file.write_text("port = 1111\nworkers = 3\n")
    assert load_settings().port == 1111
    monkeypatch.setenv("SPEECHLABEL_PORT", "2222")
    assert load_settings().port == 2222
    assert load_settings(port=3333).port == 3333
    assert load_settings(port=None).port == 2222
    monkeypatch.setenv("SPEECHLABEL_PORT", "")  # set to nothing is not set
    assert load_settings().port == 1111
    assert load_settings().workers == 3


def test_paths_become_absolute_and_roots_are_many(file, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "link").symlink_to("real")
    monkeypatch.setenv("SPEECHLABEL_ROOTS", os.pathsep.join(["link", "~/x", ""]))
    found = load_settings(workspace=Path("data"))
    assert found.workspace == tmp_path / "data"
    assert found.roots == (tmp_path / "real", tmp_path / "home" / "x")
    file.write_text('roots = ["a", "b"]\n')
    monkeypatch.delenv("SPEECHLABEL_ROOTS")
    assert load_settings().roots == (tmp_path / "a", tmp_path / "b")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("port = 0", "outside 1 to 65535"),
        ("port = 70000", "outside 1 to 65535"),
        ("port = true", "whole number"),
        ("port = 1.5", "whole number"),
        ('port = "x"', "whole number"),
        ("workers = -1", "outside"),
        ("max_upload_mb = []", "whole number"),
        ("host = 5", "must be a text"),
        ('host = ""', "must be a text"),
        ("workspace = 5", "must be a path"),
        ('workspace = ""', "must be a path"),
        ('workspace = "a\\u0000b"', "no path may hold"),
        ("roots = 5", "'int' object is not iterable"),
        ("roots = [5]", "must be a path"),
        ('workspace = "~nobody-of-that-name/x"', "home"),
        ("colour = 1", "no such setting; settings are workspace, host"),
    ],
)
def test_what_does_not_fit_is_told_with_the_file_it_stands_in(file, text, says):
    file.write_text(text + "\n")
    with pytest.raises(OptionError) as caught:
        load_settings()
    assert says in caught.value.message
    assert caught.value.message.endswith(f"(given in {file})")


def test_what_does_not_fit_is_told_with_the_variable(file, monkeypatch):
    monkeypatch.setenv("SPEECHLABEL_PORT", "many")
    with pytest.raises(OptionError, match=r"'many': .*whole number \(given by SPEECHLABEL_PORT\)"):
        load_settings()
    with pytest.raises(OptionError, match=r"^option 'port': 0 is outside 1 to 65535$"):
        load_settings(port=0)


def test_a_file_that_cannot_be_read_is_told(file, monkeypatch):
    file.write_text("port = = 1")
    with pytest.raises(ParseError, match=r"settings\.toml: .*line 1"):
        load_settings()
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ParseError, match="utf-8"):
        load_settings()
    monkeypatch.setenv("SPEECHLABEL_CONFIG", str(file.parent))
    with pytest.raises(ParseError, match="cannot be read"):
        load_settings()
    monkeypatch.setenv("SPEECHLABEL_CONFIG", str(file.parent / "none.toml"))
    with pytest.raises(SpeechLabelError, match="there is no file"):
        load_settings()


def test_no_file_of_the_user_is_fine(file, monkeypatch, tmp_path):
    monkeypatch.delenv("SPEECHLABEL_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert load_settings().port == 7860


def test_every_setting_explains_itself():
    for item in dataclasses.fields(Settings):
        assert item.metadata["help"]
        assert variable(item.name) == f"SPEECHLABEL_{item.name.upper()}"


def test_nobody_else_reads_the_environment():
    readers = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = node.attr if isinstance(node, ast.Attribute) else getattr(node, "name", "")
            if named in ("environ", "getenv", "environb"):
                readers.add(path.relative_to(PACKAGE).as_posix())
    # web/app.py sets two variables before it imports gradio, which reads them then.
    assert readers == {"config.py", "web/app.py"}
