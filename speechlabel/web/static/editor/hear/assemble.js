// Exact stretches of audio from the server's fixed grid of chunks.

const CHUNK_S = 2; // s; the grid of /pcm/{channel}/{index}

/**
 * @typedef {object} PcmSource
 * @property {(channel: number|null, index: number, urgency?: number) => Promise<Int16Array>} pcm
 * @property {(channel: number|null, index: number) => Int16Array|undefined} peekPcm
 * @property {() => void} [turn] the person is somewhere else now: what was wished for before is less urgent
 */

export class Assembler {
  /** @param {PcmSource} source @param {number} sampleRate  Hz @param {number} nFrames  of the recording */
  constructor(source, sampleRate, nFrames) {
    this.source = source;
    this.sampleRate = sampleRate;
    this.nFrames = nFrames;
    this.size = CHUNK_S * sampleRate;
  }

  /** Chunks that a stretch touches. @param {number} from @param {number} to @returns {number[]} */
  indexes(from, to) {
    const first = Math.floor(from / this.size);
    return Array.from({ length: Math.ceil(to / this.size) - first }, (_, i) => first + i);
  }

  /**
   * Whether all of a stretch is here already.
   * @param {number|null} channel
   * @param {number} from
   * @param {number} to
   */
  isHere(channel, from, to) {
    return this.indexes(from, to).every((index) => this.source.peekPcm(channel, index));
  }

  /**
   * Frames `from` to `to` (half-open), nominal −1…1.
   * @param {number|null} channel
   * @param {number} from
   * @param {number} to
   * @returns {Promise<Float32Array<ArrayBuffer>>}
   */
  async read(channel, from, to) {
    const indexes = this.indexes(from, to);
    const chunks = await Promise.all(indexes.map((index) => this.source.pcm(channel, index)));
    const out = new Float32Array(to - from);
    indexes.forEach((index, i) => {
      const start = index * this.size;
      const expected = Math.min(this.size, this.nFrames - start);
      const chunk = chunks[i];
      if (chunk.length !== expected)
        throw new Error(`audio: chunk ${index} has ${chunk.length} samples in place of ${expected}`);
      const [first, last] = [Math.max(from, start), Math.min(to, start + expected)];
      for (let frame = first; frame < last; frame += 1) out[frame - from] = chunk[frame - start] / 32768;
    });
    return out;
  }

  /**
   * A stretch cut at the grid: a short first block that is soon here, then longer ones.
   * @param {number} from
   * @param {number} to
   * @returns {Generator<[number, number]>}
   */
  *blocks(from, to) {
    let at = from;
    let chunks = 1;
    while (at < to) {
      const next = Math.min(to, (Math.floor(at / this.size) + chunks) * this.size);
      yield [at, next];
      at = next;
      chunks = Math.min(4, chunks + 1);
    }
  }
}
