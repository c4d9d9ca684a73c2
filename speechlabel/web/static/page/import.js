// Annotations on their way in: files are sent, then one dialog shows what they are and takes them in.

import { listed } from "../editor/i18n.js";
import { ImportDialog } from "./import-dialog.js";
import { RefusedError, post, request } from "./upload.js";

/** @typedef {import("../editor/i18n.js").Translate} Translate */
/** @typedef {import("./import-parts.js").Preview} Preview */
/**
 * @typedef {object} Choices what a person says of an import
 * @property {Record<string, {format: string|null, values: Record<string, string>}>} files
 * @property {Record<string, string>} tiers
 * @property {Record<string, string>} fields
 * @property {Record<string, string>} audio
 */
/**
 * @typedef {object} Report what was done
 * @property {string} project
 * @property {{recording: string, name: string}[]} imported
 * @property {{recording: string, name: string}[]} unchanged
 * @property {{recording: string, path: string}[]} unmatched
 * @property {{path: string, reason: string}[]} failed
 * @property {string[]} beside recordings of which a person's own work is still what is shown
 * @property {string[]} added
 */

const AT_ONCE = 4;
const WAITS = [500, 1000, 2000, 4000, 8000];
const NAMED = 3; // of many, so many are told by name

/**
 * Send files of annotations; gives the id of the import.
 * @param {string} project
 * @param {{file: File, path: string}[]} files
 * @param {(sent: number) => void} onProgress
 * @returns {Promise<string>}
 */
export async function sendAnnotations(project, files, onProgress) {
  const { import_id: id } = await post(`/api/projects/${encodeURIComponent(project)}/imports`, {});
  const waiting = files.values();
  let sent = 0;
  const sendSome = async () => {
    for (const { file, path } of waiting) {
      await sendOne(`/api/imports/${id}/files?${new URLSearchParams({ name: path })}`, file);
      sent += 1;
      onProgress(sent);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, sendSome));
  } catch (error) {
    giveUp(id);
    throw error;
  }
  return id;
}

/** @param {string} url @param {File} file */
async function sendOne(url, file) {
  for (let failures = 0; ; failures += 1) {
    try {
      return await request(url, { method: "PUT", headers: { "Content-Type": "application/octet-stream" }, body: file });
    } catch (error) {
      const wait = WAITS[failures];
      if (error instanceof RefusedError || wait === undefined) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

/** @param {string} id */
function giveUp(id) {
  request(`/api/imports/${id}`, { method: "DELETE" }).catch(() => {}); // else it is swept after a day
}

/**
 * Show what was sent and take it in if a person says so.
 * @param {object} about
 * @param {string} about.id
 * @param {string} about.project
 * @param {Record<string, string>} about.audio recordings by the path that their audio had in the drop
 * @param {HTMLElement} about.root
 * @param {string} about.locale
 * @param {Translate} about.t
 * @returns {Promise<Report|null>} null: it was given up
 */
export async function showImport({ id, project, audio, root, locale, t }) {
  const { guideline, name } = await request(`/api/projects/${encodeURIComponent(project)}`);
  return new Promise((resolve) => {
    const dialog = new ImportDialog({
      t, locale, guideline, project: name, audio,
      preview: (choices) => post(`/api/imports/${id}/preview`, choices),
      take: (choices) => post(`/api/imports/${id}/take`, choices),
      onClosed: (report) => {
        if (!report) giveUp(id);
        resolve(report);
      },
    });
    root.append(dialog.element);
    void dialog.open();
  });
}

/**
 * What was done, in one line; whether nothing in it needs somebody's attention.
 * @param {Report} report @param {Translate} t @param {string} locale @returns {{words: string, isPlain: boolean}}
 */
export function summary(report, t, locale) {
  const names = (/** @type {string[]} */ all) => {
    const each = [...new Set(all)];
    const told = listed(each.slice(0, NAMED), locale);
    return each.length > NAMED ? t("page.import_names_more", { names: told, n: each.length - NAMED }) : told;
  };
  const { imported, unchanged, unmatched, failed, beside } = report;
  const parts = [t("page.import_done", { n: imported.length })];
  if (unchanged.length) parts.push(t("page.import_done_same", { n: unchanged.length }));
  if (unmatched.length) parts.push(t("page.import_done_unmatched", { n: unmatched.length, names: names(unmatched.map((item) => item.recording)) }));
  if (failed.length) parts.push(t("page.import_done_failed", { n: failed.length, names: names(failed.map((item) => item.path)) }));
  if (beside.length) parts.push(t("page.import_done_beside", { names: names(beside) }));
  return { words: parts.join(locale === "zh-CN" ? "" : " "), isPlain: !unmatched.length && !failed.length && !beside.length };
}
