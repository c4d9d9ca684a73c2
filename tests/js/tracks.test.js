// Which channels are heard, on which side, and how loud.

import assert from "node:assert/strict";
import test from "node:test";

import { MOST_DB, soft } from "../../speechlabel/web/static/editor/hear/loudness.js";
import { blend, plainDesk, tracksOf } from "../../speechlabel/web/static/editor/hear/tracks.js";

const call = { channels: 2, layout: "separate" };
const MIX = [{ channel: null, left: 1, right: 1 }];
const alone = (channel) => [{ channel, left: 1, right: 1 }];

test("a segment is heard on its own channel, in the middle; all of a recording as the mix", () => {
  const desk = plainDesk();
  assert.deepEqual(tracksOf(call, 1, desk), alone(1));
  assert.deepEqual(tracksOf(call, null, desk), MIX);
  assert.deepEqual(tracksOf(call, 1, { ...desk, pans: { 1: 1 } }), alone(1), "a side is for when several are heard");
  assert.deepEqual(tracksOf({ channels: 2, layout: "dual_mono" }, 0, { ...desk, muted: [0, 1] }), MIX);
});

test("solo, mute and sides", () => {
  const desk = plainDesk();
  assert.deepEqual(tracksOf(call, 1, { ...desk, solo: [0] }), alone(0), "alone, whatever the segment");
  assert.deepEqual(tracksOf(call, null, { ...desk, muted: [0] }), alone(1));
  assert.deepEqual(tracksOf(call, 0, { ...desk, muted: [0] }), []);
  assert.deepEqual(tracksOf(call, null, { ...desk, pans: { 0: -1, 1: 1 } }), [
    { channel: 0, left: 1, right: 0 },
    { channel: 1, left: 0, right: 1 },
  ]);
  const many = tracksOf({ channels: 6, layout: "separate" }, null, { ...desk, pans: { 2: -1 } });
  for (const side of ["left", "right"]) assert.ok(many.reduce((sum, track) => sum + track[side], 0) <= 1 + 1e-9);
});

test("one track passes as it is; several are added on each side", () => {
  const [one, other] = [Float32Array.of(0.5, -0.25), Float32Array.of(0.25, 1)];
  assert.equal(blend([one], alone(3))[0], one);
  const sides = blend([one, other], [{ channel: 0, left: 0.5, right: 0 }, { channel: 1, left: 0.5, right: 1 }]);
  assert.deepEqual(sides.map((row) => [...row]), [[0.375, 0.375], [0.25, 1]]);
});

test("what is made louder is never past full scale, rises all the way, and is unchanged where it is small", () => {
  const most = 10 ** (MOST_DB / 20);
  let before = -1;
  for (let value = -most; value <= most; value += 0.01) {
    const out = soft(value);
    assert.ok(Math.abs(out) <= 1 && out >= before);
    if (Math.abs(value) < 0.7) assert.equal(out, value);
    before = out;
  }
});
