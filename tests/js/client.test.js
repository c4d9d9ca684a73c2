// Saving through a network that breaks: an acknowledged step is on the server exactly once, a step that is not
// acknowledged is still here, and nothing is overwritten in silence.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Client, ClientError } from "../../speechlabel/web/static/editor/sync/client.js";
import { Model } from "../../speechlabel/web/static/editor/model/model.js";
import { MemoryOutbox, openOutbox, outboxOfPage } from "../../speechlabel/web/static/editor/sync/outbox.js";
import { Scope } from "../../speechlabel/web/static/editor/scope.js";
import { row } from "./opened.js";
import { Random } from "./random.js";
import { FakeServer, refusal } from "./server.js";

const settle = async () => {
  for (let i = 0; i < 12; i += 1) await new Promise((go) => setImmediate(go));
};
/** Let time pass in small steps, with everything that it sets off. */
async function pass(ms, step = 500) {
  await settle();
  for (let gone = 0; gone < ms; gone += step) {
    mock.timers.tick(Math.min(step, ms - gone));
    await settle();
  }
}

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1_800_000_000_000 }));
afterEach(() => mock.timers.reset());

/** A page: a client and a model on a server, with an outbox that outlives it. */
async function page(server, storage = new MemoryOutbox(), more = {}) {
  const scope = new Scope();
  const client = new Client({ storage, scope, fetch: server.fetch, locks: {}, random: () => 0.5, api: "http://server", ...more });
  const model = new Model(await client.open("p", "r"));
  client.attach(model);
  const states = [];
  client.onState(() => states.push(client.state));
  return { client, model, scope, storage, states };
}
const rows = (storage) => [...storage.rows.values()].map((entry) => JSON.parse(entry));

test("typing is kept at once, gathered, and sent within a second as one step", async () => {
  const server = new FakeServer(row(3));
  const { client, model, storage, states } = await page(server);
  assert.equal(client.state, "saved");
  model.select("s0");
  for (const text of ["a", "ab", "abc"]) {
    model.setText("s0", text);
    await pass(100, 100);
    assert.equal(rows(storage)[0].edits[0].changes.text, text, "in the outbox before anything else");
  }
  assert.equal(client.state, "saving");
  assert.equal(client.pending, 1);
  assert.equal(server.posts.length, 0);
  await pass(700, 100);
  assert.equal(server.posts.length, 1);
  assert.equal(server.text("s0"), "abc");
  assert.deepEqual(server.posts[0].edits, [
    { action: "update", target: "segment", id: "s0", version: 1, changes: { text: "abc", status: "draft" } },
  ]);
  assert.deepEqual([client.state, client.pending, storage.rows.size], ["saved", 0, 0]);
  assert.deepEqual(states, ["saving", "saved"]);
  assert.equal(model.byId("s0").version, 2);
});

test("steps go one at a time, in order, each on the version that the one before made", async () => {
  const server = new FakeServer(row(3));
  const { model } = await page(server);
  model.update("s0", { status: "done" });
  model.update("s0", { tags: ["x"] });
  const second = model.split("s0", 500_000, 1);
  model.update(second, { note: "n" });
  model.mergeNext("s0");
  model.undo();
  await pass(100, 50);
  assert.equal(server.posts.length, 6);
  assert.deepEqual(server.posts.map((post) => post.edits[0].version ?? null), [1, 2, 3, 4, 4, null]);
  assert.equal(server.tables.segment.size, 4);
  assert.equal(server.tables.segment.get(second).note, "n");
});

test("an answer lost after the commit: sent again the same, answered as before, applied once", async () => {
  const server = new FakeServer(row(3));
  const { client, model } = await page(server);
  server.faults = ["lost after"];
  model.setText("s0", "a");
  await pass(800);
  assert.equal(client.state, "offline");
  assert.equal(client.problem, "network");
  model.setText("s0", "ab");
  await pass(3000);
  assert.equal(client.state, "saved");
  assert.deepEqual(server.posts[0], server.posts[1], "what was sent does not change");
  assert.equal(server.text("s0"), "ab");
  assert.equal(server.revision, 3);
});

