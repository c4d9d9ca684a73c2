// Proposals while typing: terms, words of this recording, Chinese and other languages; abbreviations.

import assert from "node:assert/strict";
import test from "node:test";

import { Proposals, snippetAt } from "../../speechlabel/web/static/editor/model/proposals.js";
import { Random } from "./random.js";

test("terms are proposed by how they begin, in any case, over several words", () => {
  const proposals = new Proposals(["Kubernetes cluster", "心肌梗死", "心肌酶谱检查"]);
  assert.deepEqual(proposals.after("we use ku"), ["bernetes cluster"]);
  assert.deepEqual(proposals.after("we use Kubernetes cl"), ["uster"]);
  assert.deepEqual(proposals.after("we use Kubernetes "), []);
  assert.deepEqual(proposals.after("考虑心肌"), ["梗死", "酶谱检查"]);
  assert.deepEqual(proposals.after("考虑心肌梗"), ["死"]);
  assert.deepEqual(proposals.after("考虑心肌梗死"), []);
  assert.deepEqual(proposals.after("k"), []);
  assert.deepEqual(proposals.after(""), []);
});

test("words of earlier texts are proposed, those written more often first, until they are gone", () => {
  const proposals = new Proposals();
  proposals.take("a", "The interview was interesting");
  proposals.take("b", "interview again");
  assert.deepEqual(proposals.after("an int"), ["erview", "eresting"]);
  proposals.take("a", null);
  assert.deepEqual(proposals.after("an int"), ["erview"]);
  proposals.take("b", "nothing of it");
  assert.deepEqual(proposals.after("an int"), []);
});

test("a term stays though the text that held it is gone", () => {
  const proposals = new Proposals(["interview"]);
  proposals.take("a", "interview");
  proposals.take("a", "");
  assert.deepEqual(proposals.after("int"), ["erview"]);
});

test("Chinese words and their neighbours are proposed once they were written twice", () => {
  const proposals = new Proposals();
  proposals.take("a", "我们讨论人工智能的发展");
  assert.deepEqual(proposals.after("关于人工"), []);
  proposals.take("b", "人工智能的应用");
  assert.equal(proposals.after("关于人工")[0], "智能");
});

test("an abbreviation ends before the caret and is no end of a word", () => {
  const snippets = [{ short: "ty", text: "thank you" }, { short: "xmgs", text: "心肌梗死" }, { short: ";s", text: "§" }];
  assert.equal(snippetAt("well ty", snippets)?.text, "thank you");
  assert.equal(snippetAt("party", snippets), null);
  assert.equal(snippetAt("考虑xmgs", snippets)?.text, "心肌梗死");
  assert.equal(snippetAt("a;s", snippets)?.text, "§");
  assert.equal(snippetAt("", snippets), null);
});

test("a few of very many are proposed, the most written first", () => {
  const random = new Random(7);
  const proposals = new Proposals();
  const letters = "abcdefghijklmnopqrstuvwxyz";
  for (let i = 0; i < 5000; i++) {
    const words = Array.from({ length: 8 }, () =>
      Array.from({ length: 6 }, () => letters[random.whole(0, 26)]).join(""),
    );
    proposals.take(`s${i}`, words.join(" "));
  }
  const found = proposals.after("zebra qu");
  assert.ok(found.length <= 8);
  proposals.take("mine", "quizzical quizzical quizzical");
  assert.equal(proposals.after("zebra qu")[0], "izzical");
});
