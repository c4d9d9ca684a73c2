// What stands around the work: settings, going to a place.

import { GoTo } from "./goto.js";
import { SettingsDialog } from "./settings-dialog.js";

export class Desk {
  /** @param {import("../session.js").Session} session whose parts are all made */
  constructor(session) {
    this.goTo = new GoTo(session);
    this.settings = new SettingsDialog(session);
    session.root.append(this.goTo.dialog, this.settings.dialog);
  }
}
