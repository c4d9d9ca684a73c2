// Runs stretchers (stretch.js) off the page's thread, one for each playback, by number.

import { Stretcher } from "./stretch.js";

/**
 * @typedef {{id: number, sampleRate: number, rate: number, samples: Float32Array|null}} Ask
 *   samples null: the end; the answer is the rest
 */

/** @type {Map<number, Stretcher>} */
const stretchers = new Map();

self.onmessage = (/** @type {MessageEvent<Ask>} */ { data: { id, sampleRate, rate, samples } }) => {
  const stretcher = stretchers.get(id) ?? new Stretcher(sampleRate, rate);
  stretchers.set(id, stretcher);
  const out = samples === null ? stretcher.flush() : stretcher.push(samples);
  if (samples === null) stretchers.delete(id);
  /** @type {any} */ (self).postMessage({ id, samples: out }, [out.buffer]);
};
