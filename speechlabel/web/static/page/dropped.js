// What was dropped: files, and what lies in folders; and a name for a project that they would make.

const SOUND = /\.(3g2|3gp|aac|ac3|aif|aifc|aiff|amr|ape|asf|au|avi|awb|caf|flac|gsm|m4a|m4b|m4v|mka|mkv|mov|mp3|mp4|mpeg|mpg|nist|oga|ogg|opus|rf64|snd|sph|ts|tta|voc|w64|wav|wave|weba|webm|wma|wv)$/i;

/**
 * @typedef {object} Dropped
 * @property {File[]} files in the order of their names, where they come out of a folder
 * @property {string|null} folder the name of the one folder they all lie in
 */

/**
 * Everything in a drop. Of folders only what is a recording by its name; a file dropped by itself is always taken.
 * Call it while the event is being handled: afterwards the browser no longer tells.
 * @param {DataTransfer} transfer @returns {Promise<Dropped>}
 */
export async function readDrop(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  const loose = items.map((item) => item.getAsFile());
  /** @type {File[]} */
  const files = [];
  for (const [at, entry] of entries.entries()) {
    const file = loose[at];
    if (entry?.isDirectory) files.push(...(await filesBelow(/** @type {FileSystemDirectoryEntry} */ (entry))));
    else if (file) files.push(file);
  }
  const [only] = entries;
  return { files, folder: entries.length === 1 && only?.isDirectory ? only.name : null };
}

/** @param {FileSystemDirectoryEntry} folder @returns {Promise<File[]>} */
async function filesBelow(folder) {
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
  /** @type {File[]} */
  const files = [];
  for (const entry of found) {
    if (entry.name.startsWith(".")) continue; // of the system, not of a person
    if (entry.isDirectory) files.push(...(await filesBelow(/** @type {FileSystemDirectoryEntry} */ (entry))));
    else if (SOUND.test(entry.name)) files.push(await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject)));
  }
  return files;
}

/**
 * A name for a new project: the folder's, the only file's, else today's date; with a number when it is taken.
 * @param {Dropped} dropped @param {Set<string>} taken @param {Date} today
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
