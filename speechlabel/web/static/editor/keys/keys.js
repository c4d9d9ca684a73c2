// The one table of commands: what they are called, their default keys, where they are explained.
//
// A chord is written "Alt+Shift+KeyM": modifiers in the order Mod, Ctrl, Alt, Shift, then a name of
// KeyboardEvent.code. "Mod" is Command on a Mac and Ctrl elsewhere; "Digit*" is any of 1 to 9.

/** @typedef {"text"|"wave"} KeyContext "text": the caret is in a text box; "wave": anywhere else. */
/**
 * @typedef {object} Command
 * @property {string} id
 * @property {string} group help key of its group
 * @property {readonly string[]} text chords while typing
 * @property {readonly string[]} wave chords elsewhere
 * @property {string} help key of the sentence that explains it
 * @property {boolean} [native] the browser does it; it is listed for the help only
 */
/** @typedef {{id: string, digit: number|null}} Match */
/** @typedef {Record<string, {text?: string[], wave?: string[]}>} Overrides */

const LISTEN = "editor.group.listen";
const WRITE = "editor.group.write";
const MOVE = "editor.group.move";
const LABEL = "editor.group.label";
const CUT = "editor.group.cut";
const VIEW = "editor.group.view";

/** @type {readonly Command[]} */
export const COMMANDS = [
  { id: "playPause", group: LISTEN, text: ["Tab"], wave: ["Space"], help: "editor.key.playPause" },
  { id: "replay", group: LISTEN, text: ["Shift+Tab"], wave: ["KeyC"], help: "editor.key.replay" },
  { id: "playStart", group: LISTEN, text: ["Alt+KeyQ"], wave: ["KeyQ"], help: "editor.key.playStart" },
  { id: "playEnd", group: LISTEN, text: ["Alt+KeyW"], wave: ["KeyW"], help: "editor.key.playEnd" },
  { id: "playAround", group: LISTEN, text: ["Alt+KeyV"], wave: ["KeyV"], help: "editor.key.playAround" },
  { id: "playOn", group: LISTEN, text: ["Alt+KeyC"], wave: ["Shift+KeyC"], help: "editor.key.playOn" },
  { id: "bothChannels", group: LISTEN, text: ["Alt+KeyB"], wave: ["KeyB"], help: "editor.key.bothChannels" },
  { id: "loop", group: LISTEN, text: ["Alt+KeyR"], wave: ["KeyR"], help: "editor.key.loop" },
  { id: "back", group: LISTEN, text: ["F1"], wave: ["F1", "ArrowLeft"], help: "editor.key.back" },
  { id: "forward", group: LISTEN, text: ["F2"], wave: ["F2", "ArrowRight"], help: "editor.key.forward" },
  { id: "slower", group: LISTEN, text: ["F3"], wave: ["F3"], help: "editor.key.slower" },
  { id: "faster", group: LISTEN, text: ["F4"], wave: ["F4"], help: "editor.key.faster" },
  { id: "quieter", group: LISTEN, text: ["Alt+Shift+Minus"], wave: ["Alt+Shift+Minus"], help: "editor.key.quieter" },
  { id: "louder", group: LISTEN, text: ["Alt+Shift+Equal"], wave: ["Alt+Shift+Equal"], help: "editor.key.louder" },

  { id: "doneNext", group: WRITE, text: ["Enter"], wave: [], help: "editor.key.doneNext" },
  { id: "newLine", group: WRITE, text: ["Shift+Enter"], wave: [], help: "editor.key.newLine", native: true },
  { id: "toggleDone", group: WRITE, text: ["Alt+Enter"], wave: ["Alt+Enter"], help: "editor.key.toggleDone" },
  { id: "leaveText", group: WRITE, text: ["Escape"], wave: [], help: "editor.key.leaveText" },
  { id: "editText", group: WRITE, text: [], wave: ["Enter"], help: "editor.key.editText" },
  { id: "undo", group: WRITE, text: ["Mod+KeyZ"], wave: ["Mod+KeyZ"], help: "editor.key.undo" },
  {
    id: "redo",
    group: WRITE,
    text: ["Mod+Shift+KeyZ", "Mod+KeyY"],
    wave: ["Mod+Shift+KeyZ", "Mod+KeyY"],
    help: "editor.key.redo",
  },
  { id: "giveNext", group: WRITE, text: ["Alt+KeyK"], wave: [], help: "editor.key.giveNext" },
  { id: "givePrevious", group: WRITE, text: ["Alt+Shift+KeyK"], wave: [], help: "editor.key.givePrevious" },
  { id: "signs", group: WRITE, text: ["Alt+KeyI"], wave: ["Alt+KeyI"], help: "editor.key.signs" },
  { id: "nextProposal", group: WRITE, text: ["Alt+Slash"], wave: [], help: "editor.key.nextProposal" },
  { id: "nextLayer", group: WRITE, text: ["Mod+ArrowDown"], wave: [], help: "editor.key.nextLayer" },
  { id: "previousLayer", group: WRITE, text: ["Mod+ArrowUp"], wave: [], help: "editor.key.previousLayer" },
  { id: "find", group: WRITE, text: ["Mod+KeyF"], wave: ["Mod+KeyF"], help: "editor.key.find" },
  { id: "replace", group: WRITE, text: ["Mod+KeyH"], wave: ["Mod+KeyH"], help: "editor.key.replace" },
  { id: "save", group: WRITE, text: ["Mod+KeyS"], wave: ["Mod+KeyS"], help: "editor.key.save" },

  { id: "previous", group: MOVE, text: ["Alt+ArrowUp"], wave: ["Alt+ArrowUp", "ArrowUp"], help: "editor.key.previous" },
  { id: "next", group: MOVE, text: ["Alt+ArrowDown"], wave: ["Alt+ArrowDown", "ArrowDown"], help: "editor.key.next" },
  { id: "nextEmpty", group: MOVE, text: ["Alt+KeyE"], wave: ["KeyE"], help: "editor.key.nextEmpty" },
  { id: "previousEmpty", group: MOVE, text: ["Alt+Shift+KeyE"], wave: ["Shift+KeyE"], help: "editor.key.previousEmpty" },
  { id: "nextUnsure", group: MOVE, text: ["Alt+Shift+KeyU"], wave: ["Shift+KeyU"], help: "editor.key.nextUnsure" },
  { id: "goTo", group: MOVE, text: ["Mod+KeyG"], wave: ["Mod+KeyG"], help: "editor.key.goTo" },
  { id: "nextProblem", group: MOVE, text: ["F8"], wave: ["F8"], help: "editor.key.nextProblem" },
  { id: "previousProblem", group: MOVE, text: ["Shift+F8"], wave: ["Shift+F8"], help: "editor.key.previousProblem" },
  { id: "nextRecording", group: MOVE, text: ["Alt+PageDown"], wave: ["Alt+PageDown"], help: "editor.key.nextRecording" },
  {
    id: "previousRecording",
    group: MOVE,
    text: ["Alt+PageUp"],
    wave: ["Alt+PageUp"],
    help: "editor.key.previousRecording",
  },

  { id: "label", group: LABEL, text: ["Alt+Digit*"], wave: ["Alt+Digit*"], help: "editor.key.label" },
  { id: "speaker", group: LABEL, text: ["Ctrl+Digit*"], wave: ["Ctrl+Digit*", "Digit*"], help: "editor.key.speaker" },
  { id: "mark", group: LABEL, text: ["Ctrl+Shift+Digit*"], wave: ["Ctrl+Shift+Digit*"], help: "editor.key.mark" },
  { id: "addSpeaker", group: LABEL, text: ["Alt+KeyA"], wave: ["Alt+KeyA"], help: "editor.key.addSpeaker" },
  {
    id: "standIn",
    group: LABEL,
    text: ["Alt+Shift+Digit*"],
    wave: ["Alt+Shift+Digit*", "Shift+Digit*"],
    help: "editor.key.standIn",
  },
  { id: "speakerOn", group: LABEL, text: ["Alt+Shift+KeyA"], wave: ["Shift+KeyA"], help: "editor.key.speakerOn" },
  { id: "note", group: LABEL, text: ["Alt+KeyO"], wave: ["Alt+KeyO", "KeyO"], help: "editor.key.note" },
  { id: "invalid", group: LABEL, text: ["Alt+KeyX"], wave: ["Alt+KeyX", "KeyX"], help: "editor.key.invalid" },
  { id: "unsure", group: LABEL, text: ["Alt+KeyU"], wave: ["Alt+KeyU", "KeyU"], help: "editor.key.unsure" },

  { id: "split", group: CUT, text: ["Alt+KeyS"], wave: ["KeyS"], help: "editor.key.split" },
  { id: "mergeNext", group: CUT, text: ["Alt+KeyM"], wave: ["KeyM"], help: "editor.key.mergeNext" },
  { id: "mergePrevious", group: CUT, text: ["Alt+Shift+KeyM"], wave: ["Shift+KeyM"], help: "editor.key.mergePrevious" },
  { id: "splitMany", group: CUT, text: ["Alt+Shift+KeyD"], wave: ["Shift+KeyD"], help: "editor.key.splitMany" },
  { id: "resegment", group: CUT, text: ["Alt+Shift+KeyS"], wave: ["Shift+KeyS"], help: "editor.key.resegment" },
  { id: "tap", group: CUT, text: ["Alt+KeyT"], wave: ["KeyT"], help: "editor.key.tap" },
  { id: "tapNext", group: CUT, text: ["Alt+Shift+KeyT"], wave: ["Shift+KeyT"], help: "editor.key.tapNext" },
  { id: "lock", group: CUT, text: ["Alt+KeyL"], wave: ["KeyL"], help: "editor.key.lock" },
  { id: "selectNext", group: MOVE, text: ["Alt+Shift+ArrowDown"], wave: ["Shift+ArrowDown"], help: "editor.key.selectNext" },
  {
    id: "selectPrevious",
    group: MOVE,
    text: ["Alt+Shift+ArrowUp"],
    wave: ["Shift+ArrowUp"],
    help: "editor.key.selectPrevious",
  },
  { id: "insert", group: CUT, text: ["Alt+KeyN"], wave: ["KeyN"], help: "editor.key.insert" },
  { id: "remove", group: CUT, text: ["Alt+Delete"], wave: ["KeyD", "Delete"], help: "editor.key.remove" },
  { id: "setStart", group: CUT, text: ["Alt+BracketLeft"], wave: ["BracketLeft"], help: "editor.key.setStart" },
  { id: "setEnd", group: CUT, text: ["Alt+BracketRight"], wave: ["BracketRight"], help: "editor.key.setEnd" },
  { id: "startEarlier", group: CUT, text: ["Alt+Comma"], wave: ["Comma"], help: "editor.key.startEarlier" },
  { id: "startLater", group: CUT, text: ["Alt+Period"], wave: ["Period"], help: "editor.key.startLater" },
  { id: "endEarlier", group: CUT, text: ["Alt+Shift+Comma"], wave: ["Shift+Comma"], help: "editor.key.endEarlier" },
  { id: "endLater", group: CUT, text: ["Alt+Shift+Period"], wave: ["Shift+Period"], help: "editor.key.endLater" },
  { id: "startMuchEarlier", group: CUT, text: ["Mod+Comma"], wave: ["Mod+Comma"], help: "editor.key.startMuchEarlier" },
  { id: "startMuchLater", group: CUT, text: ["Mod+Period"], wave: ["Mod+Period"], help: "editor.key.startMuchLater" },
  {
    id: "endMuchEarlier",
    group: CUT,
    text: ["Mod+Shift+Comma"],
    wave: ["Mod+Shift+Comma"],
    help: "editor.key.endMuchEarlier",
  },
  {
    id: "endMuchLater",
    group: CUT,
    text: ["Mod+Shift+Period"],
    wave: ["Mod+Shift+Period"],
    help: "editor.key.endMuchLater",
  },

  { id: "zoomIn", group: VIEW, text: ["Alt+Equal"], wave: ["Equal", "Shift+Equal"], help: "editor.key.zoomIn" },
  { id: "zoomOut", group: VIEW, text: ["Alt+Minus"], wave: ["Minus"], help: "editor.key.zoomOut" },
  { id: "fitSegment", group: VIEW, text: ["Alt+Digit0"], wave: ["KeyF"], help: "editor.key.fitSegment" },
  { id: "fitAll", group: VIEW, text: ["Alt+Shift+Digit0"], wave: ["Shift+KeyF"], help: "editor.key.fitAll" },
  { id: "spectrogram", group: VIEW, text: ["Alt+KeyG"], wave: ["KeyG"], help: "editor.key.spectrogram" },
  { id: "speakerLanes", group: VIEW, text: ["Alt+KeyY"], wave: ["KeyY"], help: "editor.key.speakerLanes" },
  { id: "normalise", group: VIEW, text: ["Alt+Shift+KeyG"], wave: ["Shift+KeyG"], help: "editor.key.normalise" },
  { id: "nextPart", group: VIEW, text: ["F6"], wave: ["F6"], help: "editor.key.nextPart" },
  { id: "panel", group: VIEW, text: ["Alt+KeyP"], wave: ["KeyP"], help: "editor.key.panel" },
  { id: "help", group: VIEW, text: ["Mod+Slash"], wave: ["Mod+Slash", "Shift+Slash"], help: "editor.key.help" },
  { id: "settings", group: VIEW, text: ["Alt+Shift+KeyP"], wave: ["Shift+KeyP"], help: "editor.key.settings" },
];

