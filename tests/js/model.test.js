// The model: commands, typing by visits, undo across reloads, and laws by generated commands.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Model } from "../../speechlabel/web/static/editor/model/model.js";
import { apply } from "../../speechlabel/web/static/editor/model/edits.js";
import { EditError, compact, full } from "../../speechlabel/web/static/editor/model/records.js";
import { uuid7 } from "../../speechlabel/web/static/editor/model/uuid.js";
import { opened, row } from "./opened.js";
import { Random } from "./random.js";

const W = (word, start_us, end_us) => ({ word, start_us, end_us });

/** A model with short ids, and the steps it hands out. */
function fresh(data = { segments: row(5) }) {
  let count = 0;
  const model = new Model(opened(data), { newId: () => `n${(count += 1)}` });
  const steps = [];
  model.onStep = (step) => steps.push(structuredClone(step));
  return { model, steps };
}

/** Everything that is stored, without versions. */
function state(model) {
  return JSON.stringify({
    segments: model.segments.map((item) => compact("segment", { ...item, version: 0 })),
    speakers: [...model.speakers].sort((a, b) => (a.id < b.id ? -1 : 1)).map((item) => compact("speaker", { ...item, version: 0 })),
  });
}

/** What an undo says of itself, without the edits. */
const told = ({ kind, ids, isStale }) => ({ kind, ids, isStale });

test("segments are sorted by start, end and id, and found", () => {
  const { model } = fresh({
    segments: [
      { id: "c", start_us: 5, end_us: 9 },
      { id: "b", start_us: 0, end_us: 9 },
      { id: "a", start_us: 5, end_us: 9 },
      { id: "d", start_us: 5, end_us: 7 },
    ],
  });
  assert.deepEqual(model.segments.map((item) => item.id), ["b", "d", "a", "c"]);
  assert.deepEqual(["b", "d", "a", "c", "x"].map((id) => model.indexOf(id)), [0, 1, 2, 3, -1]);
  assert.deepEqual([0, 1, 5, 6].map((time) => model.indexAt(time)), [0, 1, 1, 4]);
  assert.equal(model.byId("a").status, "machine");
  assert.equal(model.byId(null), undefined);
});

test("whoever hears of a change hears whether it is typing", () => {
  const { model } = fresh();
  const heard = [];
  model.on("change", () => heard.push(model.isTyping));
  model.select("s1");
  model.setText("s1", "你");
  model.setText("s1", "你好");
  model.update("s1", { status: "done" });
  model.setNote("s1", "?");
  model.undo();
  assert.deepEqual(heard, [true, true, false, true, false]);
});

test("typing in one visit is one undo step, whatever is sent", () => {
  const { model, steps } = fresh();
  model.select("s1");
  for (const text of ["你", "你好", "你好啊"]) model.setText("s1", text);
  assert.equal(steps.length, 3);
  assert.equal(new Set(steps.map((step) => step.visit)).size, 1);
  assert.equal(new Set(steps.map((step) => step.op_id)).size, 3);
  assert.ok(steps.every((step) => step.step === step.visit));
  assert.deepEqual(told(model.undo()), { kind: "update", ids: ["s1"], isStale: false });
  assert.equal(model.byId("s1").text, "第1句");
  assert.equal(model.byId("s1").status, "machine");
  assert.equal(model.canUndo, false);
  assert.equal(steps[3].undoes, steps[0].visit);
  assert.equal(steps[3].visit, null);
  model.redo();
  assert.equal(model.byId("s1").text, "你好啊");
  assert.equal(model.byId("s1").status, "draft");
  assert.equal(steps[4].undoes, steps[3].step);
});

test("a note is typed as a text is: one step a visit, apart from that of the text", () => {
  const { model, steps } = fresh();
  model.select("s1");
  for (const note of ["l", "lo", "loud"]) model.setNote("s1", note);
  model.setText("s1", "你");
  assert.equal(new Set(steps.map((step) => step.visit)).size, 2);
  model.undo();
  assert.deepEqual([model.byId("s1").text, model.byId("s1").note], ["第1句", "loud"]);
  model.undo();
  assert.equal(model.byId("s1").note, null);
  assert.equal(model.canUndo, false);
});

