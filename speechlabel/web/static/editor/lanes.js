// Which segments lie in which lane of the waveform, and which of them a stretch of time shows. No DOM.

import { firstIndex } from "./collection.js";

/** @typedef {import("./types.js").Segment} Segment */
/** @typedef {import("./types.js").Recording} Recording */

/**
 * One lane a channel where the channels are labelled apart, else one for the mix (null).
 * @param {Pick<Recording, "layout"|"channels">} recording
 * @returns {(number|null)[]}
 */
export function lanesOf(recording) {
  if (recording.layout !== "separate" || recording.channels < 2) return [null];
  return Array.from({ length: recording.channels }, (_, channel) => channel);
}

/**
 * @param {readonly (number|null)[]} lanes
 * @param {number|null|undefined} channel of a segment; of the mix: all lanes
 * @returns {[number, number]} first lane and one past the last
 */
export function laneRange(lanes, channel) {
  if (lanes.length === 1) return [0, 1];
  if (channel === null || channel === undefined || channel >= lanes.length) return [0, lanes.length];
  return [channel, channel + 1];
}

/** The sorted segments of a transcript with what it takes to find those of a window quickly. */
export class Window {
  /** @type {readonly Segment[]} */
  #segments = [];
  #longestUs = 0;

  /** @param {readonly Segment[]} segments sorted by start */
  take(segments) {
    this.#segments = segments;
    this.#longestUs = 0;
    for (const { start_us, end_us } of segments) this.#longestUs = Math.max(this.#longestUs, end_us - start_us);
  }

  /**
   * Index of the first segment that may be seen; go on until one starts after the window.
   * A single very long segment makes the walk longer, never wrong.
   * @param {number} startUs
   */
  first(startUs) {
    return firstIndex(this.#segments, (segment) => segment.start_us >= startUs - this.#longestUs);
  }

  /** @param {number} startUs @param {number} endUs @returns {Segment[]} that overlap the stretch */
  between(startUs, endUs) {
    const out = [];
    for (let i = this.first(startUs); i < this.#segments.length; i++) {
      const segment = /** @type {Segment} */ (this.#segments[i]);
      if (segment.start_us >= endUs) break;
      if (segment.end_us > startUs) out.push(segment);
    }
    return out;
  }
}
