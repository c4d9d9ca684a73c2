"""The page on adding a format is followed to the letter: its files are written, registered and tested."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs/howto/add-a-format.md"
BLOCK = re.compile(r"^`([^`\n]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def package(tmp_path):
    """A folder with the page's files, and the entry points that installing its pyproject.toml would make."""
    files = dict(BLOCK.findall(PAGE.read_text(encoding="utf-8")))
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    project = tomllib.loads(files["pyproject.toml"])["project"]
    info = tmp_path / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n")
    [(group, points)] = project["entry-points"].items()
    lines = [f"{name} = {target}" for name, target in points.items()]
    (info / "entry_points.txt").write_text(f"[{group}]\n" + "\n".join(lines) + "\n")
    return tmp_path


def python(package, *arguments):
    environment = os.environ | {"PYTHONPATH": str(package), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=package,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_format_of_the_page_keeps_the_contract(package):
    code, said = python(package, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_lab_labels.py")
    assert code == 0, said
    assert re.search(r"\b9 passed", said), said


def test_it_is_found_by_its_name_alone(package):
    script = (
        "from pathlib import Path; from speechlabel import formats;"
        "bundle = formats.load(Path('examples/full.labels'));"
        "report = formats.dump(bundle, Path('out'), 'lab');"
        "print(formats.detect(Path('out')), report.files, Path('out/full.labels').read_text())"
    )
    code, said = python(package, "-c", script)
    assert code == 0, said
    assert said.startswith("lab ('full.labels',) 0.500000\t2.250000\thello\n2.250000\t2.250000\tclick\n")
    code, said = python(package, "-c", "from speechlabel.formats.reference import page; print(page())")
    assert "\n## lab\n" in said


@pytest.mark.parametrize(
    ("old", "new", "law"),
    [
        ("(*times, text)", "(*times, text.strip())", "nasty_texts_survive_or_are_reported"),
        ('frozenset({"text", "recording"})', 'frozenset({"text", "note"})', "keeps_what_it_carries"),
        ('path.suffix == ".labels" and path.is_file()', "path.exists()", "claims_nothing_else"),
        ('path.suffix == ".labels" and path.is_file()', "False", "claims_its_own_examples"),
        (
            'between", line=number',
            'between", line=number + 1',
            "refuses_broken_examples_at_the_right_line",
        ),
        ("except ValueError", "except KeyError", "any_bytes_give_a_bundle_or_a_parse_error"),
        ("(*times, text)", "(*times, text, secrets.token_hex())", "writes_the_same_bytes_twice"),
    ],
)
def test_a_format_that_breaks_a_law_fails(package, old, new, law):
    module = package / "lab_labels.py"
    text = module.read_text(encoding="utf-8")
    assert old in text
    text = text.replace("from pathlib", "import secrets\nfrom pathlib", 1)
    module.write_text(text.replace(old, new), encoding="utf-8")
    code, said = python(package, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_lab_labels.py")
    assert code == 1
    assert f"FAILED test_lab_labels.py::TestLab::test_{law}" in said, said
