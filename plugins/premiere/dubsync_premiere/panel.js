// The panel's buttons and lines.  What they do is the flow's.
"use strict";

const consent = require("./consent.js");
const { exchangeNotes, openInDesk } = require("./notes.js");
const { nameOf } = require("./paths.js");
const problems = require("./problems.js");
const words = require("./words.js");

const SOUND = ["wav", "aif", "aiff", "flac", "mp3", "m4a", "mxf", "mov", "mp4"];
const RECORD = ["toml"];
const NAMES = [
  "dub", "takes", "records", "language", "performers", "chosen", "selected", "whole", "cancel", "bar",
  "status", "details", "lacking", "consent", "notes", "desk",
];
/** What must not be pressed while a job runs. */
const IDLE_ONLY = ["dub", "takes", "records", "consent", "selected", "whole", "notes", "desk"];

class Panel {
  /** pick(types) => Promise of the paths of files that the user chooses. */
  constructor(document, flow, pick) {
    Object.assign(this, { flow, pick, parts: {}, shown: null });
    for (const name of NAMES) this.parts[name] = document.getElementById(name);
  }

  /** Begin to answer the buttons. */
  open() {
    const { parts, flow } = this;
    this._on(parts.dub, () => this._choose("dub"));
    this._on(parts.takes, () => this._choose("takes"));
    this._on(parts.records, () => this._chooseRecords());
    this._on(parts.consent, () => this._chooseRecords());
    this._on(parts.selected, () => this._sync(false));
    this._on(parts.whole, () => this._sync(true));
    this._on(parts.cancel, () => flow.cancel());
    this._on(parts.notes, () => this._notes());
    this._on(parts.desk, () => openInDesk(flow));
    flow.changed = () => this.draw();
    this.draw();
    return this._follow().catch((error) => this._tell(error));
  }

  draw() {
    const { parts, flow } = this;
    parts.status.textContent = words.statusOf(flow);
    parts.details.textContent = words.detailsOf(flow).join("\n");
    parts.bar.style.width = `${Math.round((flow.busy ? words.shareOf(flow) : 0) * 100)}%`;
    for (const name of IDLE_ONLY) parts[name].disabled = flow.busy;
    parts.cancel.disabled = !flow.busy;
    parts.lacking.style.display = consent.askedFor(flow) ? "flex" : "none";
  }

  _on(button, work) {
    button.addEventListener("click", async () => {
      try {
        if (button !== this.parts.cancel) await this._follow();
        await work();
      } catch (error) {
        this._tell(error);
      }
    });
  }

  _tell(error) {
    this._say(problems.asProblem(error).text().split("\n"));
  }

  _say([status, ...details]) {
    this.parts.status.textContent = status;
    this.parts.details.textContent = details.join("\n");
  }

  async _sync(whole) {
    await this._keepWritten();
    await this.flow.sync(whole);
  }

  async _choose(name) {
    const paths = await this.pick(SOUND);
    if (!paths.length) return;
    await this.flow.choose({ [name]: paths });
    await this._showChosen();
  }

  async _chooseRecords() {
    await this._keepWritten();
    const said = await consent.chooseRecords(this.flow, await this.pick(RECORD));
    await this._showChosen();
    this.draw();
    if (said.length && !this.flow.problem) this._say(said);
  }

  /** Keep what is written into the fields; an empty one changes nothing. */
  async _keepWritten() {
    const [language, performers] = ["language", "performers"].map(
      (name) => (this.parts[name].value || "").trim());
    if (language) await this.flow.choose({ language });
    if (performers) {
      await consent.choosePerformers(this.flow, consent.readPerformers(performers));
    }
  }

  async _notes() {
    const made = await exchangeNotes(this.flow);
    const kept = words.counted(made.kept, "marker");
    this._say([`${words.counted(made.set, "marker")} set, ${kept} kept as notes`, ...made.warnings]);
  }

  /** Show what is chosen for the sequence that is open now, if another one was shown. */
  async _follow() {
    let open = "";
    try {
      open = (await this.flow.host.currentTimeline()).id;
    } catch (error) {
      if (!(error instanceof problems.Problem)) throw error; // none is open: the work says so
    }
    if (open === this.shown) return;
    if (this.shown) this.flow.turnAway();
    this.shown = open;
    this.parts.chosen.textContent = "";
    if (!open) return;
    const { language, performers } = await this.flow.chosen();
    this.parts.language.value = language;
    this.parts.performers.value = consent.performersText(performers);
    await this._showChosen();
  }

  async _showChosen() {
    const chosen = await this.flow.chosen();
    const lines = [["Dub", chosen.dub], ["Takes", chosen.takes], ["Consent", chosen.consent]];
    this.parts.chosen.textContent = lines.filter(([, paths]) => paths.length)
      .map(([what, paths]) => `${what}: ${paths.map(nameOf).join(", ")}`).join("; ");
  }
}

module.exports = { Panel };
