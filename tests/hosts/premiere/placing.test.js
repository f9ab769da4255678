// What the documents of Premiere leave open, and what goes wrong where renders are laid in.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");

const { CLIPS, START, Stage } = require("./stage.js");
const PLUGIN = path.join(__dirname, "../../../plugins/premiere/dubsync_premiere");
const frames = require(path.join(PLUGIN, "frames.js"));
const { Memory } = require(path.join(PLUGIN, "memory.js"));
const words = require(path.join(PLUGIN, "words.js"));

/** A test with one stage. */
function staged(name, work, version = "26.3") {
  test(name, async () => {
    const stage = new Stage(version);
    try {
      await work(stage);
    } finally {
      await stage.close();
    }
  });
}

const LAID = { A001: ["A001_v001.mov", CLIPS[0][3], 8] };

staged("in_points_that_count_from_timecode_are_found_out_and_taken_so", async (stage) => {
  stage.world.pointsFromTimecode = true;
  const flow = await stage.sync(["A001"]);
  assert.deepEqual([flow.state, stage.laid()], ["done", LAID]);
  const [clip] = stage.world.root.find((one) => one.name === "dubsync").items;
  assert.equal(clip.points, null, "the render keeps no in and out point");
});

staged("a_render_goes_above_every_clip_of_the_editor", async (stage) => {
  const { tracks } = stage.world.active;
  tracks.push({ name: "Titles", items: [{ ...tracks[0].items[2] }] });
  const before = JSON.stringify(tracks[1]);
  await stage.sync(["A001"]);
  assert.equal(JSON.stringify(tracks[1]), before);
  assert.equal(tracks.length, 3);
  assert.equal(tracks[2].name, "dubsync");
});

staged("a_newer_version_goes_above_the_older_and_that_is_kept", async (stage) => {
  await stage.sync(["A001"]);
  const { tracks } = stage.world.active;
  const [old] = tracks[1].items;
  const file = old.clip.path;
  fs.renameSync(file, file.replace("v001", "v000"));
  old.clip.path = file.replace("v001", "v000");
  stage.world.made.delete(`clip ${file}`);
  await stage.sync(["A001"], { dub: false });
  assert.deepEqual(tracks.map((one) => one.items.length), [3, 1, 1]);
});

staged("what_premiere_does_not_import_is_named_with_the_setting_that_helps", async (stage) => {
  stage.world.refuseImport = true;
  const flow = await stage.sync(["A001"]);
  assert.equal(flow.state, "done");
  assert(!flow.placed[0].placed);
  assert.match(flow.warnings.join("\n"), /A001.*did not import .*A001_v001\.mov.*host = "premiere"/);
});

staged("renders_are_not_sent_as_the_editors_clips", async (stage) => {
  await stage.sync(["A001"]);
  stage.world.active.tracks[1].items[0].selected = true;
  const told = await stage.host.selectedClips();
  assert.deepEqual(told.map((one) => one.track), ["V1"]);
});

staged("a_layer_and_what_it_needs_lie_in_the_bin", async (stage) => {
  await stage.sync(["A001"]);
  const names = stage.world.root.find((one) => one.name === "dubsync").items.map((one) => one.name);
  assert.deepEqual(names, ["A001_v001.mov", "A001_v001_layer.mov"]); // a matte in MKV is not read
});

staged("before_26_2_the_panel_writes_the_timeline_and_says_what_is_not_in_it", async (stage) => {
  stage.world.active.tracks[0].transitions = [{}];
  const { items } = stage.world.active.tracks[0];
  items.splice(1, 1); // a gap
  const stem = path.join(stage.folder, "cut");
  const file = await stage.host.exportTimeline(stem);
  assert.equal(file, `${stem}.otio`);
  assert.match(stage.host.warnings[0], /Transitions/);
  const { tracks, global_start_time } = JSON.parse(fs.readFileSync(file, "utf-8"));
  assert.deepEqual([global_start_time.value, global_start_time.rate], [START, 24]);
  const [one, gap, two] = tracks.children[0].children;
  assert.deepEqual([one.name, gap.OTIO_SCHEMA, two.name], ["A001", "Gap.1", "A001_2"]);
  assert.equal(gap.source_range.duration.value, 24);
  assert.deepEqual([two.source_range.start_time.value, two.source_range.duration.value], [1100, 24]);
  assert.equal(two.media_reference.available_range.start_time.value, 900);
}, "25.6");

staged("from_26_2_premiere_exports_the_timeline_itself", async (stage) => {
  const file = await stage.host.exportTimeline(path.join(stage.folder, "cut"));
  assert.equal(fs.readFileSync(file, "utf-8"), "<xmeml>cut</xmeml>");
});

staged("every_step_can_be_undone_by_its_name", async (stage) => {
  await stage.sync(["A001"]);
  assert(stage.world.transactions.length);
  assert(stage.world.transactions.every((name) => name.startsWith("dubsync: ")));
});

staged("the_panel_says_the_same_as_in_other_hosts", async (stage) => {
  const { flow } = stage;
  assert.equal(words.statusOf(flow), "Ready");
  flow.state = "syncing";
  assert.equal(words.statusOf(flow), "Waiting for dubsync");
  flow.progress = { shot: "A001", step: "render", done: 3, of: 9, shots_done: 1, shots: 2 };
  assert.equal(words.statusOf(flow), "Shot 2 of 2: A001, rendering 3/9");
  assert.equal(Math.round(words.shareOf(flow) * 6), 4);
  flow.state = "idle";
  await stage.sync(["A001"]);
  assert.equal(words.statusOf(flow), "1 clip synced");
});

test("frames_are_exact_over_a_day_at_every_rate", () => {
  const rates = { 10594584000: "24000/1001", 10584000000: "24/1", 8475667200: "30000/1001",
    4237833600: "60000/1001", 10160640000: "25/1" };
  for (const [base, rate] of Object.entries(rates)) {
    const ticks = frames.ticksPerFrame(base);
    assert.equal(frames.rateText(ticks), rate);
    for (const frame of [-1, 0, 1, 86400, 5184000]) {
      assert.equal(frames.framesOf({ ticks: frames.ticksOf(frame, ticks) }, ticks), frame);
    }
    const [up, down] = rate.split("/").map(Number);
    assert.equal(frames.ticksAtRate(Math.round((up / down) * 1000) / 1000), ticks);
  }
  for (const bad of [null, "", "0", "-4", "24.0", "x"]) assert.equal(frames.ticksPerFrame(bad), 0n);
  assert.equal(frames.ticksAtRate(17.3), 0n);
});

test("a_damaged_memory_counts_as_empty_and_a_full_disk_is_no_error", async () => {
  for (const text of ["", "{", "[]", "null", '{"k": {"dub": "x", "folder": 3, "language": "it"}}']) {
    const memory = new Memory({ read: async () => text }, "memory.json");
    const known = await memory.get("k");
    assert.deepEqual([known.dub, known.folder], [[], ""]);
  }
  const full = { read: async () => "{}", write: async () => { throw new Error("disk full"); } };
  assert.equal(await new Memory(full, "m").put("k", {}), false);
});