test("typing that is taken back to what was there is no step, here and after a reload", () => {
  const { model, steps } = fresh();
  model.update("s1", { status: "done" });
  model.select("s1");
  for (const text of ["第1句x", "第1句"]) model.setText("s1", text);
  assert.equal(model.isTyping, true); // the browser can still do its letters again
  const undo = [
    { step: "a", undoes: null, forward: steps[0].edits, inverse: steps[0].inverse },
    { step: "b", undoes: null, forward: steps[2].edits, inverse: steps[2].edits },
  ];
  model.undo();
  assert.equal(model.byId("s1").status, "machine");
  assert.equal(model.canUndo, false);
  const again = new Model(opened({ segments: row(3, { status: "done" }), undo }));
  again.undo();
  assert.equal(again.byId("s1").status, "machine");
});

test("a text that was not there is not there again when its letters are taken back", () => {
  const { model } = fresh({ segments: row(2, { text: null, status: "draft" }) });
  model.select("s1");
  for (const text of ["x", ""]) model.setText("s1", text);
  assert.deepEqual([model.byId("s1").text, model.canUndo], [null, false]);
});

test("a shared edge, and changes of its own for each segment, are one step", () => {
  const { model, steps } = fresh();
  model.retimeAll([
    { id: "s0", start_us: 0, end_us: 1_200_000 },
    { id: "s1", start_us: 1_200_000, end_us: 2_000_000 },
  ]);
  model.updateEach([
    ["s0", { noise_labels: ["a", "b"] }],
    ["s1", { noise_labels: ["b"] }],
    ["s2", { noise_labels: [] }],
  ]);
  assert.deepEqual(steps.map((step) => step.edits.length), [2, 2]);
  model.undo();
  assert.deepEqual(model.byId("s0").noise_labels, []);
  model.undo();
  assert.deepEqual([model.byId("s0").end_us, model.byId("s1").start_us], [1_000_000, 1_000_000]);
  assert.equal(model.canUndo, false);
});

test("leaving a segment, or doing something else, seals the visit", () => {
  const { model, steps } = fresh();
  model.select("s1");
  model.setText("s1", "a");
  model.select("s2");
  model.select("s1");
  model.setText("s1", "ab");
  model.update("s1", { status: "done" });
  model.setText("s1", "abc");
  assert.equal(new Set([steps[0], steps[1], steps[3]].map((step) => step.visit)).size, 3);
  model.undo();
  assert.equal(model.byId("s1").text, "ab");
  model.undo();
  model.undo();
  assert.equal(model.byId("s1").text, "a");
});

test("a visit that was sealed does not grow again after an undo", () => {
  const { model, steps } = fresh();
  model.select("s1");
  model.setText("s1", "a");
  model.update("s1", { status: "done" });
  model.undo();
  model.setText("s1", "ab");
  assert.notEqual(steps.at(-1).visit, steps[0].visit);
  model.undo();
  assert.equal(model.byId("s1").text, "a");
});

test("a new step leaves nothing to redo", () => {
  const { model } = fresh();
  model.setText("s0", "a");
  model.undo();
  assert.equal(model.canRedo, true);
  model.setText("s1", "b");
  assert.equal(model.canRedo, false);
  assert.equal(model.redo(), null);
});

test("words are matched against the text at the start of the visit", () => {
  const words = [W("今天", 0, 5), W("天气", 5, 7), W("好", 7, 9)];
  const { model } = fresh({ segments: [{ id: "a", start_us: 0, end_us: 10, text: "今天天气好", words }] });
  model.select("a");
  for (const text of ["今天天好", "今天空天好", "今天空气好"]) model.setText("a", text);
  assert.deepEqual(model.byId("a").words.map((word) => word.word), ["今天", "好"]);
  model.setText("a", "今天天气好");
  assert.equal(model.byId("a").words.length, 3, "typed back: nothing is lost");
  model.undo();
  assert.deepEqual(model.byId("a").words, words.map((word) => ({ ...word, score: null })));
});

