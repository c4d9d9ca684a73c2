// What a person set for the editor, and where they were in each transcript; kept in this browser.

/**
 * @typedef {object} Settings
 * @property {boolean} autoPlay arriving at a segment plays it
 * @property {boolean} pauseTyping be silent while keys are pressed
 * @property {boolean} loop
 * @property {number} rate
 * @property {number} rewindMs going on after a pause starts this much earlier
 * @property {boolean} followList while the sound plays on, the segment that is heard becomes the current one
 * @property {boolean} bothChannels of a call are heard, not only the one of the segment
 * @property {boolean} panel the panel at the side is open
 * @property {boolean} spectrogram shown below the waveform
 * @property {boolean} speakerLanes each speaker has a lane in the waveform
 * @property {boolean} normalise each lane is stretched to what is in view of it
 * @property {Record<string, unknown>} look of the spectrogram, see lookOf in spectrum.js
 * @property {number} waveHeight px; 0: as the style says
 * @property {string} keyPreset name of the table of keys they start from, see presets.js
 * @property {import("./keys/keys.js").Overrides} keys a person's own keys
 * @property {number} textSize of the transcript and the panel, per cent
 * @property {boolean} proposals words are proposed while typing
 * @property {boolean} spellCheck the browser's own, where the language has letters
 * @property {string[]} recentSigns put in last from the palette of signs
 * @property {boolean} layersInAll further layers are shown in all rows, not in the current one only
 * @property {boolean} compact rows close together
 * @property {boolean} firstSteps what to try first is shown on the samples
 * @property {Record<string, unknown>} steps which of them are done
 * @property {number} breakMinutes a break is proposed after so much work; 0: never
 */
/** @typedef {{segment: string|null, caret: number|null, inText: boolean, startUs: number, usPerPx: number, scrollTop: number, headUs: number}} Place */

/** @type {Settings} */
const DEFAULTS = {
  autoPlay: true,
  pauseTyping: false,
  loop: false,
  rate: 1,
  rewindMs: 500,
  followList: true,
  bothChannels: false,
  panel: true,
  spectrogram: false,
  speakerLanes: false,
  normalise: false,
  look: {},
  waveHeight: 0,
  keyPreset: "default",
  keys: {},
  textSize: 100,
  proposals: true,
  spellCheck: false,
  recentSigns: [],
  layersInAll: false,
  compact: false,
  breakMinutes: 0,
  firstSteps: true,
  steps: {},
};
/** What can be chosen: ms, per cent, minutes. */
export const REWINDS_MS = [0, 250, 500, 1000, 1500, 2000, 3000, 5000];
export const TEXT_SIZES = [90, 100, 110, 120, 130, 140, 150, 160];
export const BREAKS = [0, 25, 50];
const SETTINGS_KEY = "speechlabel.settings";
const PLACE_KEY = "speechlabel.place.";
const DAYS_KEY = "speechlabel.days";
const MAX_PLACES = 200;

/** @returns {Settings} */
export function loadSettings() {
  const kept = read(SETTINGS_KEY);
  /** @type {Settings} */
  const settings = { ...DEFAULTS };
  for (const name of /** @type {(keyof Settings)[]} */ (Object.keys(DEFAULTS))) {
    if (kept && typeof kept[name] === typeof DEFAULTS[name]) Object.assign(settings, { [name]: kept[name] });
  }
  if (!Array.isArray(settings.recentSigns)) settings.recentSigns = [];
  return settings;
}

/** @param {Settings} settings */
export function keepSettings(settings) {
  write(SETTINGS_KEY, settings);
}

/** @param {string} transcriptId @returns {Place|null} */
export function loadPlace(transcriptId) {
  const kept = read(PLACE_KEY + transcriptId);
  const isWhole = kept && ["startUs", "usPerPx", "scrollTop", "headUs"].every((name) => Number.isFinite(kept[name]));
  return isWhole ? /** @type {Place} */ (kept) : null;
}

/** @param {string} transcriptId @param {Place} place */
export function keepPlace(transcriptId, place) {
  const isNew = read(PLACE_KEY + transcriptId) === null;
  write(PLACE_KEY + transcriptId, { ...place, at: Date.now() });
  if (isNew) forgetOldest();
}

/** What was worked on each day. @returns {Record<string, import("./side/pace.js").Day>} */
export function loadDays() {
  const whole = Object.entries(read(DAYS_KEY) ?? {}).filter(
    ([, day]) => Number.isFinite(day?.workMs) && Number.isFinite(day?.audioUs),
  );
  return Object.fromEntries(whole);
}

/** @param {Record<string, import("./side/pace.js").Day>} days */
export function keepDays(days) {
  write(DAYS_KEY, days);
}

function forgetOldest() {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(PLACE_KEY));
    if (keys.length <= MAX_PLACES) return;
    keys.sort((a, b) => Number(read(a)?.["at"] ?? 0) - Number(read(b)?.["at"] ?? 0));
    for (const key of keys.slice(0, keys.length - MAX_PLACES)) localStorage.removeItem(key);
  } catch {
    // Storage is shut off: there is nothing to forget.
  }
}

/** @param {string} key @returns {Record<string, any>|null} */
function read(key) {
  try {
    const value = JSON.parse(localStorage.getItem(key) ?? "null");
    return value && typeof value === "object" ? value : null;
  } catch {
    return null; // shut off, or not ours: start afresh
  }
}

/** @param {string} key @param {unknown} value */
function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Full or shut off: the place is lost at a reload, no work is.
  }
}
