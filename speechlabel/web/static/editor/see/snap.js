// Where an edge comes to rest near the pointer: on a neighbour's edge, else in the quietest spot. No DOM.

/** @typedef {import("./sound.js").Columns} Columns */
/** @typedef {{us: number, to: "edge"|"quiet"|null}} Snapped what it rests on; null: where the pointer is */

export const SNAP_PX = 8;
const SAME_SHARE = 1.15; // so much more than the least is as quiet: the nearest of those is taken
const SAME_LEVEL = 0.004; // of full scale; below it nobody sees or hears a difference
const AROUND = 1; // columns: a zero crossing is no silence

/**
 * @param {number} us wanted
 * @param {number} reachUs how far it may be moved
 * @param {readonly number[]} edges of other segments, µs
 * @param {(fromUs: number, toUs: number) => number|null} quiet the quietest time of a stretch, null: as good as any
 * @returns {Snapped}
 */
export function snap(us, reachUs, edges, quiet) {
  let best = NaN;
  for (const edge of edges)
    if (Math.abs(edge - us) <= reachUs && !(Math.abs(best - us) <= Math.abs(edge - us))) best = edge;
  if (!Number.isNaN(best)) return { us: best, to: "edge" };
  const found = quiet(us - reachUs, us + reachUs);
  return found === null ? { us, to: null } : { us: found, to: "quiet" };
}

/**
 * The quietest time near a wanted one.
 * @param {Pick<Columns, "low"|"high">} columns NaN: not known
 * @param {number} startUs of the first column
 * @param {number} stepUs of a column
 * @param {number} wantedUs
 * @param {number} [around] columns to both sides that must be quiet too
 * @returns {number|null} null: it is as quiet where it is, or nothing is known
 */
export function quietest({ low, high }, startUs, stepUs, wantedUs, around = AROUND) {
  const n = low.length;
  const levels = Array.from({ length: n }, (_, i) => {
    let most = 0;
    for (let at = Math.max(0, i - around); at <= Math.min(n - 1, i + around); at++)
      most = Math.max(most, Number(high[at]), -Number(low[at])); // NaN stays NaN
    return most;
  });
  const known = levels.filter((level) => !Number.isNaN(level));
  if (known.length === 0) return null;
  const most = Math.min(...known) * SAME_SHARE + SAME_LEVEL;
  const here = levels[Math.floor((wantedUs - startUs) / stepUs)];
  if (here !== undefined && here <= most) return null;
  let best = /** @type {number|null} */ (null);
  levels.forEach((level, i) => {
    const us = Math.round(startUs + (i + 0.5) * stepUs);
    if (level <= most && (best === null || Math.abs(us - wantedUs) < Math.abs(best - wantedUs))) best = us;
  });
  return best;
}
