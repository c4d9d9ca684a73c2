// Peaks tiles, PCM chunks, tiles of the spectrogram: bounded caches (least recently used go first), one request
// for many askers, and few requests at once, so that a save never waits behind audio for one of the browser's
// connections.  On a slow line what is being played comes first, then what comes next, then the rest.

import { Line } from "./line.js";

/** @typedef {import("../types.js").PeaksTile} PeaksTile */
/** @typedef {{path: string, urgency: number, turn: number, order: number, go: () => void}} Wish */

const PEAKS_BYTES = 8 << 20; // what is dropped is in the browser's own cache, on disk: these bound the memory of a long day
const PCM_BYTES = 16 << 20;
const SPECTROGRAM_BYTES = 16 << 20;
const AT_ONCE = 4;
const AT_ONCE_AHEAD = 3; // of what is not being played; one is left for that
const AT_ONCE_SLOW = 1; // the same on a slow line, which it would take from what is being played
/** How soon something is needed. */
export const NOW = 0;
export const NEXT = 1;
export const REST = 2;
const DAT_HEADER = 24; // bytes; audiowaveform data format, version 2

/**
 * Cache of promises by key, bounded by bytes.
 * @template T
 */
export class LruCache {
  /** @type {Map<string, {promise: Promise<T>, value: T|undefined, bytes: number}>} oldest use first */
  #rows = new Map();
  #bytes = 0;

  /** @param {number} limit  bytes @param {(value: T) => number} sizeOf  bytes */
  constructor(limit, sizeOf) {
    this.limit = limit;
    this.sizeOf = sizeOf;
  }

  get bytes() {
    return this.#bytes;
  }

  /**
   * The value if it is here already; looking at it counts as using it.
   * @param {string} key @returns {T|undefined}
   */
  peek(key) {
    return this.#used(key)?.value;
  }

  /** @param {string} key */
  #used(key) {
    const row = this.#rows.get(key);
    if (row) {
      this.#rows.delete(key);
      this.#rows.set(key, row);
    }
    return row;
  }

  /** @param {string} key @param {() => Promise<T>} load @returns {Promise<T>} */
  get(key, load) {
    const old = this.#used(key);
    if (old) return old.promise;
    const row = { promise: load(), value: /** @type {T|undefined} */ (undefined), bytes: 0 };
    this.#rows.set(key, row);
    row.promise.then(
      (value) => {
        row.value = value;
        row.bytes = this.sizeOf(value);
        if (this.#rows.get(key) !== row) return;
        this.#bytes += row.bytes;
        this.#shrink();
      },
      () => {
        if (this.#rows.get(key) === row) this.#rows.delete(key); // a failure is not kept
      },
    );
    return row.promise;
  }

  #shrink() {
    for (const [key, row] of this.#rows) {
      if (this.#bytes <= this.limit) return;
      if (row.value === undefined || this.#rows.size === 1) continue;
      this.#rows.delete(key);
      this.#bytes -= row.bytes;
    }
  }
}

export class Media {
  /** @type {LruCache<PeaksTile>} */
  #peaks = new LruCache(PEAKS_BYTES, (tile) => tile.min.byteLength * 2);
  /** @type {LruCache<Int16Array>} */
  #pcm = new LruCache(PCM_BYTES, (samples) => samples.byteLength);
  /** @type {LruCache<Uint8Array>} */
  #spectrogram = new LruCache(SPECTROGRAM_BYTES, (tile) => tile.byteLength);
  #running = 0;
  #count = 0;
  #turn = 0;
  /** @type {Wish[]} */
  #wishes = [];

  /**
   * @param {(path: string) => Promise<ArrayBuffer>} load
   * @param {{sampleRate?: number, peaksBytes?: number, pcmBytes?: number}} [limits]
   */
  constructor(load, { sampleRate = 16_000, peaksBytes = PEAKS_BYTES, pcmBytes = PCM_BYTES } = {}) {
    this.load = load;
    this.sampleRate = sampleRate;
    // Two channels of 16 bits: what is played takes half of it, what comes next has the other half.
    this.line = new Line(2 * 16 * sampleRate);
    this.#peaks.limit = peaksBytes;
    this.#pcm.limit = pcmBytes;
  }

  /** @param {number} level @param {number} tile @returns {Promise<PeaksTile>} */
  peaks(level, tile) {
    return this.#peaks.get(`${level}/${tile}`, async () => parseDat(await this.#fetch(`peaks/${level}/${tile}`, REST)));
  }

  /** The tile if it is here already, for drawing without waiting. @param {number} level @param {number} tile */
  peekPeaks(level, tile) {
    return this.#peaks.peek(`${level}/${tile}`);
  }

  /**
   * @param {number|null} channel  null: the mix
   * @param {number} index
   * @param {number} [urgency] NOW: it is to be played; NEXT: it will be soon
   * @returns {Promise<Int16Array>}
   */
  pcm(channel, index, urgency = NOW) {
    const path = `pcm/${channel ?? "mix"}/${index}`;
    const waiting = this.#wishes.find((wish) => wish.path === path);
    if (waiting && urgency <= waiting.urgency) {
      this.#count += 1;
      Object.assign(waiting, { urgency, turn: this.#turn, order: this.#count });
      this.#grant();
    }
    return this.#pcm.get(path, () => this.#sound(path, channel, index, urgency));
  }

  /** Where the person is now: what was wished for the place before is less urgent. */
  turn() {
    this.#turn += 1;
  }

  /** @param {string} path @param {number|null} channel @param {number} index @param {number} urgency */
  async #sound(path, channel, index, urgency) {
    // The same samples in half the bytes; a quick line has them sooner as they are.
    let isCompact = false;
    const data = await this.#fetch(path, urgency, () => {
      isCompact = this.line.isSlow;
      return isCompact ? `flac/${channel ?? "mix"}/${index}` : path;
    });
    return isCompact ? decodeFlac(data, this.sampleRate) : parsePcm(data);
  }

  /** @param {number|null} channel @param {number} index */
  peekPcm(channel, index) {
    return this.#pcm.peek(`pcm/${channel ?? "mix"}/${index}`);
  }

  /** @param {string} path of spectrum.js @returns {Promise<Uint8Array>} */
  spectrogram(path) {
    return this.#spectrogram.get(path, async () => new Uint8Array(await this.#fetch(path, REST)));
  }

  /** @param {string} path */
  peekSpectrogram(path) {
    return this.#spectrogram.peek(path);
  }

  /**
   * @param {string} path
   * @param {number} urgency
   * @param {() => string} [address] asked when it is its turn, if it is another one
   */
  async #fetch(path, urgency, address = () => path) {
    if (this.#hasRoom(urgency)) this.#running += 1;
    else
      await new Promise((/** @type {(value: void) => void} */ go) => {
        this.#count += 1;
        this.#wishes.push({ path, urgency, go, turn: this.#turn, order: this.#count });
      });
    this.line.begin();
    let bytes = 0;
    try {
      const data = await this.load(address());
      bytes = data.byteLength;
      return data;
    } finally {
      this.line.end(bytes);
      this.#running -= 1;
      this.#grant();
    }
  }

  /** @param {number} urgency */
  #hasRoom(urgency) {
    return this.#running < (urgency === NOW ? AT_ONCE : this.line.isSlow ? AT_ONCE_SLOW : AT_ONCE_AHEAD);
  }

  #grant() {
    // Of one urgency those for where the person is now come first: what is to be heard in its order, what is to be
    // seen the newest first, since what scrolled out of sight can wait.
    this.#wishes.sort(
      (one, other) =>
        one.urgency - other.urgency ||
        other.turn - one.turn ||
        (one.urgency === REST ? other.order - one.order : one.order - other.order),
    );
    const wish = this.#wishes[0];
    if (!wish || !this.#hasRoom(wish.urgency)) return;
    this.#wishes.shift();
    this.#running += 1;
    wish.go();
  }
}

