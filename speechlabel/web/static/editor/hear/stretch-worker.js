// Runs stretchers (stretch.js) off the page's thread, one for each playback, by number.

import { Stretcher } from "./stretch.js";

/**
 * @typedef {{id: number, sampleRate: number, rate: number, rows: Float32Array[]|null}} Ask
 *   rows null: the end; the answer is the rest
 */

/** @type {Map<number, Stretcher>} */
const stretchers = new Map();

self.onmessage = (/** @type {MessageEvent<Ask>} */ { data: { id, sampleRate, rate, rows } }) => {
  const stretcher = stretchers.get(id) ?? new Stretcher(sampleRate, rate);
  stretchers.set(id, stretcher);
  const out = rows === null ? stretcher.flush() : stretcher.push(rows);
  if (rows === null) stretchers.delete(id);
  /** @type {any} */ (self).postMessage({ id, rows: out }, out.map((row) => row.buffer));
};