for (const [name, fault, problem] of [
  ["a captive portal answers 200 with a page", () => new Response("<html>Log in</html>", { headers: { "content-type": "text/html" } }), "not_ack"],
  ["200 with other JSON", () => Response.json({ ok: true }), "not_ack"],
  ["200 for another step", () => Response.json({ op_id: "x", revision: 9, versions: {} }), "not_ack"],
  ["200 without versions", () => new Response("null"), "not_ack"],
  ["502 from a proxy", () => new Response("<html>Bad gateway</html>", { status: 502 }), "server"],
  ["500 with JSON", () => refusal(500, { code: "error" }), "server"],
  ["503 locked", () => refusal(503, { code: "workspace", reason: "locked" }), "locked"],
  ["507 disk full", () => refusal(507, { code: "workspace", reason: "full" }), "disk_full"],
  ["413 from a proxy", () => new Response("", { status: 413 }), "too_large"],
  ["401 while the session is over", () => refusal(401, { code: "signed_out" }), "signed_out"],
  ["412 from a proxy", () => new Response("<html>", { status: 412 }), "server"],
  ["409 from a proxy", () => new Response("", { status: 409 }), "server"],
  ["404 with a page", () => new Response("<html>", { status: 404 }), "not_found"],
])
  test(`${name}: not an acknowledgement, sent again`, async () => {
    const server = new FakeServer(row(3));
    const { client, model, storage } = await page(server);
    server.faults = [fault()];
    model.update("s0", { note: "n" });
    await pass(100, 50);
    assert.deepEqual([client.state, client.problem, client.pending], ["offline", problem, 1]);
    assert.equal(storage.rows.size, 1);
    await pass(5000);
    assert.deepEqual([client.state, client.problem, server.posts.length], ["saved", null, 2]);
    assert.equal(server.tables.segment.get("s0").note, "n");
  });

test("429 waits as long as it was told", async () => {
  const server = new FakeServer(row(3));
  const { model } = await page(server);
  server.faults = [new Response("", { status: 429, headers: { "retry-after": "20" } })];
  model.update("s0", { note: "n" });
  await pass(19_000);
  assert.equal(server.posts.length, 1);
  await pass(2000);
  assert.equal(server.posts.length, 2);
});

test("a connection that says nothing is given up and tried again", async () => {
  const server = new FakeServer(row(3));
  const { client, model } = await page(server);
  server.faults = ["hangs"];
  model.update("s0", { note: "n" });
  await pass(14_000);
  assert.equal(client.state, "saving");
  await pass(5000);
  assert.equal(client.state, "saved");
});

test("offline for long: all kept in order, the waits grow to 30 s, then all applied", async () => {
  const server = new FakeServer(row(50));
  const { client, model, storage } = await page(server);
  server.isDown = true;
  let attempts = 0;
  const reach = server.fetch;
  client.server.fetch = (...args) => {
    attempts += 1;
    return reach(...args);
  };
  for (let i = 0; i < 200; i += 1) {
    model.select(`s${i % 50}`);
    model.setText(`s${i % 50}`, `${i}`);
  }
  await pass(10 * 60_000, 5000);
  assert.deepEqual([client.state, client.pending, storage.rows.size], ["offline", 200, 200]);
  assert.ok(attempts > 20 && attempts < 40, `${attempts} attempts in 10 minutes`);
  server.isDown = false;
  await pass(31_000);
  assert.deepEqual([client.state, client.pending, storage.rows.size], ["saved", 0, 0]);
  assert.equal(server.text("s49"), "199");
  assert.equal(server.posts.length, 200);
});

test("after a restart of the server, pages come back spread out", async () => {
  const random = new Random(7);
  const times = [];
  const pages = await Promise.all(
    Array.from({ length: 40 }, async () => {
      const own = new FakeServer(row(1));
      const made = await page(own, new MemoryOutbox(), { random: () => random.next() });
      own.isDown = true;
      made.model.update("s0", { note: "n" });
      return { own, ...made };
    }),
  );
  await pass(30_000);
  for (const { own } of pages) own.isDown = false;
  for (let second = 0; second < 32; second += 1) {
    await pass(1000);
    times.push(pages.filter(({ client }) => client.state === "saved").length);
  }
  assert.equal(times.at(-1), 40);
  const most = Math.max(...times.map((count, i) => count - (times[i - 1] ?? 0)));
  assert.ok(most <= 12, `${most} of 40 pages came back in the same second`);
});

