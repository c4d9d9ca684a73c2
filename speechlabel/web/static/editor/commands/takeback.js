// Undo and redo as a person sees them: what came back, said in words, in view and lit up for a moment.

import { recalled } from "../model/phrases.js";

/** @param {import("../session.js").Session} session @param {"undo"|"redo"} which */
export function takeBack(session, which) {
  const { model, t, locale } = session;
  const hadText = session.inText() !== null; // the row with the caret may go
  const does = (/** @type {boolean} */ force) => session.edit(() => model[which]({ force }));
  let result = does(false);
  if (result?.isStale && confirm(t("editor.undo.stale"))) result = does(true);
  if (!result) {
    if (result === null) session.say(t(which === "undo" ? "editor.undo.nothing" : "editor.redo.nothing"));
    return;
  }
  if (result.isStale) return;
  session.say(recalled(which, result, model, t, locale));
  const there = result.ids.filter((id) => model.byId(id));
  // Where the person is, if it was changed there: a merge taken back must not carry them to the other half.
  const id = there.find((one) => one === model.currentId) ?? there[0];
  if (id) session.go(id, { focus: hadText, play: false });
  else if (hadText) session.returnFocus();
  session.rows.flash(there);
  session.waveform.flash(there);
}
