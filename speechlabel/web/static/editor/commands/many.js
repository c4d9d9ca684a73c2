// Several segments at once: picked by keys, joined, cut, locked.

import { LONGEST_US } from "../model/problems.js";
import { cutsFor, mergeAll, splitAt, unlocked } from "../model/shaping.js";
import { uuid7 } from "../model/uuid.js";
import { heardChannel } from "../see/lanes.js";
import { quietest } from "../see/snap.js";

/** @typedef {import("./index.js").SegmentCommand} SegmentCommand */
/** @typedef {import("../session.js").Session} Session */
/** @typedef {import("../types.js").Segment} Segment */

const STEP_US = 10_000;
const PAUSE_STEPS = 8; // a cut wants so much silence to both sides

/** @type {Record<string, SegmentCommand>} */
export const current = {
  selectNext: (s, segment) => pick(s, segment, 1),
  selectPrevious: (s, segment) => pick(s, segment, -1),
  lock: (s, segment) => {
    const is_locked = !segment.is_locked;
    const targets = s.targets(segment).filter((id) => s.model.byId(id)?.is_locked !== is_locked);
    if (s.edit(() => s.model.update(targets, { is_locked })) === undefined) return;
    s.say(s.t(is_locked ? "editor.say.locked" : "editor.say.unlocked", { n: targets.length }));
  },
  splitMany: (s, segment) => void splitMany(s, s.targets(segment)),
};

/** Pick one more, or one less, from the current segment on. @param {Session} s @param {Segment} segment @param {1|-1} direction */
function pick(s, segment, direction) {
  const { model } = s;
  const at = model.indexOf(segment.id);
  const picked = [...model.selectedIds].map((id) => model.indexOf(id));
  // The end that moves is the one that is not the current segment.
  const least = Math.min(at, ...picked);
  const head = (least < at ? least : Math.max(at, ...picked)) + direction;
  const to = model.segments[head];
  if (!to) return;
  model.selectRange(segment.id, to.id);
  s.rows.reveal(to.id);
  s.announce(s.t("editor.say.picked", { n: model.selectedIds.size }));
}

/**
 * Join all that are picked into the first.
 * @param {Session} s @param {Segment} segment
 * @returns {boolean} whether several were picked
 */
export function mergePicked(s, segment) {
  const targets = s.targets(segment);
  if (targets.length < 2) return false;
  const hadText = s.inText() !== null; // the row with the caret may go
  const id = s.edit(() => {
    const segments = unlocked(s.model, targets);
    s.model.take(mergeAll(s.model.recording, segments));
    return segments[0]?.id;
  });
  if (!id) return true;
  s.say(s.t("editor.say.mergedAll", { n: targets.length }));
  s.go(id, { focus: hadText, play: false });
  return true;
}

/**
 * Cut each segment that is longer than recognisers take, where it is quietest.
 * @param {Session} s @param {readonly string[]} ids
 */
async function splitMany(s, ids) {
  const { model, waveform } = s;
  const long = ids.flatMap((id) => model.byId(id) ?? []).filter(({ start_us, end_us }) => end_us - start_us > LONGEST_US);
  if (long.length === 0) {
    s.say(s.t("editor.say.noLong", { n: LONGEST_US / 1e6 }));
    return;
  }
  const step = waveform.sound.peakStep(STEP_US);
  /** @type {Map<string, import("../see/sound.js").Columns>} */
  const sounds = new Map();
  try {
    for (const { id, channel, start_us, end_us } of long)
      sounds.set(id, await waveform.sound.whole(heardChannel(model.recording, channel), start_us, end_us, step));
  } catch (error) {
    s.say(s.t("editor.error.sound", { message: String(error instanceof Error ? error.message : error) }), "error");
    return;
  }
  let parts = 0;
  const isDone = s.edit(() => {
    const edits = unlocked(model, sounds.keys()).flatMap((segment) => {
      const sound = sounds.get(segment.id);
      if (!sound) return [];
      const cuts = cutsFor(segment, LONGEST_US, (from, to) => {
        const [first, last] = [from, to].map((us) => Math.floor((us - segment.start_us) / step));
        const columns = { low: sound.low.subarray(first, last), high: sound.high.subarray(first, last) };
        const start = segment.start_us + Number(first) * step;
        return quietest(columns, start, step, to - step, PAUSE_STEPS) ?? to;
      });
      parts += cuts.length + 1;
      return splitAt(segment, cuts, uuid7);
    });
    return model.take(edits);
  });
  if (isDone) s.say(s.t("editor.say.splitMany", { n: long.length, parts }));
}
