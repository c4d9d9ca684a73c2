// The browser's edits against the examples that it shares with tests/test_edits.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as edits from "../../speechlabel/web/static/editor/model/edits.js";
import { EditError, compact, full } from "../../speechlabel/web/static/editor/model/records.js";

// tests/web/test_edits_agree.py names another file, with examples made at random.
const examples = process.env.SPEECHLABEL_EXAMPLES ?? new URL("../vectors/edits.json", import.meta.url);
const vectors = JSON.parse(readFileSync(examples, "utf8"));
const segment = (data) => full("segment", data);

/** Compare what a call gives, or how it fails, with an example. */
function check({ name, expected }, make) {
  let got;
  try {
    got = make();
  } catch (error) {
    if (!(error instanceof EditError)) throw error;
    got = { error: { code: error.code } };
    if (error.code === "conflict") Object.assign(got.error, { reason: error.reason, conflicts: error.conflicts });
    else got.error.field = error.field;
  }
  assert.deepEqual(JSON.parse(JSON.stringify(got)), expected, name);
}

const make = {
  split: ({ segment: data, at_us, caret, id }) => edits.split(segment(data), at_us, caret, id),
  merge: ({ first, second }) => edits.merge(segment(first), segment(second)),
  retext: ({ segment: data, text }) => edits.retext(segment(data), text),
  retime: ({ segment: data, start_us, end_us }) => edits.retime(segment(data), start_us, end_us),
  apply: ({ document, edits: batch, revision }) => {
    const before = {
      segment: new Map(document.segments.map((item) => [item.id, full("segment", item)])),
      speaker: new Map(document.speakers.map((item) => [item.id, full("speaker", item)])),
    };
    const changed = edits.apply(before, batch, revision);
    const after = (target) => {
      const all = new Map([...before[target], ...changed[target]]);
      const ids = [...all.keys()].filter((id) => all.get(id) !== null).sort();
      return ids.map((id) => compact(target, all.get(id)));
    };
    return {
      document: { segments: after("segment"), speakers: after("speaker") },
      inverse: edits.invert(before, batch),
    };
  },
};

for (const kind of Object.keys(make))
  test(`${kind} does what edits.py does`, () => {
    assert.ok(vectors[kind].length >= 10);
    for (const example of vectors[kind]) check(example, () => make[kind](example));
  });

test("there are no examples of a kind that is not tested", () => {
  assert.deepEqual(Object.keys(vectors).sort(), Object.keys(make).sort());
});

test("characters and UTF-16 offsets go into each other", () => {
  const text = "a😀𠮷好";
  assert.deepEqual([0, 1, 2, 3, 4, 9].map((n) => edits.unitsOf(text, n)), [0, 1, 3, 5, 6, 6]);
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 9].map((n) => edits.charactersOf(text, n)), [0, 1, 1, 2, 2, 3, 4, 4]);
});