test("a tab closed with steps left: the next one shows them and sends them", async () => {
  const server = new FakeServer(row(4));
  const one = await page(server);
  server.isDown = true;
  for (const text of ["k", "ke", "kept"]) one.model.setText("s0", text);
  const second = one.model.split("s1", 1_500_000, 1);
  one.model.remove("s2");
  await pass(1000);
  one.scope.dispose();
  server.isDown = false;
  const two = await page(server, one.storage);
  assert.equal(two.model.byId("s0").text, "kept");
  assert.ok(two.model.byId(second));
  assert.equal(two.client.pending, 3);
  assert.equal(two.model.canUndo, true);
  await pass(1000);
  assert.equal(two.client.state, "saved");
  assert.equal(server.text("s0"), "kept");
  assert.equal(server.text(second), "1句");
  for (let i = 0; i < 3; i += 1) two.model.undo();
  assert.equal(two.model.byId("s0").text, "第0句", "typing is one step here too");
  assert.equal(server.tables.segment.has("s2"), false);
});

test("closed after the answer was lost: the first is a duplicate, the rest stand on it", async () => {
  const server = new FakeServer(row(4));
  const one = await page(server);
  server.faults = ["lost after"];
  one.model.setText("s0", "a");
  const second = one.model.split("s1", 1_500_000, 1);
  await pass(800, 100);
  one.model.setText("s0", "ab");
  await pass(100, 100);
  one.scope.dispose();
  const two = await page(server, one.storage);
  await pass(5000);
  assert.equal(two.client.state, "saved");
  assert.equal(server.text("s0"), "ab");
  assert.equal(two.model.segments.filter((item) => item.id === second).length, 1);
  assert.equal(server.tables.segment.size, 5);
});

test("steps left in another recording are sent when any is opened, and its lock is free again", async () => {
  const server = new FakeServer(row(4));
  const one = await page(server);
  const locks = new Map();
  const storage = { getItem: (key) => locks.get(key) ?? null, setItem: (key, value) => locks.set(key, value), removeItem: (key) => locks.delete(key) };
  server.isDown = true;
  one.model.setText("s0", "kept");
  await pass(1000);
  one.scope.dispose();
  server.isDown = false;
  for (const entry of rows(one.storage)) await one.storage.write([{ ...entry, transcript: "other" }], []);
  const opening = page(server, one.storage, { locks: { storage } });
  await pass(1000, 50);
  const two = await opening;
  await pass(1000, 50);
  assert.deepEqual([two.client.pending, two.client.pendingElsewhere, one.storage.rows.size], [0, 0, 0]);
  assert.equal(server.text("s0"), "kept");
  assert.deepEqual([...locks.keys()].map((key) => key.split(" ").at(-1)), ["t"]);
});

test("a database that hangs does not hold up saving", async () => {
  const server = new FakeServer(row(4));
  const storage = new MemoryOutbox();
  storage.durable = true;
  storage.write = () => new Promise(() => {});
  const { client, model } = await page(server, storage);
  model.setText("s0", "a");
  await pass(5000);
  assert.deepEqual([server.text("s0"), client.durable, client.state], ["a", false, "saved"]);
});

test("left steps of another person are neither shown nor sent", async () => {
  const server = new FakeServer(row(4));
  const one = await page(server);
  server.isDown = true;
  one.model.setText("s0", "mine");
  await pass(1000);
  one.scope.dispose();
  server.isDown = false;
  server.author = "user:li";
  const two = await page(server, one.storage);
  assert.equal(two.client.pending, 0);
  await pass(5000);
  assert.equal(server.text("s0"), "第0句");
  two.scope.dispose();
  server.author = "user:me";
  const three = await page(server, one.storage);
  await pass(5000);
  assert.equal(three.client.state, "saved");
  assert.equal(server.text("s0"), "mine");
});

test("a conflict shows both; theirs is taken and the rest goes on", async () => {
  const server = new FakeServer(row(4));
  const { client, model, storage } = await page(server);
  server.elsewhere("s0", { text: "theirs" });
  model.update(["s0", "s1"], { note: "n" });
  model.setText("s0", "mine");
  model.setText("s2", "more");
  await pass(2000);
  assert.deepEqual([client.state, client.pending], ["conflict", 3]);
  const [conflict] = client.conflicts;
  assert.deepEqual([conflict.id, conflict.theirs.text, conflict.mine.text], ["s0", "theirs", "mine"]);
  assert.equal(server.posts.length, 1, "nothing is sent until it is settled");
  client.resolve("segment", "s0", "theirs");
  await pass(2000);
  assert.deepEqual([client.state, storage.rows.size], ["saved", 0]);
  assert.equal(model.byId("s0").text, "theirs");
  assert.deepEqual([server.text("s0"), server.tables.segment.get("s1").note, server.text("s2")], ["theirs", "n", "more"]);
});

