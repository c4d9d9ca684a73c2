// What a drop holds, and what a project made of it is called.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { projectName, readDrop, readPicked, size, sortOut } from "../../speechlabel/web/static/page/dropped.js";

const file = (/** @type {string} */ name, content = "x") => new File([content], name);
const fileEntry = (/** @type {string} */ name, content = "x") => ({ name, isDirectory: false, file: (/** @type {(file: File) => void} */ resolve) => resolve(file(name, content)), content });

/** A folder that tells its entries a few at a time, as browsers do. @param {string} name @param {any[]} entries */
const folder = (name, entries) => ({
  name, isDirectory: true,
  createReader: () => {
    let at = 0;
    return { readEntries: (/** @type {(entries: any[]) => void} */ resolve) => resolve(entries.slice(at, (at += 2))) };
  },
});
/** @param {any[]} entries @returns {any} */
const transfer = (entries) => ({ items: entries.map((entry) => ({ kind: "file", webkitGetAsEntry: () => entry, getAsFile: () => file(entry.name, entry.content) })) });
const names = (/** @type {{files: File[]}} */ { files }) => files.map((item) => item.name);

test("a folder gives what lies in it in the order of the names, with its paths", async () => {
  const deep = folder("b", [fileEntry("call 10.MP3"), fileEntry("call 9.mp3"), fileEntry(".hidden.wav"), fileEntry("list.xlsx"), fileEntry("call 1.opus")]);
  const dropped = await readDrop(transfer([folder("Monday", [fileEntry("z.wav"), deep, fileEntry("a.flac")])]));
  assert.deepEqual(names(dropped), ["a.flac", "call 1.opus", "call 9.mp3", "call 10.MP3", "list.xlsx", "z.wav"]);
  assert.deepEqual(dropped.files.map((item) => dropped.paths.get(item)).slice(0, 2), ["Monday/a.flac", "Monday/b/call 1.opus"]);
  assert.equal(dropped.folder, "Monday");
});

test("a file by itself is taken whatever it is called; several things name no folder", async () => {
  const dropped = await readDrop(transfer([fileEntry("call.rec", "a\0b"), folder("Monday", [fileEntry("a.wav"), fileEntry("b.rec", "a\0b")])]));
  assert.deepEqual(names(dropped), ["call.rec", "a.wav", "b.rec"]);
  assert.equal(dropped.folder, null);
  const { audio, annotations } = await sortOut(dropped);
  assert.deepEqual(names({ files: audio }), ["call.rec", "a.wav"], "what is neither sound by its name nor text is left in its folder");
  assert.deepEqual(annotations, []);
});

test("annotations are told from recordings by what they are", async () => {
  const wide = new File([new Uint8Array([0xff, 0xfe, 0x46, 0x00])], "wide.lab");
  const files = [file("a.wav", "text"), file("a.TextGrid", "a\0b"), file("wav.scp"), file("notes.md"), wide, file("picture.png"), file("empty.txt", "")];
  const paths = new Map(files.map((item) => [item, `data/${item.name}`]));
  const { audio, annotations } = await sortOut({ files, folder: "data", paths });
  assert.deepEqual(names({ files: audio }), ["a.wav"]);
  assert.deepEqual(names({ files: annotations }), ["a.TextGrid", "wav.scp", "wide.lab"]);
  const loose = await sortOut({ files: [file("notes.md")], folder: null, paths: new Map() });
  assert.deepEqual(names({ files: loose.annotations }), ["notes.md"], "what somebody drops by itself is never left");
});

test("a picked folder keeps its paths, picked files have none", () => {
  const inside = ["data/b 10.rttm", "data/.git/x", "data/b 9.rttm"].map((path) => Object.defineProperty(file(path), "webkitRelativePath", { value: path }));
  const picked = readPicked(inside);
  assert.deepEqual([...picked.paths.values()], ["data/b 9.rttm", "data/b 10.rttm"]);
  assert.equal(picked.folder, "data");
  const loose = readPicked(["b.wav", "a.rttm"].map((name) => Object.defineProperty(file(name), "webkitRelativePath", { value: "" })));
  assert.deepEqual([names(loose), loose.folder, loose.paths.size], [["b.wav", "a.rttm"], null, 0]);
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
