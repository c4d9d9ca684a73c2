// What a picked file holds: text, or a sign that it is none.

import assert from "node:assert/strict";
import test from "node:test";

import { textOf } from "../../speechlabel/web/static/page/text-file.js";

test("text comes with the ends of lines that the box has", async () => {
  assert.equal(await textOf(new Blob(['name = "规范"\r\nversion = 1\n'])), 'name = "规范"\nversion = 1\n');
});

test("what is not UTF-8, or too long, is told from text", async () => {
  assert.equal(await textOf(new Blob([new Uint8Array([0xff, 0xfe, 0x00])])), "\0");
  assert.equal(await textOf(new Blob(["#".repeat(500_001)])), "\0");
  assert.equal((await textOf(new Blob(["#".repeat(500_000)]))).length, 500_000);
});
