// What stands around the work: settings, going to a place, how far the work is, what to try first.

import { FirstSteps } from "./first-steps.js";
import { GoTo } from "./goto.js";
import { makeRoom } from "./on-screen-keyboard.js";
import { Progress } from "./progress.js";
import { SettingsDialog } from "./settings-dialog.js";

export class Desk {
  /** @param {import("../session.js").Session} session whose parts are all made */
  constructor(session) {
    this.goTo = new GoTo(session);
    this.progress = new Progress(session);
    this.firstSteps = new FirstSteps(session);
    this.settings = new SettingsDialog(session);
    const { element, all } = session.keystrip;
    element.insertBefore(this.progress.element, all);
    element.before(this.firstSteps.element);
    makeRoom(session);
    // In the text a screen reader reads the name of the box by itself.
    session.scope.own(
      session.model.on("select", ({ id }) =>
        session.scope.timeout(() => {
          const name = id && !session.inText() ? session.rows.box(id)?.getAttribute("aria-label") : null;
          if (name) session.announce(name);
        }, 0),
      ),
    );
    session.root.append(this.goTo.dialog, this.settings.dialog);
  }
}
