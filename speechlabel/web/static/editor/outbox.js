// Where edits wait until the server has them: IndexedDB with strict durability, or memory where a browser has
// none (private windows); then the client says so.

/**
 * One step on its way to the server.  Once `sent`, its content is frozen, so that sending it again is the same
 * request; only the newest entry that is not sent may still grow.
 * @typedef {import("./types.js").Step & {
 *   key: number, owner: string, transcript: string, sent: boolean, format: 1, renamed?: boolean,
 * }} Entry  `key` orders them; `owner` is server and person, so that one person's edits never go out as another's
 */

/**
 * @typedef {object} OutboxStorage
 * @property {boolean} durable  whether entries outlive the page
 * @property {(owner: string) => Promise<Entry[]>} list  all that waits of one owner, in order
 * @property {(put: readonly Entry[], remove: readonly number[]) => Promise<void>} write  all or nothing
 */

/** @implements {OutboxStorage} */
export class MemoryOutbox {
  durable = false;
  /** @type {Map<number, string>} JSON, so that later changes of an entry do not reach what was written */
  rows = new Map();

  /** @param {string} owner @returns {Promise<Entry[]>} */
  async list(owner) {
    const entries = [...this.rows.values()].map((row) => /** @type {Entry} */ (JSON.parse(row)));
    return entries.filter((entry) => entry.owner === owner).sort((one, other) => one.key - other.key);
  }

  /** @param {readonly Entry[]} put @param {readonly number[]} remove */
  async write(put, remove) {
    for (const key of remove) this.rows.delete(key);
    for (const entry of put) this.rows.set(entry.key, JSON.stringify(entry));
  }
}

const STORE = "steps";
/** How long a database may take, in ms: a broken one must not hold up saving. */
export const HANG_MS = 3000;

/** @implements {OutboxStorage} */
export class IndexedDbOutbox {
  durable = true;

  /** @param {IDBDatabase} database */
  constructor(database) {
    this.database = database;
  }

  /** @param {string} owner @returns {Promise<Entry[]>} */
  async list(owner) {
    const index = this.database.transaction(STORE, "readonly").objectStore(STORE).index("owner");
    const entries = await finished(index.getAll(owner));
    return entries.sort((one, other) => one.key - other.key);
  }

  /** @param {readonly Entry[]} put @param {readonly number[]} remove @returns {Promise<void>} */
  write(put, remove) {
    return new Promise((resolve, reject) => {
      // Browsers default to relaxed: then a power cut can take what was reported as written.
      const transaction = this.database.transaction(STORE, "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("outbox write failed"));
      const store = transaction.objectStore(STORE);
      for (const key of remove) store.delete(key);
      for (const entry of put) store.put(entry);
    });
  }
}

/**
 * The browser's outbox, or one in memory when IndexedDB is missing, refuses, or does not answer.
 * @param {IDBFactory|undefined} [factory]
 * @returns {Promise<OutboxStorage>}
 */
export async function openOutbox(factory = globalThis.indexedDB) {
  let timer;
  const late = new Promise((/** @type {(storage: OutboxStorage) => void} */ resolve) => {
    timer = setTimeout(() => resolve(new MemoryOutbox()), HANG_MS);
  });
  const storage = await Promise.race([openDatabase(factory), late]);
  clearTimeout(timer);
  return storage;
}

/** @param {IDBFactory|undefined} factory @returns {Promise<OutboxStorage>} */
async function openDatabase(factory) {
  try {
    if (!factory) return new MemoryOutbox();
    const request = factory.open("speechlabel-outbox", 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore(STORE, { keyPath: "key" });
      store.createIndex("owner", "owner");
    };
    const database = await finished(request);
    database.onversionchange = () => database.close(); // never block a newer page in another tab
    globalThis.navigator?.storage?.persist?.().catch(() => {}); // asks that it is not evicted when space is short
    return new IndexedDbOutbox(database);
  } catch {
    return new MemoryOutbox();
  }
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function finished(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
