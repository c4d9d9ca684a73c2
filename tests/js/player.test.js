// The player on an AudioContext whose clock the test turns: which samples are started, and when.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Player } from "../../speechlabel/web/static/editor/hear/player.js";
import { Scope } from "../../speechlabel/web/static/editor/scope.js";
import { usToSamples } from "../../speechlabel/web/static/editor/model/timing.js";

const RATE = 8000;
const FRAMES = 100 * RATE + 1234;
const value = (channel, frame) => ((frame * 7 + (channel === null ? 0 : (channel + 1) * 1000)) % 60_000) - 30_000;

const settle = async () => {
  for (let i = 0; i < 10; i += 1) await new Promise((go) => setImmediate(go));
};

class FakeContext {
  currentTime = 0.5;
  state = "running";
  destination = {};
  sources = [];
  mayRun = true;

  constructor({ sampleRate }) {
    this.sampleRate = sampleRate;
  }
  createGain() {
    const gain = { value: 1, ramps: [], setValueAtTime() {}, linearRampToValueAtTime: (...args) => gain.ramps.push(args) };
    return { gain, connect() {}, disconnect() {} };
  }
  createBuffer(channels, length, sampleRate) {
    const rows = Array.from({ length: channels }, () => new Float32Array(length));
    const copyToChannel = (samples, channel) => rows[channel].set(samples);
    return { length, sampleRate, duration: length / sampleRate, data: rows[0], rows, copyToChannel };
  }
  createBufferSource() {
    const context = this;
    const source = {
      loop: false,
      loopStart: 0,
      loopEnd: 0,
      connect() {},
      disconnect() {},
      start(when = 0, ...rest) {
        Object.assign(source, { when: when || context.currentTime, rest, end: Infinity });
        if (!source.loop) source.end = source.when + source.buffer.duration;
      },
      stop(when) {
        source.stopped = when;
        source.end = Math.min(source.end, when);
      },
    };
    this.sources.push(source);
    return source;
  }
  async resume() {
    if (!this.mayRun) return new Promise(() => {});
    this.state = "running";
  }
  async close() {
    this.state = "closed";
  }
  /** Let the sound and the page's timers go on. */
  async advance(seconds) {
    for (let gone = 0; gone < seconds - 1e-9; gone += 0.1) {
      this.currentTime += 0.1;
      mock.timers.tick(100);
      for (const source of this.sources)
        if (source.end <= this.currentTime && !source.isOver) {
          source.isOver = true;
          source.onended?.();
        }
      await settle();
    }
  }
}

function setup({ slow = () => null, nFrames = FRAMES } = {}) {
  const asked = [];
  const here = new Map();
  const client = {
    async pcm(channel, index) {
      const key = `${channel}/${index}`;
      asked.push(key);
      await slow(key);
      const size = Math.min(2 * RATE, nFrames - index * 2 * RATE);
      const chunk = Int16Array.from({ length: size }, (_, i) => value(channel, index * 2 * RATE + i));
      here.set(key, chunk);
      return chunk;
    },
    peekPcm: (channel, index) => here.get(`${channel}/${index}`),
  };
  const scope = new Scope();
  const contexts = [];
  const player = new Player({
    client,
    sampleRate: RATE,
    nFrames,
    scope,
    createContext: (options) => {
      contexts.push(new FakeContext({ sampleRate: 48_000, ...options }));
      return contexts.at(-1);
    },
  });
  const states = [];
  player.onState((state) => states.push(state));
  return { player, client, scope, contexts, asked, states };
}

/** The samples of a source, as they were on the server. */
const heard = (source) => Array.from(source.buffer.data, (sample) => sample * 32_768);
const expected = (channel, from, to) => Array.from({ length: to - from }, (_, i) => value(channel, from + i));

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "setInterval"] }));
afterEach(() => mock.timers.reset());

test("a segment is one buffer with exactly its samples, started whole", async () => {
  const { player, contexts, asked } = setup();
  const [startUs, endUs] = [1_234_567, 4_999_999];
  assert.equal(await player.play({ startUs, endUs, channel: 1 }), true);
  const [context] = contexts;
  assert.equal(context.sampleRate, RATE);
  assert.equal(context.sources.length, 1);
  const [from, to] = [usToSamples(startUs, RATE), usToSamples(endUs, RATE)];
  assert.deepEqual(heard(context.sources[0]), expected(1, from, to));
  assert.deepEqual(context.sources[0].rest, [], "no offset, no duration: those may play a sample more");
  assert.deepEqual(asked, ["1/0", "1/1", "1/2"], "only the channel that is heard");
});