/**
 * Samples of 16 bits as they were, out of a lossless chunk.
 * @param {ArrayBuffer} data @param {number} sampleRate  Hz; at another rate they would be made anew
 * @returns {Promise<Int16Array>}
 */
async function decodeFlac(data, sampleRate) {
  const buffer = await new OfflineAudioContext(1, 1, sampleRate).decodeAudioData(data);
  return Int16Array.from(buffer.getChannelData(0), (value) => Math.round(value * 32_768));
}

/**
 * Read one tile of peaks.
 * Source: audiowaveform, "Data format", version 2: int32 version, uint32 flags (bit 0: 8 bit), int32 sample
 * rate, int32 samples per point, uint32 points, int32 channels; then min, max of each channel, point by point.
 * @param {ArrayBuffer} buffer
 * @returns {PeaksTile}
 */
export function parseDat(buffer) {
  if (buffer.byteLength < DAT_HEADER) throw new Error("peaks: shorter than its header");
  const view = new DataView(buffer);
  const [version, flags, sampleRate, samplesPerPoint, length, channels] = [0, 4, 8, 12, 16, 20].map((at) =>
    view.getInt32(at, true),
  );
  if (version !== 2 || (flags & 1) !== 0 || channels < 1) throw new Error("peaks: not version 2 with 16 bits");
  if (buffer.byteLength !== DAT_HEADER + length * channels * 4)
    throw new Error("peaks: not as long as its header says");
  const [min, max] = [new Int16Array(length * channels), new Int16Array(length * channels)];
  let at = DAT_HEADER;
  for (let point = 0; point < length; point += 1)
    for (let channel = 0; channel < channels; channel += 1, at += 4) {
      min[channel * length + point] = view.getInt16(at, true);
      max[channel * length + point] = view.getInt16(at + 2, true);
    }
  return { channels, length, sampleRate, samplesPerPoint, min, max };
}

/** @param {ArrayBuffer} buffer  little-endian int16 @returns {Int16Array} */
export function parsePcm(buffer) {
  if (buffer.byteLength % 2) throw new Error("audio: half a sample at the end");
  const isLittle = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  if (isLittle) return new Int16Array(buffer);
  const view = new DataView(buffer);
  return Int16Array.from({ length: buffer.byteLength / 2 }, (_, at) => view.getInt16(at * 2, true));
}
