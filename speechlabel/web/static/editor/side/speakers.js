// The speakers of a recording: pick by click or key, add, rename, give a colour, remove.

import { attr, h, icon } from "../dom.js";
import { Everywhere } from "./everywhere.js";
import { spokenBy } from "../model/speaking.js";
import { STAND_INS, isStandIn } from "../model/standins.js";
import { SWATCHES, speakerColor } from "../see/theme.js";

/** @typedef {import("../types.js").Segment} Segment */
/** @typedef {import("../types.js").Speaker} Speaker */

export class Speakers {
  /** Id of the one being renamed; "": a new one. @type {string|null} */
  #editing = null;

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    const { t } = session;
    this.session = session;
    this.everywhere = new Everywhere(session);
    this.list = h("div", { class: "sl-speakers", role: "group", "aria-label": t("editor.panel.speakers") });
    this.plus = h(
      "button",
      {
        type: "button",
        class: "sl-tool",
        title: `${t("editor.speaker.add")} (${session.keyOf("addSpeaker")})`,
        "aria-label": t("editor.speaker.add"),
      },
      icon("plus"),
    );
    this.standIns = h(
      "div",
      { class: "sl-toggles sl-three", role: "group", "aria-label": t("editor.speaker.standIns") },
      ...STAND_INS.map(({ id, title, help }, i) => {
        const tip = `${t(help)} (${session.keyOf("standIn").replace("1…9", String(i + 1))})`;
        const words = h("span", { class: "sl-grow-text" }, t(title));
        return h("button", { type: "button", class: "sl-toggle", "data-stand-in": id, "data-n": i + 1, title: tip }, words, h("kbd", { "aria-hidden": "true" }, `⇧${i + 1}`));
      }),
    );
    this.element = h(
      "section",
      {},
      h(
        "div",
        { class: "sl-head" },
        h("h2", {}, t("editor.panel.speakers")),
        h("kbd", {}, session.keyOf("speaker")),
        this.plus,
      ),
      this.list,
      this.standIns,
    );
    session.scope.listen(this.standIns, "click", (event) => {
      const button = event.target instanceof Element ? event.target.closest("button") : null;
      if (button) session.run("standIn", Number(button.dataset["n"]));
    });
    session.scope.listen(this.plus, "click", () => this.add());
    session.scope.listen(this.list, "click", (event) => this.#click(event));
    session.scope.listen(this.list, "dblclick", (event) => {
      const id = idAt(event);
      if (id) this.#edit(id);
    });
    session.scope.listen(this.list, "keydown", (event) => {
      const id = idAt(event);
      if (event.key !== "F2" || !id) return;
      event.preventDefault();
      event.stopPropagation();
      this.#edit(id);
    });
  }

