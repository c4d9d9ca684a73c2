// What a spectrogram shows, in numbers: which tiles, what frequency a row is, which colour a strength has. No DOM.
//
// The tiles are those of speechlabel/audio/spectrogram.py: 256 columns of 192 bytes, half a decibel each.

/** @typedef {"linear"|"log"|"mel"} Scale */
/** @typedef {{scale: Scale, windowUs: number, topHz: number}} View what the server computes */
/** @typedef {{view: View, rangeDb: number}} Look and how it is coloured */
/** @typedef {[number, number, number]} Rgb */

export const COLUMNS = 256;
export const ROWS = 192;
export const LEVELS = 10;
export const SCALES = /** @type {const} */ (["linear", "log", "mel"]);
export const WINDOWS_US = [5_000, 10_000, 25_000, 50_000];
export const TOPS_HZ = [4_000, 5_500, 8_000, 12_000, 24_000];
export const RANGES_DB = [40, 50, 60, 70, 80];
/** 25 ms show harmonics and words; who measures formants or pulses takes 5. */
export const DEFAULT_LOOK = { scale: "mel", windowUs: 25_000, topHz: 8_000, rangeDb: 60 };

const FIRST_STEP_US = 500;
const LOWEST_HZ = 50;
const BYTES_PER_DB = 2;
const EMPHASIS_DB = 6; // an octave: speech falls off by about that much

/**
 * What is kept in the settings, held to what there is and to what the recording can hold.
 * @param {Record<string, unknown>} kept @param {number} sampleRate Hz @returns {Look}
 */
export function lookOf(kept, sampleRate) {
  const one = (/** @type {string} */ name, /** @type {readonly any[]} */ of) =>
    of.includes(kept[name]) ? kept[name] : /** @type {Record<string, any>} */ (DEFAULT_LOOK)[name];
  const highest = TOPS_HZ.find((hz) => hz >= sampleRate / 2) ?? Infinity;
  const topHz = Math.min(one("topHz", TOPS_HZ), highest);
  const view = { scale: one("scale", SCALES), windowUs: one("windowUs", WINDOWS_US), topHz };
  return { view, rangeDb: one("rangeDb", RANGES_DB) };
}

/** Time that a column covers. @param {number} level */
export function stepUs(level) {
  return FIRST_STEP_US * 2 ** level;
}

/**
 * The level to draw: no coarser than the pixels, and no finer than the window can tell apart.
 * @param {number} usPerPx @param {number} windowUs
 * @returns {number|null} null: so much time a pixel that the sound would have to be read for minutes
 */
export function levelFor(usPerPx, windowUs) {
  const wanted = Math.floor(Math.log2(usPerPx / FIRST_STEP_US));
  if (wanted >= LEVELS) return null;
  const finest = Math.max(0, Math.ceil(Math.log2(windowUs / 8 / FIRST_STEP_US)));
  return Math.min(LEVELS - 1, Math.max(wanted, finest, 0));
}

/**
 * The tiles of a level under a stretch of time.
 * @param {number} startUs @param {number} endUs @param {number} level @param {number} durationUs
 * @returns {{index: number, startUs: number, endUs: number}[]}
 */
export function tilesOf(startUs, endUs, level, durationUs) {
  const long = COLUMNS * stepUs(level);
  const last = Math.ceil(durationUs / long) - 1;
  const out = [];
  for (let index = Math.max(0, Math.floor(startUs / long)); index <= last && index * long < endUs; index++)
    out.push({ index, startUs: index * long, endUs: (index + 1) * long });
  return out;
}

/** The path of a tile below a recording's media. @param {View} view @param {number|null} channel @param {number} level @param {number} index */
export function tilePath(view, channel, level, index) {
  const query = `scale=${view.scale}&window_us=${view.windowUs}&top_hz=${view.topHz}`;
  return `spectrogram/${channel ?? "mix"}/${level}/${index}?${query}`;
}

/** Height of a frequency: 0 at the bottom of the picture, 1 at its top. @param {number} hz @param {View} view */
export function heightOf(hz, { scale, topHz }) {
  if (scale === "log") return Math.log(Math.max(hz, 1e-3) / LOWEST_HZ) / Math.log(topHz / LOWEST_HZ);
  if (scale === "mel") return Math.log1p(hz / 700) / Math.log1p(topHz / 700);
  return hz / topHz;
}

