// One playback of one stretch: buffers on the clock of an AudioContext.
//
// A short stretch is one buffer, started whole: both edges are exact (start with a duration may play a sample
// more).  A long one is a row of buffers, each starting on the sample after the last of the one before.

const AHEAD_S = 12; // s; how much of a long stretch is scheduled before it is due
const LEAD_S = 0.02; // s; time to set up the first of several buffers
const FADE_S = 0.005; // s; a stop in the middle fades out, so that it does not click
const RETRY_MS = 1000;

/**
 * @typedef {object} Block
 * @property {Float32Array<ArrayBuffer>[]} rows  as they are to be heard: one for both sides, or one for each
 * @property {number} frame  of the recording, at the first of them
 */

/**
 * @typedef {object} Plan
 * @property {number} from  first frame of the stretch
 * @property {number} to  one past the last
 * @property {number} at  where to begin, from ≤ at < to
 * @property {number} rate
 * @property {boolean} loop
 */

export class Playback {
  /** @type {{time: number, length: number, frame: number}[]} what is scheduled: context time, seconds, frame */
  #spans = [];
  /** @type {Set<AudioBufferSourceNode>} */
  #sources = new Set();
  /** @type {AudioBufferSourceNode|null} of a stretch that is one buffer */
  #single = null;
  #isStopped = false;
  #isComplete = false;
  #nextFrame = 0;
  #fade;

  /**
   * @param {object} parts
   * @param {BaseAudioContext & {outputLatency?: number, getOutputTimestamp?: () => AudioTimestamp}} parts.context
   * @param {AudioNode} parts.output
   * @param {number} parts.sampleRate  of the recording
   * @param {Plan} parts.plan
   * @param {import("../scope.js").Scope} parts.scope
   * @param {() => void} parts.onEnd
   * @param {(isStalled: boolean) => void} parts.onStall
   */
  constructor({ context, output, sampleRate, plan, scope, onEnd, onStall }) {
    this.context = context;
    this.sampleRate = sampleRate;
    this.plan = plan;
    this.scope = scope;
    this.onEnd = onEnd;
    this.onStall = onStall;
    this.#fade = context.createGain();
    this.#fade.connect(output);
  }

  get isStopped() {
    return this.#isStopped;
  }

  /** Play one buffer that holds the whole stretch. @param {Float32Array<ArrayBuffer>[]} rows */
  playWhole(rows) {
    const { plan } = this;
    const source = (this.#single = this.#source(rows));
    source.loop = plan.loop;
    const offset = (plan.at - plan.from) / (this.sampleRate * plan.rate);
    if (plan.loop && offset > 0) source.start(0, offset);
    else source.start(0);
    this.#isComplete = true;
    this.#spans = [{ time: this.context.currentTime, length: Infinity, frame: plan.at }];
  }

  /**
   * Play blocks one after the other without a gap, while later ones are still being fetched.
   * @param {AsyncIterator<Block>} blocks
   * @returns {Promise<boolean>} true once the first one is scheduled
   */
  async playBlocks(blocks) {
    const first = await blocks.next();
    if (this.#isStopped || first.done) return false;
    this.#nextFrame = Math.ceil((this.context.currentTime + LEAD_S) * this.context.sampleRate);
    this.#schedule(first.value);
    void this.#follow(blocks);
    return true;
  }

  /** @param {AsyncIterator<Block>} blocks */
  async #follow(blocks) {
    while (!this.#isStopped) {
      const ahead = this.#nextFrame / this.context.sampleRate - this.context.currentTime;
      if (ahead > AHEAD_S) {
        await this.scope.sleep((ahead - AHEAD_S) * 500);
        continue;
      }
      const stall = this.scope.timeout(() => this.onStall(true), Math.max(0, ahead * 1000));
      const next = await blocks.next().catch(() => null);
      stall();
      if (this.#isStopped) return;
      if (next === null) await this.scope.sleep(RETRY_MS);
      else if (next.done) return this.#complete();
      else this.#schedule(next.value);
    }
  }

  #complete() {
    this.#isComplete = true;
    if (this.#sources.size === 0) this.#end();
  }

  /** @param {Block} block */
  #schedule({ rows, frame }) {
    if (rows[0].length === 0) return;
    const rate = this.context.sampleRate;
    const soonest = Math.ceil((this.context.currentTime + LEAD_S / 2) * rate);
    if (this.#nextFrame < soonest) {
      this.#nextFrame = soonest; // it came too late: a gap, and the clock goes on from here
      this.onStall(false);
    }
    const source = this.#source(rows);
    const time = this.#nextFrame / rate;
    source.start(time);
    const length = rows[0].length / this.sampleRate;
    this.#spans.push({ time, length, frame });
    this.#spans = this.#spans.filter((span) => span.time + span.length > this.context.currentTime - 1);
    this.#nextFrame += Math.round(length * rate);
  }

  /** @param {Float32Array<ArrayBuffer>[]} rows */
  #source(rows) {
    const buffer = this.context.createBuffer(rows.length, rows[0].length, this.sampleRate);
    rows.forEach((row, at) => buffer.copyToChannel(row, at));
    const source = this.context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#fade);
    source.onended = () => {
      source.disconnect();
      this.#sources.delete(source);
      if (this.#isComplete && this.#sources.size === 0) this.#end();
    };
    this.#sources.add(source);
    return source;
  }

  #end() {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#fade.disconnect();
    this.onEnd();
  }