  /** @param {Segment|undefined} segment @param {boolean} again */
  refresh(segment, again) {
    if (again && this.#editing === null) this.#build();
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (this.list.querySelectorAll(".sl-speaker"))) {
      attr(button, "aria-pressed", String(segment?.speaker === button.dataset["speaker"]));
      button.disabled = this.session.readOnly || !segment || segment.is_locked;
    }
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (this.standIns.querySelectorAll("button"))) {
      attr(button, "aria-pressed", String(segment?.speaker === button.dataset["standIn"]));
      button.disabled = this.session.readOnly || !segment || segment.is_locked;
    }
    this.plus.disabled = this.session.readOnly;
  }

  /** Ask for the name of a new speaker. */
  add() {
    this.#edit("");
  }

  get #people() {
    return this.session.model.speakers.filter(({ id }) => !isStandIn(id));
  }

  #build() {
    const { model, t, readOnly } = this.session;
    const rows = this.#people.map((speaker, i) => {
      if (this.#editing === speaker.id) return this.#input(speaker);
      const dot = h("i", { class: "sl-dot" });
      dot.style.setProperty("--sl-speaker", speakerColor(model.speakers, speaker.id, this.session.isDark));
      const pick = h(
        "button",
        { type: "button", class: "sl-toggle sl-speaker", "data-speaker": speaker.id, title: speaker.name },
        dot,
        h("span", { class: "sl-grow-text" }, speaker.name),
        i < 9 ? h("kbd", {}, String(i + 1)) : null,
      );
      const name = t("editor.speaker.rename", { name: speaker.name });
      const rename = h(
        "button",
        {
          type: "button",
          class: "sl-tool sl-quiet",
          "data-rename": speaker.id,
          "aria-label": name,
          title: name,
          disabled: readOnly,
        },
        icon("pencil"),
      );
      return h("div", { class: "sl-speaker-row" }, pick, rename);
    });
    if (this.#editing === "") rows.push(this.#input(null));
    if (rows.length === 0)
      rows.push(h("p", { class: "sl-faint" }, t("editor.speaker.nobody", { key: this.session.keyOf("addSpeaker") })));
    this.list.replaceChildren(...rows);
  }

  /** @param {Speaker|null} speaker */
  #input(speaker) {
    const { t, model } = this.session;
    const proposed = speaker?.name ?? t("editor.speaker.new", { n: this.#people.length + 1 });
    const input = h("input", {
      type: "text",
      maxlength: "200",
      "aria-label": t("editor.speaker.name"),
      value: proposed,
    });
    const row = h("div", { class: "sl-speaker-row" }, input);
    const project = speaker ? this.everywhere.offer(speaker.name) : null;
    const more = speaker ? [project?.label, this.#colors(speaker), this.#merging(speaker)] : [];
    const sheet = h("div", { class: "sl-speaker-sheet" }, row, ...more);
    if (speaker) row.append(this.#removal(speaker));
    // A click on a colour leaves the name in the making.
    sheet.addEventListener("mousedown", (event) => {
      if (event.target !== input && !(event.target instanceof HTMLSelectElement)) event.preventDefault();
    });
    let isOver = false;
    const end = (/** @type {boolean} */ keep, /** @type {EventTarget|null} */ to = null) => {
      if (isOver) return;
      isOver = true;
      this.#editing = null;
      const isForAll = this.everywhere.isWanted;
      const name = input.value.trim();
      const isNew = keep && name && speaker && name !== speaker.name && model.speaker(speaker.id);
      if (isNew && !isForAll) this.session.edit(() => model.updateSpeaker(speaker.id, { name }));
      if (keep && name && !speaker) this.#make(name);
      this.#build();
      this.refresh(model.current, false);
      // The list is made anew: what is in it cannot take the focus.
      if (!(to instanceof Element) || this.list.contains(to)) this.session.returnFocus();
      if (isNew && isForAll) this.everywhere.ask(speaker.name, name, () => this.#rename(speaker, name));
    };
    const typed = (/** @type {KeyboardEvent} */ event) => {
      if (event.isComposing || event.keyCode === 229) return;
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      end(event.key === "Enter");
    };
    input.addEventListener("keydown", typed);
    project?.box.addEventListener("keydown", typed);
    input.addEventListener("blur", ({ relatedTarget }) => {
      if (document.activeElement === input) return; // only the window lost the focus
      if (relatedTarget instanceof Node && sheet.contains(relatedTarget)) return;
      end(input.value.trim() !== proposed, relatedTarget); // what was typed is kept, what was proposed is not
    });
    sheet.addEventListener("focusout", ({ target, relatedTarget }) => {
      if (target === input || (relatedTarget instanceof Node && sheet.contains(relatedTarget))) return;
      if (sheet.isConnected && document.hasFocus()) end(input.value.trim() !== proposed, relatedTarget);
    });
    return sheet;
  }

  /** One's own colour, or the one by its place in the list. @param {Speaker} speaker */
  #colors(speaker) {
    const { t, model } = this.session;
    const group = h("div", { class: "sl-swatches", role: "group", "aria-label": t("editor.speaker.color") });
    for (const [i, color] of [null, ...SWATCHES].entries()) {
      const name = color === null ? t("editor.speaker.colorAuto") : t("editor.speaker.colorN", { n: i });
      const isOn = (speaker.color ?? null) === color;
      const dot = h("button", { type: "button", class: "sl-swatch", title: name, "aria-label": name, "aria-pressed": String(isOn) });
      dot.style.setProperty("--sl-speaker", color ?? "transparent");
      dot.addEventListener("click", () => {
        this.session.edit(() => model.updateSpeaker(speaker.id, { color }));
        if (this.everywhere.isWanted) void this.everywhere.recolor(speaker.name, color);
        for (const other of group.children) attr(other, "aria-pressed", String(other === dot));
      });
      group.append(dot);
    }
    return group;
  }

  /** Two that are one: all that is said by this one is given to another, in one step. @param {Speaker} speaker */
  #merging(speaker) {
    const { t, model } = this.session;
    const others = model.speakers.filter(({ id }) => id !== speaker.id);
    if (others.length === 0) return null;
    const title = t("editor.speaker.merge");
    const options = others.map(({ id, name }) => h("option", { value: id }, name));
    const select = h("select", { class: "sl-select", "aria-label": title }, h("option", { value: "" }, title), ...options);
    select.addEventListener("change", () => {
      const heir = model.speaker(select.value);
      if (!heir) return;
      const isForAll = this.everywhere.isWanted;
      this.#editing = null;
      if (!isForAll) this.#merge(speaker, heir);
      this.#build();
      this.session.returnFocus();
      if (isForAll) this.everywhere.ask(speaker.name, heir.name, () => this.#merge(speaker, heir));
    });
    return select;
  }

  /** @param {Speaker} speaker @param {Speaker} heir */
  #merge(speaker, heir) {
    const { t, model } = this.session;
    const { free, locked } = spokenBy(model.segments, speaker.id);
    const isDone = this.session.edit(() => model.removeSpeaker(speaker.id, heir.id));
    const values = { name: speaker.name, heir: heir.name, n: free.length, key: this.session.keyOf("undo") };
    if (locked.length) this.session.say(t("editor.speaker.mergedBut", { ...values, locked: locked.length }), "warn");
    else if (isDone) this.session.say(t("editor.speaker.merged", values));
  }

  /** As in every recording of the project: where somebody has the name already, the two become one. @param {Speaker} speaker @param {string} name */
  #rename(speaker, name) {
    const { model } = this.session;
    const heir = model.speakers.find((item) => item.name === name && item.id !== speaker.id);
    if (heir) this.#merge(speaker, heir);
    else this.session.edit(() => model.updateSpeaker(speaker.id, { name }));
  }

  /** A speaker of whom nothing is heard can go; of another one it is said why not. @param {Speaker} speaker */
  #removal(speaker) {
    const { t, model } = this.session;
    const n = model.segments.filter((segment) => segment.speaker === speaker.id).length;
    const name = n === 0 ? t("editor.speaker.remove", { name: speaker.name }) : t("editor.speaker.used", { name: speaker.name, n });
    const button = h(
      "button",
      { type: "button", class: "sl-tool sl-quiet", "aria-label": name, title: name, "aria-disabled": n > 0 ? "true" : null },
      icon("bin"),
    );
    button.addEventListener("click", () => {
      if (n > 0) {
        this.session.say(name, "warn");
        return;
      }
      this.#editing = null;
      const isGone = this.session.edit(() => model.removeSpeaker(speaker.id));
      if (isGone) this.session.say(t("editor.speaker.removed", { name: speaker.name, key: this.session.keyOf("undo") }));
      this.#build();
      this.session.returnFocus();
    });
    return button;
  }

  /** A new speaker speaks the current segment if nobody does yet. @param {string} name */
  #make(name) {
    const { model } = this.session;
    const segment = model.current;
    const speaks = segment && !segment.speaker && !segment.is_locked ? [segment.id] : [];
    this.session.edit(() => model.addSpeaker(name, {}, speaks));
  }

  /** @param {string} id */
  #edit(id) {
    if (this.session.readOnly) return;
    this.#editing = id;
    this.#build();
    const input = this.list.querySelector("input");
    input?.focus();
    input?.select();
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!(button instanceof HTMLButtonElement)) return;
    const { speaker, rename } = button.dataset;
    if (rename) this.#edit(rename);
    else if (speaker) this.session.run("speaker", this.#people.findIndex((item) => item.id === speaker) + 1);
  }
}

/** @param {Event} event */
function idAt(event) {
  const button = event.target instanceof Element ? event.target.closest("[data-speaker]") : null;
  return button instanceof HTMLElement ? (button.dataset["speaker"] ?? null) : null;
}