test("a conflict: mine is kept, with what they changed beside it", async () => {
  const server = new FakeServer(row(4));
  const { client, model } = await page(server);
  server.elsewhere("s0", { text: "theirs", tags: ["t"] });
  model.setText("s0", "mine");
  await pass(800, 100);
  model.setText("s0", "mine too");
  await pass(2000);
  assert.equal(client.state, "conflict");
  client.resolve("segment", "s0", "mine");
  await pass(2000);
  assert.equal(client.state, "saved");
  assert.deepEqual([server.text("s0"), server.tables.segment.get("s0").tags], ["mine too", ["t"]]);
  assert.deepEqual([model.byId("s0").text, model.byId("s0").tags], ["mine too", ["t"]]);
  assert.notEqual(server.posts[0].op_id, server.posts[1].op_id, "other content, other name");
});

test("a conflict shows as mine what keeping mine comes to: what I did not touch is theirs either way", async () => {
  const server = new FakeServer(row(4));
  const { client, model } = await page(server);
  server.elsewhere("s0", { text: "theirs", note: "n", fields: { translation: "t" } });
  model.setText("s0", "mine");
  model.setField("s0", "gloss", "g");
  await pass(2000);
  const [{ mine }] = client.conflicts;
  assert.deepEqual([mine.text, mine.note, mine.fields], ["mine", "n", { gloss: "g" }]);
  client.resolve("segment", "s0", "mine");
  await pass(2000);
  const { text, note, fields } = model.byId("s0");
  assert.deepEqual([text, note, fields], [mine.text, mine.note, mine.fields]);
});

for (const choice of ["mine", "theirs"])
  test(`they deleted what I typed in: ${choice}`, async () => {
    const server = new FakeServer(row(4));
    const { client, model } = await page(server);
    server.post({ op_id: "d", edits: [{ action: "delete", target: "segment", id: "s0", version: 1 }] });
    model.setText("s0", "mine");
    await pass(1000);
    assert.equal(client.conflicts[0].theirs, null);
    model.update("s0", { tags: ["late"] });
    client.resolve("segment", "s0", choice);
    await pass(2000);
    assert.equal(client.state, "saved");
    assert.equal(server.text("s0"), choice === "mine" ? "mine" : undefined);
    assert.equal(model.byId("s0")?.text, choice === "mine" ? "mine" : undefined);
    if (choice === "mine") assert.deepEqual(server.tables.segment.get("s0").tags, ["late"]);
  });

for (const choice of ["mine", "theirs"])
  test(`I deleted what they changed: ${choice}`, async () => {
    const server = new FakeServer(row(4));
    const { client, model } = await page(server);
    server.elsewhere("s0", { text: "theirs" });
    model.remove(["s0", "s1"]);
    await pass(1000);
    assert.equal(client.conflicts[0].mine, null);
    client.resolve("segment", "s0", choice);
    await pass(2000);
    assert.equal(client.state, "saved");
    assert.equal(server.text("s0"), choice === "mine" ? undefined : "theirs");
    assert.equal(model.byId("s0")?.text, choice === "mine" ? undefined : "theirs");
    assert.equal(server.tables.segment.has("s1"), false);
  });

test("they deleted what I changed and then deleted: nothing is left to send", async () => {
  const server = new FakeServer(row(4));
  const { client, model } = await page(server);
  server.post({ op_id: "d", edits: [{ action: "delete", target: "segment", id: "s0", version: 1 }] });
  model.setText("s0", "mine");
  model.remove("s0");
  model.setText("s1", "more");
  await pass(1000);
  assert.deepEqual([client.conflicts.length, client.conflicts[0].mine, client.conflicts[0].theirs], [1, null, null]);
  client.resolve("segment", "s0", "mine");
  await pass(2000);
  assert.deepEqual([client.state, server.text("s0"), server.text("s1")], ["saved", undefined, "more"]);
});

