// Which stretch of a segment is heard: all of it, its edges, or what lies around it. No DOM.

const EDGE_US = 1_000_000;
const AROUND_US = 500_000;

/** @typedef {"all"|"start"|"end"|"around"} Part */

/**
 * @param {{start_us: number, end_us: number}} segment
 * @param {Part} part
 * @param {number} durationUs of the recording
 * @returns {{startUs: number, endUs: number}}
 */
export function stretchOf({ start_us, end_us }, part, durationUs) {
  if (part === "start") return { startUs: start_us, endUs: Math.min(end_us, start_us + EDGE_US) };
  if (part === "end") return { startUs: Math.max(start_us, end_us - EDGE_US), endUs: end_us };
  if (part === "around")
    return { startUs: Math.max(0, start_us - AROUND_US), endUs: Math.min(durationUs, end_us + AROUND_US) };
  return { startUs: start_us, endUs: end_us };
}

/**
 * The segment that is heard at a time: of those that lie there the one that began last.
 * @template {{start_us: number, end_us: number}} S
 * @param {readonly S[]} segments sorted by start
 * @param {number} after index of the first one that starts after that time
 * @param {number} us
 * @returns {S|null}
 */
export function heardAt(segments, after, us) {
  const FAR = 200; // a whole recording under one long segment must not be walked through in each frame
  for (let index = after - 1; index >= Math.max(0, after - FAR); index -= 1)
    if (segments[index].end_us > us) return segments[index];
  return null;
}
