// Many segments at once: joined, cut, cut anew.

import assert from "node:assert/strict";
import test from "node:test";

import { Model } from "../../speechlabel/web/static/editor/model/model.js";
import { full } from "../../speechlabel/web/static/editor/model/records.js";
import { cutsFor, isWorkedOn, mergeAll, recut, splitAt, unlocked } from "../../speechlabel/web/static/editor/model/shaping.js";
import { kindOf } from "../../speechlabel/web/static/editor/model/undo.js";
import { opened } from "./opened.js";

const MONO = /** @type {const} */ ({ layout: "mono", channels: 1 });
let made = 0;
const newId = () => `new${(made += 1)}`;
/** @param {string} id @param {number} start_us @param {number} end_us @param {Record<string, unknown>} [more] */
const segment = (id, start_us, end_us, more = {}) => full("segment", { id, start_us, end_us, ...more });
/** @param {import("../../speechlabel/web/static/editor/types.js").Segment[]} segments */
const recordOf = (segments) => segments.map(({ start_us, end_us, text }) => [start_us, end_us, text]);

/** @param {Record<string, unknown>[]} segments */
const modelOf = (segments) => new Model(opened({ segments, layout: "mono" }), { newId });

test("all that are picked become one, in one step that undo takes back", () => {
  const model = modelOf([
    { id: "a", start_us: 0, end_us: 10, text: "one" },
    { id: "b", start_us: 20, end_us: 30, text: "two", noise_labels: ["noise"] },
    { id: "c", start_us: 30, end_us: 50, text: "three" },
  ]);
  const edits = mergeAll(MONO, unlocked(model, ["c", "a", "b"]));
  assert.equal(kindOf(edits), "merge");
  model.take(edits);
  assert.deepEqual(recordOf(model.segments), [[0, 50, "one two three"]]);
  assert.deepEqual(model.segments[0]?.noise_labels, ["noise"]);
  assert.equal(model.undo()?.kind, "merge");
  assert.equal(model.segments.length, 3);
});

test("segments of different channels are not joined, and locked ones not at all", () => {
  const call = /** @type {const} */ ({ layout: "separate", channels: 2 });
  assert.throws(() => mergeAll(call, [segment("a", 0, 1, { channel: 0 }), segment("b", 1, 2, { channel: 1 })]), {
    field: "merge",
  });
  const model = modelOf([{ id: "a", start_us: 0, end_us: 10, is_locked: true }]);
  assert.throws(() => unlocked(model, ["a"]), { field: "is_locked" });
});

test("a segment is cut at several times, in one step", () => {
  const model = modelOf([{ id: "a", start_us: 0, end_us: 100, text: "all" }]);
  const edits = splitAt(/** @type {any} */ (model.byId("a")), [30, 60], newId);
  assert.equal(kindOf(edits), "split");
  model.take(edits);
  assert.deepEqual(recordOf(model.segments), [[0, 30, "all"], [30, 60, null], [60, 100, null]]); // prettier-ignore
  assert.equal(model.undo()?.kind, "split");
  assert.deepEqual(recordOf(model.segments), [[0, 100, "all"]]);
});

test("what is too long is cut where it is quietest, and no part is too long or a splinter", () => {
  const seen = /** @type {number[][]} */ ([]);
  const cuts = cutsFor({ start_us: 0, end_us: 65 }, 30, (from, to) => {
    seen.push([from, to]);
    return from + 8;
  });
  assert.deepEqual(seen[0], [10, 30]);
  const edges = [0, ...cuts, 65];
  edges.slice(1).forEach((edge, i) => assert.ok(edge - Number(edges[i]) <= 30 && edge - Number(edges[i]) >= 3));
  assert.deepEqual(cutsFor({ start_us: 0, end_us: 30 }, 30, () => 1), []);
  assert.deepEqual(cutsFor({ start_us: 0, end_us: 31 }, 30, (_, to) => to), [28]);
});

