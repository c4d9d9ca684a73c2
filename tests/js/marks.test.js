// Marks inside a text: known and unknown, taken away whole, painted.

import assert from "node:assert/strict";
import test from "node:test";

import { markAt, marksIn, pieces } from "../../speechlabel/web/static/editor/model/marks.js";

const GUIDELINE = {
  labels: /** @type {import("../../speechlabel/web/static/editor/types.js").GuidelineLabel[]} */ ([
    { name: "noise", title: { en: "Noise", "zh-CN": "噪声" }, scope: "inline", mark: "[NOISE]" },
    { name: "laugh", title: { en: "Laughter", "zh-CN": "笑" }, scope: "inline", mark: "【笑】" },
    { name: "hash", title: { en: "Breath", "zh-CN": "呼吸" }, scope: "inline", mark: "#B" },
    { name: "echo", title: { en: "Echo", "zh-CN": "回声" }, scope: "segment" },
  ]),
};
/** @param {string} text */
const shown = (text) =>
  marksIn(text, GUIDELINE).map(({ start, end, label }) => [text.slice(start, end), label?.name ?? null]);

test("marks of the guideline are known, in any way of writing", () => {
  assert.deepEqual(shown("a [NOISE] b【笑】c #B"), [
    ["[NOISE]", "noise"],
    ["【笑】", "laugh"],
    ["#B", "hash"],
  ]);
});

test("what looks like a mark and is none of them is told apart", () => {
  assert.deepEqual(shown("[noise] <sil> {breath} 【咳】 [NOISE]"), [
    ["[noise]", null],
    ["<sil>", null],
    ["{breath}", null],
    ["【咳】", null],
    ["[NOISE]", "noise"],
  ]);
  assert.deepEqual(shown("1 < 2 and 3 > 2, a[i, [] and [a very long remark that nobody would write as a mark]"), []);
});

test("Backspace and Delete meet a known mark whole, also inside it, and only where they would cut it", () => {
  const text = "ab[NOISE]cd[oh]";
  const at = (/** @type {number} */ caret, /** @type {"back"|"forward"} */ direction) => {
    const mark = markAt(text, GUIDELINE, caret, direction);
    return mark && text.slice(mark.start, mark.end);
  };
  assert.equal(at(9, "back"), "[NOISE]");
  assert.equal(at(5, "back"), "[NOISE]");
  assert.equal(at(2, "back"), null);
  assert.equal(at(2, "forward"), "[NOISE]");
  assert.equal(at(9, "forward"), null);
  assert.equal(at(15, "back"), null); // unknown: it may be a slip that one wants to mend letter by letter
});

test("pieces make the text again and carry what lies over them", () => {
  const found = pieces("hello world", [
    { start: 0, end: 5, kind: "a" },
    { start: 3, end: 8, kind: "b" },
    { start: 20, end: 30, kind: "c" },
  ]);
  assert.equal(found.map((piece) => piece.text).join(""), "hello world");
  assert.deepEqual(
    found.map((piece) => piece.kinds.join("")),
    ["a", "ab", "b", ""],
  );
  assert.deepEqual(pieces("", []), []);
});
