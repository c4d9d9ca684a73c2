// Where segments begin and end: new, cut, joined, moved.

import { edgeBefore } from "../model/graphemes.js";
import { MIN_SEGMENT_US } from "../see/edges.js";
import { onlyChannel } from "../see/lanes.js";
import { RecutDialog } from "../see/recut.js";
import { mergePicked } from "./many.js";

/** @typedef {import("./index.js").AnyCommand} AnyCommand */
/** @typedef {import("./index.js").SegmentCommand} SegmentCommand */
/** @typedef {import("../session.js").Session} Session */
/** @typedef {import("../types.js").Segment} Segment */

const NUDGE_US = 10_000;
const MUCH_US = 100_000;
const NEW_US = 1_000_000;
/** @type {WeakMap<Session, RecutDialog>} */
const RECUTS = new WeakMap();

/** @type {Record<string, AnyCommand>} */
export const any = {
  resegment: (s) => {
    const dialog = RECUTS.get(s) ?? new RecutDialog(s);
    RECUTS.set(s, dialog);
    void dialog.open();
  },
  insert: (s) => {
    const { durationUs } = s.timeline;
    const at = Math.min(s.listening.positionUs(), durationUs - MIN_SEGMENT_US);
    const isOneLane = s.waveform.channels === 1;
    const channel = laneChannel(s);
    // Into the gap at the playhead, if there is one, so that it does not lie over the next segment.
    const next = s.model.segments.slice(s.model.indexAt(at + 1)).find((item) => isOneLane || item.channel === channel);
    const room = next && next.start_us - at >= MIN_SEGMENT_US * 5 ? next.start_us : durationUs;
    s.insert({ channel, start_us: at, end_us: Math.min(at + NEW_US, room) });
  },
};

/** @type {Record<string, SegmentCommand>} */
export const current = {
  split: (s, segment) => {
    const box = s.inText();
    const head = s.listening.positionUs();
    // No sign is cut in two.
    const caret = box ? dividingCaret(segment, edgeBefore(box.value, box.selectionStart)) : null;
    const at = cutPoint(segment, head, caret);
    s.edit(() => {
      const second = s.model.split(segment.id, at, caret);
      s.say(s.t("editor.say.split"));
      s.go(second, { focus: box !== null, caret: 0, play: false });
    });
  },
  mergeNext: (s, segment) =>
    mergePicked(s, segment) || merge(s, () => s.model.mergeNext(segment.id), "editor.say.noNext"),
  mergePrevious: (s, segment) =>
    mergePicked(s, segment) || merge(s, () => s.model.mergePrevious(segment.id), "editor.say.noPrevious"),
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
  startMuchEarlier: (s, segment) => nudge(s, segment, -MUCH_US, 0),
  startMuchLater: (s, segment) => nudge(s, segment, MUCH_US, 0),
  endMuchEarlier: (s, segment) => nudge(s, segment, 0, -MUCH_US),
  endMuchLater: (s, segment) => nudge(s, segment, 0, MUCH_US),
};

/**
 * The caret that divides the text: at the end of a text whose words are timed it was put nowhere, and the words
 * know better what is said before the cut.
 * @param {Pick<Segment, "text"|"words">} segment
 * @param {number} caret
 * @returns {number|null} null: the words decide
 */
export function dividingCaret({ text, words }, caret) {
  return words.length > 0 && caret >= (text ?? "").trimEnd().length ? null : caret;
}

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

/** The channel of what is made where nothing is pointed at. @param {Session} s @returns {number|null} */
export function laneChannel(s) {
  return s.waveform.channels === 1 ? null : (s.model.current?.channel ?? s.waveform.lanes[0]?.channel ?? null);
}

/**
 * A new segment, as drawn in a lane: the lane says on which channel, and who speaks.
 * @param {Session} s @param {import("../see/waveform.js").Draft} draft
 * @returns {string|undefined} its id
 */
export function insertDraft(s, { channel: drawn, speaker: wanted, start_us, end_us }) {
  const isOneLane = s.waveform.channels === 1;
  const channel = isOneLane ? onlyChannel(s.model.segments) : drawn;
  // Where a channel is a speaker, the channel says who speaks.
  const theirs = isOneLane || channel === null ? undefined : s.model.speakers.find((item) => item.channel === channel);
  const speaker = wanted === undefined ? (theirs?.id ?? null) : wanted;
  const { language = null } = s.model.project; // as of the segments that came with the recording
  return s.edit(() => s.model.insert({ channel, start_us, end_us, language, ...(speaker ? { speaker } : {}) }));
}

/** @param {Session} s @param {Segment} segment @param {number} startBy @param {number} endBy */
function nudge(s, segment, startBy, endBy) {
  const start_us = Math.max(0, segment.start_us + startBy);
  const end_us = Math.min(s.timeline.durationUs, segment.end_us + endBy);
  if (end_us - start_us >= MIN_SEGMENT_US) s.retime([{ id: segment.id, start_us, end_us }]);
  else s.say(s.t("editor.say.tooShort"), "warn");
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
