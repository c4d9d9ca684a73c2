// What cannot be saved where it was made: a pass that is gone, other recordings, a file of it all.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Client } from "../../speechlabel/web/static/editor/sync/client.js";
import { Model } from "../../speechlabel/web/static/editor/model/model.js";
import { MemoryOutbox } from "../../speechlabel/web/static/editor/sync/outbox.js";
import { Scope } from "../../speechlabel/web/static/editor/scope.js";
import { WaitingFileError, broughtBack, readFile } from "../../speechlabel/web/static/editor/sync/waiting.js";
import { row } from "./opened.js";
import { FakeServer, refusal } from "./server.js";

const settle = async () => {
  for (let i = 0; i < 40; i += 1) await new Promise((go) => setImmediate(go));
};
async function pass(ms, step = 500) {
  await settle();
  for (let gone = 0; gone < ms; gone += step) {
    mock.timers.tick(step);
    await settle();
  }
}
beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1_800_000_000_000 }));
afterEach(() => mock.timers.reset());

/** A server on which a recording has one pass; a save to any other one is refused as not there. */
class Passes extends FakeServer {
  constructor(segments) {
    super(segments);
    this.passOf = { r: "t", other: "u" };
    const reach = this.fetch;
    this.fetch = async (address, options = {}) => {
      const [, transcript] = /transcripts\/(\w+)\/edits/.exec(address) ?? [];
      if (transcript && !this.isDown && !Object.values(this.passOf).includes(transcript)) return refusal(404, { code: "not_found" });
      const answer = await reach(address, options);
      const [, recording] = /recordings\/(\w+)\/open$/.exec(address) ?? [];
      if (!recording) return answer;
      const body = await answer.json();
      return Response.json({ ...body, transcript: { ...body.transcript, id: this.passOf[recording] } });
    };
  }

  /** The recording is cut anew: another pass, with other segments. */
  replace(segments) {
    const fresh = new FakeServer(segments);
    this.tables = fresh.tables;
    this.passOf.r = "t2";
  }
}

async function page(server, storage = new MemoryOutbox(), recording = "r") {
  const client = new Client({ storage, scope: new Scope(), fetch: server.fetch, locks: {}, random: () => 0.5, api: "http://server" });
  const it = { client, storage, model: /** @type {any} */ (null), adopted: 0 };
  const open = async () => {
    it.model = new Model(await client.open("p", recording));
    client.attach(it.model);
  };
  client.onGone = open;
  client.onAdopted = () => (it.adopted += 1);
  await open();
  return it;
}

test("what was typed on a pass that was replaced meanwhile goes into the one that took its place", async () => {
  const server = new Passes(row(3));
  const tab = await page(server);
  server.replace([{ id: "new0", start_us: 0, end_us: 900_000, version: 1 }]);
  tab.model.select("s1");
  tab.model.setText("s1", "我写的");
  await pass(3000);
  assert.equal(tab.client.state, "saved");
  assert.equal(tab.adopted, 1);
  assert.deepEqual(tab.model.segments.map(({ id, text }) => [id, text]), [["new0", null], ["s1", "我写的"]]);
  assert.equal(server.text("s1"), "我写的");
  assert.equal(server.tables.segment.get("s1").start_us, 1_000_000, "whole, as it was in the page");
  assert.deepEqual([tab.client.pending, tab.client.pendingElsewhere, tab.storage.rows.size], [0, 0, 0]);
});

test("also when the page was closed before it noticed, and what is still there is changed, not doubled", async () => {
  const server = new Passes(row(3));
  const tab = await page(server);
  server.isDown = true;
  tab.model.update("s0", { status: "done" });
  tab.model.setText("s2", "二");
  tab.model.remove("s1");
  const li = tab.model.addSpeaker("Li", {}, ["s2"]);
  await pass(1000);
  tab.client.scope.dispose();
  server.isDown = false;
  server.replace([{ id: "s0", start_us: 0, end_us: 700_000, text: "theirs", version: 4 }, { id: "s1", start_us: 1_000_000, end_us: 2_000_000, version: 1 }]);
  const later = await page(server, tab.storage);
  await pass(3000);
  const s0 = server.tables.segment.get("s0");
  assert.deepEqual([s0.status, s0.text, s0.end_us], ["done", "theirs", 700_000]);
  assert.equal(server.tables.segment.has("s1"), false);
  assert.deepEqual([server.text("s2"), server.tables.segment.get("s2").speaker], ["二", li]);
  assert.equal(later.client.state, "saved");
  assert.equal(later.storage.rows.size, 0);
});

