// What each command of keys.js does.

import { titleOf } from "./i18n.js";
import { problemsOf } from "./problems.js";
import { MIN_SEGMENT_US } from "./regions.js";
import { STATES, isBlank, mayBeDone, nextStatus } from "./state.js";
import { takeBack } from "./takeback.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./types.js").Segment} Segment */
/** @typedef {(session: Session, segment: Segment, digit: number) => void} SegmentCommand */

const SKIP_US = 1_500_000;
const NUDGE_US = 20_000;
const NEW_US = 1_000_000;

/**
 * Commands that need no current segment.
 * @type {Record<string, (session: Session, digit: number) => void>}
 */
const ANY = {
  playPause: (s) =>
    s.inText() || s.headInCurrent()
      ? s.listening.playPause()
      : s.listening.playing
        ? s.listening.pause()
        : s.listening.playOn(),
  playOrStop: (s) => (s.listening.playing ? s.listening.pause() : s.run("replay")),
  loop: (s) => {
    s.change({ loop: !s.settings.loop });
    s.say(s.t(s.settings.loop ? "editor.say.loopOn" : "editor.say.loopOff"));
    if (s.settings.loop) s.run("replay");
  },
  back: (s) => s.listening.skip(-SKIP_US),
  forward: (s) => s.listening.skip(SKIP_US),
  slower: (s) => s.say(s.t("editor.say.speed", { rate: s.listening.changeRate(-1) })),
  faster: (s) => s.say(s.t("editor.say.speed", { rate: s.listening.changeRate(1) })),
  leaveText: (s) => s.waveform.element.focus({ preventScroll: true }),
  undo: (s) => takeBack(s, "undo"),
  redo: (s) => takeBack(s, "redo"),
  find: (s) => s.finder.open(false),
  replace: (s) => s.finder.open(true),
  save: (s) => void s.client.flush(),
  previous: (s) => step(s, -1),
  next: (s) => step(s, 1),
  nextRecording: (s) => void s.onward.next(),
  previousRecording: (s) => void s.onward.previous(),
  nextProblem: (s) => problem(s, 1),
  previousProblem: (s) => problem(s, -1),
  addSpeaker: (s) => s.panel.addSpeaker(),
  insert: (s) => {
    const { durationUs } = s.timeline;
    const at = Math.min(s.listening.positionUs(), durationUs - MIN_SEGMENT_US);
    const isOneLane = s.waveform.lanes.length === 1;
    const channel = isOneLane ? null : (s.model.current?.channel ?? s.waveform.lanes[0] ?? null);
    // Into the gap at the playhead, if there is one, so that it does not lie over the next segment.
    const next = s.model.segments.slice(s.model.indexAt(at + 1)).find((item) => isOneLane || item.channel === channel);
    const room = next && next.start_us - at >= MIN_SEGMENT_US * 5 ? next.start_us : durationUs;
    s.insert({ channel, start_us: at, end_us: Math.min(at + NEW_US, room) });
  },
  zoomIn: (s) => s.timeline.zoomAt(anchor(s), 1 / 1.6),
  zoomOut: (s) => s.timeline.zoomAt(anchor(s), 1.6),
  fitAll: (s) => s.timeline.fitAll(),
  spectrogram: (s) => {
    s.change({ spectrogram: !s.settings.spectrogram });
    s.waveform.showSpectrogram(s.settings.spectrogram);
  },
  nextPart: (s) => {
    // From the text, where Tab plays, there is no other way into the panel.
    if (s.inText()) s.panel.enter();
    else if (s.panel.element.contains(document.activeElement)) s.waveform.element.focus({ preventScroll: true });
    else s.returnFocus();
  },
  panel: (s) => s.panel.toggle(),
  help: (s) => s.help.open(),
};

