"""The guideline: what ships is good, and what is wrong is told with its place."""

from __future__ import annotations

import re

import pytest

from speechlabel import guideline
from speechlabel.errors import ParseError, UnknownNameError
from speechlabel.records import from_dict, to_dict

SMALL = 'version = 1\nname = "x"\nlanguages = ["zh"]\n'
FIELD = '[[fields]]\nname = "gloss"\ntitle = {en = "Gloss"}\n'
EMOTION = (
    '[[fields]]\nname = "emotion"\nkind = "choice"\ntitle = {en = "Emotion"}\n'
    'choices = [{name = "calm", title = {en = "Calm"}}]\n'
)
SNIPPET = '[[snippets]]\nshort = "ty"\ntext = "thank you"\n'
LABEL = '[[labels]]\nname = "noise"\ntitle = {en = "Noise"}\n'


@pytest.mark.parametrize("name", guideline.preset_names())
def test_presets_load_and_speak_both_languages(name):
    rules = guideline.load(guideline.preset(name))
    assert rules.name == name
    assert rules.languages
    for item in (*rules.labels, *rules.invalid_reasons):
        assert set(item.title) == {"en", "zh-CN"}
        assert all(item.title.values())
    marks = [label.mark for label in rules.labels if label.mark]
    assert len(set(marks)) == len(marks)
    assert all(label.mark for label in rules.labels if label.scope == "inline")


def test_the_default_is_first():
    assert guideline.preset_names()[0] == "default"


def test_a_guideline_is_data(name="default"):
    rules = guideline.load(guideline.preset(name))
    assert from_dict(guideline.Guideline, to_dict(rules)) == rules


def test_layers_terms_and_snippets_are_data():
    rules = guideline.load(SMALL + 'terms = ["肌钙蛋白"]\n' + FIELD + "required = true\n" + EMOTION + SNIPPET)
    assert [layer.name for layer in rules.fields] == ["gloss", "emotion"]
    assert from_dict(guideline.Guideline, to_dict(rules)) == rules
    assert to_dict(rules)["fields"] == [
        {"name": "gloss", "title": {"en": "Gloss"}, "required": True},
        {
            "name": "emotion",
            "title": {"en": "Emotion"},
            "kind": "choice",
            "choices": [{"name": "calm", "title": {"en": "Calm"}}],
        },
    ]
    assert to_dict(rules)["snippets"] == [{"short": "ty", "text": "thank you"}]


def test_an_unknown_preset_lists_the_known():
    with pytest.raises(UnknownNameError, match="known: default"):
        guideline.preset("../default")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("version = = 1", "guideline.toml:1: "),
        (SMALL + "\n\nx = ]\n", "guideline.toml:6: "),
        ('name = "x"\nlanguages = []', "version"),
        (SMALL + "colour = 1", "colour"),
        (SMALL + LABEL + LABEL, "'noise'.*given twice"),
        (SMALL + LABEL + 'key = "0"', "must be one of 1 to 9"),
        (SMALL + LABEL + 'key = "1"\n' + LABEL.replace("noise", "n2") + 'key = "1"', "keys.*given twice"),
        (SMALL + LABEL + 'color = "red"', "#1a2b3c"),
        (SMALL + LABEL.replace("noise", "No Ise"), "a-z"),
        (SMALL + LABEL + 'scope = "word"', "segment, inline"),
        (SMALL + "labels = 5", "must be a list"),
        (SMALL + FIELD + FIELD, "fields.*'gloss'.*given twice"),
        (SMALL + FIELD.replace("gloss", "Gloss"), "a-z"),
        (SMALL + FIELD + 'kind = "choice"', "names what may be chosen"),
        (SMALL + EMOTION.replace('kind = "choice"', ""), "has choices"),
        (SMALL + EMOTION + "multiline = true", "only a field of text has lines"),
        (SMALL + EMOTION.replace("}}]", "}}, {name = 'calm', title = {}}]"), "'calm'.*given twice"),
        (SMALL + SNIPPET + SNIPPET, "snippets.*'ty'.*given twice"),
        (SMALL + SNIPPET.replace("ty", "t y"), "without blanks"),
        (SMALL + SNIPPET.replace("thank you", ""), "is empty"),
        (SMALL + 'terms = [" "]', "not empty"),
        (SMALL + '[[labels]]\nname = "x"\ntitle = {en = 5}', "text"),
        (SMALL + "x = " + "[" * 5000, "guideline.toml"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text, says):
    with pytest.raises(ParseError, match=says):
        guideline.load(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (SMALL + "colour = 1\n" + LABEL, 4),  # a field that there is not
        (SMALL + "\n" + LABEL + '\n[[labels]]\nname = "x"\ncolor = "red"\ntitle = {}\n', 11),
        (SMALL + LABEL + '[[labels]]\nname = "x"\n', 7),  # without a title: the table that lacks it
        (SMALL + LABEL + FIELD + LABEL, 11),  # where the name stands again
        (SMALL + SNIPPET + SNIPPET, 8),
        (SMALL + LABEL + 'key = "1"\n' + LABEL.replace("noise", "n2") + 'key = "1"', 11),
        (SMALL + EMOTION.replace('"calm", title', '"Calm!", title'), 8),  # a list of inline tables
        (SMALL + 'labels = [{name = "x", title = {}, color = "red"}]', 4),
        (SMALL + 'terms = [" "]', 4),
        ('name = "x"\nlanguages = []', None),  # what is missing has no line
        (SMALL + "x = [1,\n2", 5),  # it ends too early
    ],
)
def test_the_line_of_what_is_wrong_is_told(text, line):
    with pytest.raises(ParseError) as caught:
        guideline.load(text)
    assert caught.value.data["line"] == line


def test_what_the_default_shows_as_an_example_is_in_force_once_the_signs_are_taken_off():
    text = guideline.preset("default")
    shown = re.sub(
        r"^# (?=\[|\]|\w+ = |  \{|\")", "", text.split("# What a project may add")[1], flags=re.MULTILINE
    )
    shown = re.sub(r"^(terms|export) = .*\n", "", shown, count=2, flags=re.MULTILINE)  # these stand higher up
    rules = guideline.load(SMALL + "#" + shown)
    assert [layer.name for layer in rules.fields] == ["normalised", "emotion"]
    assert rules.stand_ins[0].export == {"rttm": "UNK"} and rules.templates[0].name == "delivery"
