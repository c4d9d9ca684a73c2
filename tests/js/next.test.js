// What is left in a recording, and which one comes next.

import assert from "node:assert/strict";
import test from "node:test";

import { firstOpen, inPreparation, leftOf, nextWithWork, previousOf } from "../../speechlabel/web/static/editor/model/next.js";
import { full } from "../../speechlabel/web/static/editor/model/records.js";

/** @param {Record<string, unknown>} more */
const segment = (more) => full("segment", { id: "s", start_us: 0, end_us: 1, ...more });
/** @param {string} id @param {number} done @param {string} [state] */
const recording = (id, done, state = "ready") => ({ id, name: id, state, segments: 3, done });

test("what is left is told apart: unsure, empty, has its text but nobody called it done", () => {
  const segments = [
    segment({ status: "done", text: "a" }),
    segment({ status: "unsure", text: "a" }),
    segment({ status: "unsure" }),
    segment({}),
    segment({ noise_labels: ["noise"] }),
    segment({ status: "draft", text: "a" }),
    segment({ is_valid: false }),
  ];
  assert.deepEqual(leftOf(segments), { total: 7, done: 1, unsure: 2, empty: 1, open: 3 });
  assert.equal(firstOpen(segments), segments[1]);
  assert.equal(firstOpen([]), undefined);
});

test("next comes the one with work left behind this one, then from the start; never this one", () => {
  const rows = [recording("a", 1), recording("b", 3), recording("c", 0), recording("d", 3), recording("e", 2)];
  assert.equal(nextWithWork(rows, "a")?.id, "c");
  assert.equal(nextWithWork(rows, "c")?.id, "e");
  assert.equal(nextWithWork(rows, "e")?.id, "a");
  assert.equal(nextWithWork([recording("a", 0), recording("b", 3)], "a"), null);
  assert.equal(nextWithWork(rows, "gone")?.id, "a");
  assert.equal(nextWithWork([], "a"), null);
});

test("what cannot be labelled yet is not offered, but counted", () => {
  const rows = [recording("a", 3), recording("b", 0, "preparing"), recording("c", 0, "failed"), recording("d", 0, "new")];
  assert.equal(nextWithWork(rows, "a"), null);
  assert.equal(inPreparation(rows), 2);
});

test("back goes to the one before in the list, done or not", () => {
  const rows = [recording("a", 3), recording("b", 0, "failed"), recording("c", 1)];
  assert.equal(previousOf(rows, "c")?.id, "a");
  assert.equal(previousOf(rows, "a"), null);
  assert.equal(previousOf(rows, "gone"), null);
});