test("text is made writable, not refused", () => {
  const { model } = fresh();
  model.setText("s0", "a\r\nb\u0000\ud800c\t");
  assert.equal(model.byId("s0").text, "a\nbc\t");
});

test("the same text, the same times and the same fields are no step", () => {
  const { model, steps } = fresh();
  model.setText("s0", "第0句");
  assert.equal(model.update(["s0", "s1"], { status: "machine", tags: [] }), false);
  assert.equal(model.retime("s0", 0, 1_000_000), false);
  assert.equal(steps.length, 0);
});

test("split takes the caret as the browser counts it", () => {
  const { model, steps } = fresh({ segments: [{ id: "a", start_us: 0, end_us: 10, text: "😀好𠮷b", version: 3 }] });
  const second = model.split("a", 4, 3);
  assert.equal(model.byId("a").text, "😀好");
  assert.equal(model.byId(second).text, "𠮷b");
  assert.deepEqual(steps[0].edits.map((edit) => [edit.action, edit.version]), [["update", 3], ["insert", undefined]]);
  assert.deepEqual(told(model.undo()), { kind: "split", ids: [second, "a"], isStale: false });
  assert.equal(model.segments.length, 1);
  assert.equal(model.redo().kind, "split");
  assert.equal(model.byId(second).text, "𠮷b");
});

test("merge goes to the neighbour of the same channel, and the current one survives", () => {
  const { model } = fresh({
    segments: [
      { id: "a", start_us: 0, end_us: 10, text: "今天", channel: 0 },
      { id: "b", start_us: 5, end_us: 12, text: "x", channel: 1 },
      { id: "c", start_us: 10, end_us: 20, text: "天气", channel: 0 },
    ],
  });
  model.select("c");
  assert.equal(model.mergePrevious("c"), "a");
  assert.equal(model.byId("a").text, "今天天气");
  assert.equal(model.currentId, "a");
  assert.equal(model.mergeNext("a"), null);
  assert.equal(model.undo().kind, "merge");
  assert.equal(model.byId("c").text, "天气");
});

test("the edges stay inside the recording", () => {
  const { model } = fresh();
  model.retime("s4", 4_500_000, 99_000_000_000);
  assert.equal(model.byId("s4").end_us, 60_000_000);
  const id = model.insert({ channel: null, start_us: -5, end_us: 10.4 });
  assert.deepEqual([model.byId(id).start_us, model.byId(id).end_us, model.byId(id).status], [0, 10, "draft"]);
  assert.throws(() => model.retime("s4", 5, 5), { code: "record", field: "end_us" });
});

test("locked segments are left alone, and can be unlocked", () => {
  const { model, steps } = fresh({ segments: row(3, { is_locked: true }) });
  for (const command of [
    () => model.setText("s0", "x"),
    () => model.update(["s0"], { speaker: "x" }),
    () => model.split("s0", 500_000, 1),
    () => model.mergeNext("s0"),
    () => model.remove("s0"),
    () => model.retime("s0", 1, 2),
  ])
    assert.throws(command, (error) => error instanceof EditError && error.field === "is_locked");
  assert.equal(steps.length, 0);
  model.update("s0", { is_locked: false });
  model.setText("s0", "x");
  assert.equal(model.byId("s0").text, "x");
});