/** Commands on the current segment. @type {Record<string, SegmentCommand>} */
const CURRENT = {
  replay: (s, segment) => s.listening.playSegment(segment),
  playEnd: (s, segment) => s.listening.playEnd(segment),
  editText: (s, segment) => {
    s.focusText(segment.id);
    if (s.waitsForSound) s.listening.playSegment(segment);
  },
  doneNext: (s, segment) => {
    if (s.waitsForSound && !s.hasBegun) {
      s.hasBegun = true; // without any sound the next Enter must go on all the same
      s.listening.playSegment(segment);
      return;
    }
    if (mayBeDone(segment)) {
      if (segment.status !== "done" && segment.status !== "unsure" && !segment.is_locked)
        s.edit(() => s.model.update(segment.id, { status: "done" }));
    } else if (!s.readOnly) s.say(s.t("editor.say.leftEmpty"));
    void s.client.flush();
    if (!step(s, 1)) void s.onward.arrive();
  },
  toggleDone: (s, segment) => {
    const wanted = segment.status === "done" ? "draft" : "done";
    s.edit(() => s.model.update(s.targets(segment), { status: wanted }));
    s.say(s.t(wanted === "done" ? "editor.say.done" : "editor.say.notDone"));
  },
  label: (s, segment, digit) => {
    const { labels } = s.model.guideline;
    const label = labels.find((item) => item.key === String(digit));
    if (label) toggleLabel(s, segment, label.name);
    else s.say(s.t("editor.say.noLabel", { n: digit }), "warn");
  },
  mark: (s, _segment, digit) => {
    const label = s.model.guideline.labels.find((item) => item.key === String(digit));
    if (label?.mark) s.insertMark(label.mark);
    else s.say(s.t("editor.say.noMark", { n: digit }), "warn");
  },
  speaker: (s, segment, digit) => {
    const speaker = s.model.speakers[digit - 1];
    if (!speaker) {
      s.say(s.t("editor.say.noSpeaker", { n: digit }), "warn");
      return;
    }
    const isOn = segment.speaker === speaker.id;
    s.edit(() => s.model.update(s.targets(segment), { speaker: isOn ? null : speaker.id }));
  },
  invalid: (s, segment) => {
    const isValid = !segment.is_valid;
    s.edit(() =>
      s.model.update(s.targets(segment), isValid ? { is_valid: true, invalid_reason: null } : { is_valid: false }),
    );
    if (!isValid && !s.readOnly) s.panel.askReason();
  },
  unsure: (s, segment) => {
    const status = segment.status === "unsure" ? (isBlank(segment) ? "draft" : "done") : "unsure";
    s.edit(() => s.model.update(s.targets(segment), { status }));
    s.say(s.t(status === "unsure" ? "editor.say.unsure" : "editor.say.notUnsure"));
  },
  split: (s, segment) => {
    const box = s.inText();
    const head = s.listening.positionUs();
    const caret = box ? box.selectionStart : null;
    const at = cutPoint(segment, head, caret);
    s.edit(() => {
      const second = s.model.split(segment.id, at, caret);
      s.say(s.t("editor.say.split"));
      s.go(second, { focus: box !== null, caret: 0, play: false });
    });
  },
  mergeNext: (s, segment) => merge(s, () => s.model.mergeNext(segment.id), "editor.say.noNext"),
  mergePrevious: (s, segment) => merge(s, () => s.model.mergePrevious(segment.id), "editor.say.noPrevious"),
  remove: (s, segment) => {
    const targets = s.targets(segment);
    const hadText = s.inText() !== null;
    if (s.edit(() => s.model.remove(targets)) === undefined) return;
    s.say(s.t("editor.say.removed", { n: targets.length, key: s.keyOf("undo") }));
    if (hadText) s.returnFocus();
  },
  setStart: (s, segment) => {
    const at = s.listening.positionUs();
    if (at > segment.end_us - MIN_SEGMENT_US) s.say(s.t("editor.say.startAfterEnd"), "warn");
    else s.retime([{ id: segment.id, start_us: at, end_us: segment.end_us }]);
  },
  setEnd: (s, segment) => {
    const at = s.listening.positionUs();
    if (at < segment.start_us + MIN_SEGMENT_US) s.say(s.t("editor.say.endBeforeStart"), "warn");
    else s.retime([{ id: segment.id, start_us: segment.start_us, end_us: at }]);
  },
  startEarlier: (s, segment) => nudge(s, segment, -NUDGE_US, 0),
  startLater: (s, segment) => nudge(s, segment, NUDGE_US, 0),
  endEarlier: (s, segment) => nudge(s, segment, 0, -NUDGE_US),
  endLater: (s, segment) => nudge(s, segment, 0, NUDGE_US),
  fitSegment: (s, segment) => s.timeline.fit(segment.start_us, segment.end_us),
};

/**
 * Do a command.
 * @param {Session} session
 * @param {string} id of keys.js, or "playOrStop"
 * @param {number} digit
 * @returns {boolean} whether there was something to do it on
 */
export function runCommand(session, id, digit) {
  const any = ANY[id];
  if (any) {
    any(session, digit);
    return true;
  }
  const segment = session.model.current;
  const command = CURRENT[id];
  if (!command || !segment) return false;
  command(session, segment, digit);
  return true;
}