test("opening another recording leaves the first: nothing of it goes on in the background", async () => {
  const server = new FakeServer(row(4));
  const { client, model, storage } = await page(server);
  server.isDown = true;
  model.setText("s0", "a");
  await pass(1000);
  server.isDown = false;
  const again = new Model(await client.open("p", "r"));
  assert.equal(rows(storage).length, 1);
  await pass(60_000, 5000);
  assert.equal(server.posts.length, 1, "once on leaving, and not again before a model is attached");
  client.attach(again);
  assert.equal(again.byId("s0").text, "a");
  await pass(1000);
  assert.deepEqual([server.posts.length, client.state, server.revision], [2, "saved", 2]);
});

test("a conflict outlives a reload", async () => {
  const server = new FakeServer(row(4));
  const one = await page(server);
  server.elsewhere("s0", { text: "theirs" });
  one.model.setText("s0", "mine");
  await pass(1000);
  one.scope.dispose();
  const two = await page(server, one.storage);
  assert.equal(two.model.byId("s0").text, "mine");
  await pass(1000);
  assert.equal(two.client.state, "conflict");
  two.client.resolve("segment", "s0", "mine");
  await pass(1000);
  assert.equal(server.text("s0"), "mine");
});

test("428: never filled in by guess, shown as a conflict", async () => {
  const server = new FakeServer(row(4));
  const { client, model } = await page(server);
  server.faults = [refusal(428, { code: "conflict", reason: "version_missing" })];
  model.setText("s0", "mine");
  await pass(1000);
  assert.deepEqual([client.state, client.conflicts[0].reason], ["conflict", "version_missing"]);
  assert.equal(client.conflicts[0].theirs.text, "第0句");
  client.resolve("segment", "s0", "mine");
  await pass(1000);
  assert.equal(server.text("s0"), "mine");
});

test("422: what the server will not take is shown, can be put right, and does not block for ever", async () => {
  const server = new FakeServer(row(4));
  const { client, model } = await page(server);
  server.faults = [refusal(422, { code: "record", message: "text is too long" })];
  model.setText("s0", "x".repeat(9));
  await pass(1000);
  assert.deepEqual([client.state, client.conflicts[0].reason, client.conflicts[0].message], ["conflict", "refused", "text is too long"]);
  model.setText("s0", "x");
  client.resolve("segment", "s0", "mine");
  await pass(2000);
  assert.equal(client.state, "saved");
  assert.equal(server.text("s0"), "x");
  assert.ok(server.posts.slice(1).every((post) => post.edits[0].changes.text === "x"));
});

test("422 op_reused: goes out once more under another name", async () => {
  const server = new FakeServer(row(4));
  const { client, model } = await page(server);
  server.faults = [refusal(422, { code: "conflict", reason: "op_reused" })];
  model.setText("s0", "a");
  await pass(2000);
  assert.equal(client.state, "saved");
  assert.notEqual(server.posts[0].op_id, server.posts[1].op_id);
});

test("409: the right to write is gone; everything is kept, nothing is sent", async () => {
  const server = new FakeServer(row(4));
  const { client, model, storage } = await page(server);
  server.faults = [refusal(409, { code: "conflict", reason: "lease_lost" })];
  model.setText("s0", "a");
  await pass(60_000, 5000);
  assert.deepEqual([client.state, client.problem, client.pending, storage.rows.size], ["readonly", "lease_lost", 1, 1]);
  assert.equal(server.posts.length, 1);
});

test("the editors of one page share an outbox: one in memory outlives the recording that was left", async () => {
  assert.equal(await outboxOfPage(), await outboxOfPage());
});

test("no IndexedDB: works, and says that nothing is kept here", async () => {
  const server = new FakeServer(row(4));
  const { client, model } = await page(server, await openOutbox(undefined));
  assert.equal(client.durable, false);
  model.setText("s0", "a");
  await pass(1000);
  assert.equal(server.text("s0"), "a");
});

test("an outbox that is full: still sent, and said", async () => {
  const server = new FakeServer(row(4));
  const storage = new MemoryOutbox();
  storage.durable = true;
  storage.write = () => Promise.reject(new DOMException("full", "QuotaExceededError"));
  const { client, model } = await page(server, storage);
  assert.equal(client.durable, true);
  model.setText("s0", "a");
  await pass(1000);
  assert.equal(server.text("s0"), "a");
  assert.equal(client.durable, false);
  server.isDown = true;
  model.setText("s0", "b");
  assert.match(client.exportPending(), /"text":"b"/);
});