  stop() {
    if (this.#isStopped) return;
    this.#isStopped = true;
    const now = this.context.currentTime;
    this.#fade.gain.setValueAtTime(1, now);
    this.#fade.gain.linearRampToValueAtTime(0, now + FADE_S);
    for (const source of this.#sources) source.stop(now + FADE_S);
    this.scope.timeout(() => this.#fade.disconnect(), FADE_S * 1000 + 100);
  }

  /**
   * Move the edges of a loop while it plays; only inside the buffer that was assembled.
   * @param {number} from
   * @param {number} to
   * @returns {boolean} false: it must be played anew
   */
  moveLoop(from, to) {
    const { plan } = this;
    const source = this.#single;
    const buffer = source?.buffer;
    if (!source || !buffer || !plan.loop || plan.rate !== 1) return false;
    const start = plan.from - Math.round(source.loopStart * this.sampleRate);
    if (from < start || to > start + buffer.length || from >= to) return false;
    const frame = Math.floor(this.frame());
    source.loopStart = (from - start) / this.sampleRate;
    source.loopEnd = (to - start) / this.sampleRate;
    this.plan = { ...plan, from, to };
    this.#spans = [{ time: this.#heard(), length: Infinity, frame: frame >= from && frame < to ? frame : from }];
    return true;
  }

  /** Frame of the recording that is heard now. @returns {number} not rounded */
  frame() {
    const { plan } = this;
    const now = this.#heard();
    const span = this.#spans.findLast((item) => item.time <= now) ?? this.#spans[0];
    if (!span) return plan.at;
    const frame = span.frame + Math.min(Math.max(0, now - span.time), span.length) * this.sampleRate * plan.rate;
    return plan.loop ? plan.from + ((frame - plan.from) % (plan.to - plan.from)) : Math.min(frame, plan.to);
  }

  /** Context time of what leaves the loudspeaker now: behind the context's own by the output latency. */
  #heard() {
    const { context } = this;
    const stamp = context.getOutputTimestamp?.();
    if (stamp?.contextTime && stamp.performanceTime) {
      const time = stamp.contextTime + (performance.now() - stamp.performanceTime) / 1000;
      if (time > context.currentTime - 1 && time <= context.currentTime) return time;
    }
    return context.currentTime - (context.outputLatency ?? 0);
  }
}
