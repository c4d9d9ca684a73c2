// What the server is told of an import, and what a person is told of it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { translator } from "../../speechlabel/web/static/editor/i18n.js";
import { summary } from "../../speechlabel/web/static/page/import.js";
import { columnsText } from "../../speechlabel/web/static/page/import-parts.js";

const words = (/** @type {string} */ locale) => translator(JSON.parse(readFileSync(new URL(`../../speechlabel/web/locales/${locale}.json`, import.meta.url), "utf8")));

test("columns are told by number, and what has none is told too", () => {
  assert.equal(columnsText(["wer", "a;b", "a;b"], ["speaker", "", "text"], ["start", "text", "speaker"]), "start=;speaker=1;text=3");
  assert.equal(columnsText(["2", "1"], ["text", "start"], ["text", "start"]), "text=2;start=1", "headers that are numbers are taken as such");
});

test("what was done is told in a line, with names of what needs a look", () => {
  const report = {
    project: "p", added: [], failed: [], beside: [], unchanged: [], unmatched: [],
    imported: [{ recording: "a", name: "a.wav" }],
  };
  assert.deepEqual(summary(report, words("en"), "en"), { words: "Recordings annotated: 1.", isPlain: true });
  const more = {
    ...report, unchanged: [{ recording: "b", name: "b.wav" }], beside: ["a.wav"],
    unmatched: ["c", "d", "e", "f", "c"].map((recording) => ({ recording, path: `${recording}.rttm` })),
    failed: [{ path: "x.rttm", reason: "?" }],
  };
  const told = summary(more, words("en"), "en");
  assert.equal(told.isPlain, false);
  assert.match(told.words, /The same already: 1\. Without audio, left out: 5 \(c, d, e and 1 more\)\. Not read: 1 \(x\.rttm\)\. Of a\.wav, /);
  assert.match(summary(more, words("zh-CN"), "zh-CN").words, /5 条没有音频，未导入（c、d、e 等另外 1 个）。1 个未能读取（x\.rttm）。a\.wav 显示的仍是/);
});
