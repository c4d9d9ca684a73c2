// What a drop holds, and what a project made of it is called.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { projectName, readDrop, size } from "../../speechlabel/web/static/page/dropped.js";

const file = (/** @type {string} */ name) => new File(["x"], name);
const fileEntry = (/** @type {string} */ name) => ({ name, isDirectory: false, file: (/** @type {(file: File) => void} */ resolve) => resolve(file(name)) });

/** A folder that tells its entries a few at a time, as browsers do. @param {string} name @param {any[]} entries */
const folder = (name, entries) => ({
  name, isDirectory: true,
  createReader: () => {
    let at = 0;
    return { readEntries: (/** @type {(entries: any[]) => void} */ resolve) => resolve(entries.slice(at, (at += 2))) };
  },
});
/** @param {any[]} entries @returns {any} */
const transfer = (entries) => ({ items: entries.map((entry) => ({ kind: "file", webkitGetAsEntry: () => entry, getAsFile: () => file(entry.name) })) });
const names = (/** @type {{files: File[]}} */ { files }) => files.map((item) => item.name);

test("a folder gives its recordings in the order of their names, with those below it", async () => {
  const deep = folder("b", [fileEntry("call 10.MP3"), fileEntry("call 9.mp3"), fileEntry(".hidden.wav"), fileEntry("list.xlsx"), fileEntry("call 1.opus")]);
  const dropped = await readDrop(transfer([folder("Monday", [fileEntry("z.wav"), deep, fileEntry("a.flac")])]));
  assert.deepEqual(names(dropped), ["a.flac", "call 1.opus", "call 9.mp3", "call 10.MP3", "z.wav"]);
  assert.equal(dropped.folder, "Monday");
});

test("a file by itself is taken whatever it is called; several things name no folder", async () => {
  const dropped = await readDrop(transfer([fileEntry("call.rec"), folder("Monday", [fileEntry("a.wav")])]));
  assert.deepEqual(names(dropped), ["call.rec", "a.wav"]);
  assert.equal(dropped.folder, null);
});

test("a browser that knows no entries gives the files", async () => {
  const dropped = await readDrop(/** @type {any} */ ({ items: [{ kind: "file", getAsFile: () => file("a.wav") }, { kind: "string", getAsFile: () => null }] }));
  assert.deepEqual(names(dropped), ["a.wav"]);
});

test("the same kinds of file are recordings in a folder here as on the server", () => {
  const ours = /\\\.\(([^)]+)\)\$/.exec(readFileSync(new URL("../../speechlabel/web/static/page/dropped.js", import.meta.url), "utf8"))?.[1]?.split("|");
  const list = /AUDIO_SUFFIXES = frozenset\(\{(.*?)\}\)/s.exec(readFileSync(new URL("../../speechlabel/workflow/ingest.py", import.meta.url), "utf8"))?.[1] ?? "";
  assert.deepEqual(ours, [...list.matchAll(/"\.(\w+)"/g)].map((found) => found[1]));
});

test("a project is named after the folder, the only file, or the day, and never as another one", () => {
  const day = new Date(2026, 0, 5);
  const name = (/** @type {string[]} */ files, /** @type {string|null} */ folder, /** @type {string[]} */ ...taken) =>
    projectName({ files: files.map(file), folder }, new Set(taken), day);
  assert.equal(name(["a.wav", "b.wav"], "Monday"), "Monday");
  assert.equal(name(["张三.访谈.wav"], null), "张三.访谈");
  assert.equal(name(["a.wav", "b.wav"], null), "2026-01-05");
  assert.equal(name(["a.wav"], null, "a", "a 2"), "a 3");
  assert.equal(name([".wav"], null), "2026-01-05");
});

test("sizes are told short", () => {
  assert.deepEqual([1, 1500, 999_400, 999_600, 123_456_789, 4.2e9, 5e15].map(size), ["0.0 kB", "1.5 kB", "999 kB", "1.0 MB", "123 MB", "4.2 GB", "5000 TB"]);
});
