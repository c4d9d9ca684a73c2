// One open transcript: the parts of the page and what passes between them.

import { Channels } from "./side/channels.js";
import { runCommand } from "./commands/index.js";
import { insertDraft } from "./commands/shape.js";
import { ConflictView } from "./side/conflict.js";
import { Desk } from "./side/desk.js";
import { h } from "./dom.js";
import { Finder } from "./list/finder.js";
import { Help } from "./keys/help.js";
import { Keyboard } from "./keys/keyboard.js";
import { firstKey } from "./keys/keys.js";
import { Keystrip } from "./keys/keystrip.js";
import { heardChannel } from "./see/lanes.js";
import { Listening } from "./hear/listening.js";
import { Minimap } from "./see/minimap.js";
import { Onward } from "./side/onward.js";
import { Panel } from "./side/panel.js";
import { keepWhere } from "./place.js";
import { explain } from "./model/phrases.js";
import { EditError } from "./model/records.js";
import { commandsOf } from "./keys/rebind.js";
import { Redraw } from "./see/redraw.js";
import { Regions } from "./see/regions.js";
import { Completion } from "./list/completion.js";
import { focusedLayer, focusedLayerBox } from "./list/layers.js";
import { Signs } from "./list/signs.js";
import { Rows } from "./list/rows.js";
import { keepSettings, loadSettings } from "./settings.js";
import { Status } from "./side/status.js";
import { pageIsDark, readTheme } from "./see/theme.js";
import { Timeline } from "./see/timeline.js";
import { Toolbar } from "./side/toolbar.js";
import { WaitingPanel } from "./side/waiting-panel.js";
import { Waveform } from "./see/waveform.js";

/** @typedef {import("./types.js").Segment} Segment */
/** @typedef {import("./types.js").ModelChange} ModelChange */

const NARROW_PX = 1100;

export class Session {
  /** The browser wants a key or a click before it plays. */
  waitsForSound = false;
  /** The person has typed, or pressed Enter once: from now on Enter means "next". */
  hasBegun = false;
  #drawer = false;
  #isNarrow = false;

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.root
   * @param {import("./types.js").Opened} parts.opened
   * @param {import("./model/model.js").Model} parts.model
   * @param {import("./sync/client.js").Client} parts.client
   * @param {import("./hear/player.js").Player} parts.player
   * @param {import("./scope.js").Scope} parts.scope
   * @param {import("./i18n.js").Translate} parts.t
   * @param {string} parts.locale
   * @param {(name: string, detail: Record<string, unknown>) => void} parts.onEvent
   * @param {() => Promise<void>} parts.reopen open the same recording anew
   * @param {(recording: string, project?: string) => void} parts.go open another recording of the project, or of another one
   */
  constructor({ root, opened, model, client, player, scope, t, locale, onEvent, reopen, go }) {
    this.root = root;
    this.opened = opened;
    this.model = model;
    this.client = client;
    this.player = player;
    this.scope = scope;
    this.t = t;
    this.locale = locale;
    this.onEvent = onEvent;
    this.reopen = reopen;
    this.settings = loadSettings();
    this.commands = commandsOf(this.settings);
    this.isDark = pageIsDark();
    root.classList.toggle("sl-dark", this.isDark);
    this.timeline = new Timeline(model.recording.duration_us);
    this.listening = new Listening(this);
    this.waveform = new Waveform(this, readTheme(root));
    this.minimap = new Minimap(this, this.waveform);
    this.redraw = new Redraw(this);
    this.regions = new Regions(this, this.waveform);
    this.status = new Status(this);
    this.channels = new Channels(this);
    this.waiting = new WaitingPanel(this);
    this.toolbar = new Toolbar(this, this.status.element);
    this.panel = new Panel(this);
    this.finder = new Finder(this);
    this.rows = new Rows(this);
    this.keystrip = new Keystrip(this);
    this.onward = new Onward(this, go);
    this.help = new Help(this);
    this.conflict = new ConflictView(this);
    root.replaceChildren(
      this.toolbar.element,
      this.status.banner,
      this.status.warning,
      this.minimap.element,
      this.waveform.element,
      this.waveform.splitter.element,
      this.finder.element,
      h("div", { class: "sl-main" }, this.rows.element, this.panel.element),
      this.onward.element,
      this.keystrip.element,
      this.status.toast,
      this.status.live,
      this.help.dialog,
      this.finder.dialog,
      this.conflict.dialog,
      this.channels.dialog,
      this.waiting.dialog,
    );
    this.keyboard = new Keyboard(this);
    this.completion = new Completion(this);
    this.signs = new Signs(this);
    this.desk = new Desk(this);
    this.#wire();
  }

  get readOnly() {
    return this.model.readOnly;
  }
  get panelOpen() {
    return this.#isNarrow ? this.#drawer : this.settings.panel;
  }

