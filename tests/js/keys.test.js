// Keys: the table, matching, input methods, conflicts.

import assert from "node:assert/strict";
import test from "node:test";

import { COMMAND_IDS } from "../../speechlabel/web/static/editor/commands/index.js";
import {
  COMMANDS,
  CompositionGuard,
  INPUT_METHOD,
  RESERVED,
  findConflicts,
  keyHelp,
  matchKey,
  showChord,
  withOverrides,
} from "../../speechlabel/web/static/editor/keys/keys.js";

/**
 * @param {string} code @param {string} key
 * @param {Partial<Record<"altKey"|"ctrlKey"|"shiftKey"|"metaKey"|"isComposing"|"altGraph", boolean>> & {keyCode?: number, timeStamp?: number}} [more]
 * @returns {any}
 */
const press = (code, key, more = {}) => ({
  code,
  key,
  altKey: false,
  ctrlKey: false,
  shiftKey: false,
  metaKey: false,
  isComposing: false,
  keyCode: 0,
  timeStamp: 10_000,
  ...more,
  getModifierState: (/** @type {string} */ name) => name === "AltGraph" && more.altGraph === true,
});
/** @param {any} event @param {"text"|"wave"} context @param {boolean} [isMac] */
const means = (event, context, isMac = false) => {
  const match = matchKey(event, context, COMMANDS, isMac);
  return match && (match.digit ? `${match.id} ${match.digit}` : match.id);
};

test("the defaults in the text are those of the design", () => {
  const alt = { altKey: true };
  /** @type {[any, string][]} */
  const wanted = [
    [press("Tab", "Tab"), "playPause"],
    [press("Escape", "Escape"), "leaveText"],
    [press("Enter", "Enter"), "doneNext"],
    [press("NumpadEnter", "Enter"), "doneNext"],
    [press("Enter", "Enter", { shiftKey: true }), "newLine"],
    [press("ArrowUp", "ArrowUp", alt), "previous"],
    [press("ArrowDown", "ArrowDown", alt), "next"],
    [press("KeyS", "s", alt), "split"],
    [press("KeyM", "m", alt), "mergeNext"],
    [press("KeyM", "M", { altKey: true, shiftKey: true }), "mergePrevious"],
    [press("Digit3", "3", alt), "label 3"],
    [press("Digit2", "2", { ctrlKey: true }), "speaker 2"],
    [press("Numpad2", "2", { ctrlKey: true }), "speaker 2"],
    [press("KeyX", "x", alt), "invalid"],
    [press("KeyU", "u", alt), "unsure"],
    [press("F8", "F8"), "nextProblem"],
    [press("F8", "F8", { shiftKey: true }), "previousProblem"],
    [press("F1", "F1"), "back"],
    [press("F2", "F2"), "forward"],
    [press("F3", "F3"), "slower"],
    [press("F4", "F4"), "faster"],
    [press("KeyZ", "z", { ctrlKey: true }), "undo"],
    [press("KeyZ", "Z", { ctrlKey: true, shiftKey: true }), "redo"],
    [press("KeyY", "y", { ctrlKey: true }), "redo"],
  ];
  for (const [event, id] of wanted) assert.equal(means(event, "text"), id, JSON.stringify(event));
});

test("the bare keys on the waveform are those of the design, and are letters in the text", () => {
  /** @type {[any, string][]} */
  const wanted = [
    [press("Space", " "), "playPause"],
    [press("KeyC", "c"), "replay"],
    [press("KeyR", "r"), "loop"],
    [press("KeyS", "s"), "split"],
    [press("KeyD", "d"), "remove"],
    [press("KeyN", "n"), "insert"],
    [press("KeyM", "m"), "mergeNext"],
    [press("BracketLeft", "["), "setStart"],
    [press("BracketRight", "]"), "setEnd"],
    [press("Comma", ","), "startEarlier"],
    [press("Period", "."), "startLater"],
    [press("Comma", "<", { shiftKey: true }), "endEarlier"],
    [press("Period", ">", { shiftKey: true }), "endLater"],
    [press("Digit1", "1"), "speaker 1"],
    [press("Numpad9", "9"), "speaker 9"],
  ];
  for (const [event, id] of wanted) {
    assert.equal(means(event, "wave"), id);
    assert.equal(means(event, "text"), null);
  }
});

test("Alt keys go by their place, so that Option on a Mac works", () => {
  assert.equal(means(press("KeyS", "ß", { altKey: true }), "text", true), "split");
  assert.equal(means(press("Digit1", "¡", { altKey: true }), "text", true), "label 1");
});