test("two channels on two sides are one buffer, each exact on its own side", async () => {
  const { player, contexts, asked } = setup();
  const tracks = [{ channel: 0, left: 1, right: 0 }, { channel: 1, left: 0, right: 1 }];
  assert.equal(await player.play({ startUs: 1_000_000, endUs: 3_000_000, tracks }), true);
  const [source] = contexts[0].sources;
  const sides = source.buffer.rows.map((row) => Array.from(row, (sample) => sample * 32_768));
  assert.deepEqual(sides, [expected(0, RATE, 3 * RATE), expected(1, RATE, 3 * RATE)]);
  assert.deepEqual(asked.sort(), ["0/0", "0/1", "1/0", "1/1"]);
});

test("edges on and around the grid of chunks, and the end of the recording", async () => {
  const { player, contexts } = setup();
  const grid = 2 * RATE;
  for (const [from, to] of [[0, grid], [grid - 1, grid + 1], [grid, grid + 1], [FRAMES - 5, FRAMES], [3, 4]]) {
    const us = (frame) => Math.round((frame * 1e6) / RATE);
    assert.equal(await player.play({ startUs: us(from), endUs: us(to) }), true);
    assert.deepEqual(heard(contexts[0].sources.at(-1)), expected(null, from, to));
  }
  assert.equal(await player.play({ startUs: 5_000_000, endUs: 5_000_000 }), false);
  assert.equal(await player.play({ startUs: 200_000_000, endUs: 300_000_000 }), false);
  assert.equal(player.playing, false);
});

test("position goes with the context's clock, and stands at the end", async () => {
  const { player, contexts, states } = setup();
  await player.play({ startUs: 2_000_000, endUs: 4_000_000 });
  await contexts[0].advance(0.5);
  assert.ok(Math.abs(player.positionUs - 2_500_000) < 1000);
  await contexts[0].advance(2);
  assert.equal(player.positionUs, 4_000_000);
  assert.deepEqual([player.playing, states.at(-1).ended], [false, true]);
});

test("the output latency is taken off the position", async () => {
  const { player, contexts } = setup();
  await player.play({ startUs: 0, endUs: 4_000_000 });
  contexts[0].outputLatency = 0.2;
  await contexts[0].advance(1);
  assert.ok(Math.abs(player.positionUs - 800_000) < 1000);
});

test("stop fades and keeps the place", async () => {
  const { player, contexts } = setup();
  await player.play({ startUs: 0, endUs: 4_000_000 });
  await contexts[0].advance(1);
  player.stop();
  assert.equal(player.playing, false);
  assert.ok(Math.abs(player.positionUs - 1_000_000) < 1000);
  assert.ok(contexts[0].sources[0].stopped - contexts[0].currentTime < 0.01);
  await contexts[0].advance(1);
  assert.equal(player.state.ended, false);
});

test("a long stretch starts with its first chunk, and goes on without a gap", async () => {
  const pending = [];
  const { player, contexts, asked } = setup({ slow: (key) => (key === "null/0" ? null : new Promise((go) => pending.push(go))) });
  const playing = player.play({ startUs: 500_000, endUs: 90_000_000 });
  await settle();
  assert.equal(await playing, true, "before the second chunk is here");
  assert.equal(contexts[0].sources.length, 1);
  assert.ok(asked.length <= 4);
  for (let i = 0; i < 120; i += 1) {
    for (const go of pending.splice(0)) go();
    await settle();
    await contexts[0].advance(1);
  }
  const { sources } = contexts[0];
  assert.deepEqual(sources.flatMap(heard), expected(null, 4000, 90 * RATE));
  for (let i = 1; i < sources.length; i += 1) {
    const gap = (sources[i].when - sources[i - 1].when) * RATE - sources[i - 1].buffer.length;
    assert.ok(Math.abs(gap) < 1e-6, "on the very next sample");
    assert.ok(Math.abs(sources[i].when * RATE - Math.round(sources[i].when * RATE)) < 1e-6);
  }
  assert.equal(player.state.ended, true);
  assert.equal(player.positionUs, 90_000_000);
});

