// Lays renders into a sequence: on a video track of their own, above all others; never over a clip.
//
// Premiere lays a project item in from its in to its out point.  The documents do not say whether
// these count from the media's beginning or its timecode, so what was made is read back, and made
// otherwise if it is off.
"use strict";

const frames = require("./frames.js");
const problems = require("./problems.js");
const { BIN, asked, plainPath } = require("./sequence.js");

/** Files that Premiere reads, of what lies beside a render. */
const READ = /\.(mov|mxf|mp4|png|tif|tiff|exr|dpx)$/i;

class Placer {
  /** reader: an opened SequenceReader of the sequence that was sent. */
  constructor(reader) {
    this.reader = reader;
    this.editor = reader.ppro.SequenceEditor.getEditor(reader.sequence);
  }

  /** Lay in one result; resolves to how, or why not. */
  async place(result) {
    try {
      const path = result.edit || result.picture;
      const clip = await this._imported(path);
      for (const extra of [result.matte, result.layer]) {
        if (extra && READ.test(extra)) await this._atHand(extra);
      }
      const why = await this._onTrack(clip, path, result.handles[0], result.record);
      return told(result, why ? "" : "track", why);
    } catch (error) {
      const problem = problems.asProblem(error);
      return told(result, "", [problem.what, problem.where, problem.hint].filter(Boolean).join(" "));
    }
  }

  // -- the project panel -------------------------------------------------------------------------

  /** The clip of a file, imported once into dubsync's bin. */
  async _imported(path) {
    const { reader } = this;
    const there = (await reader.ours()).get(plainPath(path));
    if (there) return there;
    const bin = await this._bin();
    const hint = 'choose media that it reads: [delivery] host = "premiere" in dubsync.toml';
    const into = reader.ppro.ProjectItem.cast(bin);
    const { project } = reader;
    await asked(`import ${path}`, () => project.importFiles([path], true, into, false), hint);
    return asked(`import ${path}`, async () => (await reader.ours()).get(plainPath(path)), hint);
  }

  /** Import a matte or a layer; where Premiere refuses, the picture is laid in all the same. */
  async _atHand(path) {
    try {
      await this._imported(path);
    } catch (error) {
      if (!(error instanceof problems.Problem)) throw error;
    }
  }

  async _bin() {
    const { reader } = this;
    const there = await reader.bin();
    if (there) return there;
    const { project } = reader;
    const root = await asked("show its project panel", () => project.getRootItem());
    reader.change("make a bin", () => [root.createBinAction(BIN, false)]);
    return asked("make a bin", () => reader.bin());
  }

  // -- tracks --------------------------------------------------------------------------------------

  /** Why the clip could not be laid over `record`; "": it is. */
  async _onTrack(clip, path, first, record) {
    const ours = await this.reader.ours();
    const items = await this.reader.items();
    const own = items.filter((one) => ours.has(plainPath(one.path)));
    const editors = items.filter((one) => !ours.has(plainPath(one.path)));
    const over = own.filter((one) => one.record[0] < record[1] && record[0] < one.record[1]);
    const same = (one) =>
      plainPath(one.path) === plainPath(path) && one.offset === first &&
      one.record[0] === record[0] && one.record[1] === record[1];
    if (over.some(same)) return ""; // laid in before
    // On a track that holds renders alone, above the editor's clips and every other version.
    const highest = Math.max(-1, ...editors.concat(over).map((one) => one.track));
    const free = own.map((one) => one.track).filter((track) => track > highest);
    const track = free.length ? Math.min(...free) : -1;
    return this._laid(clip, path, first, record, track);
  }

  async _laid(clip, path, first, record, chosen) {
    const length = record[1] - record[0];
    const media = await clip.getMedia();
    const start = media ? frames.framesOf(await media.start, this.reader.perFrame) : 0;
    let track = chosen;
    for (const [base, more] of [[0, 0], ...(start ? [[start, 0]] : []), [0, -1], [0, 1]]) {
      const before = (await this.reader.items()).map((one) => key(one));
      track = await this._lay(clip, base + first, base + first + length + more, record[0], track);
      const made = (await this.reader.items()).filter(
        (one) => plainPath(one.path) === plainPath(path) && !before.includes(key(one)));
      if (!made.length) return "Premiere did not lay the clip in: is the track locked?";
      const [one] = made;
      const right = made.length === 1 && one.track === track && one.offset === first &&
        one.record[0] === record[0] && one.record[1] === record[1];
      if (right) return "";
      this._takeOut(made);
    }
    return "Premiere laid the clip in with another place or length, so it was taken out again";
  }

  /** Lay in, on a new track where `track` is -1; resolves to the track. */
  async _lay(clip, first, last, at, track) {
    const { reader, editor } = this;
    const item = reader.ppro.ProjectItem.cast(clip);
    const [from, to] = [this._time(first), this._time(last)];
    const count = await reader.trackCount();
    const when = reader.time(at);
    reader.change("choose the part to lay in", () => [clip.createSetInOutPointsAction(from, to)]);
    try {
      reader.change("lay a clip in", () => [
        track < 0
          ? // An index beyond the last track makes a track; nothing is on it that could be shifted.
            editor.createInsertProjectItemAction(item, when, count, 0, true)
          : editor.createOverwriteItemAction(item, when, track, 0),
      ]);
    } finally {
      reader.change("show the whole clip again", () => [clip.createClearInOutPointsAction()]);
    }
    if (track >= 0) return track;
    if ((await reader.trackCount()) === count) return count; // the caller sees that it is not there
    await this._name(count);
    return count;
  }

  /** Name a new track, where Premiere can (from 26.3). */
  async _name(index) {
    const track = await this.reader.track(index);
    if (typeof track.createSetNameAction !== "function") return;
    this.reader.change("name a track", () => [track.createSetNameAction(BIN)]);
  }

  _takeOut(made) {
    const { ppro } = this.reader;
    this.reader.change("take a clip out", () => {
      let action = null;
      ppro.TrackItemSelection.createEmptySelection((selection) => {
        for (const one of made) selection.addItem(one.item, true);
        const kind = ppro.Constants.MediaType.VIDEO;
        action = this.editor.createRemoveItemsAction(selection, false, kind, false);
      });
      return [action];
    });
  }

  /** A count of frames as Premiere's time. */
  _time(count) {
    const { ppro, perFrame } = this.reader;
    return ppro.TickTime.createWithTicks(frames.ticksOf(count, perFrame));
  }
}

const key = (one) => `${one.track}:${one.record[0]}:${plainPath(one.path)}`;

const told = (result, how, message) => ({
  name: result.name, placed: Boolean(how), how, message,
});

module.exports = { Placer };
