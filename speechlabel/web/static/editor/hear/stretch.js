// Speech faster or slower at the same pitch.  No Web Audio here: numbers in, numbers out.
//
// Source: WSOLA, W. Verhelst and M. Roelands, "An overlap-add technique based on waveform similarity (WSOLA)
// for high quality time-scale modification of speech", ICASSP 1993.  Each output block of one hop fades from
// the natural continuation of the block before to the stretch of input, near where the speed wants it, that
// resembles that continuation best.

const HOP_S = 0.02; // s; one output block
const REACH_S = 0.012; // s; how far from the wanted place to look: two ways, it spans a period of 42 Hz
const COARSE_HZ = 8000; // the first search looks at about so many samples a second

export class Stretcher {
  /** What the search looks at: the rows together. */
  #input = new Float32Array(0);
  /** @type {Float32Array[]} the rows: the sides of a stereo sound, cut at the same places */
  #rows = [];
  /** Frame of the recording's stretch at `#input[0]`. */
  #base = 0;
  #received = 0;
  #produced = 0;
  /** Where the last block was taken from. */
  #last = 0;
  #isFirst = true;

  /**
   * @param {number} sampleRate  Hz
   * @param {number} rate  above 1 is faster; 0.25–4
   */
  constructor(sampleRate, rate) {
    if (!(rate >= 0.25 && rate <= 4)) throw new RangeError(`speed ${rate} is not between 0.25 and 4`);
    this.rate = rate;
    this.hop = Math.max(16, Math.round(sampleRate * HOP_S));
    this.reach = Math.max(8, Math.round(sampleRate * REACH_S));
    this.stride = Math.max(1, Math.floor(sampleRate / COARSE_HZ));
    const angle = Math.PI / 2 / this.hop;
    this.fade = Float32Array.from({ length: this.hop }, (_, i) => Math.sin((i + 0.5) * angle) ** 2);
  }

  /**
   * Take in samples; gives what can be made of them so far.
   * @param {readonly Float32Array[]} rows  one or several channels of one length
   * @returns {Float32Array[]}
   */
  push(rows) {
    const samples = summed(rows);
    const keepFrom = Math.max(0, Math.min(this.#last + this.hop, this.#wanted() - this.reach) - this.#base);
    const kept = this.#input.subarray(Math.min(keepFrom, this.#input.length));
    const gone = this.#input.length - kept.length;
    const input = joined([kept, samples]);
    this.#rows = rows.map((row, at) => (rows.length === 1 ? input : joined([this.#rows[at]?.subarray(gone) ?? [], row])));
    this.#base += gone;
    this.#input = input;
    this.#received += samples.length;
    /** @type {Float32Array[][]} */
    const blocks = [];
    while (this.#needed() <= this.#received) blocks.push(this.#block());
    return this.#rowsOf(blocks);
  }

  /** @param {readonly Float32Array[][]} blocks */
  #rowsOf(blocks) {
    return this.#rows.map((_, at) => joined(blocks.map((block) => block[at])));
  }

  /** The rest: the output is then round(input / rate) samples long. @returns {Float32Array[]} */
  flush() {
    const total = Math.round(this.#received / this.rate);
    /** @type {Float32Array[][]} */
    const blocks = [];
    const before = this.#produced;
    while (this.#produced < total) blocks.push(this.#block());
    return this.#rowsOf(blocks).map((row) => row.slice(0, Math.max(0, total - before)));
  }

  /** Where the speed wants the next block from. */
  #wanted() {
    return Math.round(this.#produced * this.rate);
  }

  /** Input that the next block needs: its own stretch and the continuation of the last. */
  #needed() {
    return Math.max(this.#wanted() + this.reach, this.#last + this.hop) + 2 * this.hop;
  }

  /** @returns {Float32Array[]} a row for each of the input */
  #block() {
    const next = this.#last + this.hop; // natural continuation
    const from = this.#isFirst ? 0 : this.#best(next);
    const isSmooth = this.#isFirst || from === next;
    const [one, other] = [next - this.#base, from - this.#base];
    const block = this.#rows.map((row) =>
      Float32Array.from({ length: this.hop }, (_, i) => {
        const coming = row[other + i] ?? 0;
        return isSmooth ? coming : (row[one + i] ?? 0) * (1 - this.fade[i]) + coming * this.fade[i];
      }),
    );
    this.#isFirst = false;
    this.#last = from;
    this.#produced += this.hop;
    return block;
  }

  /** The place near the wanted one that resembles the continuation best. @param {number} next */
  #best(next) {
    const wanted = this.#wanted();
    const low = Math.max(this.#base, wanted - this.reach);
    const high = Math.max(low, Math.min(wanted + this.reach, this.#received - this.hop));
    if (next >= low && next <= high && this.rate === 1) return next;
    const coarse = this.#search(next, low, high, this.stride, this.stride);
    const [first, last] = [Math.max(low, coarse - this.stride), Math.min(high, coarse + this.stride)];
    return this.#search(next, first, last, 1, this.stride);
  }

  /**
   * @param {number} next
   * @param {number} low
   * @param {number} high
   * @param {number} step  between places
   * @param {number} stride  between the samples that are compared
   */
  #search(next, low, high, step, stride) {
    const input = this.#input;
    const size = this.hop;
    let best = low;
    let bestScore = -Infinity;
    for (let from = low; from <= high; from += step) {
      let dot = 0;
      let energy = 1e-9;
      const one = next - this.#base;
      const other = from - this.#base;
      for (let i = 0; i < size; i += stride) {
        const value = input[other + i] ?? 0;
        dot += (input[one + i] ?? 0) * value;
        energy += value * value;
      }
      const score = dot / Math.sqrt(energy);
      if (score > bestScore) [best, bestScore] = [from, score];
    }
    return best;
  }
}

/**
 * A whole stretch at once.
 * @param {Float32Array} samples
 * @param {number} sampleRate
 * @param {number} rate
 * @returns {Float32Array} round(samples / rate) long
 */
export function stretch(samples, sampleRate, rate) {
  const stretcher = new Stretcher(sampleRate, rate);
  return joined([stretcher.push([samples])[0], stretcher.flush()[0]]);
}

/** @param {readonly Float32Array[]} rows @returns {Float32Array} */
function summed(rows) {
  if (rows.length === 1) return rows[0];
  const out = new Float32Array(rows[0]?.length ?? 0);
  for (const row of rows) for (let at = 0; at < out.length; at += 1) out[at] += row[at];
  return out;
}

/** Blocks as one. @param {readonly ArrayLike<number>[]} parts @returns {Float32Array<ArrayBuffer>} */
export function joined(parts) {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
