// Where "go to" leads: what a person typed, understood as a segment's number, a time or a text. No DOM.

/** @typedef {import("../types.js").Segment} Segment */
/**
 * @typedef {{kind: "segment", index: number}
 *   | {kind: "time", us: number, index: number}
 *   | {kind: "text", index: number, at: number, length: number, found: number}
 *   | {kind: "nowhere", reason: "number"|"time"|"text"}} Destination
 *   index of the segment to go to, −1: there is none; found: in how many segments the text is
 */

const CLOCK = /^(?:(\d+):)?(\d+):(\d{1,2}(?:\.\d+)?)$/;
const UNITS = /^(?:(\d+)\s*(?:h|小时|时))?\s*(?:(\d+)\s*(?:min|m|分钟|分))?\s*(?:(\d+(?:\.\d+)?)\s*(?:sec|s|秒))?$/;
const DECIMAL = /^()()(\d+\.\d+)$/;

/**
 * @param {string} typed
 * @param {{segments: readonly Segment[], durationUs: number, from: number}} where from: index of the current segment
 * @returns {Destination|null} null: nothing was typed
 */
export function destinationOf(typed, { segments, durationUs, from }) {
  const wanted = typed.normalize("NFKC").trim().toLowerCase(); // "１：２３" of an input method is 1:23
  if (!wanted) return null;
  if (/^#?\d+$/.test(wanted)) {
    const number = Number(wanted.replace("#", ""));
    const isThere = number >= 1 && number <= segments.length;
    return isThere ? { kind: "segment", index: number - 1 } : { kind: "nowhere", reason: "number" };
  }
  const us = timeOf(wanted);
  if (us !== null) {
    if (us > durationUs) return { kind: "nowhere", reason: "time" };
    return { kind: "time", us, index: segmentAt(segments, us) };
  }
  return textAfter(segments, wanted, from);
}

/** @param {string} words @returns {number|null} µs */
export function timeOf(words) {
  const [, hours, minutes, seconds] = [CLOCK, UNITS, DECIMAL].map((form) => form.exec(words)).find(Boolean) ?? [];
  if (hours === undefined && minutes === undefined && seconds === undefined) return null;
  return Math.round((Number(hours || 0) * 3600 + Number(minutes || 0) * 60 + Number(seconds || 0)) * 1e6);
}

/** The segment that sounds at a time, else the next one, else the last. @param {readonly Segment[]} segments @param {number} us */
function segmentAt(segments, us) {
  const here = segments.findIndex((segment) => segment.end_us > us);
  return here < 0 ? segments.length - 1 : here;
}

/** @param {readonly Segment[]} segments @param {string} wanted @param {number} from @returns {Destination} */
function textAfter(segments, wanted, from) {
  let [first, next, found] = [-1, -1, 0];
  segments.forEach(({ text }, index) => {
    if (!(text ?? "").toLowerCase().includes(wanted)) return;
    found += 1;
    if (first < 0) first = index;
    if (next < 0 && index > from) next = index;
  });
  const index = next < 0 ? first : next;
  if (index < 0) return { kind: "nowhere", reason: "text" };
  const at = (segments[index]?.text ?? "").toLowerCase().indexOf(wanted);
  return { kind: "text", index, at, length: wanted.length, found };
}
