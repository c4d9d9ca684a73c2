// A small text that a person picks from their disk, or gets as a file: it goes no way through the server.

const LONGEST = 500_000; // bytes: what the server takes of a page is bounded
const NO_TEXT = "\0"; // in place of what is not text, or too long

/**
 * Let a person pick a file; must come from a click.
 * @param {string} kinds such as ".toml" @param {string} otherwise what to answer when they pick none
 * @returns {Promise<string>}
 */
export function pick(kinds, otherwise) {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = `${kinds},text/plain`;
  return new Promise((resolve) => {
    input.addEventListener("cancel", () => resolve(otherwise));
    input.addEventListener("change", async () => {
      const [file] = input.files ?? [];
      resolve(file ? await textOf(file) : otherwise);
    });
    input.click();
  });
}

/** @param {Blob} file @returns {Promise<string>} NO_TEXT when it is not UTF-8, or too long */
export async function textOf(file) {
  if (file.size > LONGEST) return NO_TEXT;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer()).replaceAll("\r\n", "\n");
  } catch {
    return NO_TEXT;
  }
}

/** Give a person a text as a file, whose last line ends like the others. @param {string} name @param {string} text */
export function hand(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${text.trimEnd()}\n`], { type: "application/toml" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // some browsers read it only now
}
