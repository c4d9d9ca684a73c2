// The one question before own audio is sent: into which project. It is filled in already; Enter accepts it.

import { h, setText } from "../editor/dom.js";
import { projectName, size } from "./dropped.js";

/** @typedef {import("../editor/i18n.js").Translate} Translate */
/** @typedef {{id: string|null, name: string, language: string, preset: string}} Into a project; id null: to be made */

const LANGUAGES = ["zh", "en", "yue", "ja", "ko", "de", "es", "fr", "ru", "ar"];

/**
 * The dialog, not yet open. First comes the project one is looking at, if it is one's own, else a new one.
 * @param {object} about
 * @param {import("./dropped.js").Sorted} about.sorted
 * @param {string|null} about.folder the one folder that all of it lies in
 * @param {{id: string, name: string, language: string}[]} about.own projects but for the samples
 * @param {string[]} about.taken names that a new project cannot have
 * @param {string|null} about.current the project one is looking at
 * @param {string[]} about.presets
 * @param {string} about.locale
 * @param {Translate} about.t
 * @param {(into: Into) => void} about.onChosen
 */
export function askWhere({ sorted, folder, own, taken, current, presets, locale, t, onChosen }) {
  const { audio, annotations } = sorted;
  // Annotations alone are of recordings that are somewhere already.
  const isOfKnown = !audio.length && own.length > 0;
  const shown = isOfKnown && !own.some(({ id }) => id === current) ? own.at(-1)?.id : current;
  const target = h("select", {},
    isOfKnown ? null : h("option", { value: "" }, t("page.into_new")),
    ...own.toReversed().map(({ id, name, language }) => h("option", { value: id, selected: id === shown }, t("page.into_known", { name, language: languageName(language, t) }))));
  const name = h("input", { type: "text", value: projectName({ files: audio.length ? audio : annotations, folder }, new Set(taken), new Date()), required: true, maxlength: "200" });
  const language = h("select", {}, ...LANGUAGES.map((code) =>
    h("option", { value: code, selected: code === (locale === "zh-CN" ? "zh" : "en") }, t(`page.language_${code}`))));
  const preset = h("select", {}, ...presets.map((item) => h("option", { value: item }, t(`page.preset_${item}`))));
  const where = h("p", { class: "slp-where", role: "status" });
  const fresh = h("div", {},
    h("label", {}, t("page.project_name"), name),
    h("div", { class: "slp-pair" },
      h("label", {}, t("page.spoken"), language),
      presets.length > 1 ? h("label", {}, t("page.preset"), preset) : null));
  const start = h("button", { type: "submit", class: "slp-button is-primary" }, t(annotations.length ? "page.import_next" : "page.start"));
  const cancel = h("button", { type: "button", class: "slp-button", value: "cancel" }, t("page.cancel"));
  const bytes = size([...audio, ...annotations].reduce((sum, file) => sum + file.size, 0));
  const [only] = [...audio, ...annotations];
  const title = audio.length + annotations.length === 1 ? t("page.add_one", { name: only?.name ?? "", size: bytes })
    : !annotations.length ? t("page.add_many", { n: audio.length, size: bytes })
      : !audio.length ? t("page.add_annotations", { n: annotations.length, size: bytes })
        : t("page.add_both", { n: audio.length, m: annotations.length, size: bytes });

  const into = () => {
    const known = own.find((item) => item.id === target.value);
    if (known) return { id: known.id, name: known.name, language: known.language, preset: "" };
    return { id: null, name: name.value.trim(), language: language.value, preset: preset.value };
  };
  const follow = () => {
    const { id, name: called, language: code } = into();
    fresh.hidden = id !== null;
    name.disabled = id !== null; // else an empty one would hold up what it has nothing to do with
    // A name that is taken would be refused only after the dialog has gone.
    name.setCustomValidity(id === null && taken.includes(called) ? t("page.name_taken") : "");
    const words = id === null ? "page.goes_into_new" : "page.goes_into";
    setText(where, t(words, { name: called || "…", language: languageName(code, t) }));
  };
  const form = h("form", { method: "dialog" },
    h("h2", {}, title), where,
    h("label", {}, t("page.into"), target), fresh,
    h("div", { class: "slp-actions" }, cancel, start));
  const dialog = h("dialog", { class: "slp-dialog", "aria-label": t(audio.length ? "page.label_my_audio" : "page.import_title") }, form);
  target.addEventListener("change", follow);
  form.addEventListener("input", follow);
  cancel.addEventListener("click", () => dialog.close());
  form.addEventListener("submit", () => onChosen(into()));
  dialog.addEventListener("close", () => dialog.remove());
  // Keys typed here are the dialog's; the editor behind must not take them for commands.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  const open = () => {
    follow();
    dialog.showModal();
    if (target.value) start.focus();
    else name.select();
  };
  return { dialog, open };
}

/** @param {string} code @param {Translate} t */
function languageName(code, t) {
  const key = `page.language_${code.split("-")[0]}`;
  const words = t(key);
  return words === key ? code : words;
}
