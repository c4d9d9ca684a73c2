// What a segment's state is called, and which one follows. No DOM.

/** @typedef {import("../types.js").Segment} Segment */
/** @typedef {"done"|"draft"|"unsure"|"empty"|"invalid"|"machine"} RowState */

/** @type {Record<RowState, {icon: string, title: string}>} */
export const STATES = {
  done: { icon: "check", title: "editor.state.done" },
  draft: { icon: "pencil", title: "editor.state.draft" },
  unsure: { icon: "question", title: "editor.state.unsure" },
  empty: { icon: "ring", title: "editor.state.empty" },
  invalid: { icon: "cross", title: "editor.state.invalid" },
  machine: { icon: "machine", title: "editor.state.machine" },
};

/** @param {Segment} segment @returns {boolean} */
export function isBlank(segment) {
  return (segment.text ?? "").trim() === "";
}

/** @param {Segment} segment @returns {RowState} */
export function stateOf(segment) {
  if (!segment.is_valid) return "invalid";
  if (segment.status === "done" || segment.status === "unsure") return segment.status;
  if (isBlank(segment)) return "empty";
  return segment.status;
}

/**
 * Whether Enter may call a segment done: it was transcribed, or said to need no text.
 * @param {Segment} segment
 */
export function mayBeDone(segment) {
  return !isBlank(segment) || !segment.is_valid || segment.kind !== "speech" || segment.noise_labels.length > 0;
}

/**
 * What a click on the state of a segment makes of it: done, then unsure, then neither.  One that may not be called
 * done (nothing was written, and nothing says why) goes to unsure.
 * @param {Segment} segment
 * @returns {import("../types.js").Status}
 */
export function nextStatus(segment) {
  if (segment.status === "unsure") return "draft";
  return segment.status !== "done" && mayBeDone(segment) ? "done" : "unsure";
}
