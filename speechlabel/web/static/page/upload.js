// Send a file in pieces; after a broken line it goes on where the server has it.

const PIECE = 4 << 20; // bytes: small enough that little is sent twice, large enough to fill a fast line
const WAITS = [500, 1000, 2000, 4000, 8000, 15000, 15000, 15000];

const BROKEN = new Set([408, 425, 429]); // the line or the moment was bad, not what was asked

/** A refusal by the server that sending again would not change. */
export class RefusedError extends Error {
  /**
   * @param {string} message @param {string} code what kind of refusal it is
   * @param {number|null} offset where an upload goes on, if the server says so
   */
  constructor(message, code, offset) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}

/**
 * What went wrong, in the page's language; the server's own words, which have the details, come with it.
 * @param {unknown} error @param {import("../editor/i18n.js").Translate} t
 */
export function explain(error, t) {
  const message = error instanceof Error ? error.message : String(error);
  const key = `page.error_${error instanceof RefusedError ? error.code : "line"}`;
  const words = t(key, { message });
  return words === key ? message : words;
}

/**
 * Why a recording could not be prepared: in the page's language, and apart from that the server's own words
 * where they say more. A code of before codes were noted, or of another package, leaves the words as they are.
 * @param {import("../editor/i18n.js").Translate} t @param {string|null|undefined} code @param {string} message
 * @returns {{words: string, details: string|null}}
 */
export function reasonWords(t, code, message) {
  const key = `page.error_${code}`;
  const text = t(key).replace(/（\{message\}）/, "");
  if (text === key || text.includes("{message}")) return { words: text === key ? message : t(key, { message }), details: null };
  return { words: text, details: message };
}

/**
 * @param {string} url
 * @param {RequestInit} [init]
 * @returns {Promise<any>}
 */
export async function request(url, init) {
  const answer = await fetch(url, init);
  const type = answer.headers.get("content-type") ?? "";
  const body = type.includes("json") ? await answer.json() : null;
  if (answer.ok && body !== null) return body;
  const message = body?.error?.message ?? `${answer.status} ${answer.statusText}`;
  if (answer.status >= 500 || BROKEN.has(answer.status) || body === null) throw new Error(message);
  throw new RefusedError(message, body.error?.code ?? "error", body.error?.offset ?? null);
}

/** @param {string} url @param {object} body */
export function post(url, body) {
  return request(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

/**
 * @param {string} project
 * @param {File} file
 * @param {(ratio: number) => void} onProgress
 * @returns {Promise<{recording_id: string, is_new: boolean}>}
 */
export async function upload(project, file, onProgress) {
  const begun = await post(`/api/projects/${project}/uploads`, { name: file.name, size: file.size });
  const url = `/api/uploads/${begun.upload_id}`;
  let offset = 0;
  let failures = 0;
  for (;;) {
    try {
      const done = await request(url, {
        method: "PATCH",
        headers: { "Upload-Offset": String(offset), "Content-Type": "application/octet-stream" },
        body: file.slice(offset, offset + PIECE),
      });
      offset = done.offset;
      failures = 0;
      onProgress(offset / file.size);
      if (done.recording_id) return done;
    } catch (error) {
      if (error instanceof RefusedError && error.offset === null) throw error;
      const wait = WAITS[failures];
      if (wait === undefined) throw error;
      failures += 1;
      await new Promise((resolve) => setTimeout(resolve, wait));
      offset = (await request(url).catch(() => ({ offset }))).offset;
    }
  }
}
