// Drives the editor's core against a real server: `node against_server.js ADDRESS PROJECT RECORDING SEED`.
// Run by tests/web/test_editor_saves.py; prints one line of JSON, or throws.

import assert from "node:assert/strict";

import { Client } from "../../speechlabel/web/static/editor/sync/client.js";
import { Model } from "../../speechlabel/web/static/editor/model/model.js";
import { MemoryOutbox } from "../../speechlabel/web/static/editor/sync/outbox.js";
import { EditError, compact } from "../../speechlabel/web/static/editor/model/records.js";
import { Scope } from "../../speechlabel/web/static/editor/scope.js";
import { Random } from "./random.js";

const [address, project, recording, seed] = process.argv.slice(2);
const random = new Random(Number(seed));
const storage = new MemoryOutbox();

/** Every third save: the answer is lost after the server has it. */
async function flaky(input, options) {
  const answer = await fetch(input, options);
  if (options?.method === "POST" && random.next() < 0.3) throw new TypeError("Failed to fetch");
  return answer;
}

async function page() {
  const scope = new Scope();
  const client = new Client({ api: address, storage, scope, fetch: flaky, locks: {}, random: () => 0 });
  const opened = await client.open(project, recording);
  const model = new Model(opened);
  client.attach(model);
  return { scope, client, model };
}

async function save({ client }) {
  for (let i = 0; i < 200 && client.state !== "saved"; i += 1) {
    assert.notEqual(client.state, "conflict", JSON.stringify(client.conflicts));
    await client.flush();
  }
  assert.equal(client.state, "saved");
}

const shown = (model) => [
  model.segments.map((item) => compact("segment", item)),
  [...model.speakers].map((item) => compact("speaker", item)).sort((a, b) => (a.id < b.id ? -1 : 1)),
];
const withoutVersions = (state) => JSON.stringify(state, (name, value) => (name === "version" ? undefined : value));

function act(model, i) {
  const segment = random.pick(model.segments);
  const { id, start_us, end_us } = segment;
  const commands = [
    () => model.select(id),
    () => model.setText(id, `第${i}句 😀 text`),
    () => model.setText(id, `${segment.text ?? ""}${i}`),
    () => model.update(id, { tags: [`t${i}`], status: random.pick(["done", "unsure"]), confidence: 0.5 }),
    () => model.update(model.segments.slice(0, 3).map((item) => item.id), { note: `${i}`, fields: { n: "一" } }),
    () => model.split(id, (start_us + end_us) >> 1, random.whole(0, 9)),
    () => model.mergeNext(id),
    () => model.mergePrevious(id),
    () => model.retime(id, start_us + random.whole(-5000, 5000), end_us + random.whole(-5000, 5000)),
    () => model.remove(id),
    () => model.insert({ channel: null, start_us: i * 1000, end_us: i * 1000 + 500_000, words: [{ word: "好", start_us: i * 1000, end_us: i * 1000 + 9 }] }),
    () => model.update(id, { speaker: model.addSpeaker(`甲${i}`, { role: "agent" }) }),
    () => model.speakers.length && model.updateSpeaker(random.pick(model.speakers).id, { name: `乙${i}` }),
    () => model.speakers.length && model.removeSpeaker(random.pick(model.speakers).id),
    () => model.undo(),
    () => model.redo(),
  ];
  try {
    random.pick(commands)();
  } catch (error) {
    if (!(error instanceof EditError)) throw error;
  }
}

let tab = await page();
const start = withoutVersions(shown(tab.model));
let steps = 0;
for (let round = 0; round < 4; round += 1) {
  for (let i = 0; i < 40; i += 1) {
    if (tab.model.segments.length < 3) tab.model.insert({ channel: null, start_us: 0, end_us: 900_000 });
    act(tab.model, round * 100 + i);
    steps += 1;
    if (random.next() < 0.3) await save(tab);
  }
  if (round % 2) await save(tab);
  tab.scope.dispose(); // the tab crashes; what waits is in the outbox
  const before = withoutVersions(shown(tab.model));
  tab = await page();
  assert.equal(withoutVersions(shown(tab.model)), before, "after a reload");
  await save(tab);
  const check = await page();
  assert.deepEqual(shown(check.model), shown(tab.model), "page and server agree, versions too");
  check.scope.dispose();
}
let undone = 0;
while (tab.model.canUndo) {
  assert.equal(tab.model.undo().isStale, false);
  undone += 1;
  if (undone === 20) {
    await save(tab);
    tab.scope.dispose();
    tab = await page(); // undo goes on after a reload
  }
}
assert.equal(withoutVersions(shown(tab.model)), start, "everything undone");
while (tab.model.canRedo) assert.equal(tab.model.redo().isStale, false);
await save(tab);
const last = await page();
assert.deepEqual(shown(last.model), shown(tab.model));
last.scope.dispose();
tab.scope.dispose();
console.log(JSON.stringify({ steps, undone, segments: tab.model.segments.length, revision: tab.model.revision }));