test("opening fails with a reason", async () => {
  const client = (fetch) => new Client({ storage: new MemoryOutbox(), scope: new Scope(), fetch, locks: {}, api: "http://server" });
  const cases = [
    [async () => new Response("<html>", { status: 200 }), "not_ack"],
    [async () => refusal(404, { code: "not_found", message: "there is no recording 'r'" }), "not_found"],
    [async () => Promise.reject(new TypeError("Failed to fetch")), "network"],
    [async () => new Response("", { status: 401 }), "signed_out"],
  ];
  for (const [fetch, code] of cases)
    await assert.rejects(client(fetch).open("p", "r"), (error) => error instanceof ClientError && error.code === code);
});

test("flush waits for the answers, and tells when it did not work", async () => {
  const server = new FakeServer(row(4));
  const { client, model } = await page(server);
  assert.equal(await client.flush(), true);
  model.setText("s0", "a");
  model.setText("s1", "b");
  let saved = client.flush();
  await pass(10, 1);
  assert.equal(await saved, true);
  assert.equal(server.text("s1"), "b");
  server.isDown = true;
  model.setText("s0", "c");
  saved = client.flush();
  await pass(10, 1);
  assert.equal(await saved, false);
});

test("leaving the page sends the first step after it, kept until the next page has the answer", async () => {
  const server = new FakeServer(row(4));
  const { client, model, storage } = await page(server);
  let keepalive = null;
  const reach = client.server.fetch;
  client.server.fetch = (address, options) => {
    keepalive = options?.keepalive;
    return reach(address, options);
  };
  model.setText("s0", "a");
  await settle();
  client.close();
  await settle();
  assert.equal(keepalive, true);
  assert.equal(server.text("s0"), "a");
  assert.equal(rows(storage)[0].sent, true);
  const next = await page(server, storage);
  await pass(1000);
  assert.equal(next.client.state, "saved");
  assert.equal(server.revision, 2);
});

test("disposing frees every timer", async () => {
  const server = new FakeServer(row(4));
  const { model, scope } = await page(server);
  model.setText("s0", "a");
  await settle();
  scope.dispose();
  await pass(60_000, 5000);
  assert.equal(server.posts.length, 0);
});

for (const seed of [11, 12, 13, 14, 15, 16, 17, 18])
  test(`generated faults, seed ${seed}: in the end the server has what the page shows`, async () => {
    const random = new Random(seed);
    const server = new FakeServer(row(8));
    let tab = await page(server);
    const faults = ["lost before", "lost after", () => new Response("<html>"), () => new Response("", { status: 502 }), null, null, null];
    for (let i = 0; i < 60; i += 1) {
      const fault = random.pick(faults);
      if (fault) server.faults.push(typeof fault === "function" ? fault() : fault);
      server.isDown = random.next() < 0.15;
      const { model } = tab;
      const id = random.pick(model.segments).id;
      const { start_us, end_us } = model.byId(id);
      const commands = [
        () => model.select(id),
        () => model.setText(id, `${i}`),
        () => model.setText(model.segments[0].id, `t${i}`),
        () => model.update(id, { tags: [`${i}`] }),
        () => end_us - start_us > 2 && model.split(id, (start_us + end_us) >> 1, 1),
        () => model.mergeNext(id),
        () => model.segments.length > 3 && model.remove(id),
        () => model.addSpeaker(`n${i}`),
        () => model.undo(),
        () => model.redo(),
      ];
      random.pick(commands)();
      await pass(random.pick([0, 50, 300, 2000]), 100);
      if (random.next() < 0.12) {
        server.isDown = false;
        tab.scope.dispose(); // the tab crashes
        tab = await page(server, tab.storage);
      }
    }
    server.isDown = false;
    server.faults = [];
    await pass(60_000, 1000);
    assert.equal(tab.client.state, "saved");
    const shown = new Map(tab.model.segments.map((item) => [item.id, item]));
    assert.deepEqual([...server.tables.segment.keys()].sort(), [...shown.keys()].sort());
    for (const [id, record] of server.tables.segment) assert.deepEqual(shown.get(id), record);
    assert.deepEqual(
      tab.model.speakers.map((item) => item.id).sort(),
      [...server.tables.speaker.keys()].sort(),
    );
    assert.equal(new Set(server.ops.keys()).size, server.revision - 1, "no step was applied twice");
  });
