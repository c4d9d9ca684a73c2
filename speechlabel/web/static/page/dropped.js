// What was dropped: files, and what lies in folders; which are recordings; a name for a project made of them.

const SOUND = /\.(3g2|3gp|aac|ac3|aif|aifc|aiff|amr|ape|asf|au|avi|awb|caf|flac|gsm|m4a|m4b|m4v|mka|mkv|mov|mp3|mp4|mpeg|mpg|nist|oga|ogg|opus|rf64|snd|sph|ts|tta|voc|w64|wav|wave|weba|webm|wma|wv)$/i;

// Formats of annotations that are no text.
const BINARY = /\.(textgrid|xlsx|parquet|arrow|tar|tgz|gz)$/i;
// Never annotations, though some are text, nor what a system or a program left in a folder.
const OTHER = /(^(thumbs\.db|desktop\.ini|license|readme)|\.(css|docx?|exe|gif|html?|jpe?g|js|log|md|pdf|png|pptx?|py|sh|svg|zip))$/i;
const HEAD = 4096; // bytes that tell text from what is none

/**
 * @typedef {object} Dropped
 * @property {File[]} files in the order of their names, where they come out of a folder
 * @property {string|null} folder the name of the one folder they all lie in
 * @property {Map<File, string>} paths of those that come out of folders: "folder/below/name"
 */
/** @typedef {{audio: File[], annotations: File[]}} Sorted */

/**
 * Everything in a drop. Call it while the event is being handled: afterwards the browser no longer tells.
 * @param {DataTransfer} transfer @returns {Promise<Dropped>}
 */
export async function readDrop(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  const loose = items.map((item) => item.getAsFile());
  /** @type {Dropped} */
  const dropped = { files: [], folder: null, paths: new Map() };
  for (const [at, entry] of entries.entries()) {
    const file = loose[at];
    if (entry?.isDirectory) await filesBelow(/** @type {FileSystemDirectoryEntry} */ (entry), entry.name, dropped);
    else if (file) dropped.files.push(file);
  }
  const [only] = entries;
  if (entries.length === 1 && only?.isDirectory) dropped.folder = only.name;
  return dropped;
}

/** What was picked, as files or as a folder. @param {Iterable<File>} picked @returns {Dropped} */
export function readPicked(picked) {
  const files = [...picked].filter((file) => !file.webkitRelativePath.split("/").some((part) => part.startsWith(".")));
  const byName = new Intl.Collator(undefined, { numeric: true });
  const inside = files.filter((file) => file.webkitRelativePath);
  inside.sort((one, other) => byName.compare(one.webkitRelativePath, other.webkitRelativePath));
  return {
    files: inside.length ? inside : files,
    folder: inside[0]?.webkitRelativePath.split("/")[0] ?? null,
    paths: new Map(inside.map((file) => [file, file.webkitRelativePath])),
  };
}

/** @param {FileSystemDirectoryEntry} folder @param {string} path @param {Dropped} dropped */
async function filesBelow(folder, path, dropped) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const found = [];
  for (;;) {
    // It gives a hundred at a time, and none when it is through.
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break;
    found.push(...some);
  }
  found.sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
  for (const entry of found) {
    if (entry.name.startsWith(".")) continue; // of the system, not of a person
    const place = `${path}/${entry.name}`;
    if (entry.isDirectory) {
      await filesBelow(/** @type {FileSystemDirectoryEntry} */ (entry), place, dropped);
      continue;
    }
    const file = await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
    dropped.files.push(file);
    dropped.paths.set(file, place);
  }
}

/**
 * Tell recordings from what may be annotations of them. A file that somebody dropped by itself is always one of
 * both; of what lies in a folder, the rest is left.
 * @param {Dropped} dropped @returns {Promise<Sorted>}
 */
export async function sortOut({ files, paths }) {
  /** @type {Sorted} */
  const sorted = { audio: [], annotations: [] };
  for (const file of files) {
    const isLoose = !paths.has(file);
    if (SOUND.test(file.name)) sorted.audio.push(file);
    else if (!isLoose && OTHER.test(file.name)) continue;
    else if (BINARY.test(file.name) || (await isText(file))) sorted.annotations.push(file);
    else if (isLoose) sorted.audio.push(file);
  }
  return sorted;
}

/** @param {File} file */
async function isText(file) {
  const bytes = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return bytes.length > 0 && (isWide || !bytes.includes(0));
}

/**
 * A name for a new project: the folder's, the only file's, else today's date; with a number when it is taken.
 * @param {{files: File[], folder: string|null}} dropped @param {Set<string>} taken @param {Date} today
 */
export function projectName({ files, folder }, taken, today) {
  const date = [today.getFullYear(), today.getMonth() + 1, today.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
  const stem = files.length === 1 ? files[0]?.name.replace(/\.[^.]*$/, "") : "";
  const wanted = (folder || stem || date).trim().slice(0, 150);
  let name = wanted;
  for (let number = 2; taken.has(name); number += 1) name = `${wanted} ${number}`;
  return name;
}

/** Bytes as people read them. @param {number} bytes */
export function size(bytes) {
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes / 1000;
  let at = 0;
  while (value >= 999.5 && at < units.length - 1) {
    value /= 1000;
    at += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[at]}`;
}
