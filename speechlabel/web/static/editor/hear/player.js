// Plays exact stretches of the recording: assembled from PCM chunks into buffers at the recording's own rate.

import { Assembler } from "./assemble.js";
import { Loudness } from "./loudness.js";
import { NEXT } from "./media.js";
import { Playback } from "./playback.js";
import { StretchHost, WorkerError } from "./stretch-host.js";
import { joined } from "./stretch.js";
import { blend } from "./tracks.js";
import { samplesToUs, usToSamples } from "../model/timing.js";

/** @typedef {import("../types.js").PlayRange} PlayRange */
/** @typedef {import("../types.js").PlayerState} PlayerState */
/** @typedef {import("./playback.js").Plan} Plan */
/** @typedef {import("./tracks.js").Track} Track */

const WHOLE_S = 20; // s; up to here a stretch is one buffer
const WHOLE_STRETCHED_S = 6; // s; stretching takes time, so longer ones are played while they are made
const PREFETCH_S = 30; // s; no more than so much of a segment is fetched before it is asked for
const RESUME_MS = 300; // how long to wait for a context that the browser may not let run
export const SLOWEST = 0.5;
export const FASTEST = 3;

export class Player {
  /** @type {AudioContext|null} */
  #context = null;
  /** @type {Playback|null} */
  #playback = null;
  /** @type {PlayRange|null} what is playing, or waits for a gesture */
  #range = null;
  #stretch;
  /** @type {Loudness|null} */
  #loudness = null;
  #db = 0;
  #asked = 0;
  #stoppedUs = 0;
  /** @type {Set<(state: PlayerState) => void>} */
  #listeners = new Set();
  /** @type {PlayerState} */
  #state = { playing: false, loading: false, blocked: false, ended: false, error: null };

