// Marking segments while listening: a tap where one begins, a tap where it ends.

import { MIN_SEGMENT_US } from "../see/edges.js";
import { heardChannel } from "../see/lanes.js";
import { quietest } from "../see/snap.js";
import { insertDraft, laneChannel } from "./shape.js";

/** @typedef {import("./index.js").AnyCommand} AnyCommand */
/** @typedef {import("../session.js").Session} Session */

const BEFORE_US = 100_000; // hands are later than ears
const STEP_US = 5_000;

/** @type {Record<string, AnyCommand>} */
export const any = {
  tap: (s) => tap(s, false),
  tapNext: (s) => tap(s, true),
};

/** @param {Session} s @param {boolean} goesOn what ends here begins the next one */
function tap(s, goesOn) {
  const { waveform, listening } = s;
  if (s.readOnly) {
    s.say(s.t("editor.error.readOnly"), "warn");
    return;
  }
  const open = waveform.tap;
  if (!listening.playing && !open) listening.playOn();
  const channel = open ? open.channel : laneChannel(s);
  const us = listening.positionUs();
  // However quiet it is before, there must be something between two taps.
  const start_us = quietBefore(s, channel, us, Math.max(us - BEFORE_US, open ? open.start_us + MIN_SEGMENT_US : 0));
  let isMade = false;
  if (open) {
    if (start_us - open.start_us < MIN_SEGMENT_US) s.say(s.t("editor.say.tooShort"), "warn");
    else isMade = insertDraft(s, { ...open, end_us: start_us }) !== undefined;
  }
  waveform.tap = open && !goesOn ? null : { channel, start_us };
  waveform.invalidate();
  if (isMade) s.announce(s.t("editor.say.tapped", { n: ((start_us - Number(open?.start_us)) / 1e6).toFixed(1) }));
  else if (!open) s.say(s.t("editor.say.tapOpen", { key: s.keyOf("tap") }));
}

/** The quietest time just before another. @param {Session} s @param {number|null} channel @param {number} us @param {number} from not before this */
function quietBefore(s, channel, us, from) {
  const step = s.waveform.sound.peakStep(STEP_US);
  if (us - from < step) return us;
  const heard = heardChannel(s.model.recording, channel);
  const columns = s.waveform.sound.columns(heard, from, step, Math.floor((us - from) / step));
  return quietest(columns, from, step, us - step, 0) ?? us;
}
