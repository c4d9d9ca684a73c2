// Working time, the pace of a day, breaks.

import assert from "node:assert/strict";
import { test } from "node:test";

import { achieved, audioOf, dayName, isBreakDue, leftMs, newClock, ratioOf, touched, withMore } from "../../speechlabel/web/static/editor/side/pace.js";

const MINUTE = 60_000;
const worked = (/** @type {number[]} */ ...times) => times.reduce(touched, newClock());

test("only time with input counts: a pause of more than two minutes does not", () => {
  assert.equal(worked(0).workMs, 0);
  assert.equal(worked(0, 30_000, 150_000).workMs, 150_000);
  assert.equal(worked(0, 30_000, 150_001).workMs, 30_000);
  assert.equal(worked(10_000, 0).workMs, 0); // the clock of the computer was set back
});

test("the pace is working time to audio time, and is told when there is enough of both", () => {
  const day = { workMs: 8 * MINUTE, audioUs: 2 * MINUTE * 1000 };
  assert.equal(ratioOf(day), 4);
  assert.equal(leftMs(day, 3 * MINUTE * 1000), 12 * MINUTE);
  assert.equal(ratioOf({ ...day, workMs: 20_000 }), null);
  assert.equal(leftMs({ ...day, audioUs: 0 }, 1), null);
  assert.equal(achieved(achieved(newClock(), 5), -2).audioUs, 3);
});

test("a break is due after so much work, and no more when one was made", () => {
  const steps = Array.from({ length: 26 }, (_, i) => i * MINUTE);
  const clock = worked(...steps);
  assert.equal(isBreakDue(clock, 25), true);
  assert.equal(isBreakDue(clock, 50), false);
  assert.equal(isBreakDue(clock, 0), false);
  assert.equal(isBreakDue(touched(clock, 28.5 * MINUTE), 25), true); // too short to be a break
  assert.equal(isBreakDue(touched(clock, 30 * MINUTE), 25), false);
});

test("audio that is done is added up", () => {
  const of = (/** @type {number} */ start_us, /** @type {number} */ end_us, /** @type {string} */ status) => ({ start_us, end_us, status });
  const segments = /** @type {any[]} */ ([of(0, 5, "done"), of(5, 7, "draft"), of(7, 10, "done")]);
  assert.deepEqual(audioOf(segments), { totalUs: 10, doneUs: 8 });
});

test("days are kept apart, a month of them", () => {
  assert.equal(dayName(new Date(2026, 0, 5, 23, 59)), "2026-01-05");
  let days = withMore({}, "2026-01-01", { workMs: 1, audioUs: 1 });
  days = withMore(days, "2026-01-01", { workMs: 2, audioUs: -3 });
  assert.deepEqual(days, { "2026-01-01": { workMs: 3, audioUs: 0 } });
  for (let day = 1; day <= 40; day++) days = withMore(days, `2026-02-${String(day).padStart(2, "0")}`, { workMs: 1, audioUs: 0 });
  assert.equal(Object.keys(days).length, 31);
  assert.equal("2026-01-01" in days, false);
});
