// "Bring in annotations": what can be brought in, and the choice between files and a folder.

import { h } from "../editor/dom.js";

/**
 * @param {object} about
 * @param {HTMLElement} about.root
 * @param {import("../editor/i18n.js").Translate} about.t
 * @param {(files: FileList) => void} about.onPicked
 */
export function offerImport({ root, t, onPicked }) {
  const button = (/** @type {string} */ key, kind = "") => h("button", { type: "button", class: `slp-button ${kind}` }, t(key));
  const [files, folder, cancel] = [button("page.import_pick_files", "is-primary"), button("page.import_pick_folder"), button("page.cancel")];
  const dialog = h("dialog", { class: "slp-dialog", "aria-label": t("page.import_title") },
    h("h2", {}, t("page.import_title")), h("p", {}, t("page.import_offer")), h("p", { class: "slp-muted" }, t("page.import_offer_drop")),
    h("div", { class: "slp-actions" }, cancel, h("span", { class: "slp-space" }), folder, files));
  const pick = (/** @type {boolean} */ isFolder) => {
    const picker = h("input", { type: "file", multiple: true, webkitdirectory: isFolder, class: "slp-hidden", tabindex: "-1", "aria-hidden": "true" });
    picker.addEventListener("change", () => {
      const picked = picker.files;
      dialog.close();
      if (picked?.length) onPicked(picked);
    });
    dialog.append(picker); // with it, it goes
    picker.click();
  };
  files.addEventListener("click", () => pick(false));
  folder.addEventListener("click", () => pick(true));
  cancel.addEventListener("click", () => dialog.close());
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("close", () => dialog.remove());
  root.append(dialog);
  dialog.showModal();
  files.focus();
}