test("a command that fails changes nothing and hands nothing out", () => {
  const { model, steps } = fresh();
  const before = state(model);
  assert.throws(() => model.update(["s0", "s1"], { confidence: 2 }), { code: "record", field: "confidence" });
  assert.throws(() => model.update(["s0", "nope"], { tags: ["x"] }), { code: "not_found" });
  assert.throws(() => model.update("s0", { colour: "x" }), { code: "record", field: "colour" });
  assert.throws(() => model.split("s0", 0, 1), { code: "option", field: "at" });
  model.readOnly = true;
  assert.throws(() => model.setText("s0", "x"), { code: "read_only" });
  assert.equal(state(model), before);
  assert.equal(steps.length, 0);
  assert.equal(model.canUndo, false);
});

test("a new speaker and what they speak are one step", () => {
  const { model, steps } = fresh();
  const id = model.addSpeaker("Zoe", {}, ["s1"]);
  assert.deepEqual([steps.length, model.byId("s1").speaker], [1, id]);
  model.undo();
  assert.deepEqual([model.speakers.length, model.byId("s1").speaker], [0, null]);
});

test("speakers: add, rename, give away, remove", () => {
  const { model, steps } = fresh();
  const one = model.addSpeaker("甲", { role: "agent" });
  const two = model.addSpeaker("乙");
  model.update(["s0", "s1"], { speaker: one });
  model.updateSpeaker(one, { name: "丙" });
  assert.equal(model.speaker(one).name, "丙");
  model.removeSpeaker(one, two);
  assert.deepEqual([model.byId("s0").speaker, model.byId("s1").speaker], [two, two]);
  assert.deepEqual(model.speakers.map((item) => item.name), ["乙"]);
  assert.equal(model.undo().kind, "speaker");
  assert.equal(model.byId("s0").speaker, one);
  assert.throws(() => model.addSpeaker("  "), { code: "record", field: "name" });
  assert.equal(steps.at(-1).edits[0].target, "speaker");
});

test("merging two speakers leaves locked segments, and with them the speaker whom they name", () => {
  const segments = row(3, { speaker: "b" });
  segments[1].is_locked = true;
  const { model, steps } = fresh({ segments, speakers: [{ id: "a", name: "A" }, { id: "b", name: "B" }] });
  assert.equal(model.removeSpeaker("b", "a"), true);
  assert.deepEqual(model.segments.map((item) => item.speaker), ["a", "b", "a"]);
  assert.equal(model.speaker("b").name, "B");
  assert.equal(steps.length, 1);
  assert.equal(model.removeSpeaker("b", "a"), false, "nothing is left that may go");
  model.update("s1", { is_locked: false });
  assert.equal(model.removeSpeaker("b", "a"), true);
  assert.deepEqual([model.segments.map((item) => item.speaker), model.speaker("b")], [["a", "a", "a"], undefined]);
});

test("typing is the newest step until anything else is done", () => {
  const { model } = fresh();
  assert.equal(model.isTyping, false);
  const steps = [
    () => model.update("s1", { noise_labels: ["noise"] }),
    () => model.mergeNext("s1"),
    () => model.undo(),
    () => model.select("s0"),
  ];
  for (const other of steps) {
    model.select("s1");
    model.setText("s1", `${model.byId("s1").text}，`);
    assert.equal(model.isTyping, true);
    other();
    assert.equal(model.isTyping, false);
  }
});

test("speakers keep their places, and so their keys and colours, over a reload", () => {
  const speakers = ["spk1", "spk10", "spk2"].map((id) => ({ id, name: id }));
  const model = new Model(opened({ segments: row(2), speakers }));
  const added = [model.addSpeaker("甲"), model.addSpeaker("乙")];
  const order = ["spk1", "spk2", "spk10", ...added];
  assert.deepEqual(model.speakers.map((item) => item.id), order);
  const stored = [...model.speakers].sort((one, other) => (one.id < other.id ? -1 : 1));
  const again = new Model(opened({ segments: row(2), speakers: stored }));
  assert.deepEqual(again.speakers.map((item) => item.id), order);
  again.removeSpeaker("spk2");
  again.undo();
  assert.deepEqual(again.speakers.map((item) => item.id), order);
});

