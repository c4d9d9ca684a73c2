// A stretch cut anew with other settings: what, how, and what would change, before anything does.

import { ClientError } from "../sync/answers.js";
import { h, setText } from "../dom.js";
import { recut } from "../model/shaping.js";
import { uuid7 } from "../model/uuid.js";
import { MIN_SEGMENT_US } from "./edges.js";
import { heardChannel, onlyChannel } from "./lanes.js";

/** @typedef {import("../types.js").Edit} Edit */
/** @typedef {{name: string, default: number, unit: string, min: number, max: number, help: string, type: string}} Option */
/** @typedef {{name: string, title: string, options: Option[]}} Segmenter */
/** @typedef {{startUs: number, endUs: number, channels: (number|null)[], only: Set<string>|null}} Stretch only: what is meant; null: all in it */
/** @typedef {{start_us: number, end_us: number}} Span */

const REST_MS = 350;
const IN_OUR_WORDS = ["webrtc", "energy"]; // others come with their own words
const FIRST = ["min_silence_ms", "min_speech_ms", "max_speech_s", "pad_before_ms", "pad_after_ms"]; // asked for most
const WHATS = /** @type {const} */ (["picked", "current", "view"]);
/** @type {Record<typeof WHATS[number], string>} */
const WHAT_WORDS = { picked: "editor.recut.picked", current: "editor.recut.current", view: "editor.recut.view" };

