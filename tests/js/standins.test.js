// Speakers that stand for nobody in particular, and what follows up to the next change of speaker.

import assert from "node:assert/strict";
import { test } from "node:test";

import { runAfter } from "../../speechlabel/web/static/editor/model/standins.js";

const speakers = (/** @type {{id: string, speaker: string|null}[]} */ run) => run.map(({ id }) => id);
const turns = (/** @type {(string|null)[]} */ ...of) =>
  /** @type {any[]} */ (of.map((speaker, i) => ({ id: `s${i}`, speaker, channel: null })));

test("what follows ends at the next change of speaker, on the same channel", () => {
  assert.deepEqual(speakers(runAfter(turns("a", null, null, "b"), 0)), ["s1", "s2"]);
  assert.deepEqual(speakers(runAfter(turns("a", "b", "b", "c"), 0)), ["s1", "s2"]);
  assert.deepEqual(speakers(runAfter(turns("a", "b", "b"), 2)), []);
  const two = turns("a", "b", null, "b", null, "c").map((turn, i) => ({ ...turn, channel: i % 2 }));
  assert.deepEqual(speakers(runAfter(two, 0)), ["s2", "s4"]);
});
