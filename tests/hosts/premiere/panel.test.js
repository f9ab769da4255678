// The panel's buttons, over a document that has what the panel uses of one.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");

const { Stage } = require("./stage.js");
const PLUGIN = path.join(__dirname, "../../../plugins/premiere/dubsync_premiere");
const { Panel } = require(path.join(PLUGIN, "panel.js"));

/** The elements of index.html that have an id. */
function page() {
  const html = fs.readFileSync(path.join(PLUGIN, "index.html"), "utf-8");
  const parts = {};
  for (const [, id] of html.matchAll(/id="([a-z]+)"/g)) {
    parts[id] = {
      style: {}, textContent: "", value: "", disabled: false,
      addEventListener(kind, work) { this[kind] = work; },
    };
  }
  return { parts, getElementById: (id) => parts[id] || null };
}

test("two_clicks_sync_the_selected_clips", async () => {
  const stage = new Stage("26.3");
  try {
    const { parts, getElementById } = page();
    const panel = new Panel({ getElementById }, stage.flow, async () => ["/dub/ELISE_it.wav"]);
    await panel.open();
    stage.select("A001");
    await parts.selected.click();
    assert.equal(parts.status.textContent, "No dub is chosen for cut.");
    assert.match(parts.details.textContent, /Try: choose the dub/);
    parts.language.value = " it-IT ";
    await parts.dub.click(); // 1
    assert.equal(parts.chosen.textContent, "Dub: ELISE_it.wav");
    const running = parts.selected.click(); // 2
    await new Promise((resolve) => setTimeout(resolve, 1));
    assert.deepEqual([parts.selected.disabled, parts.cancel.disabled], [true, false]);
    await running;
    assert.equal(parts.status.textContent, "1 clip synced");
    assert("A001" in stage.laid());
    assert.equal(stage.calls("import_timeline")[0].language, "it-IT");
    assert.deepEqual([parts.selected.disabled, parts.cancel.disabled], [false, true]);
    await parts.notes.click();
    assert.equal(parts.status.textContent, "0 markers set, 0 markers kept as notes");
    stage.world.active = null;
    await parts.desk.click();
    assert.equal(parts.status.textContent, "No sequence is open in Premiere.");
  } finally {
    await stage.close();
  }
});

test("modules_of_uxp_are_used_by_two_files_alone", () => {
  const using = fs.readdirSync(PLUGIN).filter((name) => name.endsWith(".js")).filter((name) =>
    /require\("(?!\.\/)/.test(fs.readFileSync(path.join(PLUGIN, name), "utf-8")));
  assert.deepEqual(using, ["index.js", "uxp.js"]);
});

test("the_manifest_asks_for_this_machine_alone", () => {
  const manifest = JSON.parse(fs.readFileSync(path.join(PLUGIN, "manifest.json"), "utf-8"));
  assert.equal(manifest.manifestVersion, 5);
  assert.deepEqual(manifest.host, { app: "premierepro", minVersion: "25.6.0" });
  assert.deepEqual(manifest.requiredPermissions.network.domains, ["ws://127.0.0.1:8722"]);
});