test("what is deleted leaves the selection, and the current one moves on", () => {
  const { model } = fresh();
  const selected = [];
  model.on("select", ({ id }) => selected.push(id));
  model.selectRange("s1", "s3");
  assert.deepEqual([...model.selectedIds], ["s1", "s2", "s3"]);
  model.select("s2");
  model.remove(model.selectedIds);
  assert.equal(model.selectedIds.size, 0);
  assert.deepEqual(selected, ["s2", "s4"]);
  model.remove(["s0", "s4"]);
  assert.equal(model.currentId, null);
});

test("listeners hear what changed, and can leave", () => {
  const { model } = fresh();
  const heard = [];
  const off = model.on("change", (change) => heard.push(change));
  model.setText("s1", "x");
  model.retime("s1", 0, 5);
  model.addSpeaker("甲");
  off();
  model.setText("s1", "y");
  assert.deepEqual(heard.map(({ ids, structure, speakers }) => [[...ids], structure, speakers]), [
    [["s1"], false, false],
    [["s1"], true, false],
    [[], false, true],
  ]);
});

test("undo asks when somebody else changed the record since", () => {
  const { model, steps } = fresh();
  model.setText("s0", "mine");
  model.replaceFromConflict("segment", "s0", { id: "s0", start_us: 0, end_us: 1_000_000, text: "theirs", version: 9 });
  assert.deepEqual(model.undo(), { kind: "update", ids: ["s0"], edits: [], isStale: true });
  assert.equal(model.byId("s0").text, "theirs");
  assert.equal(steps.length, 1);
  assert.equal(model.undo({ force: true }).isStale, false);
  assert.equal(model.byId("s0").text, "第0句");
  assert.equal(steps[1].edits[0].version, 9);
});

test("a forced undo of a record that is gone does what it still can", () => {
  const { model } = fresh();
  model.split("s0", 500_000, 1);
  model.replaceFromConflict("segment", "s0", null);
  assert.equal(model.undo().isStale, true);
  model.undo({ force: true });
  assert.equal(model.segments.length, 4);
  assert.equal(model.canUndo, false);
});

test("undo and redo reach across a reload", () => {
  const { model, steps } = fresh();
  const journal = () => {
    const rows = new Map(); // typing grows its row, as the server's journal does
    for (const { step, undoes, edits, inverse } of steps) {
      const old = rows.get(step);
      rows.set(step, { step, undoes, forward: edits, inverse: old ? old.inverse : inverse });
    }
    return [...rows.values()];
  };
  const start = state(model);
  model.select("s0");
  model.setText("s0", "a");
  model.setText("s0", "ab");
  const typed = state(model);
  model.split("s1", 1_500_000, 1);
  const cut = state(model);
  model.remove("s2");
  model.undo();
  model.undo();
  model.redo();
  assert.equal(state(model), cut);
  const again = new Model(opened({ segments: model.segments.map((item) => compact("segment", item)), undo: journal() }));
  const more = [];
  again.onStep = (step) => more.push(step);
  assert.equal(again.canRedo, true);
  again.redo();
  assert.equal(again.byId("s2"), undefined);
  again.undo();
  again.undo();
  assert.equal(state(again), typed);
  again.undo();
  assert.equal(state(again), start);
  assert.equal(again.canUndo, false);
  assert.equal(more.at(-1).undoes, steps[0].visit);
});

test("versions come from the server and stay with their records", () => {
  const { model, steps } = fresh();
  model.setText("s0", "x");
  model.acknowledge({ op_id: "o", revision: 7, versions: { segment: { s0: 7, gone: 7 }, speaker: {} } });
  assert.equal(model.revision, 7);
  model.setText("s0", "y");
  assert.equal(steps[1].edits[0].version, 7);
});

