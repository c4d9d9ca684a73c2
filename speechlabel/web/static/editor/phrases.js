// What steps and refusals are called, in words.

/** @typedef {import("./records.js").EditError} EditError */
/** @typedef {import("./types.js").UndoResult} UndoResult */

/** What a step that was taken back is called. @type {Record<import("./types.js").UndoResult["kind"], string>} */
export const STEPS = {
  insert: "editor.step.insert",
  delete: "editor.step.delete",
  update: "editor.step.update",
  speaker: "editor.step.speaker",
  split: "editor.step.split",
  merge: "editor.step.merge",
};

/** Why something was refused, in words. @param {EditError} error @param {import("./i18n.js").Translate} t */
export function explain(error, t) {
  if (error.code === "read_only") return t("editor.error.readOnly");
  if (error.field === "is_locked") return t("editor.error.locked");
  if (error.field === "at") return t("editor.error.splitInside");
  if (error.field === "merge") return t("editor.error.mergeChannels");
  return t("editor.error.refused", { message: error.message });
}