test("no more is fetched than is soon due", async () => {
  const { player, contexts, asked } = setup();
  await player.play({ startUs: 0, endUs: 90_000_000 });
  await contexts[0].advance(1);
  assert.ok(asked.length * 2 < 32, `${asked.length} chunks after 1 s`);
});

test("audio that comes too late makes a gap that is told, and loses nothing", async () => {
  let release = null;
  const { player, contexts, states } = setup({ slow: (key) => (key === "null/1" ? new Promise((go) => (release = go)) : null) });
  await player.play({ startUs: 0, endUs: 30_000_000 });
  await contexts[0].advance(5);
  assert.equal(player.loading, true);
  assert.equal(player.playing, true);
  assert.equal(player.positionUs, 2_000_000, "stands where the sound ended");
  release();
  await contexts[0].advance(40);
  assert.deepEqual(contexts[0].sources.flatMap(heard), expected(null, 0, 30 * RATE));
  assert.equal(states.at(-1).ended, true);
});

test("a chunk that fails in the middle is asked for again", async () => {
  let failures = 2;
  const { player, contexts } = setup({
    slow: async (key) => {
      if (key === "null/2" && failures-- > 0) throw new Error("offline");
    },
  });
  await player.play({ startUs: 0, endUs: 30_000_000 });
  await contexts[0].advance(45);
  assert.deepEqual(contexts[0].sources.flatMap(heard), expected(null, 0, 30 * RATE));
});

test("audio that cannot be had is told, and the next try works", async () => {
  let isDown = true;
  const { player } = setup({
    slow: async () => {
      if (isDown) throw new Error("no answer from the server");
    },
  });
  assert.equal(await player.play({ startUs: 0, endUs: 1_000_000 }), false);
  assert.deepEqual([player.playing, player.state.error], [false, "no answer from the server"]);
  isDown = false;
  assert.equal(await player.play({ startUs: 0, endUs: 1_000_000 }), true);
  assert.equal(player.state.error, null);
});

test("a chunk of the wrong length is refused, not played out of place", async () => {
  const { player, client } = setup();
  const real = client.pcm;
  client.pcm = async (channel, index) => (await real(channel, index)).slice(1);
  assert.equal(await player.play({ startUs: 0, endUs: 1_000_000 }), false);
  assert.match(player.state.error, /chunk 0 has 15999 samples in place of 16000/);
});

test("a loop is exact, knows its place, and its edges can be dragged", async () => {
  const { player, contexts } = setup();
  await player.play({ startUs: 1_000_000, endUs: 3_000_000, loop: true });
  const [source] = contexts[0].sources;
  assert.equal(source.loop, true);
  assert.deepEqual(heard(source), expected(null, RATE, 3 * RATE));
  await contexts[0].advance(2.5);
  assert.ok(Math.abs(player.positionUs - 1_500_000) < 1000);
  player.moveRange(1_000_000, 2_000_000);
  assert.equal(contexts[0].sources.length, 1, "inside the buffer: no break");
  assert.deepEqual([source.loopStart, source.loopEnd], [0, 1]);
  await contexts[0].advance(1);
  assert.ok(Math.abs(player.positionUs - 1_500_000) < 1000);
  player.moveRange(1_000_000, 4_000_000);
  await settle();
  assert.equal(contexts[0].sources.length, 2);
  assert.deepEqual(heard(contexts[0].sources[1]), expected(null, RATE, 4 * RATE));
  assert.ok(Math.abs(contexts[0].sources[1].rest[0] - 0.5) < 0.001, "goes on from where it was");
});

test("a loop that is begun in its middle goes over the whole of it", async () => {
  const { player, contexts } = setup();
  await player.play({ startUs: 1_000_000, endUs: 3_000_000, loop: true }, 2_000_000);
  const [source] = contexts[0].sources;
  assert.deepEqual(heard(source), expected(null, RATE, 3 * RATE));
  assert.ok(Math.abs(source.rest[0] - 1) < 0.001);
  await contexts[0].advance(1.5);
  assert.ok(Math.abs(player.positionUs - 1_500_000) < 1000);
});