test("what an earlier page could not save is done again, and can be undone", () => {
  const { model, steps } = fresh();
  model.select("s0");
  model.setText("s0", "x");
  const second = model.split("s1", 1_400_000, 1);
  model.remove("s4");
  const wanted = state(model);
  const later = new Model(opened({ segments: row(5) }));
  const handed = [];
  later.onStep = (step) => handed.push(step);
  for (const step of steps) later.replay(step);
  assert.equal(state(later), wanted);
  assert.equal(handed.length, 0);
  for (const step of steps) later.replay(step); // the server had them after all: nothing is doubled
  assert.equal(state(later), wanted);
  assert.ok(later.byId(second));
});

test("replaying typing that the journal already has grows that step", () => {
  const { model, steps } = fresh();
  model.select("s0");
  model.setText("s0", "a");
  model.setText("s0", "ab");
  const [first, second] = steps;
  const segments = row(5);
  segments[0] = { ...segments[0], text: "a", status: "draft", version: 2 };
  const later = new Model(
    opened({ segments, undo: [{ step: first.step, undoes: null, forward: first.edits, inverse: first.inverse }] }),
  );
  later.replay(second);
  later.undo();
  assert.equal(later.byId("s0").text, "第0句");
  assert.equal(later.canUndo, false);
});

test("uuid7: legal, ordered, never the same", () => {
  const ids = Array.from({ length: 10_000 }, () => uuid7());
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(ids, [...ids].sort());
  assert.ok(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)));
  const now = Date.now() + 5000;
  assert.equal(Number.parseInt(uuid7(now).replaceAll("-", "").slice(0, 12), 16), now);
});

// Laws

/** One command at random; what the rules refuse is refused. */
function act(model, random) {
  const id = model.segments.length ? random.pick(model.segments).id : null;
  const text = Array.from({ length: random.whole(0, 5) }, () => random.pick(["a", "b ", "你", "😀", "𠮷", "。"])).join("");
  const at = random.whole(0, 60_000_000);
  const commands = [
    () => model.insert({ channel: random.pick([null, 0, 1]), start_us: at, end_us: at + random.whole(1, 5_000_000), text }),
    () => model.addSpeaker(text || "x"),
    () => model.speakers.length && model.removeSpeaker(random.pick(model.speakers).id),
    () => model.speakers.length && model.updateSpeaker(random.pick(model.speakers).id, { name: text }),
  ];
  if (id)
    commands.push(
      () => model.setText(id, text),
      () => model.setText(id, text + text),
      () => model.update(id, { tags: [random.pick(["x", "y"])], status: random.pick(["done", "unsure", "draft"]) }),
      () => model.update(model.segments.slice(0, random.whole(0, 50)).map((item) => item.id), { note: text }),
      () => model.split(id, random.whole(model.byId(id).start_us, model.byId(id).end_us + 1), random.pick([null, 0, 1, 2, 9])),
      () => model.mergeNext(id),
      () => model.mergePrevious(id),
      () => model.retime(id, at, at + random.whole(-5, 3_000_000)),
      () => model.remove(id),
      () => model.remove(model.segments.slice(0, random.whole(0, 40)).map((item) => item.id)),
      () => model.select(id),
    );
  try {
    random.pick(commands)();
  } catch (error) {
    if (!(error instanceof EditError)) throw error;
  }
}

function assertSound(model) {
  const keys = model.segments.map((item) => [item.start_us, item.end_us, item.id]);
  const sorted = [...keys].sort((a, b) => a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : 1));
  assert.deepEqual(keys, sorted);
  assert.equal(new Set(keys.map((key) => key[2])).size, keys.length);
  model.segments.forEach((item, i) => {
    assert.equal(model.indexOf(item.id), i);
    assert.equal(model.byId(item.id), item);
  });
  assert.equal(model.tables.segment.size, keys.length);
}

