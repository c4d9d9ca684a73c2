// What about a segment needs a second look: rules that need nothing but the transcript. Further rules come in by
// the same door: a rule takes a segment and gives sentences. No DOM.

import { missingLayers } from "./layers.js";
import { marksIn } from "./marks.js";
import { mayBeDone } from "./state.js";

/** @typedef {import("../types.js").Segment} Segment */
/** @typedef {{key: string, values?: Record<string, string|number>}} Problem key of a sentence, and what stands in it */
/**
 * What the rules look at; a Model is one.
 * @typedef {object} Context
 * @property {readonly Segment[]} segments sorted
 * @property {import("../types.js").Guideline} guideline
 * @property {{duration_us: number}} recording
 */
/** @typedef {(segment: Segment, index: number, context: Context) => Problem|null} Rule */

export const LONGEST_US = 30_000_000; // what recognisers are trained on; Whisper's window
export const SHORTEST_US = 100_000;
const TOUCH_US = 20_000; // less of an overlap is the width of an edge
const NEIGHBOURS = 40; // as many before a segment may still sound in it

/** @type {Rule[]} */
const RULES = [
  ({ status }) => (status === "unsure" ? { key: "editor.problem.unsure" } : null),
  ({ is_valid, invalid_reason }, _, { guideline }) =>
    !is_valid && !invalid_reason && guideline.invalid_reasons.length > 0 ? { key: "editor.problem.noReason" } : null,
  (segment) => (segment.status === "done" && !mayBeDone(segment) ? { key: "editor.problem.doneEmpty" } : null),
  ({ kind, start_us, end_us, is_valid }) =>
    is_valid && kind === "speech" && end_us - start_us > LONGEST_US
      ? { key: "editor.problem.long", values: { n: seconds(end_us - start_us), most: seconds(LONGEST_US) } }
      : null,
  ({ kind, start_us, end_us, is_valid }) =>
    is_valid && kind === "speech" && end_us - start_us < SHORTEST_US
      ? { key: "editor.problem.short", values: { n: seconds(end_us - start_us) } }
      : null,
  (segment, _, { guideline }) =>
    segment.status === "done" && missingLayers(segment, guideline).length ? { key: "editor.problem.layer" } : null,
  ({ end_us }, _, { recording }) => (end_us > recording.duration_us ? { key: "editor.problem.pastEnd" } : null),
  (segment, index, { segments }) => {
    const other = overlapping(segment, index, segments);
    return other < 0 ? null : { key: "editor.problem.overlap", values: { n: other + 1 } };
  },
  (segment, _, { guideline }) => {
    const mark = unknownMark(segment, guideline);
    return mark ? { key: "editor.problem.mark", values: { mark } } : null;
  },
];

/** A segment is never changed in place, so what was found in its text stays true. @type {WeakMap<Segment, string|null>} */
const UNKNOWN_MARKS = new WeakMap();

/** @param {Segment} segment @param {import("../types.js").Guideline} guideline */
function unknownMark(segment, guideline) {
  const known = UNKNOWN_MARKS.get(segment);
  if (known !== undefined) return known;
  const text = segment.text ?? "";
  const mark = marksIn(text, guideline).find(({ label }) => !label);
  const found = mark ? text.slice(mark.start, mark.end) : null;
  UNKNOWN_MARKS.set(segment, found);
  return found;
}

/**
 * @param {Segment} segment @param {number} index in the context's segments @param {Context} context
 * @returns {Problem[]} the most important first
 */
export function problemsOf(segment, index, context) {
  return RULES.flatMap((rule) => rule(segment, index, context) ?? []);
}

/** How many segments have a problem. @param {Context} context */
export function countProblems(context) {
  return context.segments.reduce((n, segment, i) => n + Number(problemsOf(segment, i, context).length > 0), 0);
}

/**
 * Another segment in which the same person speaks at the same time: its index, or -1.
 * @param {Segment} segment @param {number} index @param {readonly Segment[]} segments
 */
function overlapping(segment, index, segments) {
  if (segment.speaker === null || !segment.is_valid) return -1;
  const meets = (/** @type {Segment|undefined} */ other) =>
    other !== undefined &&
    other.speaker === segment.speaker &&
    other.is_valid &&
    Math.min(other.end_us, segment.end_us) - Math.max(other.start_us, segment.start_us) > TOUCH_US;
  for (let i = index + 1; i < segments.length && (segments[i]?.start_us ?? 0) < segment.end_us; i++)
    if (meets(segments[i])) return i;
  for (let i = index - 1; i >= 0 && i >= index - NEIGHBOURS; i--) if (meets(segments[i])) return i;
  return -1;
}

/** @param {number} us */
function seconds(us) {
  return us < 1e6 ? (us / 1e6).toFixed(2) : (us / 1e6).toFixed(1).replace(/\.0$/, "");
}