const STRETCH = { channel: null, isOneLane: true, startUs: 0, endUs: 100, only: null, like: { language: "en" }, newId, leastUs: 5 };

test("cutting anew leaves what somebody worked on, and new spans give way to it", () => {
  const segments = [
    segment("a", 0, 40),
    segment("b", 40, 60, { text: "mine" }),
    segment("c", 70, 90, { language: "en" }),
    segment("d", 95, 120),
    segment("e", 200, 220),
  ];
  const spans = [{ start_us: 0, end_us: 42 }, { start_us: 50, end_us: 80 }, { start_us: 97, end_us: 100 }]; // prettier-ignore
  const { edits, gone, kept, made: n } = recut({ ...STRETCH, segments, spans, all: false });
  assert.equal(kindOf(edits), "recut");
  assert.deepEqual([gone, kept, n], [1, 2, 1], "the first is found again as it is");
  assert.deepEqual(edits[0], { action: "delete", target: "segment", id: "c", version: 0 });
  const [, insert] = edits;
  assert.ok(insert?.action === "insert");
  assert.deepEqual([insert.record.start_us, insert.record.end_us, insert.record.language], [60, 80, "en"]);
});

test("only when asked for does cutting anew touch work, and never what is locked", () => {
  const worked = { text: "x" };
  const segments = [segment("a", 0, 20, worked), segment("b", 20, 40, { status: "done" }), segment("c", 50, 60, { is_locked: true })];
  const spans = [{ start_us: 0, end_us: 100 }];
  const spoken = recut({ ...STRETCH, segments: [segment("a", 0, 50, { speaker: "ann" })], spans: [{ start_us: 10, end_us: 40 }], all: false });
  assert.equal(spoken.edits[1]?.action === "insert" && spoken.edits[1].record.speaker, "ann", "who spoke there speaks on");
  const shy = recut({ ...STRETCH, segments, spans, all: false });
  assert.deepEqual([shy.gone, shy.kept, shy.made], [0, 3, 2]);
  const bold = recut({ ...STRETCH, segments, spans, all: true });
  assert.deepEqual([bold.gone, bold.kept, bold.made], [2, 1, 2]);
});

test("what is not meant stays, whatever lies over it", () => {
  const segments = [segment("a", 0, 60), segment("b", 10, 20)];
  const found = recut({ ...STRETCH, segments, spans: [{ start_us: 0, end_us: 50 }], only: new Set(["a"]), all: false });
  assert.deepEqual([found.gone, found.kept, found.made], [1, 1, 2]);
});

test("other channels are another matter where they are labelled apart", () => {
  const segments = [segment("a", 0, 20, { channel: 0 }), segment("b", 0, 20, { channel: 1 })];
  const found = recut({ ...STRETCH, isOneLane: false, channel: 1, segments, spans: [], all: false });
  assert.deepEqual(found.edits.map((edit) => "id" in edit && edit.id), ["b"]);
});

test("what was taken back to the state that the machine left is nobody's work, each edit and all together", () => {
  const model = new Model(opened({ segments: [{ id: "a", start_us: 0, end_us: 50, version: 1 }] }));
  const isFree = () => !isWorkedOn(model.byId("a"));
  const acts = [
    () => model.setText("a", "typed"),
    () => model.update("a", { status: "done", noise_labels: ["noise"] }),
    () => model.update("a", { is_valid: false, invalid_reason: "r" }),
    () => model.setField("a", "translation", "t"),
    () => model.setNote("a", "?"),
  ];
  for (const act of acts) {
    act();
    assert.ok(!isFree());
    model.undo();
    assert.ok(isFree());
  }
  for (const act of acts) act();
  while (model.canUndo) model.undo();
  assert.ok(isFree());
  const spans = [{ start_us: 10, end_us: 40 }];
  const { gone, made } = recut({ ...STRETCH, segments: model.segments, spans, all: false });
  assert.deepEqual([gone, made], [1, 1]);
});
