// Saying what a segment is: labels, marks, speakers, validity.

import { titleOf } from "../i18n.js";
import { STAND_INS, isStandIn, runAfter } from "../model/standins.js";
import { STATES, isBlank, nextStatus } from "../model/state.js";

/** @typedef {import("./index.js").AnyCommand} AnyCommand */
/** @typedef {import("./index.js").SegmentCommand} SegmentCommand */
/** @typedef {import("../session.js").Session} Session */
/** @typedef {import("../types.js").Segment} Segment */

/** @type {Record<string, AnyCommand>} */
export const any = {
  addSpeaker: (s) => s.panel.addSpeaker(),
};

/** @type {Record<string, SegmentCommand>} */
export const current = {
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
    const speaker = s.model.speakers.filter(({ id }) => !isStandIn(id))[digit - 1];
    if (speaker) speak(s, segment, speaker.id);
    else s.say(s.t("editor.say.noSpeaker", { n: digit }), "warn");
  },
  standIn: (s, segment, digit) => {
    const wanted = STAND_INS[digit - 1];
    if (!wanted || s.readOnly) return;
    const { id, title, color } = wanted;
    if (s.model.speaker(id)) speak(s, segment, id);
    else {
      const made = s.edit(() => s.model.addSpeaker(s.t(title), { id, color }, s.targets(segment)));
      if (made) s.announce(s.t(title));
    }
  },
  speakerOn: (s, segment) => {
    const run = runAfter(s.model.segments, s.model.indexOf(segment.id));
    const theirs = run.filter((item) => !item.is_locked && item.speaker !== segment.speaker);
    if (theirs.length === 0) s.say(s.t("editor.say.noRun"));
    else if (s.edit(() => s.model.update(theirs.map(({ id }) => id), { speaker: segment.speaker })))
      s.say(s.t("editor.say.speakerOn", { name: nameOf(s, segment.speaker), n: theirs.length, key: s.keyOf("undo") }));
  },
  note: (s) => s.panel.askNote(),
  invalid: (s, segment) => {
    const isValid = !segment.is_valid;
    const changes = isValid ? { is_valid: true, invalid_reason: null } : { is_valid: false };
    const isDone = s.edit(() => s.model.update(s.targets(segment), changes)); // what is refused was said
    if (isDone !== undefined && !isValid) s.panel.askReason();
  },
  unsure: (s, segment) => {
    const status = segment.status === "unsure" ? (isBlank(segment) ? "draft" : "done") : "unsure";
    if (s.edit(() => s.model.update(s.targets(segment), { status })) === undefined) return;
    s.say(s.t(status === "unsure" ? "editor.say.unsure" : "editor.say.notUnsure"));
  },
};

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
  if (s.edit(() => s.model.updateEach(wishes)) === undefined) return;
  s.announce(s.t(isOn ? "editor.say.labelOff" : "editor.say.labelOn", { name: titleOf(label, s.locale) }));
}

/** Say who speaks, or with the same key again that nobody is told. @param {Session} s @param {Segment} segment @param {string} id */
function speak(s, segment, id) {
  const speaker = segment.speaker === id ? null : id;
  if (s.edit(() => s.model.update(s.targets(segment), { speaker }))) s.announce(nameOf(s, speaker));
}

/** @param {Session} s @param {string|null} id of a speaker */
const nameOf = (s, id) => s.model.speaker(id)?.name ?? s.t("editor.speaker.none");

/** A click on the state of a segment (or of all that are picked). @param {Session} s @param {string} id */
export function cycleStatus(s, id) {
  const segment = s.model.byId(id);
  if (!segment) return;
  const status = nextStatus(segment);
  if (s.edit(() => s.model.update(s.targets(segment), { status })) === undefined) return;
  s.announce(s.t(STATES[status].title));
}