export class RecutDialog {
  /** @type {Segmenter[]} */
  #segmenters = [];
  /** What was found for the settings shown; null: not yet. @type {{channel: number|null, spans: Span[]}[]|null} */
  #found = null;
  #asked = 0;
  /** @type {() => void} */
  #stopWaiting = () => {};

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    const { t, scope } = session;
    this.session = session;
    this.what = h("select", { class: "sl-select" });
    this.segmenter = h("select", { class: "sl-select" });
    this.fields = h("div", { class: "sl-recut-fields" });
    this.more = h("details", {}, h("summary", {}, t("editor.recut.more")));
    this.moreFields = h("div", { class: "sl-recut-fields" });
    this.more.append(this.moreFields);
    this.all = h("input", { type: "checkbox" });
    this.said = h("p", { class: "sl-recut-said", role: "status" });
    this.button = h("button", { type: "submit", class: "sl-primary" }, t("editor.recut.cut"));
    const close = h("button", { type: "button", class: "sl-plain" }, t("editor.recut.cancel"));
    const title = t("editor.recut.title");
    this.form = h(
      "form",
      {},
      h("h2", {}, title),
      h("label", { class: "sl-recut-row" }, t("editor.recut.what"), this.what),
      h("label", { class: "sl-recut-row" }, t("editor.recut.how"), this.segmenter),
      this.fields,
      this.more,
      h("label", { class: "sl-check" }, this.all, t("editor.recut.all")),
      this.said,
      h("footer", {}, close, this.button),
    );
    this.dialog = h("dialog", { class: "sl-dialog sl-recut", "aria-label": title }, this.form);
    session.root.append(this.dialog);
    scope.listen(close, "click", () => this.dialog.close());
    scope.listen(this.segmenter, "change", () => this.#showOptions());
    scope.listen(this.form, "input", (event) => (event.target === this.all ? this.#tell() : this.#askSoon()));
    scope.listen(this.form, "submit", (event) => {
      event.preventDefault();
      this.#cut();
    });
    scope.listen(this.dialog, "close", () => {
      this.#asked += 1; // an answer that comes now is for nobody
      this.#stopWaiting();
      session.returnFocus();
    });
  }

  async open() {
    const { t, model, client, readOnly } = this.session;
    if (readOnly) {
      this.session.say(t("editor.error.readOnly"), "warn");
      return;
    }
    const n = model.selectedIds.size;
    const offered = WHATS.filter((what) => (what === "picked" ? n > 1 : what === "view" || model.current));
    this.what.replaceChildren(...offered.map((what) => h("option", { value: what }, t(WHAT_WORDS[what], { n }))));
    this.all.checked = false;
    this.#found = null;
    this.#tell();
    this.dialog.showModal();
    this.what.focus();
    try {
      if (this.#segmenters.length === 0) await this.#load(() => client.server.json("/api/segmenters", Array.isArray));
      this.#askSoon(0);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** @param {() => Promise<Segmenter[]>} ask */
  async #load(ask) {
    const { t } = this.session;
    this.#segmenters = await ask();
    const words = (/** @type {Segmenter} */ { name, title }) =>
      IN_OUR_WORDS.includes(name) ? t(`page.segmenter_${name}`) : `${title} (${name})`;
    const sorted = [...this.#segmenters].sort((one, other) => Number(other.name === "webrtc") - Number(one.name === "webrtc"));
    this.segmenter.replaceChildren(...sorted.map((item) => h("option", { value: item.name }, words(item))));
    this.#showOptions();
  }

  #showOptions() {
    const chosen = this.#segmenters.find(({ name }) => name === this.segmenter.value);
    const fields = (chosen?.options ?? []).map((option) => [option.name, this.#field(chosen?.name ?? "", option)]);
    const isFirst = (/** @type {unknown} */ name) => FIRST.includes(String(name));
    const of = (/** @type {boolean} */ first) => fields.flatMap(([name, field]) => (isFirst(name) === first && field ? [field] : []));
    this.fields.replaceChildren(...of(true));
    this.moreFields.replaceChildren(...of(false));
    this.more.hidden = this.moreFields.childElementCount === 0;
  }

  /** @param {string} segmenter @param {Option} option */
  #field(segmenter, { name, default: value, unit, min, max, help, type }) {
    const { t } = this.session;
    const isOurs = IN_OUR_WORDS.includes(segmenter);
    const title = isOurs ? t(`page.option_${name}`) : name;
    const input = h("input", { type: "number", name, value, min, max, step: type === "int" ? 1 : "any", required: true });
    const tip = `${isOurs ? t(`page.option_help_${name}`) : help} ${min} – ${max}`;
    return h("label", { class: "sl-recut-row", title: tip }, unit ? `${title} (${unit})` : title, input);
  }

  /** What the choice above means. @returns {Stretch|null} */
  #stretch() {
    const { model, timeline, waveform } = this.session;
    const picked = [...model.selectedIds].flatMap((id) => model.byId(id) ?? []);
    const { current } = model;
    const segments = this.what.value === "picked" ? picked : this.what.value === "current" && current ? [current] : [];
    const isApart = waveform.channels > 1;
    const lanes = [...new Set(waveform.lanes.map(({ channel }) => channel))];
    const channels = !isApart
      ? [onlyChannel(model.segments)]
      : segments.length
        ? [...new Set(segments.map(({ channel }) => channel))]
        : lanes;
    if (this.what.value === "view")
      return { startUs: Math.round(timeline.startUs), endUs: Math.round(Math.min(timeline.durationUs, timeline.endUs)), channels, only: null };
    if (segments.length === 0) return null;
    const startUs = Math.min(...segments.map(({ start_us }) => start_us));
    const only = new Set(segments.map(({ id }) => id));
    return { startUs, endUs: Math.max(...segments.map(({ end_us }) => end_us)), channels, only };
  }

  /** @param {number} [ms] */
  #askSoon(ms = REST_MS) {
    this.#found = null;
    this.#asked += 1; // what is still on its way was found for other settings
    this.#tell();
    this.#stopWaiting();
    this.#stopWaiting = this.session.scope.timeout(() => void this.#ask(), ms);
  }

  async #ask() {
    const { model, client, t } = this.session;
    const stretch = this.#stretch();
    if (!stretch || !this.form.checkValidity()) {
      setText(this.said, t("editor.recut.range"));
      return;
    }
    setText(this.said, t("editor.recut.asking"));
    const asked = (this.#asked += 1);
    /** @type {Record<string, number>} */
    const options = {};
    for (const input of this.form.querySelectorAll("input[type=number]"))
      if (input instanceof HTMLInputElement) options[input.name] = input.valueAsNumber;
    const path = `/api/transcripts/${encodeURIComponent(model.transcript.id)}/resegment`;
    try {
      /** @type {{channel: number|null, spans: Span[]}[]} */
      const found = [];
      for (const channel of stretch.channels) {
        const heard = heardChannel(model.recording, channel);
        const body = { start_us: stretch.startUs, end_us: stretch.endUs, channel: heard, segmenter: this.segmenter.value, options };
        const { spans } = await client.server.json(path, (answer) => Array.isArray(answer?.spans), body);
        found.push({ channel, spans });
      }
      if (asked !== this.#asked) return;
      this.#found = found;
      this.#tell();
    } catch (error) {
      if (asked === this.#asked) this.#failed(error);
    }
  }

  /** What would be done with what was found. */
  #plan() {
    const { model, waveform } = this.session;
    const stretch = this.#stretch();
    if (!stretch || !this.#found) return null;
    const sum = { edits: /** @type {Edit[]} */ ([]), gone: 0, kept: 0, made: 0 };
    for (const { channel, spans } of this.#found) {
      const theirs = channel === null ? undefined : model.speakers.find((item) => item.channel === channel);
      const plan = recut({
        segments: model.segments,
        channel,
        isOneLane: waveform.channels === 1,
        startUs: stretch.startUs,
        endUs: stretch.endUs,
        spans,
        only: stretch.only,
        all: this.all.checked,
        like: { language: model.project.language ?? null, speaker: theirs?.id ?? null },
        newId: uuid7,
        leastUs: MIN_SEGMENT_US,
      });
      // Deletions first, so that the step reads as one.
      const isGone = (/** @type {Edit} */ { action }) => action === "delete";
      sum.edits = [...plan.edits.filter(isGone), ...sum.edits, ...plan.edits.filter((edit) => !isGone(edit))];
      for (const name of /** @type {const} */ (["gone", "kept", "made"])) sum[name] += plan[name];
    }
    return sum;
  }

  #tell() {
    const { t } = this.session;
    const plan = this.#plan();
    this.button.disabled = !plan || plan.edits.length === 0;
    if (!plan) setText(this.said, t("editor.recut.asking"));
    else if (plan.edits.length === 0) setText(this.said, t("editor.recut.same"));
    else setText(this.said, t("editor.recut.count", { gone: plan.gone, made: plan.made, kept: plan.kept }));
  }

  #cut() {
    const { session } = this;
    const { t, model } = session;
    const plan = this.#plan();
    if (!plan || plan.edits.length === 0) return;
    this.dialog.close();
    if (session.edit(() => model.take(plan.edits)) === undefined) return;
    const first = plan.edits.find(({ action }) => action === "insert");
    if (first?.action === "insert") session.go(first.record.id, { play: false });
    session.say(t("editor.recut.did", { gone: plan.gone, made: plan.made, key: session.keyOf("undo") }));
  }

  /** @param {unknown} error */
  #failed(error) {
    if (!(error instanceof ClientError)) throw error;
    const { t } = this.session;
    this.button.disabled = true;
    setText(this.said, error.code === "network" ? t("editor.open.network") : t("editor.error.refused", { message: error.message }));
  }
}
