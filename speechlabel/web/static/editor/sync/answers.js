// What the server's answers mean.

/** @typedef {import("./outbox.js").Entry} Entry */
/** @typedef {import("./queue.js").Outcome} Outcome */

/** The server said no, or could not be reached; `code` names it for translation. */
export class ClientError extends Error {
  /** @param {string} code @param {string} message @param {number} [status] */
  constructor(code, message, status = 0) {
    super(message);
    this.name = "ClientError";
    this.code = code;
    this.status = status;
  }
}

/** @param {Response} answer @returns {Promise<any>} null when it is not JSON */
export async function json(answer) {
  const text = await answer.text();
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param {Response} answer @param {any} body @returns {ClientError} */
export function refusal(answer, body) {
  const code = body?.error?.code ?? (answer.ok ? "not_ack" : problemOf(answer.status));
  return new ClientError(code, body?.error?.message ?? `the server answered ${answer.status}`, answer.status);
}

/** @param {number} status */
function problemOf(status) {
  if (status === 401 || status === 403) return "signed_out";
  /** @type {Record<number, string>} */
  const known = { 404: "not_found", 413: "too_large", 429: "busy", 503: "locked", 507: "disk_full" };
  return known[status] ?? "server";
}

/**
 * What an answer to a save means.  Only JSON that echoes the step's name is an acknowledgement: a captive
 * portal answers 200 too.
 * @param {Entry} entry
 * @param {Response} answer
 * @param {any} body
 * @returns {Outcome}
 */
export function outcomeOf(entry, answer, body) {
  const { status } = answer;
  if (status === 200 && body?.op_id === entry.op_id && Number.isSafeInteger(body.revision) && body.versions)
    return { kind: "ack", saved: body };
  const seconds = Number(answer.headers.get("retry-after") ?? 0);
  const reason = status === 200 ? "not_ack" : problemOf(status);
  /** @type {Outcome} */
  const retry = { kind: "retry", reason, afterMs: (seconds || 0) * 1000 };
  const error = body?.error;
  const message = String(error?.message ?? "");
  const isReused = error?.reason === "op_reused" || error?.code === "op_reused";
  if (status === 422 && body) return { kind: "refused", reason: isReused ? "op_reused" : "refused", message };
  if (!error) return retry;
  if (status === 404 && error.code === "not_found") return { kind: "gone", reason: "gone", message };
  if (status === 412) return { kind: "stale", conflicts: error.conflicts ?? [], message };
  if (status === 428) return { kind: "refused", reason: "version_missing", message };
  if (status === 409) return { kind: "readonly", reason: error.reason ?? error.code, message };
  return retry;
}
