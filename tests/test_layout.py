"""The house is as it was planned: small files, telling names, imports one way, a wheel with all it needs."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "speechlabel"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations/versions" not in path.as_posix())
SOURCES = [*MODULES, *(path for path in (PACKAGE / "web" / "static").rglob("*.js"))]
VAGUE = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "manager",
    "service",
    "services",
    "misc",
    "core",
    "base_",
}
# Run by other programs or only at their start; the tests that start those hold them.
NOT_IMPORTED = {
    "speechlabel.cli.__main__": "tests/cli runs it",
    "speechlabel.store.migrations.env": "Alembic runs it",
}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_source_file_can_be_read_at_one_sitting(path):
    assert len(path.read_text("utf-8").splitlines()) <= 400


def test_names_say_what_is_inside():
    assert not [path for path in SOURCES if path.stem.lower() in VAGUE]
    assert not [path for path in PACKAGE.rglob("*") if path.is_dir() and path.name.lower() in VAGUE]


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_by(path: Path) -> set[str]:
    found: set[str] = set()
    text = path.read_text("utf-8")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {item.name for item in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{item.name}" for item in node.names)}
    return found | set(re.findall(r"speechlabel(?:\.\w+)+", text))


def test_every_module_is_reached_by_a_test():
    names = {name_of(path): path for path in MODULES}
    reached: set[str] = set()
    todo = set().union(*(imported_by(path) for path in (ROOT / "tests").rglob("*.py")))
    tested = todo & set(names)
    while todo:  # and what is imported by what a test imports
        name = todo.pop()
        parents = {name.rsplit(".", count)[0] for count in range(name.count(".") + 1)}
        for known in parents & set(names) - reached:
            reached.add(known)
            todo |= imported_by(names[known])
    lazy = {name for name in names if name in (ROOT / "speechlabel" / "registry.py").read_text("utf-8")}
    assert set(names) - reached - lazy - set(NOT_IMPORTED) == set()
    assert set(NOT_IMPORTED) <= set(names)
    assert len(tested) > 30


def test_imports_point_one_way():
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_every_test_folder_mirrors_the_package():
    folders = {
        path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name != "__pycache__"
    }
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    assert folders - rooms <= {"js", "e2e", "oracles", "vectors"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and "hatchling" in done.stderr:
        pytest.skip("hatchling cannot be had here, so no wheel can be built")
    assert done.returncode == 0, done.stderr
    (made,) = folder.glob("*.whl")
    return made


@pytest.mark.slow
def test_the_wheel_has_all_it_needs_and_no_tests(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in PACKAGE.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert path.relative_to(ROOT).as_posix() in names
    for path in (ROOT / "samples").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert f"speechlabel/_samples/{path.relative_to(ROOT / 'samples').as_posix()}" in names
    for needed in (
        "speechlabel/store/migrations/versions/0001_initial.py",
        "speechlabel/presets/default.toml",
        "speechlabel/web/static/editor/index.js",
        "speechlabel/web/locales/zh-CN.json",
        "speechlabel/_samples/samples.toml",
    ):
        assert needed in names
    tops = {name.split("/")[0] for name in names}
    assert tops == {"speechlabel", next(top for top in tops if top.endswith(".dist-info"))}
    assert not [name for name in names if "test" in Path(name).name and name != "speechlabel/testing.py"]
    assert not [name for name in names if "__pycache__" in name or "node_modules" in name]


@pytest.mark.slow
def test_the_wheel_runs_where_nothing_of_the_checkout_is(wheel, tmp_path):
    home = tmp_path / "env"
    venv.create(home, with_pip=False)
    site = sorted(home.glob("lib*/python*/site-packages"))[0]  # lib64 is a link to lib
    zipfile.ZipFile(wheel).extractall(site)
    # What speechlabel needs, from here; a plain path in a .pth does not run the .pth files found there, and
    # so not the one that leads to the checkout.
    here = next(path for path in map(Path, sys.path) if path.name == "site-packages")
    (site / "shared.pth").write_text(f"{here}\n")
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def run(*words):
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "SPEECHLABEL_WORKSPACE": str(tmp_path / "data"),
        }
        done = subprocess.run([python, *words], cwd=tmp_path, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run("-c", "import speechlabel; print(speechlabel.__file__)").strip() == str(
        site / "speechlabel" / "__init__.py"
    )
    assert "Commands" in run("-m", "speechlabel.cli", "--help")
    run("-m", "speechlabel.cli", "project", "create", "p")
    code = """
import speechlabel as sl
from speechlabel.workflow.samples import load_samples, samples_folder, start_place
print(samples_folder())
with sl.open_workspace("data") as workspace:
    load_samples(workspace)
    print(start_place(workspace, "zh"))
"""
    folder, place = run("-c", code).splitlines()
    assert folder == str(site / "speechlabel" / "_samples")
    assert place == "{'project': 'samples', 'recording': 'call-zh'}"
