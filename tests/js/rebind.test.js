// A person's own keys, and those of other tools.

import assert from "node:assert/strict";
import test from "node:test";

import { COMMANDS, findConflicts, matchKey } from "../../speechlabel/web/static/editor/keys/keys.js";
import { PRESETS } from "../../speechlabel/web/static/editor/keys/presets.js";
import { commandsOf, rebound, wish } from "../../speechlabel/web/static/editor/keys/rebind.js";

/** @param {string} code @param {string} key @param {string} [modifiers] @returns {any} */
const press = (code, key, modifiers = "") => ({
  code,
  key,
  ctrlKey: modifiers.includes("c"),
  altKey: modifiers.includes("a"),
  shiftKey: modifiers.includes("s"),
  metaKey: false,
  getModifierState: () => false,
});
const plain = commandsOf({ keyPreset: "default", keys: {} });

test("no set of keys has a conflict, an unknown command, or a command without any key", () => {
  for (const [name, preset] of Object.entries(PRESETS)) {
    const commands = commandsOf({ keyPreset: name, keys: {} });
    assert.deepEqual(findConflicts(commands), [], name);
    for (const id of Object.keys(preset)) assert.ok(COMMANDS.some((command) => command.id === id), `${name} ${id}`);
    for (const command of commands) assert.ok(command.text.length + command.wave.length, `${name} ${command.id}`);
    for (const command of commands)
      for (const chord of command.text)
        assert.match(chord, /^((Mod|Ctrl|Alt)\+|(Shift\+)?(F\d+|Tab|Enter|Escape|Backspace|Space)$)/, `${name} ${chord}`);
  }
});

test("a preset that there is no longer is the default", () => {
  assert.deepEqual(commandsOf({ keyPreset: "gone", keys: { gone: { text: ["F9"] } } }), plain);
});

test("what a press can be", () => {
  /** @type {[string, "text"|"wave", any, string, string|null][]} */
  const cases = [
    ["split", "text", press("F9", "F9"), "free", null],
    ["split", "text", press("KeyM", "m", "a"), "taken", "mergeNext"],
    ["split", "text", press("KeyK", "k"), "letter", null],
    ["split", "text", press("Space", " "), "letter", null],
    ["split", "text", press("ArrowLeft", "ArrowLeft"), "letter", null],
    ["split", "wave", press("KeyK", "k"), "free", null],
    ["split", "wave", press("Digit4", "4"), "taken", "speaker"],
    ["label", "wave", press("Digit4", "4"), "taken", "speaker"],
    ["split", "wave", press("KeyW", "w", "c"), "browser", null],
    ["split", "wave", press("ArrowLeft", "ArrowLeft", "a"), "browser", null],
    ["split", "text", press("Space", " ", "c"), "inputMethod", null],
    ["split", "text", press("Digit2", "2", "c"), "taken", "speaker"],
    ["split", "text", press("KeyZ", "z", "c"), "taken", "undo"],
  ];
  for (const [id, context, event, kind, by] of cases) {
    const found = wish(plain, id, context, event);
    assert.deepEqual([found?.kind, found?.by], [kind, by], `${id} ${event.code}`);
  }
  assert.equal(wish(plain, "split", "text", press("AltLeft", "Alt", "a")), null);
  assert.equal(wish(plain, "label", "wave", press("KeyK", "k")), null); // it wants a digit
});

test("a command that takes a key has it, and whoever had it has not; nothing else moves", () => {
  const keys = rebound(plain, {}, "split", "text", ["Alt+KeyM", "F9"]);
  const commands = commandsOf({ keyPreset: "default", keys });
  assert.equal(matchKey(press("KeyM", "m", "a"), "text", commands)?.id, "split");
  assert.equal(matchKey(press("F9", "F9"), "text", commands)?.id, "split");
  assert.equal(matchKey(press("KeyS", "s", "a"), "text", commands), null);
  assert.equal(matchKey(press("KeyM", "m"), "wave", commands)?.id, "mergeNext");
  assert.deepEqual(findConflicts(commands), []);
  assert.deepEqual(Object.keys(keys).sort(), ["mergeNext", "split"]);
});

test("digits are taken as nine", () => {
  const chord = wish(plain, "label", "wave", press("Digit4", "4"))?.chord ?? "";
  const keys = rebound(plain, {}, "label", "wave", [chord]);
  const commands = commandsOf({ keyPreset: "default", keys });
  assert.deepEqual(matchKey(press("Digit7", "7"), "wave", commands), { id: "label", digit: 7 });
  assert.deepEqual(findConflicts(commands), []);
});

test("a person's keys lie over those of the tool they chose", () => {
  const commands = commandsOf({ keyPreset: "praat", keys: { split: { text: ["F9"], wave: ["F9"] } } });
  assert.equal(matchKey(press("Enter", "Enter"), "wave", commands), null);
  assert.equal(matchKey(press("F9", "F9"), "wave", commands)?.id, "split");
  assert.equal(matchKey(press("KeyT", "t"), "wave", commands)?.id, "editText");
});
