// Further layers of a segment: typed in one step, kept in `fields`, required or not, found.

import assert from "node:assert/strict";
import test from "node:test";

import { layerChange, layerText, layersOf, missingLayers } from "../../speechlabel/web/static/editor/model/layers.js";
import { Model } from "../../speechlabel/web/static/editor/model/model.js";
import { problemsOf } from "../../speechlabel/web/static/editor/model/problems.js";
import { opened, row } from "./opened.js";

const RULES = { fields: [{ name: "gloss", title: {}, required: true }, { name: "emotion", title: {}, kind: "choice" }] };

test("a layer is typed as a text is: one step, and all taken back is nothing", () => {
  const model = new Model(opened({ segments: row(2, { fields: { emotion: "calm" } }) }));
  model.select("s0");
  for (const text of ["g", "go", "go."]) model.setField("s0", "gloss", text);
  assert.deepEqual(model.byId("s0")?.fields, { emotion: "calm", gloss: "go." });
  model.setText("s0", "别的");
  assert.equal(model.undo()?.ids[0], "s0");
  assert.equal(model.byId("s0")?.fields["gloss"], "go.");
  model.undo();
  assert.deepEqual(model.byId("s0")?.fields, { emotion: "calm" });
  model.setField("s1", "gloss", "x");
  model.setField("s1", "gloss", "");
  assert.deepEqual(model.byId("s1")?.fields, { emotion: "calm" });
  model.setField("s1", "emotion", "");
  assert.deepEqual(model.byId("s1")?.fields, {});
});

test("a locked segment's layers stay", () => {
  const model = new Model(opened({ segments: row(1, { is_locked: true }) }));
  assert.throws(() => model.setField("s0", "gloss", "x"), /locked/);
});

test("text and layers are read and changed alike", () => {
  const segment = { text: "a", fields: { gloss: "b" } };
  assert.deepEqual([null, "gloss", "none"].map((name) => layerText(segment, name)), ["a", "b", null]);
  assert.deepEqual(layerChange(segment, null, "c"), { text: "c" });
  assert.deepEqual(layerChange(segment, "gloss", "c"), { fields: { gloss: "c" } });
  assert.deepEqual(layerChange(segment, "gloss", null), { fields: {} });
  assert.deepEqual(layersOf({}), []);
});

test("a segment is not finished without what is required", () => {
  const segment = { text: "a", fields: {}, is_valid: true };
  assert.deepEqual(missingLayers(segment, RULES), ["gloss"]);
  assert.deepEqual(missingLayers({ ...segment, text: " " }, RULES), []);
  assert.deepEqual(missingLayers({ ...segment, is_valid: false }, RULES), []);
  assert.deepEqual(missingLayers({ ...segment, fields: { gloss: "b" } }, RULES), []);
  const data = opened({ segments: row(1, { status: "done" }) });
  const model = new Model({ ...data, guideline: { ...data.guideline, ...RULES } });
  assert.deepEqual(problemsOf(model.segments[0], 0, model).map(({ key }) => key), ["editor.problem.layer"]);
  model.setField("s0", "gloss", "x");
  assert.deepEqual(problemsOf(model.segments[0], 0, model), []);
});