/** Chords that browsers keep for themselves or that leave the page: never bound. */
export const RESERVED = new Set([
  "Alt+ArrowLeft",
  "Alt+ArrowRight",
  "Mod+KeyW",
  "Mod+KeyT",
  "Mod+KeyN",
  "Ctrl+KeyW",
  "Ctrl+KeyT",
  "Ctrl+KeyN",
  "Alt+Space",
  "Alt+F4",
  "F5",
  "Mod+KeyR",
]);

/** Chords that switch Chinese input methods: never the only way; other tools' keys may have them beside another. */
export const INPUT_METHOD = new Set(["Ctrl+Space", "Shift+Space"]);

/** What a key prints, for layouts on which the code lies elsewhere, and for showing. */
const PRINTED = /** @type {Record<string, string>} */ ({
  BracketLeft: "[",
  BracketRight: "]",
  Comma: ",",
  Period: ".",
  Slash: "/",
  Minus: "−",
  Equal: "+",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  Delete: "Del",
  PageUp: "PgUp",
  PageDown: "PgDn",
  "Digit*": "1…9",
});
const TYPED = /** @type {Record<string, string>} */ ({
  "[": "BracketLeft",
  "]": "BracketRight",
  "/": "Slash",
  "-": "Minus",
  "=": "Equal",
});
const SHIFT_TYPED = /** @type {Record<string, string>} */ ({ "?": "Slash", "+": "Equal", "<": "Comma", ">": "Period" });
const NUMPAD = /** @type {Record<string, string>} */ ({
  NumpadEnter: "Enter",
  NumpadAdd: "Equal",
  NumpadSubtract: "Minus",
  NumpadDecimal: "Delete",
});

