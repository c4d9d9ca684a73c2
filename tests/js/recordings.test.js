// The order of the table of recordings, and what a search leaves of it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { translator } from "../../speechlabel/web/static/editor/i18n.js";
import { arrange } from "../../speechlabel/web/static/page/recordings.js";
import { reasonWords } from "../../speechlabel/web/static/page/upload.js";

const row = (/** @type {string} */ name, values = {}) => ({
  id: name, name, title: null, duration_us: 1, channels: 1, layout: null, state: /** @type {const} */ ("ready"),
  error: null, error_code: null, progress: null, segments: 10, done: 0, ...values,
});
const ROWS = [
  row("call 10.wav", { duration_us: 3_600_000_000, done: 10 }),
  row("call 9.wav", { duration_us: 59_000_000, state: "failed", segments: 0 }),
  row("call 2.wav", { duration_us: 600_000_000, done: 2, channels: 2, title: { "zh-CN": "第二通电话" } }),
  row("call 1.wav", { duration_us: 60_000_000, state: "preparing", segments: 2, done: 1 }),
];
const order = (view = {}) =>
  arrange(ROWS, { column: null, down: false, wanted: "", locale: "en", ...view }).map((item) => item.name.match(/\d+/)?.[0]).join(" ");

test("what failed comes first, the others as they were taken in", () => {
  assert.equal(order(), "9 10 2 1");
  assert.equal(ROWS[0]?.name, "call 10.wav", "the rows themselves stay as they are");
});

test("numbers in names, lengths and shares are ordered as such", () => {
  assert.equal(order({ column: "name" }), "1 2 9 10");
  assert.equal(order({ column: "length" }), "9 1 2 10");
  assert.equal(order({ column: "length", down: true }), "10 2 1 9");
  assert.equal(order({ column: "channels", down: true }), "2 10 9 1");
  assert.equal(order({ column: "state" }), "9 1 10 2");
  assert.equal(order({ column: "done" }), "9 2 1 10");
});

test("a search looks at the file's name and at the title in the page's language", () => {
  assert.equal(order({ wanted: " CALL 1" }), "10 1");
  assert.equal(order({ wanted: "第二", locale: "zh-CN" }), "2");
  assert.equal(order({ wanted: "第二" }), "");
  assert.equal(order({ wanted: "call 2", locale: "zh-CN" }), "2");
});

test("reasons are told in the page's language, with the server's own words apart", () => {
  const said = (/** @type {"en"|"zh-CN"} */ locale, /** @type {string|null} */ code) =>
    reasonWords(translator(JSON.parse(readFileSync(new URL(`../../speechlabel/web/locales/${locale}.json`, import.meta.url), "utf8"))), code, "is cut off");
  assert.deepEqual(said("zh-CN", "audio"), { words: "这个文件无法作为音频读取", details: "is cut off" });
  assert.deepEqual(said("en", "audio"), { words: "is cut off", details: null });
  assert.match(said("zh-CN", "disk_full").words, /磁盘已满/);
  for (const locale of /** @type {const} */ (["en", "zh-CN"]))
    for (const code of [null, "of_a_plugin"]) assert.deepEqual(said(locale, code), { words: "is cut off", details: null });
});
