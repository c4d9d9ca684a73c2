// The further layers of a segment, below its text: boxes to write in or to choose from, as the guideline declares.

import { attr, h } from "../dom.js";
import { titleOf } from "../i18n.js";
import { pieces } from "../model/marks.js";
import { layersOf, missingLayers } from "../model/layers.js";

/** @typedef {import("../types.js").Segment} Segment */
/** @typedef {HTMLTextAreaElement|HTMLSelectElement} Box */

export class Layers {
  /** painted: what the mirror shows. @type {Map<string, {box: Box, mirror: HTMLElement|null, painted: string}>} */
  #parts = new Map();

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    this.session = session;
    this.element = h("div", { class: "sl-layers", hidden: true });
  }

  /** The box of a layer, if it is shown. @param {string|null} name @returns {Box|null} */
  box(name) {
    return (!this.element.hidden && name !== null && this.#parts.get(name)?.box) || null;
  }

  /** @param {Segment} segment @param {boolean} isCurrent */
  update(segment, isCurrent) {
    const { model, settings, readOnly, finder } = this.session;
    const layers = layersOf(model.guideline);
    this.element.hidden = layers.length === 0 || !(isCurrent || settings.layersInAll);
    if (this.element.hidden) return;
    if (this.#parts.size === 0) this.#build();
    const missing = missingLayers(segment, model.guideline);
    for (const { name, language } of layers) {
      const part = this.#parts.get(name);
      if (!part) continue;
      const { box } = part;
      const value = segment.fields[name] ?? "";
      if (box instanceof HTMLSelectElement) keepChoice(box, value);
      if (box.value !== value && !this.session.isComposingIn(box)) box.value = value;
      box.disabled = box instanceof HTMLSelectElement && (readOnly || segment.is_locked);
      if (box instanceof HTMLTextAreaElement) box.readOnly = readOnly || segment.is_locked;
      attr(box, "tabindex", isCurrent ? 0 : -1);
      attr(box, "lang", language ?? segment.language);
      attr(box, "aria-invalid", missing.includes(name) ? "true" : null);
      box.classList.toggle("sl-found-here", finder.isHere(segment.id, name));
      this.#paint(name, segment.id);
    }
  }

  /** A box was typed in. @param {Box} box @param {string} id of the segment */
  typed(box, id) {
    const name = box.dataset["layer"] ?? "";
    const layer = layersOf(this.session.model.guideline).find((item) => item.name === name);
    if (!layer?.multiline && box.value.includes("\n")) box.value = box.value.replaceAll("\n", " ");
    this.#paint(name, id);
    this.session.hasBegun = true;
    this.session.edit(() => this.session.model.setField(id, name, box.value));
  }

  /** Lay what is being looked for under a box, whose height is that of its text. @param {string} name @param {string} id of the segment */
  #paint(name, id) {
    const part = this.#parts.get(name);
    if (!part?.mirror) return;
    const text = part.box.value;
    const ranges = this.session.finder.rangesOf(id, text, name);
    const painted = JSON.stringify([text, ranges]);
    if (painted === part.painted) return;
    part.painted = painted;
    const shown = pieces(text, ranges).map(({ text: piece, kinds }) =>
      kinds.length ? h("span", { class: kinds.join(" ") }, piece) : piece,
    );
    part.mirror.replaceChildren(...shown, " "); // the blank gives an empty last line its height
  }

  #build() {
    const { model, locale, t } = this.session;
    for (const layer of layersOf(model.guideline)) {
      const title = titleOf(layer, locale);
      const words = { class: "sl-layer", "data-layer": layer.name, "aria-label": title, dir: "auto" };
      const needed = { ...words, "aria-required": layer.required ? "true" : null };
      const box =
        layer.kind === "choice"
          ? h(
              "select",
              needed,
              h("option", { value: "" }, t("editor.layer.none")),
              ...(layer.choices ?? []).map((choice) => h("option", { value: choice.name }, titleOf(choice, locale))),
            )
          : h("textarea", { ...needed, rows: "1", spellcheck: "false", autocomplete: "off", autocapitalize: "off" });
      const mirror = layer.kind === "choice" ? null : h("div", { class: "sl-layer-mirror", "aria-hidden": "true", dir: "auto" });
      this.#parts.set(layer.name, { box, mirror, painted: "" });
      const star = layer.required ? h("span", { class: "sl-layer-star", title: t("editor.layer.required") }, "*") : null;
      const name = h("span", { class: "sl-layer-name", title }, title, star);
      this.element.append(h("div", { class: "sl-layer-row" }, name, h("div", { class: "sl-layer-grow" }, mirror, box)));
    }
  }
}

/** What a choice no longer offers stays to be seen. @param {HTMLSelectElement} box @param {string} value */
function keepChoice(box, value) {
  for (const option of [...box.querySelectorAll("[data-foreign]")]) if (option.getAttribute("value") !== value) option.remove();
  if (value && ![...box.options].some((option) => option.value === value))
    box.append(h("option", { value, "data-foreign": true }, value));
}

/** The layer that has the caret (null: none has). */
export function focusedLayer() {
  const box = document.activeElement;
  return box instanceof HTMLElement && box.classList.contains("sl-layer") ? (box.dataset["layer"] ?? null) : null;
}

/** The box of a layer that has the caret and takes text. */
export function focusedLayerBox() {
  const box = document.activeElement;
  return box instanceof HTMLTextAreaElement && box.classList.contains("sl-layer") ? box : null;
}

/**
 * From the text to the first layer, from the last one to the text again.
 * @param {import("../session.js").Session} session @param {Segment} segment @param {1|-1} direction
 */
export function stepLayer(session, segment, direction) {
  const places = [null, ...layersOf(session.model.guideline).map(({ name }) => name)];
  if (places.length === 1) {
    session.say(session.t("editor.say.noLayers"));
    return;
  }
  const at = places.indexOf(focusedLayer());
  const place = places[(at + direction + places.length) % places.length] ?? null;
  const box = session.rows.layerBox(segment.id, place);
  if (box) box.focus({ preventScroll: true });
  else session.focusText(segment.id, session.rows.box(segment.id)?.selectionStart ?? null);
}
