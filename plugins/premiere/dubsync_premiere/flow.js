// The one way from clips in Premiere to synced clips in it, as plugins/link/dubsync_link/flow.py.
"use strict";

const consent = require("./consent.js");
const problems = require("./problems.js");

const IDLE = "idle";
const READING = "reading the timeline";
const SYNCING = "syncing";
const PLACING = "placing";
const DONE = "done";
const FAILED = "failed";
const CANCELLED = "cancelled";
/** A shot in these states has nothing to sync. */
const NOTHING_THERE = ["skipped", "offline"];

/** What ends a run that was cancelled. */
const STOPPED = Symbol("stopped");

class Flow {
  /**
   * state     what it does, or how it ended
   * progress  { shot, step, done, of, shots_done, shots } of the running job
   * problem   the Problem that ended it; null
   * reel      the answer of `open` or `import_timeline`; {} before
   * placed    what Premiere made of the results: [{ name, placed, how, message }]
   * warnings  sentences for the user
   * changed   called after each change, for the panel to draw again
   */
  constructor(host, client, memory, disk) {
    Object.assign(this, { host, client, memory, disk });
    this.changed = () => {};
    Object.assign(this, { state: IDLE, problem: null, progress: {} });
    Object.assign(this, { reel: {}, placed: [], warnings: [] });
    this._forgetRun();
    client.told = (method, params) => this._told(method, params);
  }

  get busy() {
    return [READING, SYNCING, PLACING].includes(this.state);
  }

  /** What is known of the open sequence: folder, dub, takes, script, language, performers, consent. */
  async chosen() {
    return this.memory.get(await this._key(await this.host.currentTimeline()));
  }

  /** Keep a choice for the open sequence: folder, and what `import_timeline` takes. */
  async choose(what) {
    const key = await this._key(await this.host.currentTimeline());
    await this.memory.put(key, { ...(await this.memory.get(key)), ...what });
  }

  /** Sync the selected clips, or the whole sequence, and lay the results in; never rejects. */
  async sync(whole = false) {
    if (this.busy) return this.state;
    Object.assign(this, { problem: null, progress: {}, placed: [], warnings: [] });
    this._forgetRun();
    this._to(READING);
    try {
      this._to(await this._run(whole));
    } catch (error) {
      if (error === STOPPED) this._to(CANCELLED);
      else this._fail(problems.asProblem(error));
    }
    this._forgetRun();
    return this.state;
  }

  /** Stop; what is finished stays. */
  async cancel() {
    if (!this.busy) return;
    this._stop = true;
    try {
      if (this._job) await this.client.call("cancel", { job: this._job });
    } catch (error) {
      if (this._reject) this._reject(error);
    }
    this.changed();
  }

  /** What the reel still lacks after consent was added, and the Problem that is left of the last. */
  consented(lacking, problem) {
    this.reel = { ...this.reel, lacking };
    if (this.problem && !problem) this.state = IDLE;
    this.problem = problem;
    this.changed();
  }

  /** Another sequence is open now: how the last one's sync ended says nothing of this one. */
  turnAway() {
    if (this.busy) return;
    Object.assign(this, { problem: null, progress: {}, reel: {}, placed: [], warnings: [] });
    this._to(IDLE);
  }

  /** Premiere, or the panel, closes. */
  close() {
    this.client.close();
  }

  // -- steps of a sync ---------------------------------------------------------------------------

  async _run(whole) {
    if (!(await this.host.projectSaved())) throw problems.notSaved();
    const timeline = await this.host.currentTimeline();
    const clips = whole ? null : await this.host.selectedClips();
    if (clips && !clips.length) throw problems.nothingSelected();
    const key = await this._key(timeline);
    const known = await this.memory.get(key);
    if (!known.dub.length && !known.folder) throw problems.noDub(timeline.name);
    const folder = known.folder || (await this._newFolder(timeline.name));
    await this._import(timeline, known, folder);
    known.folder = folder;
    known.language = known.language || this.reel.language || "";
    await this.memory.put(key, known);
    const shots = clips ? await this._matched(clips) : this._everyShot();
    if (!shots.length) {
      throw new problems.Problem("None of these clips has a shot to sync.", {
        where: this.warnings.join("; "),
        hint: "see the list of shots, or open the reel in the desk",
        kind: "choice",
      });
    }
    // What lacks is told for the reel's own language.
    const lacks = known.language === this.reel.language && consent.problemOf(this.reel, shots);
    if (lacks) throw lacks; // nothing could be rendered: say so at once
    return this._place(await this._rendered(shots, known.language), timeline);
  }