test("other keys go by what they print", () => {
  assert.equal(means(press("Semicolon", "z", { ctrlKey: true }), "text"), "undo"); // Dvorak
  assert.equal(means(press("KeyZ", "y", { ctrlKey: true }), "text"), "redo"); // German
  assert.equal(means(press("KeyZ", "я", { ctrlKey: true }), "text"), "undo"); // Russian: by place
});

test("AltGr types characters, and Alt with the number pad is the system's", () => {
  assert.equal(means(press("KeyS", "ś", { altKey: true, ctrlKey: true, altGraph: true }), "text"), null);
  assert.equal(means(press("Numpad3", "3", { altKey: true }), "text"), null);
});

test("the Command key undoes on a Mac; Ctrl gives speakers there", () => {
  assert.equal(means(press("KeyZ", "z", { metaKey: true }), "text", true), "undo");
  assert.equal(means(press("KeyZ", "z", { ctrlKey: true }), "text", true), null);
  assert.equal(means(press("Digit2", "2", { ctrlKey: true }), "text", true), "speaker 2");
  assert.equal(means(press("KeyZ", "z", { metaKey: true }), "text", false), null);
});

test("browser history, tabs and the keys of input methods are never bound", () => {
  assert.equal(means(press("ArrowLeft", "ArrowLeft", { altKey: true }), "wave"), null);
  for (const code of ["KeyW", "KeyT", "KeyN"])
    assert.equal(means(press(code, code[3]?.toLowerCase() ?? "", { ctrlKey: true }), "wave"), null);
  for (const more of [{ ctrlKey: true }, { shiftKey: true }])
    assert.equal(means(press("Space", " ", more), "text"), null);
  for (const command of COMMANDS)
    for (const chord of [...command.text, ...command.wave]) assert.ok(!RESERVED.has(chord) && !INPUT_METHOD.has(chord), chord);
});

test("while an input method composes, every key is its own", () => {
  const guard = new CompositionGuard();
  assert.equal(guard.blocks(press("Enter", "Enter")), false);
  guard.start();
  for (const key of ["Enter", "Tab", "Escape", "1", " "]) assert.equal(guard.blocks(press(key, key)), true, key);
  guard.end(9_000);
  assert.equal(guard.blocks(press("Enter", "Enter")), false);
  assert.equal(guard.blocks(press("Enter", "Enter", { isComposing: true })), true);
  assert.equal(guard.blocks(press("KeyA", "Process")), true);
});

test("the Enter that ended a composition means nothing: keyCode 229 in Safari, an echo in Chrome", () => {
  const guard = new CompositionGuard();
  guard.start();
  guard.end(9_990);
  assert.equal(guard.blocks(press("Enter", "Enter", { keyCode: 229 })), true);
  assert.equal(guard.isEcho(press("Enter", "Enter", { keyCode: 13 })), true);
  assert.equal(guard.isEcho(press("KeyA", "a")), false);
  assert.equal(guard.isEcho(press("Enter", "Enter", { keyCode: 13, timeStamp: 10_200 })), false);
});

test("a composition that lost its box is over", () => {
  const guard = new CompositionGuard();
  guard.start();
  guard.reset();
  assert.equal(guard.blocks(press("Enter", "Enter")), false);
});

test("the defaults have no conflicts", () => {
  assert.deepEqual(findConflicts(COMMANDS), []);
});

test("conflicts of a person's own keys are found, also with a range of digits and with reserved keys", () => {
  const mine = withOverrides({
    split: { text: ["Alt+Digit4"] },
    insert: { wave: ["KeyD"] },
    help: { text: ["Ctrl+KeyW"] },
  });
  assert.deepEqual(findConflicts(mine), [
    { context: "text", chord: "Ctrl+KeyW", ids: ["help"] },
    { context: "text", chord: "Alt+Digit4", ids: ["label", "split"] },
    { context: "wave", chord: "KeyD", ids: ["insert", "remove"] },
  ]);
});

test("every command of the table can be done, has a key, and stands in the help once", () => {
  const done = COMMANDS.filter((command) => !command.native).map((command) => command.id);
  assert.deepEqual(
    done.filter((id) => !COMMAND_IDS.includes(id)),
    [],
  );
  assert.deepEqual(
    COMMANDS.filter((command) => command.text.length + command.wave.length === 0),
    [],
  );
  const rows = keyHelp().flatMap((group) => group.rows.map((row) => row.id));
  assert.deepEqual([...rows].sort(), COMMANDS.map((command) => command.id).sort());
});

test("chords are shown as people read them", () => {
  assert.equal(showChord("Alt+Shift+KeyM", false), "Alt+Shift+M");
  assert.equal(showChord("Mod+KeyZ", true), "⌘Z");
  assert.equal(showChord("Alt+Digit*", false), "Alt+1…9");
});
