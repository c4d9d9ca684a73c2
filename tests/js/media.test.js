// Peaks and PCM: read right, kept within bounds, asked for once.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Line } from "../../speechlabel/web/static/editor/hear/line.js";
import { LruCache, Media, NEXT, parseDat, parsePcm } from "../../speechlabel/web/static/editor/hear/media.js";
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

/** A Media whose answers come one by one, when the test lets them. */
function oneByOne() {
  const running = [];
  const started = [];
  const most = { count: 0 };
  const media = new Media((path) => {
    started.push(path);
    return new Promise((resolve) => {
      running.push(() => resolve(new ArrayBuffer(2)));
      most.count = Math.max(most.count, running.length);
    });
  });
  const settle = async (answers = 60) => {
    for (let i = 0; i < answers; i += 1) {
      await new Promise((go) => setImmediate(go));
      running.shift()?.();
    }
  };
  return { media, started, most, settle };
}

test("few requests run at once, and of what is to be seen the newest goes first", async () => {
  const { media, started, most, settle } = oneByOne();
  const all = Array.from({ length: 10 }, (_, i) => media.spectrogram(`spectrogram/${i}`));
  await settle();
  await Promise.all(all);
  assert.ok(most.count <= 4);
  assert.equal(started.length, 10);
  assert.equal(started[3], "spectrogram/9");
});

test("what is being played comes first, then what comes next, then the rest", async () => {
  const { media, started, settle } = oneByOne();
  for (let i = 0; i < 3; i += 1) void media.spectrogram(`spectrogram/${i}`);
  void media.spectrogram("seen");
  for (const index of [20, 21, 22]) void media.pcm(1, index, NEXT);
  media.turn(); // the person went somewhere else
  for (const index of [40, 41]) void media.pcm(1, index, NEXT);
  for (const index of [30, 31]) void media.pcm(0, index);
  void media.pcm(1, 22); // and wants to hear this after all
  await settle();
  const paths = ["0/30", "0/31", "1/22", "1/40", "1/41", "1/20", "1/21"].map((path) => `pcm/${path}`);
  assert.deepEqual(started, ["spectrogram/0", "spectrogram/1", "spectrogram/2", ...paths, "seen"]);
});

test("the speed of a line is what came over it together, and what comes from nearby says nothing", () => {
  let now = 0;
  const line = new Line(512_000, () => now);
  const send = (bytes, ms) => (line.begin(), (now += ms), line.end(bytes));
  send(64_000, 2);
  assert.deepEqual([line.speed, line.isSlow], [Infinity, false]);
  line.begin();
  line.begin();
  now += 100;
  line.end(64_000);
  now += 100;
  line.end(64_000);
  assert.equal(line.speed, (128_000 * 8000) / 200);
  for (let i = 0; i < 40; i += 1) send(6400, 200); // 256 kbit/s
  assert.equal(line.isSlow, true);
  for (let i = 0; i < 200; i += 1) send(20_000, 200); // 800 kbit/s: enough, but not by far
  assert.equal(line.isSlow, true);
  for (let i = 0; i < 200; i += 1) send(64_000, 200);
  assert.equal(line.isSlow, false);
});

test("on a slow line the same chunk is asked for in fewer bytes", async () => {
  const asked = [];
  const media = new Media(async (path) => (asked.push(path), new ArrayBuffer(2)), { sampleRate: 48_000 });
  await media.pcm(0, 1);
  Object.defineProperty(media.line, "isSlow", { value: true });
  await assert.rejects(media.pcm(0, 2), /OfflineAudioContext/); // only a browser can unpack it
  assert.deepEqual(asked, ["pcm/0/1", "flac/0/2"]);
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
