// The time-stretch by figures: length, pitch, no clicks, loudness, the same whether whole or in blocks.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Stretcher, stretch } from "../../speechlabel/web/static/editor/hear/stretch.js";
import { Random } from "./random.js";

const RATES = [0.5, 0.75, 0.9, 1.1, 1.25, 1.5, 2, 2.5, 3];

const tone = (hz, sampleRate, seconds, level = 0.5) =>
  Float32Array.from({ length: Math.round(seconds * sampleRate) }, (_, i) => level * Math.sin((2 * Math.PI * hz * i) / sampleRate));

/** A voice as far as this matters: pulses of a moving pitch through a decay, with pauses. */
function voice(sampleRate, seconds) {
  const random = new Random(3);
  const out = new Float32Array(Math.round(seconds * sampleRate));
  let state = 0;
  let phase = 0;
  for (let i = 0; i < out.length; i += 1) {
    const time = i / sampleRate;
    phase += (120 + 60 * Math.sin(time * 3)) / sampleRate;
    const isPulse = phase >= 1;
    if (isPulse) phase -= 1;
    state = state * 0.97 + (isPulse ? 0.4 : 0) + (random.next() - 0.5) * 0.01;
    out[i] = time % 1.3 < 1 ? state : 0;
  }
  return out;
}

/** Frequency from the upward zero crossings of the inner part, interpolated. */
function pitch(samples, sampleRate) {
  const crossings = [];
  for (let i = sampleRate / 5; i < samples.length - sampleRate / 5; i += 1)
    if (samples[i - 1] < 0 && samples[i] >= 0) crossings.push(i - samples[i] / (samples[i] - samples[i - 1]));
  return ((crossings.length - 1) * sampleRate) / (crossings.at(-1) - crossings[0]);
}

const largestStep = (samples) => samples.reduce((most, value, i) => Math.max(most, i ? Math.abs(value - samples[i - 1]) : 0), 0);
const loudness = (samples) => Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);

for (const sampleRate of [8000, 16_000, 48_000])
  test(`a tone keeps its pitch and gets its length, ${sampleRate} Hz`, () => {
    for (const rate of RATES)
      for (const hz of [110, 440, 1000]) {
        const input = tone(hz, sampleRate, 2);
        const out = stretch(input, sampleRate, rate);
        assert.equal(out.length, Math.round(input.length / rate));
        const heard = pitch(out, sampleRate);
        assert.ok(Math.abs(heard / hz - 1) < 0.01, `${hz} Hz at ${rate}: ${heard}`);
        const step = 2 * Math.PI * (hz / sampleRate) * 0.5;
        assert.ok(largestStep(out) < step * 1.5, `${hz} Hz at ${rate}: a step of ${largestStep(out) / step}`);
        assert.ok(Math.abs(loudness(out) / loudness(input) - 1) < 0.05, `${hz} Hz at ${rate}: loudness`);
      }
  });

test("a voice: no click is louder than its own, and it is as loud", () => {
  const input = voice(16_000, 4);
  for (const rate of RATES) {
    const out = stretch(input, 16_000, rate);
    assert.ok(largestStep(out) <= largestStep(input) * 1.2, `at ${rate}`);
    assert.ok(Math.abs(loudness(out) / loudness(input) - 1) < 0.1, `at ${rate}: ${loudness(out) / loudness(input)}`);
  }
});

test("what happens at one place is heard at that place, within 40 ms", () => {
  const input = new Float32Array(32_000);
  input.set(tone(300, 16_000, 0.3), 16_000);
  for (const rate of RATES) {
    const out = stretch(input, 16_000, rate);
    const first = out.findIndex((value) => Math.abs(value) > 0.1) / 16_000;
    assert.ok(Math.abs(first - 1 / rate) < 0.04, `at ${rate}: ${first}`);
  }
});

test("in blocks of any size it is the same as whole", () => {
  const input = voice(16_000, 3);
  const random = new Random(9);
  for (const rate of [0.5, 1.5, 3]) {
    const stretcher = new Stretcher(16_000, rate);
    const parts = [];
    for (let at = 0; at < input.length; ) {
      const next = Math.min(input.length, at + random.whole(1, 9000));
      parts.push(...stretcher.push([input.slice(at, next)])[0]);
      at = next;
    }
    parts.push(...stretcher.flush()[0]);
    assert.deepEqual(Float32Array.from(parts), stretch(input, 16_000, rate));
  }
});

test("two sides are cut at the same places: what is on one is as far as what is on the other", () => {
  const input = voice(16_000, 2);
  const half = input.map((value) => value / 2);
  const stretcher = new Stretcher(16_000, 1.5);
  const random = new Random(3);
  const [left, right] = [[], []];
  for (let at = 0; at < input.length; ) {
    const next = Math.min(input.length, at + random.whole(1, 9000));
    const [one, other] = stretcher.push([input.slice(at, next), half.slice(at, next)]);
    assert.equal(one.length, other.length);
    left.push(...one);
    right.push(...other);
    at = next;
  }
  const [one, other] = stretcher.flush();
  left.push(...one);
  right.push(...other);
  assert.equal(left.length, Math.round(input.length / 1.5));
  assert.ok(right.every((value, at) => Math.abs(value - left[at] / 2) < 1e-6));
});

test("at speed 1 nothing changes", () => {
  const input = voice(16_000, 1);
  assert.deepEqual(stretch(input, 16_000, 1), input);
});

test("very short, silent and empty stretches", () => {
  for (const length of [0, 1, 5, 100, 400])
    for (const rate of [0.5, 2]) {
      const out = stretch(new Float32Array(length).fill(0.1), 16_000, rate);
      assert.equal(out.length, Math.round(length / rate));
      assert.ok(out.every(Number.isFinite));
    }
  assert.ok(stretch(new Float32Array(16_000), 16_000, 1.5).every((value) => value === 0));
});

test("a speed that makes no sense is refused", () => {
  for (const rate of [0, -1, 0.1, 5, NaN, Infinity]) assert.throws(() => new Stretcher(16_000, rate), RangeError);
});
