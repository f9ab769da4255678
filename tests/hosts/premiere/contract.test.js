// The contract of every host adapter (../contract.py), case by case, over the panel's own parts.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");

const { CLIPS, START, Stage } = require("./stage.js");
const PLUGIN = path.join(__dirname, "../../../plugins/premiere/dubsync_premiere");
const consent = require(path.join(PLUGIN, "consent.js"));
const { exchangeNotes, openInDesk } = require(path.join(PLUGIN, "notes.js"));
const { Problem } = require(path.join(PLUGIN, "problems.js"));

/** The first and the newest Premiere of the documents, for cases in which they differ. */
const BOTH = ["25.6", "26.3"];

/** One case. */
function contract(name, work, versions = ["26.3"]) {
  for (const version of versions) {
    test(`${name} (${version})`, async () => {
      const made = [];
      const play = (behave, notes) => {
        made.push(new Stage(version, behave, notes));
        return made[made.length - 1];
      };
      try {
        await work(play);
      } finally {
        for (const one of made) await one.close();
      }
    });
  }
}

async function until(reached) {
  const ends = Date.now() + 20000;
  while (!reached()) {
    assert(Date.now() < ends, "it took too long");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

contract("consent_that_lacks_is_named_and_the_users_record_mends_it", async (play) => {
  const stage = play("unsigned");
  const flow = await stage.sync(["A001"]);
  assert.deepEqual([flow.state, flow.problem.kind], ["failed", "consent"]);
  assert.match(flow.problem.what, /ELISE \(performer elise\)/);
  assert.match(flow.problem.where, /no consent record/);
  assert.match(flow.problem.hint, /choose consent records/);
  assert(consent.askedFor(flow) && !stage.calls("sync").length);
  const record = stage.touch("elise-001.toml");
  const [said, ...more] = await consent.chooseRecords(flow, [record]);
  assert.match(said, /elise-001/);
  assert.deepEqual([more, flow.problem, consent.askedFor(flow)], [[], null, false]);
  assert.deepEqual(stage.calls("add_consent")[0].files, [record]);
  assert.equal((await stage.sync(["A001"], { dub: false })).state, "done");
  const added = stage.calls("add_consent").length;
  assert.equal(added, 1, "what is withdrawn later is not added again");
});

contract("records_and_performers_chosen_before_go_into_a_new_reel", async (play) => {
  const stage = play();
  const record = stage.touch("anna.toml");
  await consent.chooseRecords(stage.flow, [record]);
  await consent.choosePerformers(stage.flow, { ELISE: "anna" });
  assert(!stage.calls("add_consent").length, "there is no reel to add them to yet");
  assert.equal((await stage.sync(["A001"])).state, "done");
  const [sent] = stage.calls("import_timeline");
  assert.deepEqual([sent.consent, sent.performers], [[record], { ELISE: "anna" }]);
  await stage.sync(["A001"]);
  assert.deepEqual((await stage.flow.chosen()).consent, [record], "remembered for the sequence");
});

contract("a_record_that_is_gone_is_told_and_the_others_are_sent", async (play) => {
  const stage = play();
  const [kept, gone] = [stage.touch("anna.toml"), stage.touch("marc.toml")];
  await consent.chooseRecords(stage.flow, [kept, gone]);
  fs.rmSync(gone);
  const flow = await stage.sync(["A001"]);
  assert.equal(flow.state, "done");
  assert.deepEqual(stage.calls("import_timeline")[0].consent, [kept]);
  assert.deepEqual(flow.warnings, [`${gone}: this consent record is gone`]);
});

contract("shots_of_other_performers_go_on_where_one_lacks_consent", async () => {
  const shots = [{ name: "A001", characters: ["ELISE"] }, { name: "A002", characters: ["MARC"] }];
  const lack = { performer: "elise", characters: ["ELISE"], message: "none", hint: "" };
  const reel = { shots, lacking: [lack] };
  assert.match(consent.problemOf(reel, ["A001"]).what, /ELISE/);
  assert.equal(consent.problemOf(reel, ["A001", "A002"]), null);
  assert.equal(consent.problemOf({ shots }, ["A001"]), null);
});

contract("the_selected_clips_come_back_synced_above_the_originals", async (play) => {
  const stage = play();
  const before = stage.originals();
  const flow = await stage.sync(["A001", "A002"]);
  assert.deepEqual([flow.state, flow.problem], ["done", null]);
  assert.deepEqual(stage.calls("match")[0].clips.map((clip) => clip.name), ["A001", "A002"]);
  assert.deepEqual(stage.calls("sync")[0].shots, ["A001", "A002"]);
  const laid = {};
  for (const [name, , , record] of CLIPS.slice(0, 2)) laid[name] = [`${name}_v001.mov`, record, 8];
  assert.deepEqual(stage.laid(), laid, "the handles are in the file, not in the timeline");
  assert(flow.placed.every((one) => one.placed));
  assert.equal(stage.originals(), before, "nothing of the editor's is moved or replaced");
  assert.equal(stage.world.active.tracks.length, 2, "one track is enough for both");
}, BOTH);

contract("what_is_sent_names_the_clips_by_media_and_frames", async (play) => {
  const stage = play();
  await stage.sync(["A001_2"]);
  const [clip] = stage.calls("match")[0].clips;
  const [name, file, source, record] = CLIPS[2];
  assert.deepEqual([clip.name, path.basename(clip.media)], [name, file]);
  assert.deepEqual([clip.source, clip.record], [source, record]);
  assert.deepEqual([clip.rate, clip.enabled, clip.track], ["24/1", true, "V1"]);
  assert.deepEqual(Object.keys(clip).sort(),
    ["enabled", "id", "media", "name", "rate", "record", "source", "track"]);
  const [sent] = stage.calls("import_timeline");
  assert(sent.media_roots.includes(path.join(stage.folder, "media")));
  assert(!fs.existsSync(sent.timeline), "the exported file is tidied away");
}, BOTH);

contract("the_whole_timeline_needs_no_selection", async (play) => {
  const stage = play();
  const flow = await stage.sync([], { whole: true });
  assert.equal(flow.state, "done");
  assert.deepEqual(stage.calls("sync")[0].shots, CLIPS.map(([name]) => name));
});

contract("three_calls_are_enough", async (play) => {
  const stage = play();
  stage.select("A001");
  await stage.flow.choose({ dub: ["ELISE_it.wav"], language: "it-IT" }); // 1
  await stage.flow.sync(); // 2
  assert("A001" in stage.laid());
});

contract("a_second_sync_asks_for_nothing_and_lays_a_newer_clip_without_a_heap", async (play) => {
  const stage = play();
  await stage.sync(["A001"]);
  const before = stage.originals();
  const flow = await stage.sync(["A001"], { dub: false });
  assert.equal(flow.state, "done");
  const folders = stage.calls("import_timeline").map((sent) => sent.folder);
  assert.equal(folders[0], folders[1]);
  assert.equal(stage.originals(), before);
  assert.equal(stage.world.active.tracks.length, 2);
  assert.equal(stage.world.active.tracks[1].items.length, 1);
});

contract("nothing_selected_is_said_and_nothing_is_sent", async (play) => {
  const stage = play();
  const flow = await stage.sync([]);
  assert.equal(flow.state, "failed");
  assert.match(flow.problem.text(), /No clip is selected/);
  assert(!stage.calls("import_timeline").length);
});

contract("an_unsaved_project_is_said_and_nothing_is_sent", async (play) => {
  const stage = play();
  stage.select("A001");
  await stage.flow.choose({ dub: ["ELISE_it.wav"] });
  stage.unsave();
  await stage.flow.sync();
  assert.equal(stage.flow.state, "failed");
  assert.match(stage.flow.problem.what, /not saved/);
  assert(!stage.calls("import_timeline").length);
});

contract("a_timeline_without_a_dub_asks_for_one", async (play) => {
  const flow = await play().sync(["A001"], { dub: false });
  assert.deepEqual([flow.state, flow.problem.kind], ["failed", "choice"]);
  assert.match(flow.problem.text(), /dub/);
});

contract("two_timelines_of_one_name_are_two_reels", async (play) => {
  const stage = play();
  await stage.sync(["A001"]);
  stage.openNamesake();
  const flow = await stage.sync(["A001"]);
  assert.equal(flow.state, "done");
  const [one, other] = stage.calls("import_timeline").map((sent) => sent.folder);
  assert.notEqual(one, other);
});

contract("offline_media_are_named_and_the_others_are_synced", async (play) => {
  const stage = play();
  stage.takeOffline("A002");
  const flow = await stage.sync(["A001", "A002"]);
  assert.equal(flow.state, "done");
  assert.deepEqual(Object.keys(stage.laid()), ["A001"]);
  assert(flow.warnings.some((one) => one.includes("A002")));
});

contract("an_error_of_one_shot_is_shown_and_the_others_come_back", async (play) => {
  const stage = play("fail");
  const flow = await stage.sync(["A001", "A002"]);
  assert.equal(flow.state, "done");
  assert.deepEqual(Object.keys(stage.laid()), ["A002"]);
  assert(flow.warnings.some((one) => one.includes("no face is seen") && one.includes("point at")));
});

contract("a_refusal_is_shown_with_what_to_try", async (play) => {
  const stage = play("refuse");
  const flow = await stage.sync(["A001"]);
  assert.deepEqual([flow.state, flow.problem.kind], ["failed", "consent"]);
  assert.equal(flow.problem.hint, "add one to the reel");
  assert.deepEqual(stage.laid(), {});
});

contract("cancel_keeps_what_is_finished", async (play) => {
  const stage = play("wait");
  stage.select("A001", "A002");
  await stage.flow.choose({ dub: ["ELISE_it.wav"], language: "it-IT" });
  const running = stage.flow.sync();
  await until(() => stage.flow.progress.shots_done === 1);
  await stage.flow.cancel();
  assert.equal(await running, "cancelled");
  assert.deepEqual(Object.keys(stage.laid()), ["A001"]);
});

contract("dubsync_ending_in_the_middle_is_said_and_sending_again_works", async (play) => {
  const stage = play("die");
  const flow = await stage.sync(["A001"]);
  assert.equal(flow.state, "failed");
  assert.match(flow.problem.text(), /ended unexpectedly[^]*out of memory[^]*--listen/);
  stage.behave("done");
  assert.equal((await stage.sync(["A001"])).state, "done");
});

contract("the_host_closing_ends_dubsync", async (play) => {
  const stage = play("wait");
  stage.select("A001");
  await stage.flow.choose({ dub: ["ELISE_it.wav"], language: "it-IT" });
  const running = stage.flow.sync();
  await until(() => stage.flow.progress.shots_done === 1);
  stage.flow.close();
  await stage.gone;
  assert(fs.existsSync(path.join(stage.folder, "closed")));
  assert(!stage.client.running);
  assert.equal(await running, "failed");
});

contract("a_host_that_answers_nothing_is_said_never_raised", async (play) => {
  const stage = play();
  await stage.flow.choose({ dub: ["ELISE_it.wav"] });
  stage.select("A001");
  stage.answerNothing();
  for (const whole of [false, true]) {
    await stage.flow.sync(whole);
    assert.equal(stage.flow.state, "failed");
    assert(stage.flow.problem.text());
  }
  await assert.rejects(exchangeNotes(stage.flow), Problem);
}, BOTH);

contract("notes_become_markers_and_markers_notes_once", async (play) => {
  const note = {
    name: "N0001", shot: "A001", frame: 1010, record: START + 10, text: "lips open on the m",
    colour: "red", author: "Anna", done: false, created: "", host_id: "",
  };
  const stage = play("done", [note]);
  await stage.sync(["A001"]);
  stage.setMarker(START + 50, "too wide");
  const made = await exchangeNotes(stage.flow);
  assert.deepEqual(made, { set: 1, kept: 1, warnings: [] });
  const [sent] = stage.calls("add_note");
  assert.deepEqual([sent.record, sent.text], [START + 50, "too wide"]);
  const texts = stage.markerTexts();
  assert.equal(texts.length, 2);
  assert(texts.some((text) => text.includes("lips open on the m")));
  const [ours] = stage.world.active.markers.filter((one) => one.comments);
  assert.deepEqual([ours.at, ours.colour], [10, 1]);
  await exchangeNotes(stage.flow);
  assert.deepEqual(stage.markerTexts().sort(), texts.sort(), "a second exchange adds none");
  assert.equal(new Set(stage.calls("add_note").map((one) => one.host_id)).size, 1);
}, BOTH);

contract("the_shot_under_the_playhead_opens_in_the_desk", async (play) => {
  const stage = play();
  await stage.sync(["A001"]);
  stage.movePlayhead(START + 50);
  await openInDesk(stage.flow);
  assert.equal(stage.calls("desk")[0].shot, "A002");
});

contract("a_dubsync_of_another_protocol_says_which_side_to_update", async (play) => {
  const flow = await play("newer").sync(["A001"]);
  assert.equal(flow.state, "failed");
  assert.match(flow.problem.text(), /update the plugin/);
});

contract("a_job_that_ended_before_its_number_was_told_is_laid_in", async (play) => {
  const stage = play("early");
  assert.equal((await stage.sync(["A001"])).state, "done");
  assert("A001" in stage.laid());
});
