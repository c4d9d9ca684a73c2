// One writing tab: with Web Locks, with the heartbeat that stands in for them on plain http, and with neither.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Scope } from "../../speechlabel/web/static/editor/scope.js";
import { TabLock } from "../../speechlabel/web/static/editor/sync/tablock.js";

const settle = async () => {
  for (let i = 0; i < 8; i += 1) await new Promise((go) => setImmediate(go));
};
async function pass(ms) {
  await settle();
  for (let gone = 0; gone < ms; gone += 50) {
    mock.timers.tick(50);
    await settle();
  }
}

/** What tabs of one browser share. */
class Browser {
  items = new Map();
  storage = {
    getItem: (key) => this.items.get(key) ?? null,
    setItem: (key, value) => void this.items.set(key, value),
    removeItem: (key) => void this.items.delete(key),
  };
  channels = [];
  held = null;

  constructor() {
    const browser = this;
    this.Channel = class {
      onmessage = null;
      constructor() {
        browser.channels.push(this);
      }
      postMessage(data) {
        for (const other of browser.channels) if (other !== this) setImmediate(() => other.onmessage?.({ data }));
      }
      close() {
        browser.channels = browser.channels.filter((other) => other !== this);
      }
    };
    this.locks = {
      request: (name, { ifAvailable, steal }, fn) => {
        if (this.held && ifAvailable) return Promise.resolve(fn(null));
        if (this.held && steal) this.held.stolen(new DOMException("stolen", "AbortError"));
        return new Promise((resolve, reject) => {
          const mine = { stolen: reject };
          this.held = mine;
          Promise.resolve(fn({ name })).then(() => {
            if (this.held === mine) this.held = null;
            resolve();
          });
        });
      },
    };
  }

  tab(parts, environment) {
    const scope = new Scope();
    const tab = { lost: 0, flushed: 0, scope };
    tab.lock = new TabLock({
      name: "t",
      scope,
      environment,
      beforeRelease: async () => void (tab.flushed += 1),
      onLost: () => (tab.lost += 1),
      ...parts,
    });
    return tab;
  }
}

async function finished(promise, ms = 4000) {
  let result;
  promise.then((value) => (result = value));
  await pass(ms);
  return result;
}

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1_800_000_000_000 }));
afterEach(() => mock.timers.reset());

for (const kind of ["Web Locks", "heartbeat"]) {
  const environment = (browser) =>
    kind === "heartbeat"
      ? { storage: browser.storage, Channel: browser.Channel }
      : { locks: browser.locks, storage: browser.storage, Channel: browser.Channel };

  test(`${kind}: the second tab does not write; it can once the first has gone`, async () => {
    const browser = new Browser();
    const one = browser.tab({}, environment(browser));
    const two = browser.tab({}, environment(browser));
    assert.equal(await finished(one.lock.acquire()), true);
    assert.equal(await finished(two.lock.acquire()), false);
    assert.deepEqual([one.lock.isHeld, two.lock.isHeld], [true, false]);
    one.scope.dispose();
    await settle();
    assert.equal(await finished(two.lock.acquire()), true);
  });

  test(`${kind}: taking over lets the first tab save before it stops`, async () => {
    const browser = new Browser();
    const one = browser.tab({}, environment(browser));
    const two = browser.tab({}, environment(browser));
    await finished(one.lock.acquire());
    assert.equal(await finished(two.lock.takeOver()), true);
    assert.deepEqual([one.flushed, one.lost], [1, 1]);
    assert.deepEqual([one.lock.isHeld, two.lock.isHeld], [false, true]);
  });

  test(`${kind}: a tab that does not answer loses it all the same`, async () => {
    const browser = new Browser();
    const one = browser.tab({ beforeRelease: () => new Promise(() => {}) }, environment(browser));
    await finished(one.lock.acquire());
    browser.channels[0].onmessage = null; // frozen
    const two = browser.tab({}, environment(browser));
    assert.equal(await finished(two.lock.takeOver()), true);
    assert.equal(one.lock.isHeld, false);
    assert.equal(one.lost, 1);
  });
}

test("heartbeat: a recording left while its lock is being claimed can be opened again at once", async () => {
  const browser = new Browser();
  const environment = { storage: browser.storage };
  const one = browser.tab({}, environment);
  void one.lock.acquire();
  await settle();
  one.scope.dispose();
  const two = browser.tab({}, environment);
  assert.equal(await finished(two.lock.acquire(), 1000), true);
});

test("Web Locks: a lock that is granted after the recording was left is given back", async () => {
  const browser = new Browser();
  const environment = { locks: { request: (...args) => settle().then(() => browser.locks.request(...args)) } };
  const one = browser.tab({}, environment);
  const asked = one.lock.acquire();
  one.scope.dispose();
  assert.equal(await finished(asked), false);
  const two = browser.tab({}, environment);
  assert.equal(await finished(two.lock.acquire()), true);
});

test("heartbeat: a tab that has crashed is taken for dead after some seconds", async () => {
  const browser = new Browser();
  browser.items.set("speechlabel-writer:t", JSON.stringify({ tab: "dead", time: Date.now() }));
  const one = browser.tab({}, { storage: browser.storage });
  assert.equal(await finished(one.lock.acquire(), 1000), false);
  await pass(6000);
  assert.equal(await finished(one.lock.acquire(), 1000), true);
});

test("heartbeat: a living tab keeps it, and two that claim at once do not both get it", async () => {
  const browser = new Browser();
  const [one, two] = [1, 2].map(() => browser.tab({}, { storage: browser.storage }));
  const both = [one.lock.acquire(), two.lock.acquire()];
  await pass(1000);
  assert.deepEqual((await Promise.all(both)).sort(), [false, true]);
  const holder = one.lock.isHeld ? one : two;
  await pass(20_000);
  assert.equal(holder.lock.isHeld, true);
  assert.equal(await finished((holder === one ? two : one).lock.acquire()), false);
});

test("heartbeat: two tabs that both saw it free: the last to write has it", async () => {
  const browser = new Browser();
  const one = browser.tab({}, { storage: browser.storage });
  let reads = 0;
  const blind = { ...browser.storage, getItem: (key) => ((reads += 1) === 1 ? null : browser.storage.getItem(key)) };
  const two = browser.tab({}, { storage: blind });
  const both = [one.lock.acquire(), two.lock.acquire()];
  await pass(1000);
  assert.deepEqual(await Promise.all(both), [false, true]);
});

test("heartbeat: the removal by the tab before may be seen late", async () => {
  const browser = new Browser();
  const one = browser.tab({}, { storage: browser.storage });
  const claiming = one.lock.acquire();
  browser.storage.removeItem("speechlabel-writer:t");
  await pass(1000);
  assert.equal(await claiming, true);
  browser.storage.removeItem("speechlabel-writer:t");
  assert.equal(one.lock.isHeld, true, "nobody else has it");
  await pass(2000);
  assert.ok(browser.items.has("speechlabel-writer:t"));
});

test("with neither, a tab may write: the versions still guard the data", async () => {
  const browser = new Browser();
  const one = browser.tab({}, {});
  assert.equal(await one.lock.acquire(), true);
  assert.equal(one.lock.isHeld, true);
});