/**
 * The name of the key in an event, as the table writes it.
 *
 * Alt keys go by their place (event.code), for on a Mac Option with a letter types another character;
 * the others by what they print, so that letters are where Dvorak and AZERTY put them.
 * Alt with the number pad is left to Windows, which types characters by number with it.
 * @param {KeyboardEvent} event
 * @returns {string}
 */
function keyName(event) {
  const { code, key } = event;
  if (code in NUMPAD && (code !== "NumpadDecimal" || key === "Delete")) return NUMPAD[code] ?? code;
  const pad = /^Numpad([0-9])$/.exec(code);
  if (pad) return event.altKey || key !== pad[1] ? code : `Digit${pad[1]}`;
  if (event.altKey) return code;
  if (/^[a-zA-Z]$/.test(key)) return `Key${key.toUpperCase()}`;
  const typed = event.shiftKey ? SHIFT_TYPED[key] : TYPED[key];
  return typed ?? code;
}

/**
 * The chord of a key event, in the two ways the table may write it (with Mod, and with Ctrl).
 * @param {KeyboardEvent} event
 * @param {boolean} isMac
 * @returns {string[]}
 */
export function chordsOf(event, isMac) {
  if (event.getModifierState?.("AltGraph")) return [];
  const tail = `${event.altKey ? "Alt+" : ""}${event.shiftKey ? "Shift+" : ""}${keyName(event)}`;
  if (event.ctrlKey && event.metaKey) return [];
  if (event.metaKey) return isMac ? [`Mod+${tail}`] : [];
  if (event.ctrlKey) return isMac ? [`Ctrl+${tail}`] : [`Mod+${tail}`, `Ctrl+${tail}`];
  return [tail];
}