/** Names of all commands, for the test that holds keys.js to them. */
export const COMMAND_IDS = [...Object.keys(ANY), ...Object.keys(CURRENT)];

/**
 * Where to cut: at the playhead if it is inside, else in proportion to the caret, else in the middle.
 * @param {Pick<Segment, "start_us"|"end_us"|"text">} segment
 * @param {number} headUs
 * @param {number|null} caret
 */
export function cutPoint(segment, headUs, caret) {
  const { start_us, end_us } = segment;
  if (headUs > start_us + MIN_SEGMENT_US && headUs < end_us - MIN_SEGMENT_US) return headUs;
  const length = segment.text?.length ?? 0;
  const share = caret !== null && caret > 0 && caret < length ? caret / length : 0.5;
  return Math.round(start_us + (end_us - start_us) * share);
}

/**
 * Tick or untick a label on the current segment (or all that are picked); inline ones go into the text.
 * @param {Session} s @param {Segment} segment @param {string} name
 */
export function toggleLabel(s, segment, name) {
  const label = s.model.guideline.labels.find((item) => item.name === name);
  if (!label) return;
  if (label.scope === "inline") {
    s.insertMark(label.mark ?? `[${label.name}]`);
    return;
  }
  const isOn = segment.noise_labels.includes(name);
  const wishes = s.targets(segment).map((id) => {
    const before = s.model.byId(id)?.noise_labels ?? [];
    const added = before.includes(name) ? before : [...before, name];
    return /** @type {const} */ ([id, { noise_labels: isOn ? before.filter((item) => item !== name) : added }]);
  });
  s.edit(() => s.model.updateEach(wishes));
  s.announce(s.t(isOn ? "editor.say.labelOff" : "editor.say.labelOn", { name: titleOf(label, s.locale) }));
}

/** A click on the state of a segment (or of all that are picked). @param {Session} s @param {string} id */
export function cycleStatus(s, id) {
  const segment = s.model.byId(id);
  if (!segment) return;
  const status = nextStatus(segment);
  s.edit(() => s.model.update(s.targets(segment), { status }));
  s.announce(s.t(STATES[status].title));
}

/** @param {Session} s @param {1|-1} direction @returns {boolean} whether there was one */
function step(s, direction) {
  const { model } = s;
  const index = model.currentId === null ? -1 : model.indexOf(model.currentId);
  const next = model.segments[index < 0 ? 0 : index + direction];
  if (!next) return false;
  s.go(next.id, { focus: s.inText() !== null });
  return true;
}

/** @param {Session} s @param {1|-1} direction */
function problem(s, direction) {
  const { segments } = s.model;
  const from = s.model.currentId === null ? 0 : s.model.indexOf(s.model.currentId);
  for (let i = 1; i <= segments.length; i++) {
    const index = (from + i * direction + segments.length * 2) % segments.length;
    const segment = segments[index];
    const [found] = segment ? problemsOf(segment, index, s.model) : [];
    if (!segment || !found) continue;
    s.go(segment.id, { focus: s.inText() !== null });
    s.announce(s.t(found.key, found.values));
    return;
  }
  s.say(s.t("editor.say.noProblem"));
}

/** @param {Session} s @param {Segment} segment @param {number} startBy @param {number} endBy */
function nudge(s, segment, startBy, endBy) {
  const start_us = Math.max(0, segment.start_us + startBy);
  const end_us = Math.min(s.timeline.durationUs, segment.end_us + endBy);
  if (end_us - start_us >= MIN_SEGMENT_US) s.retime([{ id: segment.id, start_us, end_us }]);
}

/** @param {Session} s @param {() => string|null} action @param {string} otherwise */
function merge(s, action, otherwise) {
  const hadText = s.inText() !== null; // the row with the caret may go
  const id = s.edit(action);
  if (id === null) s.say(s.t(otherwise), "warn");
  if (!id) return;
  s.say(s.t("editor.say.merged"));
  s.go(id, { focus: hadText, play: false });
}

/** The pixel that keeps its place when keys zoom: the playhead if seen, else the current segment, else the middle. @param {Session} s */
function anchor(s) {
  const { timeline } = s;
  const current = s.model.current;
  const marks = [
    timeline.x(s.listening.positionUs()),
    current ? timeline.x((current.start_us + current.end_us) / 2) : -1,
  ];
  return marks.find((x) => x >= 0 && x <= timeline.width) ?? timeline.width / 2;
}
