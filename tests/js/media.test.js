// Peaks and PCM: read right, kept within bounds, asked for once.

import assert from "node:assert/strict";
import { test } from "node:test";

import { LruCache, Media, parseDat, parsePcm } from "../../speechlabel/web/static/editor/hear/media.js";
import { samplesToUs, usToSamples } from "../../speechlabel/web/static/editor/model/timing.js";
import { Random } from "./random.js";

function dat({ version = 2, flags = 0, channels = 2, points = [[-1, 2, -3, 4], [-32768, 32767, 0, 0]] } = {}) {
  const buffer = new ArrayBuffer(24 + points.length * channels * 4);
  const view = new DataView(buffer);
  [version, flags, 16000, 128, points.length, channels].forEach((value, i) => view.setInt32(i * 4, value, true));
  points.flat().forEach((value, i) => view.setInt16(24 + i * 2, value, true));
  return buffer;
}

test("a tile of audiowaveform's format is read channel by channel", () => {
  const tile = parseDat(dat());
  assert.deepEqual([tile.channels, tile.length, tile.sampleRate, tile.samplesPerPoint], [2, 2, 16000, 128]);
  assert.deepEqual([...tile.min], [-1, -32768, -3, 0]);
  assert.deepEqual([...tile.max], [2, 32767, 4, 0]);
});

test("what is no such tile is refused", () => {
  for (const buffer of [new ArrayBuffer(0), dat({ version: 1 }), dat({ flags: 1 }), dat().slice(0, -1), dat({ channels: 0, points: [] })])
    assert.throws(() => parseDat(buffer), /^Error: peaks: /);
  assert.throws(() => parsePcm(new ArrayBuffer(3)), /half a sample/);
});

test("the cache stays within its bytes, and lets the least recently used go", async () => {
  const cache = new LruCache(10, (value) => value.length);
  const load = (text) => async () => text;
  for (const key of ["aaaa", "bbbb"]) await cache.get(key, load(key));
  await cache.get("aaaa", load("not loaded again"));
  await cache.get("cccc", load("cccc"));
  assert.equal(cache.peek("bbbb"), undefined);
  assert.equal(cache.peek("aaaa"), "aaaa");
  assert.ok(cache.bytes <= 10);
  await cache.get("big", load("x".repeat(50)));
  assert.equal(cache.peek("big")?.length, 50, "the newest stays, however big");
  assert.equal(cache.bytes, 50);
});

test("looking at what is here counts as using it: what is on the screen stays", async () => {
  const cache = new LruCache(10, (value) => value.length);
  const load = (text) => async () => text;
  for (const key of ["aaaa", "bbbb"]) await cache.get(key, load(key));
  assert.equal(cache.peek("aaaa"), "aaaa");
  await cache.get("cccc", load("cccc"));
  assert.equal(cache.peek("aaaa"), "aaaa");
  assert.equal(cache.peek("bbbb"), undefined);
});

test("many askers share one request; a failure is not kept", async () => {
  let asked = 0;
  const media = new Media(async (path) => {
    asked += 1;
    if (asked === 1) throw new Error("offline");
    assert.equal(path, "pcm/mix/3");
    return new Int16Array([7]).buffer;
  });
  await assert.rejects(media.pcm(null, 3), /offline/);
  const [one, other] = await Promise.all([media.pcm(null, 3), media.pcm(null, 3)]);
  assert.equal(one, other);
  assert.equal(asked, 2);
  assert.equal(media.peekPcm(null, 3), one);
  assert.equal(media.peekPcm(0, 3), undefined);
});

test("few requests run at once, and the newest wish goes first", async () => {
  const running = [];
  const started = [];
  let most = 0;
  const media = new Media((path) => {
    started.push(path);
    return new Promise((resolve) => {
      running.push(() => resolve(new ArrayBuffer(2)));
      most = Math.max(most, running.length);
    });
  });
  const all = Array.from({ length: 10 }, (_, i) => media.pcm(0, i));
  for (let i = 0; i < 60; i += 1) {
    await new Promise((go) => setImmediate(go));
    running.shift()?.();
  }
  await Promise.all(all);
  assert.ok(most <= 4);
  assert.equal(started.length, 10);
  assert.equal(started[4], "pcm/0/9");
});

test("time is that of timing.py, exactly, up to a day at 192 kHz", () => {
  const random = new Random(5);
  const exact = (value, up, down) => Number((2n * value * up + down) / (2n * down));
  for (let i = 0; i < 20_000; i += 1) {
    const rate = random.pick([8000, 11_025, 16_000, 22_050, 44_100, 47_999, 48_000, 96_000, 192_000, random.whole(8000, 192_001)]);
    const timeUs = random.whole(0, 86_400_000_000);
    const sample = usToSamples(timeUs, rate);
    assert.equal(sample, exact(BigInt(timeUs), BigInt(rate), 1_000_000n));
    assert.equal(samplesToUs(sample, rate), exact(BigInt(sample), 1_000_000n, BigInt(rate)));
    assert.equal(usToSamples(samplesToUs(sample, rate), rate), sample);
  }
});
