// What the panel does with the machine, over the modules of UXP as the reference has them.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { test } = require("node:test");

require("./uxp_here.js");
const PLUGIN = path.join(__dirname, "../../../plugins/premiere/dubsync_premiere");
const { Problem } = require(path.join(PLUGIN, "problems.js"));
const uxp = require(path.join(PLUGIN, "uxp.js"));

test("a_file_is_written_whole_and_passing_folders_go", async () => {
  const folder = await uxp.disk.newFolder();
  const file = uxp.disk.join(folder, "cut.otio");
  assert.equal(await uxp.disk.exists(file), false);
  for (const text of ["one", "two"]) await uxp.disk.write(file, text);
  assert.equal(await uxp.disk.read(file), "two");
  assert.deepEqual(fs.readdirSync(folder), ["cut.otio"]);
  await uxp.disk.remove(folder);
  assert.equal(await uxp.disk.exists(folder), false);
});

test("an_address_that_is_missing_or_elsewhere_says_how_to_start_dubsync", async () => {
  process.env.HOME = fs.mkdtempSync(path.join(os.tmpdir(), "home_"));
  const file = uxp.userFile("rpc.json");
  for (const text of [null, "{", "{}", '{"url": "ws://example.com/x"}', '{"url": "ws://127.0.0.1:1"}']) {
    if (text !== null) await uxp.disk.write(file, text);
    await assert.rejects(uxp.connect(), (error) =>
      error instanceof Problem && error.text().includes("dubsync rpc --listen"));
  }
  fs.rmSync(process.env.HOME, { recursive: true });
});

test("picked_files_are_told_by_their_paths", async () => {
  assert.deepEqual(await uxp.pickFiles(["wav", "mov"]), ["/a.wav", "/a.mov"]);
});