  /**
   * @param {object} parts
   * @param {import("./assemble.js").PcmSource} parts.client
   * @param {number} parts.sampleRate  Hz
   * @param {number} parts.nFrames
   * @param {import("../scope.js").Scope} parts.scope
   * @param {(options: AudioContextOptions) => AudioContext} [parts.createContext]
   */
  constructor({ client, sampleRate, nFrames, scope, createContext = (options) => new AudioContext(options) }) {
    this.assembler = new Assembler(client, sampleRate, nFrames);
    this.sampleRate = sampleRate;
    this.nFrames = nFrames;
    this.scope = scope;
    this.createContext = createContext;
    this.rate = 1;
    this.#stretch = new StretchHost(scope);
    scope.own(() => this.#dispose());
    if (typeof window !== "undefined")
      for (const type of ["pointerdown", "keydown"])
        scope.listen(window, type, () => void this.gesture(), { capture: true, passive: true });
  }

  // State

  get playing() {
    return this.#state.playing;
  }
  get loading() {
    return this.#state.loading;
  }
  /** The browser wants a click or a key first; then it plays what was asked for. */
  get blocked() {
    return this.#state.blocked;
  }
  get state() {
    return this.#state;
  }
  get range() {
    return this.#range;
  }
  /** Time of the recording that is heard now; after a stop, where it stopped. */
  get positionUs() {
    return this.#playback && !this.#playback.isStopped ? this.#toUs(this.#playback.frame()) : this.#stoppedUs;
  }

  /** @param {(state: PlayerState) => void} fn @returns {() => void} stops listening */
  onState(fn) {
    this.#listeners.add(fn);
    return () => void this.#listeners.delete(fn);
  }

  /** @param {Partial<PlayerState>} change */
  #set(change) {
    this.#state = { ...this.#state, ...change };
    for (const fn of [...this.#listeners]) fn(this.#state);
  }

  // Playing

  /**
   * Play a stretch from its first sample to its last.
   * @param {PlayRange} range
   * @param {number|null} [atUs]  begin here, inside the range; a loop then still goes over the whole of it
   * @returns {Promise<boolean>} true once it sounds; false: blocked, overtaken by another call, or failed
   */
  async play(range, atUs = null) {
    this.#silence();
    const rate = Math.min(Math.max(range.rate ?? this.rate, SLOWEST), FASTEST);
    const plan = this.#plan(range, atUs, rate);
    this.#range = range;
    this.#stoppedUs = this.#toUs(plan.at);
    if (plan.to <= plan.from) {
      this.#set({ playing: false, loading: false, blocked: false, ended: false, error: null });
      return false;
    }
    const asked = this.#asked;
    this.#set({ playing: true, loading: true, blocked: false, ended: false, error: null });
    try {
      const context = this.#open();
      const tracks = tracksIn(range);
      const isWhole = this.#isWhole(plan, tracks);
      const samples = isWhole ? this.#whole(plan, tracks) : null;
      samples?.catch(() => {}); // reported below, or of no interest any more
      if (!(await this.#isRunning(context))) {
        if (asked === this.#asked) this.#set({ playing: false, loading: false, blocked: true });
        return false;
      }
      const whole = samples ? await samples : null;
      if (asked !== this.#asked) return false;
      const playback = (this.#playback = this.#playbackOf(context, plan, asked));
      if (whole) playback.playWhole(whole);
      else if (!(await playback.playBlocks(this.#blocks(plan, tracks)))) return false;
      if (asked !== this.#asked) return false;
      this.#set({ loading: false });
      return true;
    } catch (error) {
      if (asked === this.#asked) {
        if (error instanceof WorkerError) return this.play(range, atUs);
        this.#silence();
        this.#set({ playing: false, loading: false, error: /** @type {Error} */ (error).message });
      }
      return false;
    }
  }

  /** @param {PlayRange} range @param {number|null} atUs @param {number} rate @returns {Plan} */
  #plan({ startUs, endUs, loop = false }, atUs, rate) {
    const from = this.#toFrame(startUs);
    const to = this.#toFrame(endUs);
    const at = atUs === null ? from : this.#toFrame(atUs);
    if (at <= from || at >= to) return { from, to, at: from, rate, loop };
    return loop ? { from, to, at, rate, loop } : { from: at, to, at, rate, loop };
  }

  /** @param {AudioContext} context @param {Plan} plan @param {number} asked */
  #playbackOf(context, plan, asked) {
    return new Playback({
      context,
      output: this.#loudness?.input ?? context.destination,
      sampleRate: this.sampleRate,
      plan,
      scope: this.scope,
      onEnd: () => {
        if (asked !== this.#asked) return;
        this.#stoppedUs = this.#toUs(plan.to);
        this.#playback = null;
        this.#set({ playing: false, loading: false, ended: true });
      },
      onStall: (loading) => {
        if (asked === this.#asked) this.#set({ loading });
      },
    });
  }

  /** @param {Plan} plan @param {readonly Track[]} tracks */
  #isWhole({ from, to, rate }, tracks) {
    const seconds = (to - from) / this.sampleRate;
    if (rate !== 1) return seconds <= WHOLE_STRETCHED_S;
    return seconds <= WHOLE_S && (seconds <= 4 || tracks.every(({ channel }) => this.assembler.isHere(channel, from, to)));
  }

  /** @param {readonly Track[]} tracks @param {number} from @param {number} to */
  async #read(tracks, from, to) {
    return blend(await Promise.all(tracks.map(({ channel }) => this.assembler.read(channel, from, to))), tracks);
  }

  /** @param {Plan} plan @param {readonly Track[]} tracks @returns {Promise<Float32Array<ArrayBuffer>[]>} */
  async #whole({ from, to, rate }, tracks) {
    const rows = await this.#read(tracks, from, to);
    if (rate === 1) return rows;
    const push = this.#stretch.open(this.sampleRate, rate);
    const [most, rest] = [await push(rows), await push(null)];
    return most.map((row, at) => joined([row, rest[at]]));
  }

  /**
   * @param {Plan} plan
   * @param {readonly Track[]} tracks
   * @returns {AsyncIterator<import("./playback.js").Block>} a failed fetch can be tried again by `next`
   */
  #blocks(plan, tracks) {
    const { from, to, at, rate, loop } = plan;
    let cuts = this.assembler.blocks(at, to);
    let cut = cuts.next();
    let made = 0; // output samples so far
    const push = rate === 1 ? null : this.#stretch.open(this.sampleRate, rate);
    let isFlushed = push === null;
    const next = async () => {
      if (cut.done && loop) {
        cuts = this.assembler.blocks(from, to);
        cut = cuts.next();
      }
      if (cut.done && isFlushed) return { done: /** @type {const} */ (true), value: undefined };
      if (cut.done) {
        isFlushed = true;
        return block(await /** @type {NonNullable<typeof push>} */ (push)(null));
      }
      const rows = await this.#read(tracks, cut.value[0], cut.value[1]);
      const out = push ? await push(rows) : rows;
      cut = cuts.next();
      return block(out);
    };
    const block = (/** @type {Float32Array[]} */ out) => {
      const frame = at - from + made * rate;
      const rows = /** @type {Float32Array<ArrayBuffer>[]} */ (out);
      made += rows[0].length;
      return { done: false, value: { rows, frame: from + (loop ? frame % (to - from) : frame) } };
    };
    return { next };
  }

  stop() {
    this.#silence();
    if (this.#state.playing || this.#state.blocked)
      this.#set({ playing: false, loading: false, blocked: false, ended: false });
  }

  #silence() {
    this.#asked += 1;
    if (!this.#playback) return;
    this.#stoppedUs = this.positionUs;
    this.#playback.stop();
    this.#playback = null;
  }

  /** Speed from now on, 0.5–3, pitch kept; what plays goes on from where it is. @param {number} rate */
  setRate(rate) {
    this.rate = Math.min(Math.max(rate, SLOWEST), FASTEST);
    if (this.#range && this.#state.playing) void this.play({ ...this.#range, rate: this.rate }, this.positionUs);
  }

  /**
   * Move the edges of what plays (a segment being dragged), without a break if possible.
   * @param {number} startUs
   * @param {number} endUs
   */
  moveRange(startUs, endUs) {
    if (!this.#range || !this.#state.playing) return;
    const moved = { ...this.#range, startUs, endUs };
    if (this.#playback?.moveLoop(this.#toFrame(startUs), this.#toFrame(endUs))) this.#range = moved;
    else void this.play(moved, this.positionUs);
  }

  /** Raise what is faint. @param {number} db 0–24 */
  setLoudness(db) {
    this.#db = db;
    this.#loudness?.set(db);
  }

  /** The person is somewhere else now; what was fetched ahead for the place before can wait. */
  turn() {
    this.assembler.source.turn?.();
  }

  /** Fetch what will be played soon. @param {PlayRange} range */
  prefetch({ startUs, endUs, ...range }) {
    const tracks = tracksIn({ startUs, endUs, ...range });
    const from = this.#toFrame(startUs);
    const to = Math.min(this.#toFrame(endUs), from + PREFETCH_S * this.sampleRate);
    if (to > from)
      for (const index of this.assembler.indexes(from, to))
        for (const { channel } of tracks) this.assembler.source.pcm(channel, index, NEXT).catch(() => {});
  }

  /** A click or a key: now the browser lets us play. */
  async gesture() {
    const context = this.#context;
    if (!context || context.state === "running") return;
    await context.resume().catch(() => {});
    if (this.#state.blocked && this.#range) await this.play(this.#range);
  }

  // The context

  #open() {
    if (this.#context && this.#context.state !== "closed") return this.#context;
    let context;
    try {
      // At another rate there would be clicks at the seams, and edges between samples.
      context = this.createContext({ sampleRate: this.sampleRate, latencyHint: "interactive" });
    } catch {
      context = this.createContext({ latencyHint: "interactive" }); // a rate that this browser does not know
    }
    // A slow device may start late, and some browsers let a page play without a click after a while.
    context.onstatechange = () => {
      if (context.state === "running" && this.#state.blocked && this.#range) void this.play(this.#range);
    };
    this.#context = context;
    this.#loudness = new Loudness(context, this.#db);
    return context;
  }

  /** @param {AudioContext} context */
  async #isRunning(context) {
    if (context.state === "running") return true;
    await Promise.race([context.resume().catch(() => {}), this.scope.sleep(RESUME_MS)]);
    return /** @type {string} */ (context.state) === "running";
  }

  #dispose() {
    this.#asked += 1;
    this.#playback?.stop();
    this.#playback = null;
    this.#listeners.clear();
    this.#context?.close().catch(() => {});
  }

  /** @param {number} timeUs */
  #toFrame(timeUs) {
    return Math.min(Math.max(usToSamples(timeUs, this.sampleRate), 0), this.nFrames);
  }
  /** @param {number} frame */
  #toUs(frame) {
    return samplesToUs(Math.round(frame), this.sampleRate);
  }
}

/** @param {PlayRange} range @returns {readonly Track[]} */
function tracksIn({ tracks, channel = null }) {
  return tracks ?? [{ channel, left: 1, right: 1 }];
}