test("a long loop goes round without a gap", async () => {
  const { player, contexts } = setup();
  await player.play({ startUs: 0, endUs: 25_000_000, loop: true });
  await contexts[0].advance(60);
  const all = contexts[0].sources.flatMap(heard);
  const once = expected(null, 0, 25 * RATE);
  assert.ok(all.length > 2 * once.length);
  assert.deepEqual(all.slice(0, 2 * once.length), [...once, ...once]);
  assert.ok(Math.abs(player.positionUs - 10_000_000) < 100_000);
  player.stop();
});

test("another call overtakes the first, even while that still waits", async () => {
  let release = null;
  const { player, contexts } = setup({ slow: (key) => (key === "null/0" ? new Promise((go) => (release = go)) : null) });
  const first = player.play({ startUs: 0, endUs: 1_000_000 });
  const second = player.play({ startUs: 4_000_000, endUs: 5_000_000 });
  assert.equal(await second, true);
  release();
  assert.equal(await first, false);
  assert.equal(contexts[0].sources.length, 1);
  assert.equal(player.range.startUs, 4_000_000);
});

test("a refusal to play before the first click is told, and made good by it", async () => {
  const { player, contexts } = setup();
  await player.play({ startUs: 0, endUs: 1000 });
  player.stop();
  const [context] = contexts;
  context.state = "suspended";
  context.mayRun = false;
  const playing = player.play({ startUs: 0, endUs: 1_000_000 });
  await settle();
  mock.timers.tick(300);
  assert.equal(await playing, false);
  assert.deepEqual([player.blocked, player.playing], [true, false]);
  context.mayRun = true;
  await player.gesture();
  assert.deepEqual([player.blocked, player.playing], [false, true]);
  assert.equal(context.sources.at(-1).buffer.length, RATE);
});

test("other speeds: as long as they should be, position in the recording's time", async () => {
  const { player, contexts } = setup();
  for (const rate of [0.5, 1.5, 3]) {
    await player.play({ startUs: 0, endUs: 4_000_000, rate });
    const source = contexts[0].sources.at(-1);
    assert.equal(source.buffer.length, Math.round((4 * RATE) / rate));
    await contexts[0].advance(0.5);
    assert.ok(Math.abs(player.positionUs - 500_000 * rate) < 2000);
    player.stop();
  }
});

test("a long stretch at another speed is made while it plays, and its length is right", async () => {
  const { player, contexts, states } = setup();
  await player.play({ startUs: 0, endUs: 30_000_000, rate: 2 });
  await contexts[0].advance(8);
  assert.ok(Math.abs(player.positionUs - 16_000_000) < 100_000);
  await contexts[0].advance(10);
  const { sources } = contexts[0];
  assert.ok(sources.length > 2);
  assert.equal(sources.reduce((sum, source) => sum + source.buffer.length, 0), 15 * RATE);
  assert.equal(states.at(-1).ended, true);
});

test("changing the speed goes on from the same place", async () => {
  const { player, contexts } = setup();
  await player.play({ startUs: 0, endUs: 4_000_000 });
  await contexts[0].advance(1);
  player.setRate(2);
  await settle();
  await contexts[0].advance(0.5);
  assert.ok(Math.abs(player.positionUs - 2_000_000) < 10_000);
  player.setRate(99);
  assert.equal(player.rate, 3);
});

test("prefetch asks for what is near, once, and failures stay quiet", async () => {
  const { player, asked } = setup({ slow: async () => Promise.reject(new Error("offline")) });
  player.prefetch({ startUs: 1_000_000, endUs: 90_000_000, channel: 0 });
  await settle();
  assert.equal(asked.length, 16);
  assert.equal(asked[0], "0/0");
});

test("disposing closes the context and is silent", async () => {
  const { player, contexts, scope, states } = setup();
  await player.play({ startUs: 0, endUs: 90_000_000 });
  const count = states.length;
  scope.dispose();
  assert.equal(contexts[0].state, "closed");
  await contexts[0].advance(5);
  assert.equal(states.length, count);
});

test("a browser that does not know the rate gets its own", async () => {
  const { player, contexts } = setup();
  const make = player.createContext;
  player.createContext = (options) => {
    if (options.sampleRate) throw new DOMException("rate", "NotSupportedError");
    return make(options);
  };
  assert.equal(await player.play({ startUs: 0, endUs: 1_000_000 }), true);
  assert.equal(contexts[0].sampleRate, 48_000);
  assert.equal(contexts[0].sources[0].buffer.sampleRate, RATE);
});
