// Which recording comes next, and what is left in this one.  No DOM, no fetch.

import { isBlank, mayBeDone } from "./state.js";

/** @typedef {import("../types.js").Segment} Segment */
/** @typedef {import("../types.js").RecordingRow} RecordingRow */
/** @typedef {{total: number, done: number, unsure: number, empty: number, open: number}} Left open: has its text, and nobody called it done */

/** @param {readonly Segment[]} segments @returns {Left} */
export function leftOf(segments) {
  const left = { total: segments.length, done: 0, unsure: 0, empty: 0, open: 0 };
  for (const segment of segments) {
    if (segment.status === "done") left.done += 1;
    else if (segment.status === "unsure") left.unsure += 1;
    else if (isBlank(segment) && !mayBeDone(segment)) left.empty += 1;
    else left.open += 1;
  }
  return left;
}

/** The first segment that is not done, from the start. @param {readonly Segment[]} segments */
export const firstOpen = (segments) => segments.find((segment) => segment.status !== "done");

/** Whether a recording can be labelled and is not all done. @param {RecordingRow} row */
const hasWork = (row) => row.state === "ready" && row.done < row.segments;

/**
 * The recording with work left that comes after this one; after the last comes the first.
 * @param {readonly RecordingRow[]} rows @param {string} id
 * @returns {RecordingRow|null}
 */
export function nextWithWork(rows, id) {
  const at = rows.findIndex((row) => row.id === id);
  return [...rows.slice(at + 1), ...rows.slice(0, Math.max(0, at))].find(hasWork) ?? null;
}

/**
 * The recording before this one in the list, done or not.
 * @param {readonly RecordingRow[]} rows @param {string} id
 * @returns {RecordingRow|null}
 */
export function previousOf(rows, id) {
  const at = rows.findIndex((row) => row.id === id);
  return rows.slice(0, Math.max(0, at)).findLast((row) => row.state === "ready") ?? null;
}

/** How many recordings cannot be labelled yet. @param {readonly RecordingRow[]} rows */
export const inPreparation = (rows) => rows.filter((row) => row.state !== "ready" && row.state !== "failed").length;
