// All keys, to search and to print.

import { h, icon } from "./dom.js";
import { keyHelp } from "./keys.js";

/** What the mouse does, in the order of use. */
const MOUSE = [
  ["editor.mouse.click", "editor.mouse.clickDoes"],
  ["editor.mouse.double", "editor.mouse.doubleDoes"],
  ["editor.mouse.edge", "editor.mouse.edgeDoes"],
  ["editor.mouse.shiftEdge", "editor.mouse.shiftEdgeDoes"],
  ["editor.mouse.empty", "editor.mouse.emptyDoes"],
  ["editor.mouse.wheel", "editor.mouse.wheelDoes"],
  ["editor.mouse.pan", "editor.mouse.panDoes"],
  ["editor.mouse.shiftClick", "editor.mouse.shiftClickDoes"],
];

export class Help {
  /** @param {import("./session.js").Session} session */
  constructor(session) {
    const { t, scope, commands } = session;
    this.session = session;
    this.search = h("input", {
      type: "search",
      class: "sl-search",
      placeholder: t("editor.help.search"),
      "aria-label": t("editor.help.search"),
    });
    this.nothing = h("p", { class: "sl-faint", hidden: true }, t("editor.help.nothing"));
    const close = h(
      "button",
      { type: "button", class: "sl-tool", "aria-label": t("editor.help.close"), title: t("editor.help.close") },
      icon("cross"),
    );
    this.body = h("div", { class: "sl-help-body", tabindex: "0" });
    for (const { group, rows } of keyHelp(commands)) {
      const table = h(
        "table",
        {},
        h("caption", {}, t(group)),
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "col" }, t("editor.help.does")),
            h("th", { scope: "col" }, t("editor.help.inText")),
            h("th", { scope: "col" }, t("editor.help.onWave")),
          ),
        ),
      );
      const body = h("tbody", {});
      for (const row of rows)
        body.append(
          h(
            "tr",
            {},
            h("td", {}, t(row.help)),
            h("td", {}, ...row.text.map((key) => h("kbd", {}, key))),
            h("td", {}, ...row.wave.map((key) => h("kbd", {}, key))),
          ),
        );
      table.append(body);
      this.body.append(table);
    }
    const mouse = h("tbody", {});
    for (const [what = "", does = ""] of MOUSE)
      mouse.append(h("tr", {}, h("td", {}, t(does)), h("td", { colspan: "2" }, t(what))));
    this.body.append(
      h("table", {}, h("caption", {}, t("editor.group.mouse")), mouse),
      h("p", { class: "sl-faint" }, t("editor.help.ime")),
      this.nothing,
    );
    this.dialog = h(
      "dialog",
      { class: "sl-dialog sl-help", "aria-label": t("editor.help.title") },
      h("header", {}, h("h2", {}, t("editor.help.title")), this.search, close),
      this.body,
    );
    scope.listen(close, "click", () => this.dialog.close());
    scope.listen(this.search, "input", () => this.#filter());
    scope.listen(this.dialog, "click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    scope.listen(this.dialog, "close", () => session.returnFocus());
  }

  open() {
    if (this.dialog.open) return;
    this.search.value = "";
    this.#filter();
    this.dialog.showModal();
    this.search.focus();
  }

  #filter() {
    const wanted = this.search.value.trim().toLowerCase();
    let found = 0;
    for (const table of this.body.querySelectorAll("table")) {
      const caption = table.caption?.textContent?.toLowerCase() ?? "";
      let here = 0;
      for (const row of table.tBodies[0]?.rows ?? []) {
        const isFound = !wanted || caption.includes(wanted) || (row.textContent ?? "").toLowerCase().includes(wanted);
        row.hidden = !isFound;
        here += Number(isFound);
      }
      table.hidden = here === 0;
      found += here;
    }
    this.nothing.hidden = found > 0;
  }
}