test("steps of a recording that is gone wait, are told of, and can be kept and discarded", async () => {
  const server = new Passes(row(3));
  const there = await page(server, new MemoryOutbox(), "other");
  server.isDown = true;
  there.model.setText("s0", "别处");
  await pass(1000);
  there.client.scope.dispose();
  server.isDown = false;
  delete server.passOf.other;
  const here = await page(server, there.storage);
  await pass(3000);
  const [waiting, ...more] = here.client.waiting();
  assert.deepEqual(more, []);
  assert.deepEqual(waiting, {
    transcript: "u",
    of: { project: "p", recording: "other", name: "r.wav", title: null },
    steps: 1,
    sinceMs: 1_800_000_000_000,
    problem: "gone",
    isHere: false,
  });
  assert.equal(here.client.state, "saved");
  assert.equal(here.client.stuckElsewhere, 1);
  assert.equal(readFile(here.client.exportPending())[0].edits[0].changes.text, "别处");
  await here.client.discard("u");
  assert.deepEqual([here.client.waiting(), here.storage.rows.size], [[], 0]);
});

test("a file of unsaved steps, brought back on another computer, saves each of them once", async () => {
  const server = new Passes(row(3));
  const tab = await page(server);
  server.faults = ["lost after"]; // the server has the first, and the page does not know
  tab.model.update("s0", { note: "一" });
  await pass(100, 100);
  server.isDown = true;
  tab.model.update("s1", { note: "二" });
  await pass(5000);
  const text = tab.client.exportPending();
  assert.equal(JSON.parse(text).steps.length, 2);
  server.isDown = false;

  const other = await page(server);
  assert.equal(await other.client.bringBack(text), 2);
  assert.equal(await other.client.bringBack(text), 0, "they wait here already");
  await other.client.onGone();
  await pass(3000);
  assert.equal(other.client.state, "saved");
  assert.deepEqual(["s0", "s1"].map((id) => server.tables.segment.get(id).note), ["一", "二"]);
  assert.equal(server.revision, 3);
  assert.equal(other.model.byId("s1").note, "二");
});

test("trying again sends what other recordings wait with", async () => {
  const server = new Passes(row(3));
  const there = await page(server, new MemoryOutbox(), "other");
  server.isDown = true;
  there.model.setText("s0", "别处");
  await pass(1000);
  there.client.scope.dispose();
  server.isDown = false;
  server.faults = [refusal(503, { code: "locked" })];
  const here = await page(server, there.storage);
  await pass(300, 100);
  assert.equal(here.client.waiting()[0].problem, "locked");
  const tried = here.client.tryNow();
  await pass(300, 100);
  await tried;
  assert.deepEqual(here.client.waiting(), []);
  assert.equal(server.text("s0"), "别处");
});

test("what is no such file is refused; keys stay in order and are taken by nothing else", () => {
  for (const text of ["", "{}", "[]", '{"format":"speechlabel-unsaved-1"}', '{"format":"speechlabel-unsaved-1","steps":[{}]}'])
    assert.throws(() => readFile(text), WaitingFileError);
  const step = (key, op_id) => ({ key, op_id, step: op_id, transcript: "t", edits: [], inverse: [] });
  const back = broughtBack([step(5, "b"), step(4, "a"), step(9, "known")], [step(5, "x"), step(9, "known")], "me");
  assert.deepEqual(back.map(({ key, op_id, owner }) => [key, op_id, owner]), [[4, "a", "me"], [6, "b", "me"]]);
});
