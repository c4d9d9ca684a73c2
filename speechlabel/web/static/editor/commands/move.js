// Going from segment to segment.

import { problemsOf } from "../model/problems.js";

/** @typedef {import("./index.js").AnyCommand} AnyCommand */
/** @typedef {import("../session.js").Session} Session */

/** @type {Record<string, AnyCommand>} */
export const any = {
  previous: (s) => step(s, -1),
  next: (s) => step(s, 1),
  nextRecording: (s) => void s.onward.next(),
  previousRecording: (s) => void s.onward.previous(),
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
  const { segments } = s.model;
  const from = s.model.currentId === null ? 0 : s.model.indexOf(s.model.currentId);
  for (let i = 1; i <= segments.length; i++) {
    const index = (from + i * direction + segments.length * 2) % segments.length;
    const segment = segments[index];
    const [found] = segment ? problemsOf(segment, index, s.model) : [];
    if (!segment || !found) continue;
    s.go(segment.id, { focus: s.inText() !== null });
    s.announce(s.t(found.key, found.values));
    return;
  }
  s.say(s.t("editor.say.noProblem"));
}
