// The list of segments as a transcript. Only the rows that are seen exist, however many there are.

import { cycleStatus } from "../commands/label.js";
import { h } from "../dom.js";
import { guessLines, Heights } from "./heights.js";
import { markAt } from "../model/marks.js";
import { Row } from "./row.js";

/** @typedef {import("../types.js").Segment} Segment */

const ROW_PX = 40; // a row of one line, see editor.css
const LINE_PX = 22;
export const FLASH_MS = 1400;
const TEXT_SHARE_PX = 430; // what number, time, speaker and labels take of the width, about

export class Rows {
  #heights = new Heights();
  /** Heights that were measured, px. @type {Map<string, number>} */
  #measured = new Map();
  /** @type {Map<string, Row>} */
  #rows = new Map();
  #width = 0;
  #queued = false;
  /** Segments whose rows may have another height now. @type {Set<string>} */
  #changed = new Set();
  /** @type {() => void} */
  #endFlash = () => {};
  hint = "";

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    this.session = session;
    this.inner = h("div", { class: "sl-rows", role: "list", "aria-label": session.t("editor.list.label") });
    this.empty = h("p", { class: "sl-empty", hidden: true }, session.t("editor.list.empty"));
    this.element = h("div", { class: "sl-list" }, this.inner, this.empty);
    this.element.classList.toggle("sl-two", session.waveform.channels > 1);
    session.scope.listen(this.element, "scroll", () => this.queue(), { passive: true });
    session.scope.observe(new ResizeObserver(() => this.resize())).observe(this.element);
    this.#listen();
  }

  /** Draw in the next frame. */
  queue() {
    if (this.#queued) return;
    this.#queued = true;
    this.session.scope.frame(() => {
      this.#queued = false;
      this.render();
    });
  }

  /** Segments came, went or moved. */
  restructure() {
    const { segments } = this.session.model;
    const halves = Math.max(20, (this.element.clientWidth - TEXT_SHARE_PX) / 7.6);
    this.#heights.reset(segments.length, (index) => {
      const segment = /** @type {Segment} */ (segments[index]);
      return this.#measured.get(segment.id) ?? ROW_PX + (guessLines(segment.text, halves) - 1) * LINE_PX;
    });
    this.empty.hidden = segments.length > 0;
    this.render(true);
  }

  /** Show what changed in these segments (null: in all that are seen). @param {Set<string>|null} ids */
  refresh(ids) {
    // All rows: what changed in one may make, or end, a problem of its neighbours.
    for (const row of this.#rows.values()) this.#update(row, ids === null);
    this.#measureSoon(ids ?? this.#rows.keys());
  }

  /** Show where the person is: nothing else has changed. @param {readonly (string|null)[]} ids the one and the one before */
  point(ids) {
    const rows = ids.flatMap((id) => this.#rows.get(id ?? "") ?? []);
    for (const row of rows) this.#update(row, false);
    this.#measureSoon(rows.map((row) => row.id));
  }

  /** @param {Iterable<string>} ids */
  #measureSoon(ids) {
    if (this.#changed.size === 0) this.session.scope.frame(() => this.#measureChanged());
    for (const id of ids) this.#changed.add(id);
  }

  /** Once a frame: to read a height has the page laid out, which it does before it paints anyway. */
  #measureChanged() {
    const rows = [...this.#changed].flatMap((id) => this.#rows.get(id) ?? []);
    this.#changed.clear();
    this.#measure(rows);
  }

  /** @param {boolean} [again] everything about a row may have changed */
  render(again = false) {
    const { model } = this.session;
    const { scrollTop, clientHeight } = this.element;
    const [first, last] = this.#heights.window(scrollTop, clientHeight || 400);
    /** @type {Set<string>} */
    const wanted = new Set();
    for (let index = first; index < last; index++) wanted.add(/** @type {Segment} */ (model.segments[index]).id);
    // The row with the caret stays even when it is scrolled away: taking it off would end the typing.
    if (model.currentId && model.byId(model.currentId)) wanted.add(model.currentId);
    for (const [id, row] of this.#rows) {
      if (wanted.has(id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
    /** @type {Row[]} */
    const fresh = [];
    for (const id of wanted) {
      let row = this.#rows.get(id);
      if (!row) {
        row = new Row(this.session, id);
        this.#rows.set(id, row);
        fresh.push(row);
        this.#update(row, true);
      } else if (again) this.#update(row, true);
    }
    this.#order(fresh.length > 0 || again);
    this.#measure(again ? [...this.#rows.values()] : fresh);
    this.#place();
  }

  /** Scroll so that a row is seen, with the ones around it. @param {string} id */
  reveal(id) {
    const index = this.session.model.indexOf(id);
    if (index < 0) return;
    const top = this.#heights.top(index);
    const height = this.#heights.get(index);
    const { scrollTop, clientHeight } = this.element;
    const above = top < scrollTop + 4;
    const below = top + height > scrollTop + clientHeight - ROW_PX;
    if (above || below) this.element.scrollTop = Math.max(0, top - clientHeight * (above ? 0.25 : 0.6));
    this.render();
  }

  /** The text box of a segment, if its row exists. @param {string} id */
  box(id) {
    return this.#rows.get(id)?.text ?? null;
  }

  /** The box of a further layer, if it is shown. @param {string} id @param {string|null} layer */
  layerBox(id, layer) {
    return this.#rows.get(id)?.layers.box(layer) ?? null;
  }

  /**
   * Put the caret into a segment's text.
   * @param {string} id @param {number|null} [caret] null: at the end @param {string|null} [layer] a further layer instead
   */
  focus(id, caret = null, layer = null) {
    this.reveal(id);
    this.putCaret(id, caret, layer);
  }

  /** The same for a row that was revealed. @param {string} id @param {number|null} caret @param {string|null} layer */
  putCaret(id, caret, layer) {
    const further = this.layerBox(id, layer);
    if (further) {
      further.focus({ preventScroll: true });
      return;
    }
    const box = this.box(id);
    if (!box) return;
    box.focus({ preventScroll: true });
    const at = caret ?? box.value.length;
    box.setSelectionRange(at, at);
  }

  /** Propose what may follow. @param {string} id @param {string} text @param {string} proposal */
  ghost(id, text, proposal) {
    this.#rows.get(id)?.propose(text, proposal);
  }

  /** What is looked for has changed: mark it in the rows that are seen. */
  repaint() {
    for (const row of this.#rows.values()) row.paint(row.text.value);
  }

  /** Light rows up for a moment: here something came back. @param {readonly string[]} ids */
  flash(ids) {
    const lit = ids.flatMap((id) => this.#rows.get(id)?.element ?? []);
    for (const row of lit) {
      row.classList.remove("sl-flash");
      void row.offsetWidth; // or the same animation would not start again
      row.classList.add("sl-flash");
    }
    this.#endFlash();
    this.#endFlash = this.session.scope.timeout(() => {
      for (const row of this.#rows.values()) row.element.classList.remove("sl-flash");
    }, FLASH_MS);
  }

  /** Take the size that the page gives. */
  resize() {
    if (this.element.clientWidth === this.#width) {
      this.render();
      return;
    }
    this.#width = this.element.clientWidth;
    this.#measured.clear();
    this.restructure();
  }

  /** The size of the rows has changed. */
  restyle() {
    this.#width = 0;
    this.resize();
  }

  /** @param {Row} row @param {boolean} again */
  #update(row, again) {
    const { model } = this.session;
    const segment = model.byId(row.id);
    if (!segment) return;
    const isCurrent = model.currentId === row.id;
    row.update(segment, model.indexOf(row.id), {
      total: model.segments.length,
      isCurrent,
      isSelected: model.selectedIds.size > 1 && model.selectedIds.has(row.id),
      hint: isCurrent ? this.hint : "",
      again,
    });
  }

  /** The order in the page is the order in time: screen readers and Ctrl+F follow it. @param {boolean} changed */
  #order(changed) {
    if (!changed) return;
    const { model } = this.session;
    const sorted = [...this.#rows.values()].sort((a, b) => model.indexOf(a.id) - model.indexOf(b.id));
    let next = this.inner.firstElementChild;
    for (const row of sorted) {
      if (next === row.element) next = next.nextElementSibling;
      // Moving the element that has the focus would lose it: those before it that belong behind it move later.
      else if (row.element.contains(document.activeElement)) next = row.element.nextElementSibling;
      else this.inner.insertBefore(row.element, next);
    }
  }

  /** Read the heights of rows; what is above the window must not push it. @param {Row[]} rows */
  #measure(rows) {
    if (rows.length === 0 || this.element.clientHeight === 0) return;
    const heights = rows.map((row) => row.element.offsetHeight);
    const { scrollTop } = this.element;
    const firstSeen = this.#heights.at(scrollTop);
    let pushed = 0;
    let grown = 0;
    rows.forEach((row, i) => {
      const index = this.session.model.indexOf(row.id);
      const height = heights[i] ?? 0;
      if (index < 0 || height === 0) return;
      this.#measured.set(row.id, height);
      const by = this.#heights.set(index, height);
      if (index < firstSeen) pushed += by;
      grown += Math.abs(by);
    });
    if (grown === 0) return;
    this.#place();
    if (pushed !== 0) this.element.scrollTop = scrollTop + pushed;
  }

  #place() {
    this.inner.style.height = `${this.#heights.total}px`;
    for (const row of this.#rows.values()) {
      row.element.style.transform = `translateY(${this.#heights.top(this.session.model.indexOf(row.id))}px)`;
    }
  }

  #listen() {
    const { session } = this;
    const { scope } = session;
    scope.listen(this.element, "input", (event) => {
      const box = event.target;
      const id = rowOf(box);
      if (!id || this.#layerTyped(id, event)) return;
      if (!(box instanceof HTMLTextAreaElement)) return;
      this.#rows.get(id)?.paint(box.value);
      session.typed(id, box);
    });
    scope.listen(this.element, "compositionend", (event) => {
      const id = rowOf(event.target);
      if (id) this.#layerTyped(id, event);
    });
    scope.listen(this.element, "focusin", (event) => {
      const id = rowOf(event.target);
      if (id && isBox(event.target) && id !== session.model.currentId)
        session.go(id, { focus: false });
    });
    scope.listen(this.element, "beforeinput", (event) => this.#eraseMark(event));
    scope.listen(this.element, "mousedown", (event) => {
      const id = rowOf(event.target);
      if (!id || event.button !== 0) return;
      if (event.shiftKey && session.model.currentId && id !== session.model.currentId) {
        event.preventDefault();
        session.model.selectRange(session.model.currentId, id);
      } else if (!isBox(event.target)) event.preventDefault();
    });
    scope.listen(this.element, "click", (event) => {
      const id = rowOf(event.target);
      if (!id || event.shiftKey || isBox(event.target)) return;
      const act = event.target instanceof Element ? event.target.closest("[data-act]") : null;
      if (act?.getAttribute("data-act") === "state") {
        cycleStatus(session, id);
        return;
      }
      const isHere = id === session.model.currentId;
      if (act && isHere) session.run("playOrStop");
      else session.go(id, { focus: true, play: act ? true : undefined });
    });
  }

  /** Something was written into a further layer, or chosen. @param {string} id @param {Event} event @returns {boolean} whether it was one */
  #layerTyped(id, event) {
    const box = event.target;
    if (!isBox(box) || !box.classList.contains("sl-layer")) return false;
    if (!(event instanceof InputEvent && event.isComposing)) this.#rows.get(id)?.layers.typed(box, id);
    return true;
  }

  /** A mark goes whole: half a mark is a mistake that somebody has to find. @param {InputEvent} event */
  #eraseMark(event) {
    const direction = { deleteContentBackward: "back", deleteContentForward: "forward" }[event.inputType];
    const box = event.target;
    if (!direction || !(box instanceof HTMLTextAreaElement) || event.isComposing) return;
    if (box.selectionStart !== box.selectionEnd) return;
    const way = /** @type {"back"|"forward"} */ (direction);
    const mark = markAt(box.value, this.session.model.guideline, box.selectionStart, way);
    if (!mark) return;
    event.preventDefault();
    box.setSelectionRange(mark.start, mark.end);
    document.execCommand("delete"); // so that the browser's own undo brings it back
  }
}

/** @param {EventTarget|null} target @returns {target is HTMLTextAreaElement|HTMLSelectElement} */
const isBox = (target) => target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;

/** @param {EventTarget|null} target @returns {string|null} */
function rowOf(target) {
  const row = target instanceof Element ? target.closest(".sl-row") : null;
  return row instanceof HTMLElement ? (row.dataset["id"] ?? null) : null;
}