/**
 * Which command a key event means, if any.
 * @param {KeyboardEvent} event
 * @param {KeyContext} context
 * @param {readonly Command[]} [commands]
 * @param {boolean} [isMac]
 * @returns {Match|null}
 */
export function matchKey(event, context, commands = COMMANDS, isMac = onMac()) {
  for (const chord of chordsOf(event, isMac)) {
    const digit = /Digit([1-9])$/.exec(chord);
    const pattern = digit ? chord.slice(0, -1) + "*" : chord;
    for (const command of commands) {
      const keys = command[context];
      if (keys.includes(chord)) return { id: command.id, digit: null };
      if (digit && keys.includes(pattern)) return { id: command.id, digit: Number(digit[1]) };
    }
  }
  return null;
}

const ECHO_MS = 40;

/** Says whether a key belongs to an input method that is composing. */
export class CompositionGuard {
  #composing = false;
  #endedAt = -Infinity;

  start() {
    this.#composing = true;
  }

  /** @param {number} timeStamp of the compositionend event, ms */
  end(timeStamp) {
    this.#composing = false;
    this.#endedAt = timeStamp;
  }

  /** The box lost the focus: a composition cannot go on, even if its end was never told. */
  reset() {
    this.#composing = false;
  }

  get composing() {
    return this.#composing;
  }

