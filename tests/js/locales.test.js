// Both languages are complete: the same keys, the same placeholders, nothing missing, nothing left over.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

const LOCALES = new URL("../../speechlabel/web/locales/", import.meta.url);
const EDITOR = new URL("../../speechlabel/web/static/editor/", import.meta.url);

/** @param {string} name @returns {Record<string, string>} */
const load = (name) => JSON.parse(readFileSync(new URL(`${name}.json`, LOCALES), "utf8"));
const en = load("en");
const zh = load("zh-CN");
const code = readdirSync(EDITOR, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".js"))
  .map((name) => readFileSync(new URL(name, EDITOR), "utf8"))
  .join("\n");
const used = new Set(code.match(/(?<=")editor\.[A-Za-z0-9.]+(?=")/g));

/** @param {string} text */
const placeholders = (text) => [...new Set(text.match(/\{\w+\}/g))].sort();

test("both languages have the same keys in the same order", () => {
  assert.ok(Object.keys(en).length > 150);
  assert.deepEqual(Object.keys(zh), Object.keys(en));
});

test("both languages have the same placeholders", () => {
  for (const [key, text] of Object.entries(en)) assert.deepEqual(placeholders(zh[key] ?? ""), placeholders(text), key);
});

test("no text is empty, and Chinese is written in Chinese", () => {
  for (const [key, text] of Object.entries(en)) {
    assert.notEqual(text.trim(), "", key);
    assert.notEqual((zh[key] ?? "").trim(), "", key);
    if (key.startsWith("editor.")) assert.match(zh[key] ?? "", /[\u4e00-\u9fff]/, key);
  }
});

test("every key that the editor uses exists", () => {
  assert.ok(used.size > 150);
  assert.deepEqual(
    [...used].filter((key) => !(key in en)),
    [],
  );
});

test("every key of the editor is used", () => {
  assert.deepEqual(
    Object.keys(en).filter((key) => key.startsWith("editor.") && !used.has(key)),
    [],
  );
});
