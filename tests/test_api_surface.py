"""What people build on: the names, the commands, the plug points.  Light to load, and frozen in a file.

``python tests/test_api_surface.py`` writes the file anew after a change that is meant.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import speechlabel
from speechlabel import registry
from speechlabel.cli.reference import commands

FROZEN = Path(__file__).with_name("api-surface.txt")
HEAVY = {
    "gradio",
    "librosa",
    "numba",
    "sqlalchemy",
    "numpy",
    "fastapi",
    "soundfile",
    "av",
    "scipy",
    "alembic",
}


def surface() -> str:
    lines = ["# The public surface. Made by `python tests/test_api_surface.py`.", "", "import speechlabel:"]
    lines += [f"  {name}" for name in speechlabel.__all__]
    lines += ["", "commands:"]
    for name, command in commands():
        words = [
            (item.metavar or item.name) if item.param_type_name == "argument" else item.opts[0]
            for item in command.params
            if item.name != "help"
        ]
        lines.append(f"  {' '.join([name, *words])}")
    lines += ["", "entry points:"]
    for kind in sorted(registry.BUILT_IN):
        lines.append(f"  speechlabel.{kind}s: {', '.join(registry.BUILT_IN[kind])}".rstrip(": "))
    return "\n".join(lines) + "\n"


def test_the_surface_changes_only_on_purpose():
    assert surface() == FROZEN.read_text("utf-8"), f"if it is meant: python {Path(__file__).name}"


def test_every_public_name_is_there_and_documented():
    for name in speechlabel.__all__:
        assert getattr(speechlabel, name) is not None
        assert name == "__version__" or getattr(speechlabel, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        speechlabel.nonsense


def test_the_example_in_the_package_works(tmp_path, monkeypatch):
    from cli.running import voice, write

    (tmp_path / "recordings").mkdir()
    write(tmp_path / "recordings" / "a.wav", voice(4))
    monkeypatch.chdir(tmp_path)
    text = speechlabel.__doc__ or ""
    exec(textwrap.dedent(text[text.index("    from pathlib") : text.index("\n\nNames are")]), {})
    assert list((tmp_path / "delivery").glob("*.TextGrid"))


def loaded_by(code: str) -> set[str]:
    code += "\nimport sys; print('\\nLOADED', *sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.rpartition("LOADED")[2].split())


HELP = """
import sys
from speechlabel.cli import main
sys.argv = ["speechlabel", {words}]
try:
    main()
except SystemExit as end:
    assert end.code == 0, end.code
"""


@pytest.mark.parametrize(
    "code",
    [
        "import speechlabel",
        *(HELP.format(words=words) for words in ("'--help'", "'export', '--help'", "'--version'")),
    ],
    ids=["import", "help", "export-help", "version"],
)
def test_what_is_heavy_waits_for_its_use(code):
    assert not loaded_by(code) & HEAVY
    assert loaded_by("import speechlabel; speechlabel.open_workspace") & HEAVY  # the test can fail


SEGMENTER = '''
from dataclasses import dataclass
from speechlabel.segment.base import Span

@dataclass(frozen=True)
class Options:
    pass

class Everything:
    """All of it is speech."""
    name, title, Options = "everything", "All", Options
    def __init__(self, options=None): pass
    def open(self, sample_rate): return Stream(sample_rate)

class Stream:
    def __init__(self, rate): self.rate, self.count = rate, 0
    def feed(self, samples): self.count += len(samples)
    def close(self): return [Span(0, self.count * 1_000_000 // self.rate)]
'''
FORMAT = '''
from dataclasses import dataclass
from speechlabel.formats.base import Format, Written

@dataclass(frozen=True)
class Counted(Format):
    """How many segments."""
    shout: bool = False
    name, title, extensions, spec, carries, can_write = "counted", "Counts", (".txt",), "", frozenset(), True
    def sniff(self, path): return False
    def write(self, export, out):
        count = sum(len(items) for _, items in export.bundle.stream())
        (out / "count.txt").write_text(f"{count}{'!' if self.shout else ''}\\n")
        return Written(segments=count)
'''


def install(folder: Path, name: str, points: str) -> None:
    """Make a package as pip leaves it: modules, and a dist-info that says what it adds."""
    (folder / f"{name}_segmenter.py").write_text(SEGMENTER)
    (folder / f"{name}_format.py").write_text(FORMAT)
    about = folder / f"{name}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(textwrap.dedent(points))


def test_another_package_adds_a_segmenter_and_a_format(tmp_path):
    from cli.running import complaint, environment, run, voice, write

    site = tmp_path / "site"
    site.mkdir()
    install(
        site,
        "addon",
        """
        [speechlabel.segmenters]
        everything = addon_segmenter:Everything
        [speechlabel.formats]
        counted = addon_format:Counted
        """,
    )
    env = environment(tmp_path / "data", PYTHONPATH=str(site))
    audio = write(tmp_path / "a.wav", voice(4))
    run("segment", audio, "--segmenter", "everything", "--out", tmp_path / "s", env=env)
    assert re.match(r"SPEAKER a 1 0\.000 4\.000 ", (tmp_path / "s" / "a.rttm").read_text())
    run("project", "create", "p", env=env)
    run("ingest", "p", audio, env=env)
    run("prepare", "p", "--segmenter", "everything", env=env)
    run("export", "p", "shout=true", "--format", "counted", "--out", tmp_path / "out", env=env)
    assert (tmp_path / "out" / "count.txt").read_text() == "1!\n"
    said = complaint("segment", audio, "--segmenter", "nobody", "--out", tmp_path / "s", env=env, code=2)
    assert said.endswith("known: webrtc, energy, everything")

    clash = tmp_path / "clash"
    clash.mkdir()
    install(clash, "rival", "[speechlabel.segmenters]\neverything = rival_segmenter:Everything\n")
    env["PYTHONPATH"] += os.pathsep + str(clash)
    said = complaint("segment", audio, "--segmenter", "everything", "--out", tmp_path / "s", env=env, code=2)
    assert "'everything' is claimed by addon and rival; uninstall one of them" in said
    run("segment", audio, "--out", tmp_path / "s", env=env)  # the others go on


if __name__ == "__main__":
    FROZEN.write_text(surface(), "utf-8")
