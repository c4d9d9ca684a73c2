// Writing: done and next, undo, find.

import { mayBeDone } from "../model/state.js";
import { takeBack } from "./takeback.js";
import { step } from "./move.js";

/** @typedef {import("./index.js").AnyCommand} AnyCommand */
/** @typedef {import("./index.js").SegmentCommand} SegmentCommand */

/** @type {Record<string, AnyCommand>} */
export const any = {
  leaveText: (s) => s.waveform.element.focus({ preventScroll: true }),
  undo: (s) => takeBack(s, "undo"),
  redo: (s) => takeBack(s, "redo"),
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
    s.edit(() => s.model.update(s.targets(segment), { status: wanted }));
    s.say(s.t(wanted === "done" ? "editor.say.done" : "editor.say.notDone"));
  },
};
