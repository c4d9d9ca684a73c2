// Going from segment to segment.

import { problemsOf } from "../model/problems.js";
import { isBlank, mayBeDone } from "../model/state.js";

/** @typedef {import("./index.js").AnyCommand} AnyCommand */
/** @typedef {import("../session.js").Session} Session */
/** @typedef {import("../types.js").Segment} Segment */

/** @type {Record<string, AnyCommand>} */
export const any = {
  previous: (s) => step(s, -1),
  next: (s) => step(s, 1),
  nextRecording: (s) => void s.onward.next(),
  previousRecording: (s) => void s.onward.previous(),
  nextEmpty: (s) => wander(s, 1, isOpenAndEmpty, "editor.say.noEmpty"),
  previousEmpty: (s) => wander(s, -1, isOpenAndEmpty, "editor.say.noEmpty"),
  nextUnsure: (s) => wander(s, 1, (segment) => segment.status === "unsure", "editor.say.noUnsure"),
  goTo: (s) => s.desk.goTo.open(),
  nextProblem: (s) => problem(s, 1),
  previousProblem: (s) => problem(s, -1),
};

/** @param {Session} s @param {1|-1} direction @returns {boolean} whether there was one */
export function step(s, direction) {
  const { model } = s;
  const index = model.currentId === null ? -1 : model.indexOf(model.currentId);
  const next = model.segments[index < 0 ? 0 : index + direction];
  if (!next) return false;
  s.go(next.id, { focus: s.inText() !== null });
  return true;
}

/** @param {Session} s @param {1|-1} direction */
function problem(s, direction) {
  const { model } = s;
  const first = (/** @type {Segment} */ segment) => problemsOf(segment, model.indexOf(segment.id), model)[0];
  const there = wander(s, direction, (segment) => first(segment) !== undefined, "editor.say.noProblem");
  const found = there && first(there);
  if (found) s.announce(s.t(found.key, found.values));
}

/** Whether words are still to come: nothing says that there are none. @param {Segment} segment */
const isOpenAndEmpty = (segment) => isBlank(segment) && !mayBeDone(segment);

/**
 * Go to the next segment of a kind; after the last one comes the first.
 * @param {Session} s @param {1|-1} direction
 * @param {(segment: Segment) => boolean} isWanted @param {string} otherwise what is said when there is none
 * @returns {Segment|null}
 */
function wander(s, direction, isWanted, otherwise) {
  const { segments, currentId } = s.model;
  const from = currentId === null ? (direction > 0 ? -1 : 0) : s.model.indexOf(currentId);
  for (let i = 1; i <= segments.length; i++) {
    const segment = segments[(from + i * direction + segments.length * 2) % segments.length];
    if (!segment || !isWanted(segment)) continue;
    s.go(segment.id, { focus: s.inText() !== null });
    return segment;
  }
  s.say(s.t(otherwise));
  return null;
}