for (const seed of [1, 2, 3, 4, 5, 6])
  test(`generated commands, seed ${seed}: sorted, ids stable, undo and redo exact, the server's half agrees`, () => {
    const random = new Random(seed);
    const { model, steps } = fresh({ segments: row(60) });
    const server = { segment: new Map(), speaker: new Map() };
    for (const item of row(60)) server.segment.set(item.id, full("segment", { ...item, version: 0 }));
    let sent = 0;
    const post = () => {
      for (; sent < steps.length; sent += 1) {
        const edits = steps[sent].edits.map((edit) => (edit.action === "insert" ? edit : { ...edit, version: 0 }));
        const changed = apply(server, edits, 0);
        for (const target of ["segment", "speaker"])
          for (const [id, record] of changed[target])
            if (record) server[target].set(id, record);
            else server[target].delete(id);
      }
    };
    const states = [state(model)];
    for (let i = 0; i < 150; i += 1) {
      const before = steps.length;
      const visit = steps.at(-1)?.visit;
      act(model, random);
      assertSound(model);
      post();
      assert.equal(server.segment.size, model.segments.length);
      if (steps.length === before) continue;
      if (steps.at(-1).visit && steps.at(-1).visit === visit) states.pop();
      states.push(state(model));
    }
    assert.ok(states.length > 60);
    for (let i = states.length - 2; i >= 0; i -= 1) {
      assert.equal(model.undo().isStale, false);
      assert.equal(state(model), states[i]);
      assertSound(model);
    }
    assert.equal(model.undo(), null);
    for (let i = 1; i < states.length; i += 1) {
      assert.equal(model.redo().isStale, false);
      assert.equal(state(model), states[i]);
    }
    assert.equal(model.redo(), null);
    post();
    for (const item of model.segments)
      assert.deepEqual({ ...server.segment.get(item.id), version: 0 }, { ...item, version: 0 });
  });

test("20,000 segments: one edit touches one segment", () => {
  const { model } = fresh({ segments: row(20_000), durationUs: 20_000_000_000 });
  const list = model.segments;
  const before = [...list];
  model.setText("s777", "x");
  model.retime("s778", 778_100_000, 778_900_000);
  model.split("s10000", 10_000_500_000, 1);
  assert.equal(model.segments, list, "the array stays the same one");
  const untouched = new Set(before);
  assert.equal(list.filter((item) => !untouched.has(item)).length, 4);
  model.update(list.map((item) => item.id), { tags: ["x"] });
  assertSound(model);
  model.undo();
  assert.equal(model.byId("s5").tags.length, 0);
});

test("where there is one lane, an imported segment of a channel joins with one of the mix, and back", () => {
  const segments = row(3).map((segment, i) => (i === 1 ? { ...segment, channel: 0 } : segment));
  const model = new Model(opened({ segments, layout: "mixed" }));
  assert.equal(model.mergePrevious("s2"), "s1");
  assert.equal(model.byId("s1").channel, null, "more than its channel is in it now");
  assert.equal(model.mergeNext("s0"), "s0");
  assert.deepEqual([model.byId("s0").end_us, model.byId("s0").text], [3_000_000, "第0句第1句第2句"]);
  model.undo();
  model.undo();
  assert.deepEqual(model.segments.map(({ id, channel }) => [id, channel]), [["s0", null], ["s1", 0], ["s2", null]]);
});

test("in one lane the neighbour on another channel is passed over, and with a lane each the mix is too", () => {
  const segments = row(3).map((segment, i) => ({ ...segment, channel: [0, 1, 0][i] }));
  assert.equal(new Model(opened({ segments, layout: "mixed" })).neighbour("s0", 1)?.id, "s2");
  segments[1].channel = null;
  assert.equal(new Model(opened({ segments })).neighbour("s0", 1)?.id, "s2");
  assert.equal(new Model(opened({ segments, layout: "mixed" })).neighbour("s0", 1)?.id, "s1");
});

test("a transcript that was never saved says no revision, and counts from 0", () => {
  const answer = opened({ segments: row(1) });
  delete answer.transcript.revision;
  const model = new Model(answer);
  assert.equal(model.revision, 0);
  model.acknowledge({ op_id: "o", revision: 3, versions: {} });
  assert.equal(model.revision, 3);
});
