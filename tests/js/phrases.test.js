// What undo and redo say: what came back, where, and how it is now.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { translator } from "../../speechlabel/web/static/editor/i18n.js";
import { Model } from "../../speechlabel/web/static/editor/model/model.js";
import { explain, recalled } from "../../speechlabel/web/static/editor/model/phrases.js";
import { opened, row } from "./opened.js";

const words = (locale) =>
  translator(JSON.parse(readFileSync(new URL(`../../speechlabel/web/locales/${locale}.json`, import.meta.url), "utf8")));
const t = { en: words("en"), "zh-CN": words("zh-CN") };

/** @param {(model: Model) => void} act */
function said(act, { locale = "en", speakers = [{ id: "li", name: "Li", version: 1 }], which = "undo" } = {}) {
  const model = new Model(opened({ segments: row(6), speakers }));
  act(model);
  if (which === "redo") model.undo();
  return recalled(which, model[which](), model, t[locale], locale);
}

test("a text that came back is shown, with its place", () => {
  assert.equal(said((m) => m.setText("s2", "新")), "Undone: text, segment 3. Now: “第2句”");
  assert.equal(said((m) => m.setText("s2", "新"), { locale: "zh-CN" }), "已撤销：文本（片段 3），现为：“第2句”");
  assert.equal(said((m) => m.setText("s2", "新"), { which: "redo" }), "Redone: text, segment 3. Now: “新”");
  assert.match(said((m) => (m.setText("s0", "长".repeat(60)), m.select("s1")), { which: "redo" }), /“长{40}…”$/);
});

test("times, speakers, labels, states and notes are called by name", () => {
  assert.equal(said((m) => m.retime("s1", 1_200_000, 1_900_000)), "Undone: time, segment 2. Now: 00:01.00 – 00:02.00");
  assert.equal(said((m) => m.update("s0", { speaker: "li" })), "Undone: speaker, segment 1. Now: no speaker");
  assert.equal(said((m) => m.update("s0", { speaker: "li" }), { which: "redo" }), "Redone: speaker, segment 1. Now: Li");
  assert.equal(said((m) => m.update("s0", { noise_labels: ["noise"] })), "Undone: labels, segment 1. Now: empty");
  assert.equal(said((m) => m.update("s0", { status: "done" })), "Undone: state, segment 1. Now: machine draft, not checked");
  assert.equal(said((m) => m.setNote("s0", "看")), "Undone: note, segment 1. Now: empty");
  assert.equal(said((m) => m.update("s0", { is_valid: false })), "Undone: validity, segment 1. Now: Valid");
});

test("cutting, joining, making and deleting are said with the segments that are there again", () => {
  assert.equal(said((m) => m.split("s1", 1_500_000)), "Undone: splitting, segment 2");
  assert.equal(said((m) => m.mergeNext("s1")), "Undone: merging, segments 2, 3");
  assert.equal(said((m) => m.mergeNext("s1"), { locale: "zh-CN" }), "已撤销：合并（片段 2、3）");
  assert.equal(said((m) => m.remove("s4")), "Undone: deleting, segment 5");
  assert.equal(said((m) => m.insert({ channel: null, start_us: 9_000_000, end_us: 9_500_000 })), "Undone: new segment");
  const all = said((m) => m.update(m.segments.map(({ id }) => id), { language: "zh" }));
  assert.equal(all, "Undone: language, segments 1, 2, 3, 4, …");
});

test("a speaker is called by name while there is one", () => {
  assert.equal(said((m) => m.updateSpeaker("li", { name: "Wang" })), "Undone: speaker Li");
  assert.equal(said((m) => m.removeSpeaker("li")), "Undone: speaker Li");
  assert.equal(said((m) => m.addSpeaker("Zhao", {}, ["s0"])), "Undone: speaker");
});

test("what is locked names the key that unlocks as it is bound, or says where else", () => {
  const model = new Model(opened({ segments: row(2, { is_locked: true }) }));
  for (const refused of [() => model.setText("s0", "x"), () => model.retime("s0", 1, 2), () => model.mergeNext("s0")])
    assert.throws(refused, (error) => {
      assert.equal(explain(error, t.en, "F9"), "This segment is locked. Unlock it first: F9.");
      assert.equal(explain(error, t["zh-CN"], ""), "该片段已锁定，请先在属性面板中解锁。");
      return true;
    });
});
