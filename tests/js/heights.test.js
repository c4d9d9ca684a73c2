// The maths of the virtual list.

import assert from "node:assert/strict";
import test from "node:test";

import { Heights, guessLines, halfWidths } from "../../speechlabel/web/static/editor/list/heights.js";

test("places and rows agree with plain sums, also after changes", () => {
  const plain = Array.from({ length: 300 }, (_, i) => 20 + ((i * 37) % 50));
  const heights = new Heights();
  heights.reset(plain.length, (i) => plain[i] ?? 0);
  for (let round = 0; round < 50; round++) {
    const at = (round * 71) % plain.length;
    const height = 10 + ((round * 13) % 90);
    assert.equal(heights.set(at, height), height - (plain[at] ?? 0));
    plain[at] = height;
  }
  let top = 0;
  for (const [i, height] of plain.entries()) {
    assert.equal(heights.top(i), top);
    assert.equal(heights.at(top), i);
    assert.equal(heights.at(top + height - 0.5), i);
    top += height;
  }
  assert.equal(heights.total, top);
  assert.equal(heights.top(plain.length), top);
});

test("what lies outside is the first or the last row", () => {
  const heights = new Heights();
  heights.reset(5, () => 40);
  assert.equal(heights.at(-10), 0);
  assert.equal(heights.at(1e9), 4);
});

test("a window holds the rows that are seen and some beyond each edge, never more", () => {
  const heights = new Heights();
  heights.reset(20_000, () => 40);
  assert.deepEqual(heights.window(0, 400, 6), [0, 17]);
  assert.deepEqual(heights.window(400_000, 400, 6), [9994, 10017]);
  assert.deepEqual(heights.window(1e9, 400, 6), [19993, 20000]);
});

test("an empty list has no rows", () => {
  const heights = new Heights();
  heights.reset(0, () => 40);
  assert.deepEqual(heights.window(0, 400), [0, 0]);
  assert.equal(heights.total, 0);
  assert.equal(heights.at(100), 0);
});

test("lines are guessed from the width of the characters", () => {
  assert.equal(halfWidths("ab你好。"), 8);
  assert.equal(guessLines(null, 40), 1);
  assert.equal(guessLines("你".repeat(21), 40), 2);
  assert.equal(guessLines("a\n\nb", 40), 3);
});
