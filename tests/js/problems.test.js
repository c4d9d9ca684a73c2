// What needs a second look, by rules that need no guideline but its lists.

import assert from "node:assert/strict";
import test from "node:test";

import { countProblems, problemsOf } from "../../speechlabel/web/static/editor/model/problems.js";
import { full } from "../../speechlabel/web/static/editor/model/records.js";

const GUIDELINE = /** @type {any} */ ({
  invalid_reasons: [{ name: "noisy", title: { en: "Noisy", "zh-CN": "噪声" } }],
  labels: [{ name: "noise", title: { en: "Noise", "zh-CN": "噪声" }, scope: "inline", mark: "[NOISE]" }],
});

let count = 0;
/** @param {number} start s @param {number} end s @param {Record<string, any>} [more] @returns {any} */
const segment = (start, end, more = {}) =>
  full("segment", {
    id: `s${(count += 1)}`,
    channel: null,
    start_us: start * 1e6,
    end_us: end * 1e6,
    text: "a",
    status: "done",
    ...more,
  });
/** @param {any[]} segments */
const context = (segments) => ({ segments, guideline: GUIDELINE, recording: { duration_us: 100e6 } });
/** @param {any} one @param {any[]} [others] */
const keys = (one, others = []) => {
  const segments = [...others, one].sort((a, b) => a.start_us - b.start_us);
  const found = problemsOf(one, segments.indexOf(one), context(segments));
  return found.map(({ key }) => key.replace("editor.problem.", ""));
};

test("each rule, and what it does not mean", () => {
  assert.deepEqual(keys(segment(0, 1)), []);
  assert.deepEqual(keys(segment(0, 1, { status: "machine", text: null })), []); // not done yet: no fault
  assert.deepEqual(keys(segment(0, 1, { status: "unsure" })), ["unsure"]);
  assert.deepEqual(keys(segment(0, 1, { is_valid: false })), ["noReason"]);
  assert.deepEqual(keys(segment(0, 1, { is_valid: false, invalid_reason: "noisy" })), []);
  assert.deepEqual(keys(segment(0, 1, { text: " " })), ["doneEmpty"]);
  assert.deepEqual(keys(segment(0, 1, { text: " ", noise_labels: ["noise"] })), []);
  assert.deepEqual(keys(segment(0, 30)), []);
  assert.deepEqual(keys(segment(0, 30.1)), ["long"]);
  assert.deepEqual(keys(segment(0, 31, { kind: "music" })), []);
  assert.deepEqual(keys(segment(0, 0.05)), ["short"]);
  assert.deepEqual(keys(segment(99, 101)), ["pastEnd"]);
  assert.deepEqual(keys(segment(0, 1, { text: "a [NOISE]" })), []);
  assert.deepEqual(keys(segment(0, 1, { text: "a [NOISY]" })), ["mark"]);
});

test("one speaker cannot speak twice at once; two can, and an edge may touch", () => {
  const one = segment(1, 3, { speaker: "a" });
  assert.deepEqual(keys(one, [segment(2, 4, { speaker: "a" })]), ["overlap"]);
  assert.deepEqual(keys(one, [segment(0, 2, { speaker: "a" })]), ["overlap"]);
  assert.deepEqual(keys(one, [segment(0, 5, { speaker: "a" })]), ["overlap"]);
  assert.deepEqual(keys(one, [segment(2, 4, { speaker: "b" })]), []);
  assert.deepEqual(keys(one, [segment(2, 4, { speaker: "a", is_valid: false })]), []);
  assert.deepEqual(keys(one, [segment(3, 4, { speaker: "a" }), segment(0, 1.01, { speaker: "a" })]), []);
  assert.deepEqual(keys(segment(1, 3), [segment(2, 4)]), []); // nobody is named
});

test("a sentence says which and how much", () => {
  const [first, second] = [segment(0, 2, { speaker: "a" }), segment(1, 40, { speaker: "a", text: "{x}" })];
  assert.deepEqual(problemsOf(second, 1, context([first, second])), [
    { key: "editor.problem.long", values: { n: "39", most: "30" } },
    { key: "editor.problem.overlap", values: { n: 1 } },
    { key: "editor.problem.mark", values: { mark: "{x}" } },
  ]);
  assert.equal(countProblems(context([first, second, segment(50, 51)])), 2);
});
