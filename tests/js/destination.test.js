// "Go to": what a person types is a number, a time or words.

import assert from "node:assert/strict";
import { test } from "node:test";

import { destinationOf, timeOf } from "../../speechlabel/web/static/editor/side/destination.js";

const texts = ["Good morning", null, "Second, at 1:23", "good night"];
const segments = /** @type {any[]} */ (
  texts.map((text, i) => ({ id: `s${i}`, text, start_us: i * 10_000_000, end_us: i * 10_000_000 + 5_000_000 }))
);
const to = (/** @type {string} */ typed, from = 0) => destinationOf(typed, { segments, durationUs: 40_000_000, from });

test("numbers are segments, with or without a sign, also as a Chinese input method writes them", () => {
  for (const typed of ["3", "#3", " 3 ", "３"]) assert.deepEqual(to(typed), { kind: "segment", index: 2 });
  for (const typed of ["0", "5"]) assert.deepEqual(to(typed), { kind: "nowhere", reason: "number" });
});

test("times are read in the ways people write them", () => {
  const same = ["1:23.4", "0:01:23.4", "83.4s", "83.4 秒", "1m23.4s", "1 分 23.4 秒", "83.4"];
  for (const typed of same) assert.equal(timeOf(typed), 83_400_000, typed);
  assert.equal(timeOf("1h"), 3_600_000_000);
  for (const typed of ["", "s", "1:2:3:4", "1:", "abc"]) assert.equal(timeOf(typed), null, typed);
  assert.deepEqual(to("１：２３"), { kind: "nowhere", reason: "time" });
});

test("a time leads to the segment that sounds then, or to the next one, or to the last", () => {
  assert.deepEqual(to("12s"), { kind: "time", us: 12_000_000, index: 1 });
  assert.deepEqual(to("17s"), { kind: "time", us: 17_000_000, index: 2 });
  assert.deepEqual(to("39s"), { kind: "time", us: 39_000_000, index: 3 });
});

test("words lead to the next segment that has them, and round to the first", () => {
  assert.deepEqual(to("GOOD"), { kind: "text", index: 3, at: 0, length: 4, found: 2 });
  assert.deepEqual(to("good", 3), { kind: "text", index: 0, at: 0, length: 4, found: 2 });
  assert.deepEqual(to("at 1", 3), { kind: "text", index: 2, at: 8, length: 4, found: 1 });
  assert.deepEqual(to("nowhere"), { kind: "nowhere", reason: "text" });
  assert.equal(to("  "), null);
});
