// Writing: done and next, undo, find.

import { stepLayer } from "../list/layers.js";
import { givePrevious, giveNext } from "../model/give.js";
import { mayBeDone } from "../model/state.js";
import { takeBack } from "./takeback.js";
import { step } from "./move.js";

/** @typedef {import("./index.js").AnyCommand} AnyCommand */
/** @typedef {import("./index.js").SegmentCommand} SegmentCommand */
/** @typedef {import("../session.js").Session} Session */
/** @typedef {import("../types.js").Segment} Segment */

/** @type {Record<string, AnyCommand>} */
export const any = {
  leaveText: (s) => s.waveform.element.focus({ preventScroll: true }),
  undo: (s) => takeBack(s, "undo"),
  redo: (s) => takeBack(s, "redo"),
  signs: (s) => s.signs.open(),
  nextProposal: (s) => s.completion.next(),
  find: (s) => s.finder.open(false),
  replace: (s) => s.finder.open(true),
  save: (s) => void s.client.flush(),
};

/** @type {Record<string, SegmentCommand>} */
export const current = {
  editText: (s, segment) => {
    s.focusText(segment.id);
    if (s.waitsForSound) s.listening.playSegment(segment);
  },
  doneNext: (s, segment) => {
    if (s.waitsForSound && !s.hasBegun) {
      s.hasBegun = true; // without any sound the next Enter must go on all the same
      s.listening.playSegment(segment);
      return;
    }
    if (mayBeDone(segment)) {
      if (segment.status !== "done" && segment.status !== "unsure" && !segment.is_locked)
        s.edit(() => s.model.update(segment.id, { status: "done" }));
    } else if (!s.readOnly) s.say(s.t("editor.say.leftEmpty"));
    void s.client.flush();
    if (!step(s, 1)) void s.onward.arrive();
  },
  toggleDone: (s, segment) => {
    const wanted = segment.status === "done" ? "draft" : "done";
    if (s.edit(() => s.model.update(s.targets(segment), { status: wanted })) === undefined) return;
    s.say(s.t(wanted === "done" ? "editor.say.done" : "editor.say.notDone"));
  },
  nextLayer: (s, segment) => stepLayer(s, segment, 1),
  previousLayer: (s, segment) => stepLayer(s, segment, -1),
  giveNext: (s, segment) => give(s, segment, 1),
  givePrevious: (s, segment) => give(s, segment, -1),
};

/** The text on one side of the caret goes to the neighbour on that side. @param {Session} s @param {Segment} segment @param {1|-1} direction */
function give(s, segment, direction) {
  const box = s.inText();
  if (!box) return;
  const caret = box.selectionStart;
  const isNext = direction === 1;
  const to = s.model.neighbour(segment.id, direction);
  if (!to) {
    s.say(s.t(isNext ? "editor.say.noNextText" : "editor.say.noPreviousText"), "warn");
    return;
  }
  const isGiven = s.edit(() => s.model.take((isNext ? giveNext : givePrevious)(segment, to, caret)));
  if (isGiven === undefined) return;
  if (!isGiven) s.say(s.t(isNext ? "editor.say.nothingBehind" : "editor.say.nothingBefore"), "warn");
  else {
    s.say(s.t("editor.say.given", { n: s.model.indexOf(to.id) + 1 }));
    s.rows.flash([to.id]);
    s.focusText(segment.id, isNext ? null : 0); // work goes on at the cut
  }
}
