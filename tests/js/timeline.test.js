// Zoom and scroll of the waveform.

import assert from "node:assert/strict";
import test from "node:test";

import { Timeline, clock, tickDigits } from "../../speechlabel/web/static/editor/see/timeline.js";

const MINUTE = 60_000_000;

/** @param {number} [durationUs] @param {number} [width] */
function timeline(durationUs = 10 * MINUTE, width = 1000) {
  const line = new Timeline(durationUs);
  line.setWidth(width);
  line.fitAll();
  return line;
}

test("the whole recording fits, and pixels and times agree both ways", () => {
  const line = timeline();
  assert.equal(line.startUs, 0);
  assert.equal(line.endUs, 10 * MINUTE);
  assert.equal(line.us(line.x(123_456)), 123_456);
});

test("zooming keeps the time under the pointer", () => {
  const line = timeline();
  for (const factor of [0.5, 0.1, 0.01, 3]) {
    const before = line.us(400);
    line.zoomAt(400, factor);
    assert.ok(Math.abs(line.us(400) - before) <= line.usPerPx, `factor ${factor}`);
  }
});

test("zoom and scroll stay inside the recording", () => {
  const line = timeline();
  line.zoomAt(0, 100);
  assert.equal(line.endUs, 10 * MINUTE);
  line.zoomAt(500, 1e-9);
  assert.equal(line.usPerPx, 25);
  line.panBy(1e12);
  assert.equal(Math.round(line.endUs), 10 * MINUTE);
  line.panBy(-1e12);
  assert.equal(line.startUs, 0);
  assert.equal(line.clampedUs(-50), 0);
});

test("a stretch is shown with air around it", () => {
  const line = timeline();
  line.fit(MINUTE, 2 * MINUTE, 0.25);
  assert.equal(Math.round(line.x(MINUTE)), 167);
  assert.equal(Math.round(line.x(2 * MINUTE)), 833);
});

test("revealing moves nothing that is seen, scrolls to what is not, zooms out for what is too long", () => {
  const line = timeline();
  line.fit(0, 20_000_000, 0);
  const scale = line.usPerPx;
  line.reveal(1_000_000, 3_000_000);
  assert.equal(line.startUs, 0);
  line.reveal(100_000_000, 102_000_000);
  assert.equal(Math.round(line.x(101_000_000)), 500);
  assert.equal(line.usPerPx, scale);
  line.reveal(200_000_000, 260_000_000);
  assert.ok(line.usPerPx > scale && line.x(200_000_000) > 0 && line.x(260_000_000) < 1000);
});

test("the playhead turns the page when it leaves it", () => {
  const line = timeline();
  line.fit(0, 10_000_000, 0);
  line.follow(5_000_000);
  assert.equal(line.startUs, 0);
  line.follow(10_500_000);
  assert.equal(Math.round(line.x(10_500_000)), 80);
});

test("a new width keeps the stretch that is seen", () => {
  const line = timeline();
  line.fit(MINUTE, 2 * MINUTE, 0);
  line.setWidth(500);
  assert.equal(Math.round(line.startUs), MINUTE);
  assert.equal(Math.round(line.endUs), 2 * MINUTE);
});

test("listeners hear of changes, and only of changes", () => {
  const line = timeline();
  let n = 0;
  const off = line.on(() => (n += 1));
  line.fitAll();
  assert.equal(n, 0);
  line.zoomAt(10, 0.5);
  assert.equal(n, 1);
  off();
  line.fitAll();
  assert.equal(n, 1);
});

test("marks of the ruler are never crowded and lie on whole steps", () => {
  const line = timeline();
  for (let i = 0; i < 40; i++) {
    const ticks = line.ticks();
    for (const [n, tick] of ticks.entries()) {
      assert.equal(tick.us % tick.step, 0);
      if (n > 0) assert.ok(tick.x - /** @type {{x: number}} */ (ticks[n - 1]).x >= 71.9);
    }
    line.zoomAt(333, 0.7);
  }
});

test("times are written as people read them", () => {
  assert.equal(clock(0), "00:00");
  assert.equal(clock(61_999_999, 1), "01:01.9");
  assert.equal(clock(3_723_456_789, 3), "1:02:03.456");
  assert.deepEqual([1_000, 10_000, 200_000, 5_000_000].map(tickDigits), [3, 2, 1, 0]);
});
