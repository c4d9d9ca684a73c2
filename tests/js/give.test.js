// Texts given to the neighbour, and where a text may be cut at all.

import assert from "node:assert/strict";
import test from "node:test";

import { givePrevious, giveNext } from "../../speechlabel/web/static/editor/model/give.js";
import { edgeBefore } from "../../speechlabel/web/static/editor/model/graphemes.js";
import { Model } from "../../speechlabel/web/static/editor/model/model.js";
import { EditError } from "../../speechlabel/web/static/editor/model/records.js";
import { opened } from "./opened.js";

const W = (word, start_us, end_us) => ({ word, start_us, end_us, score: null });

/** @param {[string|null, any?][]} texts */
function made(...texts) {
  const segments = texts.map(([text, more], i) => ({
    id: `s${i}`,
    start_us: i * 1_000_000,
    end_us: (i + 1) * 1_000_000,
    text,
    version: 1,
    ...more,
  }));
  const model = new Model(opened({ segments }));
  const give = (from, to, caret) =>
    model.take((from < to ? giveNext : givePrevious)(model.byId(`s${from}`), model.byId(`s${to}`), caret));
  return { model, give, texts: () => model.segments.map((item) => item.text) };
}

test("texts are joined as their language is written", () => {
  for (const [first, second, caret, after] of [
    ["one two three", "four", 7, ["one two", "three four"]],
    ["one two three", "four", 8, ["one two", "three four"]],
    ["今天天气很好我们", "出去走走", 6, ["今天天气很好", "我们出去走走"]],
    ["我用 Python", "写的", 3, ["我用", "Python写的"]],
    ["one two", null, 4, ["one", "two"]],
    ["one two", "", 4, ["one", "two"]],
    ["all of it", "more", 0, [null, "all of it more"]],
  ]) {
    const { give, texts, model } = made([first], [second]);
    assert.equal(give(0, 1, caret), true);
    assert.deepEqual(texts(), after);
    model.undo();
    assert.deepEqual(texts(), [first, second], "one step");
  }
  for (const [first, second, caret, after] of [
    ["one", "two three", 4, ["one two", "three"]],
    ["今天", "天气很好", 2, ["今天天气", "很好"]],
    [null, "two three", 9, ["two three", null]],
  ]) {
    const { give, texts } = made([first], [second]);
    assert.equal(give(1, 0, caret), true);
    assert.deepEqual(texts(), after);
  }
});

test("nothing to give changes nothing", () => {
  const { give, model } = made(["one "], ["two"], [null]);
  assert.equal(give(0, 1, 3), false);
  assert.equal(give(1, 0, 0), false);
  assert.equal(give(2, 1, 0), false);
  assert.equal(model.canUndo, false);
});

test("neither side may be locked", () => {
  for (const locked of [0, 1]) {
    const { give, texts } = made(["one two", { is_locked: locked === 0 }], ["three", { is_locked: locked === 1 }]);
    assert.throws(() => give(0, 1, 3), (error) => error instanceof EditError && error.field === "is_locked");
    assert.deepEqual(texts(), ["one two", "three"]);
  }
});

test("timed words go along, and the edge between goes with them", () => {
  const first = { words: [W("one", 100_000, 400_000), W("two", 500_000, 900_000)] };
  const second = { start_us: 1_100_000, end_us: 2_000_000, words: [W("three", 1_200_000, 1_900_000)] };
  const { give, model } = made(["one two", first], ["three", second]);
  give(0, 1, 4);
  const [a, b] = model.segments;
  assert.deepEqual([a?.end_us, b?.start_us], [500_000, 500_000]);
  assert.deepEqual(a?.words, [W("one", 100_000, 400_000)]);
  assert.deepEqual(b?.words, [W("two", 500_000, 900_000), W("three", 1_200_000, 1_900_000)]);
  give(1, 0, 3);
  assert.deepEqual([model.segments[0]?.end_us, model.segments[1]?.start_us], [900_000, 900_000]);
  assert.deepEqual(model.segments.map((item) => item.words.length), [2, 1]);
  model.undo();
  model.undo();
  assert.deepEqual([model.segments[0]?.end_us, model.segments[1]?.start_us], [1_000_000, 1_100_000]);
});

test("a sound that lies beyond the new edge goes along", () => {
  const events = [{ label: "laughter", start_us: 450_000, end_us: 480_000 }, { label: "noise", start_us: 920_000, end_us: 990_000 }];
  const words = [W("one", 100_000, 400_000), W("two", 500_000, 900_000)];
  const { give, model } = made(["one two", { words, events }], ["three"]);
  give(0, 1, 4);
  assert.deepEqual(model.segments.map((item) => item.events.map(({ label }) => label)), [["laughter"], ["noise"]]);
});

test("a word that is cut through is in neither; one without a time, or all of them, move no edge", () => {
  const cut = made(["hello world", { words: [W("hello", 0, 400_000), W("world", 500_000, 900_000)] }], ["x"]);
  cut.give(0, 1, 8);
  assert.deepEqual(cut.texts(), ["hello wo", "rld x"]);
  assert.deepEqual(cut.model.segments.map((item) => item.words.length), [1, 0]);
  assert.equal(cut.model.byId("s0")?.end_us, 1_000_000);
  const all = made(["你好", { words: [W("你", 0, 400_000), W("好", null, null)] }], ["吗"]);
  all.give(0, 1, 0);
  assert.deepEqual(all.model.byId("s1")?.words, [W("你", null, null), W("好", null, null)]);
  assert.equal(all.model.byId("s0")?.end_us, 1_000_000);
  const edited = made(["A new new D", { words: [W("A", 0, 100_000), W("D", 800_000, 900_000)] }], [null]);
  edited.give(0, 1, 6);
  assert.deepEqual(edited.model.segments.map((item) => item.words.map(({ word }) => word)), [["A"], ["D"]]);
});

test("what is left with no text is not done any more; a machine's text that a person gave is a draft", () => {
  const { give, model } = made(["one", { status: "done" }], ["two", { status: "machine" }]);
  give(0, 1, 0);
  assert.deepEqual(model.segments.map((item) => item.status), ["draft", "draft"]);
});

test("no sign is cut in two, with a segmenter and without", () => {
  const family = "👩‍👩‍👧";
  for (const segmenter of [undefined, null]) {
    const edge = (text, at) => edgeBefore(text, at, segmenter);
    assert.equal(edge("ab", 1), 1);
    assert.equal(edge("你好", 1), 1);
    assert.equal(edge("a\u0303\u0330b", 1), 0, "IPA: a with tilde and creak");
    assert.equal(edge("a\u0303\u0330b", 3), 3);
    assert.equal(edge(`x${family}y`, 4), 1);
    assert.equal(edge(`x${family}y`, 2), 1);
    assert.equal(edge(`x${family}y`, 1 + family.length), 1 + family.length);
    assert.equal(edge("नि", 1), 0);
    assert.equal(edge("👍🏽!", 2), 0);
    assert.equal(edge("𠮷野", 1), 0);
    assert.equal(edge("ab", 5), 2);
    assert.equal(edge(`${"字".repeat(500)}e\u0301`, 501), 500);
  }
});
