// A person's own keys: which presses can be taken, what they are taken from. No DOM.

import { COMMANDS, INPUT_METHOD, RESERVED, chordsOf, onMac, withOverrides } from "./keys.js";
import { PRESETS } from "./presets.js";

/** @typedef {import("./keys.js").Command} Command */
/** @typedef {import("./keys.js").KeyContext} KeyContext */
/** @typedef {import("./keys.js").Overrides} Overrides */
/**
 * What a press would be as a key of a command: free, taken by another command, kept by the browser, needed by
 * input methods, or a letter that would be typed.
 * @typedef {{kind: "free"|"taken"|"browser"|"inputMethod"|"letter", chord: string, by: string|null}} Wish
 */

const MODIFIERS = new Set(["Alt", "AltGraph", "Control", "Meta", "Shift", "CapsLock", "Dead", "Fn", "OS"]);

/** The table as a person has it: another tool's keys, and over those their own. @param {{keyPreset: string, keys: Overrides}} settings */
export function commandsOf({ keyPreset, keys }) {
  return withOverrides({ ...PRESETS[keyPreset], ...own(keys) });
}

/** Only what the table knows: commands come and go between versions. @param {Overrides} keys */
function own(keys) {
  return Object.fromEntries(Object.entries(keys).filter(([id]) => COMMANDS.some((command) => command.id === id)));
}

/**
 * @param {readonly Command[]} commands
 * @param {string} id of the command that wants the key
 * @param {KeyContext} context
 * @param {KeyboardEvent} event
 * @returns {Wish|null} null: only a modifier is down yet
 */
export function wish(commands, id, context, event) {
  if (MODIFIERS.has(event.key)) return null;
  const chords = chordsOf(event, onMac());
  // Ctrl is written "Mod", as in the table, except with digits and blanks, where Command means something else.
  const chord = generic(id, chords.find((item) => !/^Mod\+(Digit\d|Space)$/.test(item)) ?? chords[0] ?? "");
  if (!chord) return null;
  const all = [chord, ...chords];
  if (all.some((item) => INPUT_METHOD.has(item))) return { kind: "inputMethod", chord, by: null };
  if (all.some((item) => RESERVED.has(item))) return { kind: "browser", chord, by: null };
  if (context === "text" && types(chord)) return { kind: "letter", chord, by: null };
  const other = commands.find((command) => command.id !== id && command[context].some((item) => overlap(item, all)));
  return { kind: other ? "taken" : "free", chord, by: other?.id ?? null };
}

/** A command for nine things takes all nine digits. @param {string} id @param {string} chord */
function generic(id, chord) {
  return DIGITS.has(id) ? (/Digit[1-9]$/.test(chord) ? chord.replace(/\d$/, "*") : "") : chord;
}

const DIGITS = new Set(
  COMMANDS.filter((command) => [...command.text, ...command.wave].some((chord) => chord.endsWith("*"))).map(
    (command) => command.id,
  ),
);

/** @param {string} bound @param {readonly string[]} chords */
function overlap(bound, chords) {
  const family = (/** @type {string} */ chord) => chord.replace(/Digit[1-9]$/, "Digit*");
  return chords.some((chord) =>
    bound.endsWith("*") || chord.endsWith("*") ? family(bound) === family(chord) : bound === chord,
  );
}

/** Whether the press writes something into the text, or is needed to write. @param {string} chord */
function types(chord) {
  const plain = !/^(Mod|Ctrl|Alt)\+/.test(chord);
  return plain && !/(^|\+)(F\d+|Tab|Enter|Escape|Insert|Pause|ScrollLock|Media\w+)$/.test(chord);
}

/**
 * A person's keys after one command took a key (and whoever had it lost it).
 * @param {readonly Command[]} commands as they are now
 * @param {Overrides} keys
 * @param {string} id @param {KeyContext} context @param {readonly string[]} chords all that the command is to have
 * @returns {Overrides}
 */
export function rebound(commands, keys, id, context, chords) {
  const out = { ...keys };
  for (const command of commands) {
    const left =
      command.id === id ? [...chords] : command[context].filter((item) => !overlap(item, chords));
    if (left.length === command[context].length && left.every((item, i) => item === command[context][i])) continue;
    const { text, wave } = { ...command, ...out[command.id] };
    out[command.id] = { text: [...text], wave: [...wave], [context]: left };
  }
  return out;
}
