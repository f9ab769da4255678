// Reads one sequence of Premiere: its clips and where they come from, in whole frames.
//
// Premiere counts a track item's start, a marker and the playhead from the sequence's beginning, and
// a track item's in point from its media's beginning; timecode adds the zero point and Media.start.
"use strict";

const frames = require("./frames.js");
const problems = require("./problems.js");

const BIN = "dubsync"; // the bin of the renders

/** `value`, unless Premiere answered nothing or false: then throws a Problem. */
function given(value, what, hint = "") {
  if (value === null || value === undefined || value === false) {
    throw problems.hostRefused(what, hint);
  }
  return value;
}

/** What `ask` gives, also where Premiere throws. */
async function asked(what, ask, hint = "") {
  let value = null;
  try {
    value = await ask();
  } catch (error) {
    throw problems.hostRefused(what, hint, String((error && error.message) || error));
  }
  return given(value, what, hint);
}

/** A path as two are compared: Premiere and Windows write them in several ways. */
function plainPath(path) {
  const plain = String(path || "").replace(/\\/g, "/").replace(/^\/\/\?\//, "");
  return /^[a-z]:/i.test(plain) ? plain.toLowerCase() : plain;
}

class SequenceReader {
  /** ppro: the module "premierepro". */
  constructor(ppro, project, sequence) {
    Object.assign(this, { ppro, project, sequence });
    Object.assign(this, { perFrame: 0n, zero: 0, rate: "" });
  }

  /** Learn the rate and the first timecode.  Rejects with a Problem. */
  async open() {
    const base = await asked("tell the frame rate", () => this.sequence.getTimebase());
    const perFrame = frames.ticksPerFrame(base);
    this.perFrame = given(perFrame || null, "tell the frame rate");
    this.rate = frames.rateText(this.perFrame);
    const zero = await asked("tell where the sequence starts", () => this.sequence.getZeroPoint());
    this.zero = frames.framesOf(zero, this.perFrame);
    return this;
  }

  /** A record frame as Premiere's time in the sequence. */
  time(frame) {
    return this.ppro.TickTime.createWithTicks(frames.ticksOf(frame - this.zero, this.perFrame));
  }

  /** The record frame of Premiere's time in the sequence. */
  frame(time) {
    return this.zero + frames.framesOf(time, this.perFrame);
  }

  async trackCount() {
    return asked("count its video tracks", () => this.sequence.getVideoTrackCount());
  }

  async track(index) {
    return asked(`show track V${index + 1}`, () => this.sequence.getVideoTrack(index));
  }

  /** [{ track, item, clip, path, record, offset }] of each clip; offset: of its media, in frames. */
  async items() {
    const found = [];
    const count = await this.trackCount();
    const kind = this.ppro.Constants.TrackItemType.CLIP;
    for (let index = 0; index < count; index++) {
      const track = await this.track(index);
      const items = await asked("list its clips", () => track.getTrackItems(kind, false));
      for (const item of items) found.push(await this._read(index, item));
    }
    return found;
  }

  async _read(track, item) {
    const start = await asked("tell where a clip starts", () => item.getStartTime());
    const end = await asked("tell where a clip ends", () => item.getEndTime());
    const first = await asked("tell a clip's in point", () => item.getInPoint());
    const clip = this.clipOf(await item.getProjectItem());
    const path = clip && !(await clip.isSequence()) ? await clip.getMediaFilePath() : "";
    return {
      track, item, clip, path: path || "",
      record: [this.frame(start), this.frame(end)],
      offset: frames.framesOf(first, this.perFrame),
    };
  }

  /** A project item as a clip; null for a bin, and for what has no media: a title. */
  clipOf(projectItem) {
    if (!projectItem) return null;
    try {
      return this.ppro.ClipProjectItem.cast(projectItem) || null;
    } catch (error) {
      return null;
    }
  }

  /** Whether any cut of the sequence is a transition. */
  async hasTransitions() {
    const kind = this.ppro.Constants.TrackItemType.TRANSITION;
    for (let index = 0; index < (await this.trackCount()); index++) {
      const track = await this.track(index);
      const found = await track.getTrackItems(kind, false);
      if (found && found.length) return true;
    }
    return false;
  }

  /** A clip of `items` as the protocol tells it, and what else a timeline file says of it. */
  async told(one) {
    const { item, clip } = one;
    const online = clip && one.path && !(await clip.isOffline());
    const media = online ? await clip.getMedia() : null;
    const rate = online ? await this._mediaTicks(clip) : this.perFrame;
    const start = media ? frames.framesOf(await media.start, rate) : 0;
    const first = start + one.offset;
    const speed = Number(await item.getSpeed());
    return {
      id: `V${one.track + 1}:${one.record[0]}`,
      name: String(await item.getName()),
      media: online ? one.path : "",
      source: [first, first + one.record[1] - one.record[0]],
      record: one.record,
      track: `V${one.track + 1}`,
      rate: this.rate,
      enabled: !(await item.isDisabled()),
      // Not of the protocol:
      available: media ? [start, frames.framesOf(await media.duration, rate)] : null,
      mediaTicks: rate,
      speed: (await item.isSpeedReversed()) ? -Math.abs(speed) : speed,
    };
  }

  async _mediaTicks(clip) {
    const footage = await clip.getFootageInterpretation();
    const value = footage ? Number(await footage.getFrameRate()) : 0;
    return frames.ticksAtRate(value) || this.perFrame;
  }

  // -- the bin of the renders --------------------------------------------------------------------

  /** dubsync's bin as a FolderItem; null where there is none. */
  async bin() {
    const root = await asked("show its project panel", () => this.project.getRootItem());
    for (const one of await asked("list its bins", () => root.getItems())) {
      if (one.name !== BIN || this.clipOf(one)) continue;
      const folder = this.ppro.FolderItem.cast(one);
      if (folder) return folder;
    }
    return null;
  }

  /** Plain path -> ClipProjectItem of everything in dubsync's bin. */
  async ours() {
    const bin = await this.bin();
    const found = new Map();
    for (const one of bin ? await asked("list its renders", () => bin.getItems()) : []) {
      const clip = this.clipOf(one);
      const path = clip ? await clip.getMediaFilePath() : "";
      if (path) found.set(plainPath(path), clip);
    }
    return found;
  }

  /** Make actions and run them as one step that can be undone.  Throws a Problem. */
  change(what, actions) {
    let done = false;
    try {
      // Since 26.3 actions may be made under the lock alone.
      this.project.lockedAccess(() => {
        done = this.project.executeTransaction((compound) => {
          for (const action of actions()) given(compound.addAction(action), what);
        }, `dubsync: ${what}`);
      });
    } catch (error) {
      throw problems.hostRefused(what, "is the track or the sequence locked?", String(error.message));
    }
    given(done, what, "is the track or the sequence locked?");
  }
}

module.exports = { BIN, SequenceReader, asked, given, plainPath };