  async _import(timeline, known, folder) {
    const aside = await this.disk.newFolder();
    try {
      const wanted = this.disk.join(aside, fileName(timeline.name));
      const path = await this.host.exportTimeline(wanted);
      this.warnings.push(...this.host.warnings);
      const { dub, takes, script, language, performers } = known;
      this.reel = await this.client.call("import_timeline", {
        timeline: path, folder, dub, takes, script, language, performers,
        consent: await consent.stillThere(this.disk, known.consent, this.warnings),
        rate: timeline.rate, media_roots: await this.host.mediaRoots(), name: timeline.name,
      });
    } finally {
      await this.disk.remove(aside);
    }
    this.warnings.push(...(this.reel.warnings || []).map(sentence));
    this._unlessStopped();
  }

  _everyShot() {
    const there = this.reel.shots.filter((shot) => !NOTHING_THERE.includes(shot.state));
    return there.map((shot) => shot.name);
  }

  async _matched(clips) {
    const answer = await this.client.call("match", { reel: this.reel.reel, clips });
    this.warnings.push(...answer.clips.map((clip) => clip.why).filter(Boolean));
    this._unlessStopped();
    return [...new Set([].concat(...answer.clips.map((clip) => clip.shots)))];
  }

  async _rendered(shots, language) {
    this.progress = {};
    this._to(SYNCING);
    const ended = new Promise((resolve, reject) => {
      Object.assign(this, { _resolve: resolve, _reject: reject });
    });
    ended.catch(() => {}); // it may be rejected before it is awaited
    const params = { reel: this.reel.reel, shots, language };
    const { job } = await this.client.call("sync", params);
    this._job = job;
    for (const [method, told] of this._early.splice(0)) this._told(method, told);
    if (this._stop) await this.client.call("cancel", { job });
    const finished = await ended;
    this._job = "";
    return finished;
  }

  /** Lay in what is finished, also of a job that was cancelled or failed in part. */
  async _place(finished, timeline) {
    this._to(PLACING);
    const results = finished.shots || [];
    const ready = results.filter((one) => one.picture);
    const bad = results.filter((one) => !one.picture && one.message);
    if (ready.length) this.placed = await this.host.addResults(ready, timeline);
    const laid = new Set(this.placed.filter((one) => one.placed).map((one) => one.name));
    const told = results.filter((one) => one.message && !laid.has(one.name));
    this.warnings.push(...told.map(sentence));
    const messages = this.placed.filter((one) => one.message);
    this.warnings.push(...messages.map((one) => `${one.name}: ${one.message}`));
    if (finished.state === "cancelled") return CANCELLED;
    if (finished.state === "failed" && !ready.length) {
      const first = bad[0] || finished;
      throw new problems.Problem(first.message || "The sync failed.", {
        where: first.name || "", hint: first.hint || "", kind: "dubsync",
      });
    }
    return DONE;
  }

  // -- internal ----------------------------------------------------------------------------------

  _told(method, params) {
    if (method === "ended" && this._reject) this._reject(params.problem);
    // A job may tell of itself before its number is known.
    else if (this.state === SYNCING && !this._job) this._early.push([method, params]);
    else if (params.job !== this._job || !this.busy) return;
    else if (method === "progress") this.progress = params;
    else if (method === "finished" && this._resolve) this._resolve(params);
    this.changed();
  }

  _to(state) {
    this.state = state;
    this.changed();
  }

  _fail(problem) {
    this.problem = problem;
    this._to(FAILED);
  }

  _forgetRun() {
    Object.assign(this, { _job: "", _stop: false, _early: [], _resolve: null, _reject: null });
  }

  _unlessStopped() {
    if (this._stop) throw STOPPED;
  }

  /** The id, not the name: two sequences of one name are two reels. */
  async _key(timeline) {
    return `premiere|${await this.host.projectFolder()}|${timeline.id}`;
  }

  /** A folder for a new reel that no other sequence has, and that is not there yet. */
  async _newFolder(name) {
    const home = await this.host.projectFolder();
    const taken = await this.memory.folders();
    for (let number = 1; ; number++) {
      const stem = fileName(name) + (number === 1 ? "" : `_${number}`);
      const folder = this.disk.join(home, "dubsync", stem);
      if (!taken.includes(folder) && !(await this.disk.exists(folder))) return folder;
    }
  }
}

/** A name that every disk takes. */
function fileName(name) {
  const safe = name.replace(/[^A-Za-z0-9._-]+/g, "_").replace(/^[._]+|[._]+$/g, "");
  return safe.slice(0, 80) || "timeline";
}

/** A warning, or a shot without a render, as one line. */
function sentence(row) {
  const where = row.where || row.name || "";
  const text = row.what || row.message || "";
  return (where ? where + ": " : "") + text + (row.hint ? ". " + row.hint : "");
}

module.exports = { CANCELLED, DONE, FAILED, Flow, IDLE, PLACING, READING, SYNCING };
