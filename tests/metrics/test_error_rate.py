"""Error rates: known cases, the laws of a distance, and NIST's sclite."""

from __future__ import annotations

import random
import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speechlabel.metrics.error_rate import ErrorCount, TextErrors, characters, edit_distance, words

SCTK = shutil.which("sctk")
TEXTS = st.text("abc", max_size=12)


@pytest.mark.parametrize(
    ("reference", "hypothesis", "errors"),
    [
        ("kitten", "sitting", 3),
        ("flaw", "lawn", 2),
        ("intention", "execution", 5),
        ("abc", "abc", 0),
        ("", "abc", 3),
        ("abc", "", 3),
        ("aaa", "aa", 1),
        ("abab", "baba", 2),
        ("今天天气好", "今天天汽很好", 2),
    ],
)
def test_known_distances(reference, hypothesis, errors):
    assert edit_distance(reference, hypothesis) == errors


def plainly(left, right):
    """Wagner and Fischer, cell by cell."""
    row = list(range(len(right) + 1))
    for i, item in enumerate(left, 1):
        above, row = row, [i]
        for j, other in enumerate(right, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (item != other)))
    return row[-1]


@given(TEXTS, TEXTS)
def test_it_is_the_distance_that_is_counted_cell_by_cell(left, right):
    assert edit_distance(left, right) == plainly(left, right) == edit_distance(right, left)


def test_blanks_are_no_characters_and_forms_of_one_letter_are_one():
    assert characters(" a\u3000b\n") == ["a", "b"]
    assert characters("e\u0301") == ["é"]


def test_chinese_characters_are_words_and_latin_words_stay_whole():
    assert words("我 用 iPhone 打电话, ok") == ["我", "用", "iPhone", "打", "电", "话", ",", "ok"]
    assert words("it's a dog") == ["it's", "a", "dog"]


def test_a_set_is_counted_together():
    errors = TextErrors()
    errors.add("the cat sat", "the cat sat")
    errors.add("a b", "a c d")
    assert errors.to_dict() == {
        "cer": {"errors": 2, "length": 11, "rate": 2 / 11},
        "wer": {"errors": 2, "length": 5, "rate": 0.4},
    }


def test_there_is_no_rate_over_nothing():
    assert ErrorCount().rate == 0.0
    errors = ErrorCount()
    errors.add([], ["a"])
    assert errors.rate is None


@pytest.mark.skipif(SCTK is None, reason="sctk is not installed")
def test_sclite_counts_the_same(tmp_path):
    rng = random.Random(3)
    known = ["one", "two", "three", "four", "five"]
    ours = ErrorCount()
    reference, hypothesis = [], []
    for number in range(60):
        told = rng.choices(known, k=rng.randint(1, 9))
        heard = [item for item in told if rng.random() > 0.2]
        heard.insert(rng.randint(0, len(heard)), rng.choice(known))
        ours.add(told, heard)
        reference.append(f"{' '.join(told)} (a_{number})")
        hypothesis.append(f"{' '.join(heard)} (a_{number})")
    (tmp_path / "ref").write_text("\n".join(reference) + "\n")
    (tmp_path / "hyp").write_text("\n".join(hypothesis) + "\n")
    command = [SCTK, "sclite", "-r", "ref", "-h", "hyp", "-i", "rm", "-o", "rsum", "stdout"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    [row] = re.findall(r"\| Sum +\|(.*)\|", done.stdout)
    _, n_words, *_, n_errors, _ = map(int, re.findall(r"\d+", row))
    # Sclite weighs errors (substitution 4, others 3), so its alignment may take some more of them.
    assert n_words == ours.length
    assert ours.errors <= n_errors <= ours.errors * 1.05