  /**
   * Make a segment the current one.
   * @param {string} id
   * @param {{focus?: boolean, play?: boolean, caret?: number|null}} [how] focus: the caret goes into its text;
   *   play: as the settings say if not given
   */
  go(id, { focus = false, play = this.settings.autoPlay, caret = null } = {}) {
    if (!this.model.byId(id)) return;
    const layer = focusedLayer();
    this.keyboard.finish();
    if (this.model.selectedIds.size > 0) this.model.setSelected([]);
    this.rows.reveal(id); // before rows change: what is read of a changed page has it laid out anew
    this.model.select(id);
    const segment = this.model.byId(id);
    if (!segment) return;
    this.timeline.reveal(segment.start_us, segment.end_us);
    if (focus || layer) this.rows.putCaret(id, caret, layer);
    if (play) this.listening.playSegment(segment);
    else if (this.listening.playing && !this.headInCurrent()) this.listening.pause();
  }

  /** @param {string} id of keys.js @param {number|null} [digit] @returns {boolean} */
  run(id, digit = null) {
    return runCommand(this, id, digit ?? 0);
  }

  /**
   * Do something to the model; what breaks a rule is said, not thrown.
   * @template T
   * @param {() => T} action
   * @returns {T|undefined} undefined: it was refused
   */
  edit(action) {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof EditError)) throw error;
      this.say(explain(error, this.t, this.keyOf("lock")), "warn");
      return undefined;
    }
  }

  /** The text of a box has changed. @param {string} id @param {HTMLTextAreaElement} box */
  typed(id, box) {
    if (this.keyboard.guard.composing) return; // letters of a pinyin are not the text yet
    this.hasBegun = true;
    this.showHint();
    this.edit(() => this.model.setText(id, box.value));
    this.listening.typed();
  }

  /** Move edges, all in one go of the pointer. @param {{id: string, start_us: number, end_us: number}[]} times */
  retime(times) {
    this.edit(() => this.model.retimeAll(times));
    if (this.model.current) this.listening.edgesMoved(this.model.current);
  }

  /** @param {import("./see/waveform.js").Draft} draft */
  insert(draft) {
    const id = insertDraft(this, draft);
    if (id) this.go(id, { focus: true });
  }

  /** Put a mark into the text at the caret, so that the browser's own undo knows of it. @param {string} mark */
  insertMark(mark) {
    const box = this.inText() ?? focusedLayerBox() ?? (this.model.currentId ? this.rows.box(this.model.currentId) : null);
    if (!box || box.readOnly) return;
    box.focus({ preventScroll: true });
    if (document.execCommand("insertText", false, mark)) return;
    box.setRangeText(mark, box.selectionStart, box.selectionEnd, "end");
    box.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  /** What a command works on: all that are picked, if the segment is one of them. @param {Segment} segment */
  targets(segment) {
    const { selectedIds } = this.model;
    return selectedIds.size > 1 && selectedIds.has(segment.id) ? [...selectedIds] : [segment.id];
  }

  /** The text box that has the caret, if one has. */
  inText() {
    const box = document.activeElement;
    return box instanceof HTMLTextAreaElement && box.classList.contains("sl-text") && this.root.contains(box)
      ? box
      : null;
  }

  /** @param {Element} box */
  isComposingIn(box) {
    return this.keyboard?.guard.composing === true && document.activeElement === box;
  }

  headInCurrent() {
    const { current } = this.model;
    const at = this.listening.positionUs();
    return current !== undefined && at >= current.start_us && at < current.end_us;
  }

  /** The channel to hear for a segment. @param {Segment} segment @returns {number|null} */
  channelOf(segment) {
    return heardChannel(this.model.recording, segment.channel);
  }

  /** @param {string} id @param {number|null} [caret] */
  focusText(id, caret = null) {
    this.rows.focus(id, caret);
  }

  /** After a dialog or the panel: back to the text. */
  returnFocus() {
    if (this.model.currentId)
      this.rows.focus(this.model.currentId, this.rows.box(this.model.currentId)?.selectionStart ?? null);
    else this.waveform.element.focus({ preventScroll: true });
  }

  /** The first key of a command, for a tip. @param {string} id */
  keyOf(id) {
    return firstKey(this.commands, id, "text");
  }

  /** @param {string} words @param {"info"|"warn"|"error"} [kind] */
  say(words, kind) {
    this.status.say(words, kind);
  }

  /** @param {string} words */
  announce(words) {
    this.status.announce(words);
  }

  /** @param {Partial<import("./settings.js").Settings>} settings */
  change(settings) {
    Object.assign(this.settings, settings);
    keepSettings(this.settings);
    this.commands = commandsOf(this.settings);
    this.toolbar?.refresh();
  }

  /** @param {boolean} open */
  openPanel(open) {
    if (this.#isNarrow) this.#drawer = open;
    else this.change({ panel: open });
    this.#layout();
  }

  /** Become the tab that writes; the other one may have written meanwhile. */
  async takeOver() {
    keepWhere(this);
    if (await this.client.takeOver()) await this.reopen();
    else this.say(this.t("editor.readonly.refused"), "warn");
  }

  // What the sound says

  /** @param {number} us */
  headMoved(us) {
    this.waveform?.setHead(us);
    this.minimap?.setHead(us);
    this.toolbar?.setHead(us);
  }

  heard() {
    if (!this.waitsForSound) return;
    this.waitsForSound = false;
    this.showHint();
  }

  /** @param {boolean} blocked */
  soundBlocked(blocked) {
    if (!blocked) return;
    this.waitsForSound = true;
    this.showHint();
    if (navigator.userActivation?.hasBeenActive) this.say(this.t("editor.error.blocked"), "warn");
  }

  /** @param {import("./types.js").PlayerState} state */
  playChanged(state) {
    this.toolbar?.playing(state.playing);
    this.root.classList.toggle("sl-loading", state.loading);
  }

  #wire() {
    const { scope, model, client } = this;
    scope.own(model.on("change", (change) => this.#changed(change)));
    scope.own(model.on("select", ({ id, previous }) => this.#selected(id, previous)));
    scope.own(
      model.on("selection", () => {
        this.rows.refresh(null);
        this.waveform.invalidate();
      }),
    );
    scope.own(model.on("undo", () => this.toolbar.refresh()));
    scope.own(client.onState(() => this.#saveState()));
    scope.observe(new ResizeObserver(() => this.#layout())).observe(this.root);
    scope
      .observe(new MutationObserver(() => this.#recolor()))
      .observe(document.body, { attributes: true, attributeFilter: ["class"] });
    scope.listen(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.#recolor());
    scope.listen(window, "pagehide", () => keepWhere(this));
    scope.listen(document, "visibilitychange", () => keepWhere(this));
    scope.interval(() => keepWhere(this), 3000);
    scope.own(() => keepWhere(this));
    this.#layout();
    this.#saveState();
    this.headMoved(0);
  }

  #saveState() {
    this.status.refresh();
    this.conflict.refresh();
    if (this.waiting.dialog.open) this.waiting.refresh();
    if (this.root.classList.toggle("sl-readonly", this.readOnly) !== this.#wasReadOnly) {
      this.#wasReadOnly = this.readOnly;
      this.rows.refresh(null);
      this.panel.refresh(true);
      this.toolbar.refresh();
    }
    this.onEvent("state", { state: this.client.state, pending: this.client.pending });
  }

  #wasReadOnly = false;

  /** @param {ModelChange} change */
  #changed({ ids, structure, speakers }) {
    if (structure || ids === null) {
      this.waveform.window.take(this.model.segments);
      this.rows.restructure();
      if (this.model.currentId) this.rows.reveal(this.model.currentId);
    } else this.rows.refresh(speakers ? null : ids);
    if (structure && speakers) this.rows.refresh(null);
    const isHere = ids === null || (this.model.currentId !== null && ids.has(this.model.currentId));
    if (isHere || speakers) this.panel.refresh(speakers);
    this.redraw.ask(this.model.isTyping && !structure);
    this.finder.textChanged();
    this.toolbar.refresh();
  }

  /** @param {string|null} id @param {string|null} previous */
  #selected(id, previous) {
    this.listening.arrived(id);
    this.rows.point([id, previous]);
    this.panel.refresh();
    this.waveform.invalidate();
    this.onEvent("segment", { project: this.model.project.id, recording: this.model.recording.id, id });
  }

  #recolor() {
    const isDark = pageIsDark();
    if (isDark === this.isDark) return;
    this.isDark = isDark;
    this.root.classList.toggle("sl-dark", isDark);
    this.waveform.setTheme(readTheme(this.root));
    this.minimap.invalidate();
    this.rows.refresh(null);
    this.panel.refresh(true);
  }

  #layout() {
    this.#isNarrow = this.root.clientWidth < NARROW_PX;
    this.root.classList.toggle("sl-narrow", this.#isNarrow);
    this.root.classList.toggle("sl-with-panel", this.panelOpen);
    this.toolbar.refresh();
  }

  /** Say how to begin, as long as nothing was heard or typed. */
  showHint() {
    const hint = this.waitsForSound && !this.hasBegun ? this.t("editor.hint.listen") : "";
    if (this.rows.hint === hint) return;
    this.rows.hint = hint;
    if (this.model.currentId) this.rows.refresh(new Set([this.model.currentId]));
  }
}