  /**
   * True if the key belongs to the input method and to nobody else.
   *
   * Safari ends the composition before it tells of the Enter that ended it; that Enter has keyCode 229.
   * @param {KeyboardEvent} event
   */
  blocks(event) {
    return this.#composing || event.isComposing || event.keyCode === 229 || event.key === "Process";
  }

  /**
   * True for the plain key that some input methods on Chrome send once more in the instant in which the
   * composition ended: it means nothing, neither a command nor a line break.
   * @param {KeyboardEvent} event
   */
  isEcho(event) {
    return ["Enter", "Tab", "Escape"].includes(event.key) && event.timeStamp - this.#endedAt < ECHO_MS;
  }
}

/**
 * The table with a person's own keys in place of the defaults.
 * @param {Overrides} overrides
 * @returns {Command[]}
 */
export function withOverrides(overrides) {
  return COMMANDS.map((command) => ({ ...command, ...overrides[command.id] }));
}

/**
 * Chords that two commands of one context share, and chords that the browser keeps.
 * @param {readonly Command[]} commands
 * @returns {{context: KeyContext, chord: string, ids: string[]}[]} one id: the chord is reserved, or an input method may take the only one
 */
export function findConflicts(commands) {
  /** @type {{context: KeyContext, chord: string, ids: string[]}[]} */
  const found = [];
  for (const context of /** @type {KeyContext[]} */ (["text", "wave"])) {
    /** @type {Map<string, Set<string>>} */
    const owners = new Map();
    for (const command of commands) {
      for (const chord of command[context].flatMap(expand)) {
        if (RESERVED.has(chord) || (INPUT_METHOD.has(chord) && command[context].length === 1))
          found.push({ context, chord, ids: [command.id] });
        owners.set(chord, (owners.get(chord) ?? new Set()).add(command.id));
      }
    }
    for (const [chord, ids] of owners) if (ids.size > 1) found.push({ context, chord, ids: [...ids] });
  }
  return found;
}

/** @param {string} chord */
function expand(chord) {
  return chord.endsWith("Digit*") ? [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => chord.replace("*", String(n))) : [chord];
}

/**
 * A chord as people read it: "Alt+M", on a Mac "⌥M".
 * @param {string} chord
 * @param {boolean} [isMac]
 */
export function showChord(chord, isMac = onMac()) {
  const parts = chord.split("+");
  const key = parts.pop() ?? "";
  const printed = PRINTED[key] ?? key.replace(/^(Key|Digit)/, "");
  if (!isMac) return [...parts.map((part) => (part === "Mod" ? "Ctrl" : part)), printed].join("+");
  const signs = /** @type {Record<string, string>} */ ({ Mod: "⌘", Ctrl: "⌃", Alt: "⌥", Shift: "⇧" });
  return parts.map((part) => signs[part] ?? part).join("") + printed;
}

/**
 * The first key of a command, as people read it ("" if it has none).
 * @param {readonly Command[]} commands
 * @param {string} id
 * @param {KeyContext} context
 */
export function firstKey(commands, id, context) {
  const command = commands.find((item) => item.id === id);
  const chord = command?.[context][0] ?? command?.[context === "text" ? "wave" : "text"][0];
  return chord ? showChord(chord) : "";
}

/**
 * All keys for the help page, in the order of the table.
 * @param {readonly Command[]} [commands]
 * @returns {{group: string, rows: {id: string, help: string, text: string[], wave: string[]}[]}[]}
 */
export function keyHelp(commands = COMMANDS) {
  /** @type {Map<string, {id: string, help: string, text: string[], wave: string[]}[]>} */
  const groups = new Map();
  for (const { id, group, help, text, wave } of commands) {
    const rows = groups.get(group) ?? [];
    rows.push({ id, help, text: text.map((chord) => showChord(chord)), wave: wave.map((chord) => showChord(chord)) });
    groups.set(group, rows);
  }
  return [...groups].map(([group, rows]) => ({ group, rows }));
}

/** True on Apple's keyboards. */
export function onMac() {
  return typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform ?? "");
}
