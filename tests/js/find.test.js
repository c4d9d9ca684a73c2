// Find and replace: literal, whole words in any script, regular expressions.

import assert from "node:assert/strict";
import test from "node:test";

import { around, findAll, matchesIn, patternOf, replaced } from "../../speechlabel/web/static/editor/model/find.js";

/** @param {string} text @param {Partial<import("../../speechlabel/web/static/editor/model/find.js").Query>} [how] */
const pattern = (text, how = {}) =>
  /** @type {RegExp} */ (patternOf({ text, isRegex: false, matchCase: false, wholeWord: false, ...how }));
/** @param {string} text @param {RegExp} found */
const words = (text, found) => matchesIn(text, found).map(([start, end]) => text.slice(start, end));

test("what is typed is looked for as it is, whatever its signs", () => {
  for (const sign of ["a.c", "[noise]", "$1", "(x)", "a|b", "?", "\\d", "{2}", "x-y", "a/b", "😀"])
    assert.deepEqual(words(`<${sign}> abc`, pattern(sign)), [sign]);
  assert.equal(patternOf({ text: "", isRegex: false, matchCase: false, wholeWord: false }), null);
});

test("case counts when it is told to", () => {
  assert.deepEqual(words("Ärger ärger", pattern("ärger")), ["Ärger", "ärger"]);
  assert.deepEqual(words("Ärger ärger", pattern("ärger", { matchCase: true })), ["ärger"]);
});

test("whole words end where letters of any script end", () => {
  assert.deepEqual(words("naïve naïvely", pattern("naïve", { wholeWord: true })), ["naïve"]);
  assert.deepEqual(words("año años", pattern("año", { wholeWord: true })), ["año"]);
  assert.deepEqual(words("cat. cat, cats", pattern("cat", { wholeWord: true })), ["cat", "cat"]);
});

test("a match of nothing is no match", () => {
  assert.deepEqual(words("abc", pattern("x*", { isRegex: true })), []);
  assert.equal(replaced("abc", pattern("x*", { isRegex: true }), "-", true), "abc");
});

test("a wrong regular expression is a SyntaxError, to be told", () => {
  assert.throws(() => pattern("(", { isRegex: true }), SyntaxError);
});

test("replacing by what was typed takes it as it is; by a regular expression with its groups", () => {
  assert.equal(replaced("a b a", pattern("a"), "$&$1", false), "$&$1 b $&$1");
  assert.equal(replaced("2024-11", pattern("(\\d+)-(\\d+)", { isRegex: true }), "$2/$1 $$ $& $9", true), "11/2024 $ 2024-11 $9");
  assert.equal(replaced("ab", pattern("(?<x>a)(c)?", { isRegex: true }), "$<x>$<x>$2\\n", true), "aa\nb");
});

test("only the chosen matches are replaced", () => {
  assert.equal(replaced("a a a", pattern("a"), "b", false, (at) => at !== 1), "b a b");
});

test("all segments, in order, those without text too", () => {
  const segments = [
    { id: "1", text: "你好，你好" },
    { id: "2", text: null },
    { id: "3", text: "请问你好" },
  ];
  assert.deepEqual(findAll(segments, pattern("你好")), [
    { id: "1", at: 0, start: 0, end: 2 },
    { id: "1", at: 1, start: 3, end: 5 },
    { id: "3", at: 0, start: 2, end: 4 },
  ]);
});

test("what is shown around a match never cuts a character in half", () => {
  const text = "😀".repeat(30) + "here" + "x".repeat(40);
  const [before, match, after] = around(text, [60, 64]);
  assert.equal(before, "…" + "😀".repeat(24));
  assert.equal(match, "here");
  assert.equal(after, "x".repeat(24) + "…");
});
