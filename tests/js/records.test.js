// The rules of records.py, as the browser keeps them: what it sends is not refused for times or words.

import assert from "node:assert/strict";
import test from "node:test";

import { checkSegment, checkSpeaker, full } from "../../speechlabel/web/static/editor/model/records.js";

/** @param {Record<string, unknown>} more */
const segment = (more) => full("segment", { id: "a", start_us: 0, end_us: 10, ...more });

test("words and events have times that can be; they may be points, untimed or outside", () => {
  for (const part of [{ start_us: -1 }, { end_us: -1 }, { start_us: 2, end_us: 1 }, { start_us: 0.5 }]) {
    assert.throws(() => checkSegment(segment({ words: [{ word: "x", ...part }] })), { field: "words" });
    assert.throws(() => checkSegment(segment({ events: [{ label: "x", ...part }] })), { field: "events" });
  }
  checkSegment(segment({ words: [{ word: "x", start_us: 20, end_us: 20 }, { word: "y", start_us: 3 }, { word: "z" }] }));
});

test("what is said of a speaker can be written", () => {
  for (const name of ["role", "age_band", "accent", "language", "color"])
    for (const value of ["\0", "x".repeat(501)])
      assert.throws(() => checkSpeaker(full("speaker", { id: "s", name: "x", [name]: value })), { field: name });
  assert.throws(() => checkSpeaker(full("speaker", { id: "s", name: "x", channel: -1 })), { field: "channel" });
  checkSpeaker(full("speaker", { id: "s", name: "x", role: "agent", channel: 0 }));
});
