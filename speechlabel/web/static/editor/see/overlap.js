// Segments that lie over each other in one lane: which of them is written in which line, and where they overlap.
// No DOM.

/** @typedef {import("../types.js").Segment} Segment */
/** @typedef {{id: string, start_us: number, end_us: number}} Timed */

/**
 * A line for the text of each segment, so that those that overlap are not written over each other.
 * @param {readonly Timed[]} segments
 * @returns {Map<string, number>} by id; 0: the topmost
 */
export function linesOf(segments) {
  /** @type {Map<string, number>} */
  const lines = new Map();
  /** @type {number[]} */
  const ends = []; // of the last segment in each line
  for (const { id, start_us, end_us } of sorted(segments)) {
    const free = ends.findIndex((end) => end <= start_us);
    const line = free < 0 ? ends.length : free;
    ends[line] = end_us;
    lines.set(id, line);
  }
  return lines;
}

/**
 * Stretches in which two or more sound at once, ascending.
 * @param {readonly Timed[]} segments
 * @returns {{start_us: number, end_us: number}[]}
 */
export function overlapsOf(segments) {
  /** @type {{start_us: number, end_us: number}[]} */
  const found = [];
  let end = -Infinity; // of what has begun so far
  for (const { start_us, end_us } of sorted(segments)) {
    const until = Math.min(end, end_us);
    if (start_us < until) {
      const last = found.at(-1);
      if (last && start_us <= last.end_us) last.end_us = Math.max(last.end_us, until);
      else found.push({ start_us, end_us: until });
    }
    end = Math.max(end, end_us);
  }
  return found;
}

/** @param {readonly Timed[]} segments */
function sorted(segments) {
  return [...segments].sort((one, other) => one.start_us - other.start_us || one.end_us - other.end_us);
}
