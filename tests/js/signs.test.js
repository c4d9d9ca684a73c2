// Signs that no keyboard has: all named in both languages, found by name, those used last first.

import assert from "node:assert/strict";
import test from "node:test";

import { SIGNS, findSigns, shownSign } from "../../speechlabel/web/static/editor/model/signs.js";

test("every sign is there once, named in both languages, and no names are alike", () => {
  assert.ok(SIGNS.length > 150);
  for (const key of ["sign", "en", "zh-CN"]) {
    const all = SIGNS.map((item) => item[key]);
    assert.deepEqual(all.filter((value, i) => all.indexOf(value) !== i), [], key);
  }
  for (const { sign, en, "zh-CN": zh } of SIGNS) {
    assert.match(en, /^[a-z]/, sign);
    assert.match(zh, /\p{Script=Han}/u, sign);
    assert.equal([...sign].length, 1, sign);
  }
});

test("signs are found by words of either language and by themselves", () => {
  const signs = (query, recent = []) => findSigns(query, recent).map(({ sign }) => sign);
  assert.deepEqual(signs("schwa"), ["ə", "ɚ"]);
  assert.deepEqual(signs("voiced retroflex fric"), ["ʐ"]);
  assert.deepEqual(signs("清双唇擦音"), ["ɸ"]);
  assert.deepEqual(signs("ŋ"), ["ŋ"]);
  assert.deepEqual(signs("|"), ["|"]);
  assert.deepEqual(signs("no such sign"), []);
  assert.equal(signs("").length, SIGNS.length);
  assert.deepEqual(signs("", ["ŋ", "ə"]).slice(0, 2), ["ŋ", "ə"]);
});

test("what combines is shown with something to combine with", () => {
  assert.equal(shownSign("\u0303"), "◌\u0303");
  assert.equal(shownSign("ŋ"), "ŋ");
});
