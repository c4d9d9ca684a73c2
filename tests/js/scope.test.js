// The scope frees everything that it was given, once.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Scope } from "../../speechlabel/web/static/editor/scope.js";

test("disposing takes listeners, timers, frames, observers and children", (t) => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  t.after(() => mock.timers.reset());
  const frames = new Map();
  globalThis.requestAnimationFrame = (fn) => frames.set(frames.size + 1, fn).size;
  globalThis.cancelAnimationFrame = (id) => frames.delete(id);
  t.after(() => {
    delete globalThis.requestAnimationFrame;
    delete globalThis.cancelAnimationFrame;
  });
  const scope = new Scope();
  const target = new EventTarget();
  const heard = [];
  scope.listen(target, "x", () => heard.push("event"));
  scope.timeout(() => heard.push("timeout"), 10);
  scope.interval(() => heard.push("interval"), 10);
  scope.frame(() => heard.push("frame"));
  scope.observe({ disconnect: () => heard.push("disconnected") });
  const child = scope.child();
  child.listen(target, "x", () => heard.push("child"));
  target.dispatchEvent(new Event("x"));
  assert.deepEqual(heard.splice(0), ["event", "child"]);
  scope.dispose();
  scope.dispose();
  target.dispatchEvent(new Event("x"));
  mock.timers.tick(100);
  assert.equal(frames.size, 0);
  assert.deepEqual(heard, ["disconnected"]);
  assert.equal(child.isDisposed, true);
});

test("a timer that has run and a listener that was removed are let go", (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  const scope = new Scope();
  let count = 0;
  scope.timeout(() => (count += 1), 10);
  mock.timers.tick(10);
  const target = new EventTarget();
  const off = scope.listen(target, "x", () => (count += 1));
  off();
  off();
  target.dispatchEvent(new Event("x"));
  assert.equal(count, 1);
});

test("a child can go first; after the end nothing starts", () => {
  const scope = new Scope();
  const freed = [];
  const child = scope.child();
  child.own(() => freed.push("child"));
  child.dispose();
  scope.own(() => freed.push("parent"));
  scope.dispose();
  assert.deepEqual(freed, ["child", "parent"]);
  scope.own(() => freed.push("late"));
  scope.listen(new EventTarget(), "x", () => {});
  scope.timeout(() => freed.push("never"), 0);
  assert.deepEqual(freed, ["child", "parent", "late"]);
});
