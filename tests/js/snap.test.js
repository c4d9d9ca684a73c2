// Where edges come to rest, and what lies over each other.

import assert from "node:assert/strict";
import test from "node:test";

import { linesOf, overlapsOf } from "../../speechlabel/web/static/editor/see/overlap.js";
import { quietest, snap } from "../../speechlabel/web/static/editor/see/snap.js";

/** @param {number[]} levels */
const columns = (levels) => ({ high: Float32Array.from(levels), low: Float32Array.from(levels, (level) => -level) });

test("a neighbour's edge wins over silence, the nearest over others, and nothing far away counts", () => {
  const silence = () => 980;
  assert.deepEqual(snap(1000, 50, [960, 1030, 2000], silence), { us: 1030, to: "edge" });
  assert.deepEqual(snap(1000, 50, [900, 2000], silence), { us: 980, to: "quiet" });
  assert.deepEqual(snap(1000, 50, [], () => null), { us: 1000, to: null });
});

test("the quietest spot is a stretch of silence, not a zero crossing", () => {
  const sound = columns([0.5, 0.001, 0.5, 0.5, 0.02, 0.01, 0.01, 0.02, 0.5, 0.5]);
  assert.equal(quietest(sound, 100, 10, 100), 155);
  assert.equal(quietest(sound, 100, 10, 195), 165, "of two as quiet the nearer");
});

test("where it is quiet already, or nothing is known, nothing is moved", () => {
  assert.equal(quietest(columns([0.3, 0.001, 0.001, 0.001, 0.3]), 0, 10, 25), null);
  assert.equal(quietest(columns([0.3, 0.3, 0.31, 0.3]), 0, 10, 25), null);
  assert.equal(quietest(columns([NaN, NaN]), 0, 10, 5), null);
});

test("texts of segments that overlap have lines of their own; a line is used again", () => {
  const segments = [
    { id: "a", start_us: 0, end_us: 100 },
    { id: "b", start_us: 50, end_us: 200 },
    { id: "c", start_us: 100, end_us: 150 },
  ];
  assert.deepEqual([...linesOf(segments)], [["a", 0], ["b", 1], ["c", 0]]); // prettier-ignore
});

test("stretches with several voices are joined; touching is no overlap", () => {
  const at = (/** @type {number} */ start_us, /** @type {number} */ end_us) => ({ id: `${start_us}`, start_us, end_us });
  assert.deepEqual(overlapsOf([at(0, 100), at(100, 200)]), []);
  assert.deepEqual(overlapsOf([at(0, 100), at(20, 60), at(50, 120), at(300, 400), at(390, 500)]), [
    { start_us: 20, end_us: 100 },
    { start_us: 390, end_us: 400 },
  ]);
});
