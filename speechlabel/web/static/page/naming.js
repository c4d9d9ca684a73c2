// The dialog that renames or deletes a project or a recording; it says what goes before anything goes.

import { h, setText } from "../editor/dom.js";
import { duration } from "./header.js";
import { explain, request } from "./upload.js";

/** @typedef {import("../editor/i18n.js").Translate} Translate */
/** @typedef {{recordings: number, duration_us: number, segments: number, done: number, done_us: number, worked_on: number}} Removal */
/** @typedef {{project: string, recording: string|null, isGone: boolean}} Changed what the page is told */

/**
 * Ask for another name, or whether it may go; `slp-changed` on the document tells what was done.
 * @param {{project: string, recording: string|null, name: string, t: Translate}} what recording: null for the project itself
 */
export function askName({ project, recording, name, t }) {
  const kind = recording === null ? "project" : "recording";
  const place = `/api/projects/${encodeURIComponent(project)}${recording === null ? "" : `/recordings/${encodeURIComponent(recording)}`}`;
  const dialog = h("dialog", { class: "slp-dialog", "aria-label": t(`page.name_${kind}`) });
  const said = h("p", { class: "slp-error", role: "alert" });
  const button = (/** @type {string} */ key, kind = "") => h("button", { type: "button", class: `slp-button ${kind}` }, t(key));
  const cancel = button("page.cancel");
  cancel.addEventListener("click", () => dialog.close());

  /** Do it, and tell the page. @param {RequestInit} init @param {boolean} isGone */
  const send = async (init, isGone) => {
    setText(said, "");
    try {
      await request(place, init);
    } catch (error) {
      setText(said, explain(error, t));
      return;
    }
    dialog.close();
    const detail = /** @type {Changed} */ ({ project, recording, isGone });
    document.dispatchEvent(new CustomEvent("slp-changed", { detail }));
  };

  const toName = () => {
    const box = h("input", { type: "text", value: name, required: true, maxlength: "200" });
    const remove = button("page.delete", "is-danger");
    remove.addEventListener("click", () => void toRemove());
    const form = h("form", { method: "dialog" },
      h("h2", {}, t(`page.name_${kind}`)), h("label", {}, t("page.project_name"), box), said,
      h("div", { class: "slp-actions" }, remove, h("span", { class: "slp-space" }), cancel,
        h("button", { type: "submit", class: "slp-button is-primary" }, t("page.rename"))));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const wanted = box.value.trim();
      if (wanted === name) dialog.close();
      else void send({ method: "PATCH", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ name: wanted }) }, false);
    });
    dialog.replaceChildren(form);
    return box;
  };

  const toRemove = async () => {
    setText(said, "");
    /** @type {Removal} */
    let goes;
    try {
      goes = await request(`${place}/removal`);
    } catch (error) {
      setText(said, explain(error, t));
      return;
    }
    const { recordings, segments, done } = goes;
    const figures = { recordings, segments, done, time: duration(goes.duration_us), done_time: duration(goes.done_us) };
    // A whole project of somebody's work is not deleted by two clicks.
    const typed = recording === null && goes.worked_on > 0 ? h("input", { type: "text", autocomplete: "off" }) : null;
    const sure = h("button", { type: "submit", class: "slp-button is-danger" }, t("page.delete_now"));
    const follow = () => void (sure.disabled = typed !== null && typed.value.trim() !== name);
    const form = h("form", { method: "dialog" },
      h("h2", {}, t("page.delete_title", { name })),
      h("p", {}, t(`page.delete_figures_${kind}`, figures)),
      recording === null && goes.worked_on > 0 ? h("p", {}, t("page.delete_worked_on", { n: goes.worked_on })) : null,
      h("p", { class: "slp-where" }, t("page.delete_stays")),
      typed ? h("label", {}, t("page.delete_type", { name }), typed) : null, said,
      h("div", { class: "slp-actions" }, cancel, sure));
    typed?.addEventListener("input", follow);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!sure.disabled) void send({ method: "DELETE" }, true);
    });
    follow();
    dialog.replaceChildren(form);
    (typed ?? cancel).focus();
  };

  // Keys typed here are the dialog's; the editor behind must not take them for commands.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("close", () => dialog.remove());
  const box = toName();
  (document.querySelector(".slp-page") ?? document.body).append(dialog);
  dialog.showModal();
  box.select();
}