/** The frequency at a height. @param {number} height @param {View} view */
export function frequencyAt(height, { scale, topHz }) {
  if (scale === "log") return LOWEST_HZ * (topHz / LOWEST_HZ) ** height;
  if (scale === "mel") return 700 * Math.expm1(height * Math.log1p(topHz / 700));
  return height * topHz;
}

/**
 * Frequencies worth a mark, not closer than they can be read.
 * @param {View} view @param {number} heightPx @param {number} [freePx] left free at the bottom @returns {number[]} Hz
 */
export function frequencyTicks(view, heightPx, freePx = 12) {
  const all =
    view.scale === "linear"
      ? [1000, 2000, 3000, 4000, 5000, 6000, 8000, 10000, 12000, 16000, 20000]
      : [100, 250, 500, 1000, 2000, 4000, 8000, 16000];
  /** @type {number[]} */
  const out = [];
  let lowest = freePx;
  for (const hz of all) {
    const y = heightOf(hz, view) * heightPx;
    if (y < lowest || y > heightPx - 6) continue;
    out.push(hz);
    lowest = y + 16;
  }
  return out;
}

/** What is added to the bytes of each row, so that the high and weak parts of speech can be seen. @param {View} view */
export function emphasis(view) {
  return Float32Array.from({ length: ROWS }, (_, row) => {
    const hz = Math.max(100, frequencyAt((row + 0.5) / ROWS, view));
    return Math.log2(hz / 1000) * EMPHASIS_DB * BYTES_PER_DB;
  });
}

/**
 * The strength that counts as full: a few cells may be stronger.
 * @param {Uint8Array} tile @param {Float32Array} added of ``emphasis``
 */
export function ceilingOf(tile, added) {
  const counts = new Uint32Array(512);
  for (let i = 0; i < tile.length; i++) {
    const value = Math.round(/** @type {number} */ (tile[i]) + /** @type {number} */ (added[i % ROWS]));
    const at = Math.max(0, Math.min(511, value));
    counts[at] = (counts[at] ?? 0) + 1;
  }
  let left = tile.length * 0.002;
  for (let value = 511; value > 0; value--) if ((left -= counts[value] ?? 0) < 0) return value;
  return 0;
}

/**
 * Colours from nothing to full, evenly between the stops.
 * @param {readonly Rgb[]} stops @returns {Uint8ClampedArray<ArrayBuffer>} 256 × red, green, blue, opacity
 */
export function ramp(stops) {
  const out = new Uint8ClampedArray(256 * 4);
  for (let i = 0; i < 256; i++) {
    const at = (i / 255) * (stops.length - 1);
    const below = Math.min(stops.length - 2, Math.floor(at));
    for (let c = 0; c < 3; c++) {
      const [a, b] = [stops[below]?.[c] ?? 0, stops[below + 1]?.[c] ?? 0];
      out[i * 4 + c] = a + (b - a) * (at - below);
    }
    out[i * 4 + 3] = 255;
  }
  return out;
}

/**
 * Paint a tile: the first column left, the highest row on top.
 * @param {Uint8Array} tile @param {Float32Array} added @param {number} ceiling byte of full strength
 * @param {number} rangeDb below it what is nothing @param {Uint8ClampedArray} colors of ``ramp``
 * @returns {Uint8ClampedArray<ArrayBuffer>} COLUMNS × ROWS pixels
 */
export function paint(tile, added, ceiling, rangeDb, colors) {
  const out = new Uint8ClampedArray(COLUMNS * ROWS * 4);
  const per = 255 / (rangeDb * BYTES_PER_DB);
  const words = new Uint32Array(out.buffer);
  const palette = new Uint32Array(colors.buffer, colors.byteOffset, 256);
  for (let column = 0; column < COLUMNS; column++)
    for (let row = 0; row < ROWS; row++) {
      const value = /** @type {number} */ (tile[column * ROWS + row]) + /** @type {number} */ (added[row]);
      const shade = Math.max(0, Math.min(255, Math.round(255 + (value - ceiling) * per)));
      words[(ROWS - 1 - row) * COLUMNS + column] = /** @type {number} */ (palette[shade]);
    }
  return out;
}
