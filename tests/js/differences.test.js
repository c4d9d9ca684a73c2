// What two versions of a record differ in, as the view of a conflict shows it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { translator } from "../../speechlabel/web/static/editor/i18n.js";
import { differences, ownPart } from "../../speechlabel/web/static/editor/model/differences.js";
import { Model } from "../../speechlabel/web/static/editor/model/model.js";
import { full } from "../../speechlabel/web/static/editor/model/records.js";
import { opened, row } from "./opened.js";

const t = translator(JSON.parse(readFileSync(new URL("../../speechlabel/web/locales/en.json", import.meta.url), "utf8")));
const data = opened({ segments: row(1), speakers: [{ id: "spk1", name: "Ann" }] });
Object.assign(data.guideline, {
  labels: [{ name: "noise", title: { en: "Noise" }, scope: "segment" }],
  fields: [
    { name: "translation", title: { en: "Translation" } },
    { name: "emotion", title: { en: "Emotion" }, kind: "choice", choices: [{ name: "calm", title: { en: "Calm" } }] },
  ],
});
const model = new Model(data);
const base = { id: "s0", start_us: 0, end_us: 1_000_000, text: "one" };
const between = (one, other, target = "segment") =>
  differences(target, one && full(target, one), other && full(target, other), model, t, "en");

test("every layer, also one that no guideline declares any more, and all else that differs is shown", () => {
  const theirs = {
    ...base,
    end_us: 1_000_400_000,
    fields: { translation: "eins", emotion: "calm", gloss: "g" },
    speaker: "spk1",
    noise_labels: ["noise"],
    tags: ["mine"],
    is_valid: false,
    language: "en",
    note: "?",
    is_locked: true,
    status: "done",
    channel: 1,
  };
  const rows = between(base, theirs);
  assert.deepEqual(
    rows.map(({ title, theirs: value }) => [title, value]),
    [
      ["Text", "one"],
      ["Translation", "eins"],
      ["Emotion", "Calm"],
      ["gloss", "g"],
      ["Time", "00:00.000 – 16:40.400"],
      ["Channel", "Channel 2"],
      ["Speaker", "Ann"],
      ["Labels", "Noise, mine"],
      ["Validity", "Invalid"],
      ["State", "done"],
      ["Language", "en"],
      ["Note", "?"],
      ["Lock", "Locked"],
    ],
  );
  assert.deepEqual(rows.filter(({ differs }) => !differs).map(({ name }) => name), ["text"]);
});

test("what is the same in both is left out, but for the text", () => {
  assert.deepEqual(between(base, { ...base, version: 9 }).map(({ name }) => name), ["text"]);
  assert.deepEqual(between({ id: "a", name: "A" }, { id: "a", name: "A", color: "#ffffff" }, "speaker").map(({ name }) => name), ["name", "color"]);
});

test("of what was deleted, all that stands in the other version is shown", () => {
  const rows = between(null, { ...base, fields: { translation: "eins" } });
  assert.deepEqual(
    rows.map(({ name, mine }) => [name, mine]).slice(0, 2),
    [["text", ""], ["fields.translation", ""]],
  );
});

test("the words that differ are found, in languages without blanks too", () => {
  assert.deepEqual(ownPart("we go home now", "we went home now"), ["we ", "go", " home now"]);
  assert.deepEqual(ownPart("a a", "a a a"), ["a a", "", ""]);
  assert.equal(ownPart("今天天气很好", "今天天气不好").join(""), "今天天气很好");
  assert.deepEqual(ownPart("same", "same"), ["same", "", ""]);
});

test("no field of a segment that people can change is forgotten", () => {
  const changed = { text: "x", fields: { a: "b" }, end_us: 5, channel: 1, speaker: "spk1", noise_labels: ["noise"], tags: ["t"], is_valid: false, invalid_reason: "r", status: "done", language: "en", note: "n", is_locked: true };
  for (const [name, value] of Object.entries(changed))
    assert.ok(between(base, { ...base, [name]: value }).some(({ differs }) => differs), name);
});
