// The panel's buttons, over a document that has what the panel uses of one.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");

const { Stage } = require("./stage.js");
const PLUGIN = path.join(__dirname, "../../../plugins/premiere/dubsync_premiere");
const consent = require(path.join(PLUGIN, "consent.js"));
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

test("another_sequence_shows_its_own_choices_and_takes_none_of_the_last", async () => {
  const stage = new Stage("26.3");
  try {
    const { parts, getElementById } = page();
    const picks = [["/dub/ELISE_it.wav"], ["/dub/ELISE_fr.wav"]];
    await new Panel({ getElementById }, stage.flow, async () => picks.shift()).open();
    parts.language.value = "it-IT";
    await parts.dub.click();
    stage.select("A001");
    await parts.selected.click();
    const first = stage.world.active;
    stage.openNamesake();
    stage.select("A001");
    await parts.selected.click();
    assert.equal(parts.status.textContent, "No dub is chosen for cut.");
    assert.deepEqual([parts.chosen.textContent, parts.language.value], ["", ""]);
    parts.language.value = "fr-FR";
    await parts.dub.click();
    await parts.selected.click();
    const languages = stage.calls("import_timeline").map((sent) => sent.language);
    assert.deepEqual(languages, ["it-IT", "fr-FR"]);
    stage.world.active = first;
    await parts.notes.click();
    const shown = [parts.chosen.textContent, parts.language.value];
    assert.deepEqual(shown, ["Dub: ELISE_it.wav", "it-IT"]);
  } finally {
    await stage.close();
  }
});

test("missing_consent_is_named_and_the_button_below_it_adds_a_record", async () => {
  const stage = new Stage("26.3", "unsigned");
  try {
    const { parts, getElementById } = page();
    const asked = [];
    const pick = async (types) => {
      asked.push(types);
      return types.includes("toml") ? [stage.touch("elise-001.toml")] : ["/dub/ELISE_it.wav"];
    };
    await new Panel({ getElementById }, stage.flow, pick).open();
    assert.equal(parts.lacking.style.display, "none");
    await parts.dub.click();
    stage.select("A001");
    await parts.selected.click();
    assert.equal(parts.status.textContent, "Consent is missing: ELISE (performer elise).");
    assert.match(parts.details.textContent, /no consent record[^]*ELISE=ID/);
    assert.equal(parts.lacking.style.display, "flex");
    parts.performers.value = "ELISE";
    await parts.selected.click();
    assert.equal(parts.status.textContent, "It is not clear who plays whom: ELISE");
    parts.performers.value = "ELISE=anna-example";
    await parts.consent.click();
    assert.deepEqual(asked[1], ["toml"]);
    const sent = stage.calls("add_consent").map((one) => one.performers || one.files.length);
    assert.deepEqual(sent, [{ ELISE: "anna-example" }, 1]);
    assert.equal(parts.status.textContent, "Consent of elise added: elise-001, until 2099-01-01.");
    assert.equal(parts.chosen.textContent, "Dub: ELISE_it.wav; Consent: elise-001.toml");
    assert.equal(parts.lacking.style.display, "none");
    await parts.selected.click();
    assert.equal(parts.status.textContent, "1 clip synced");
  } finally {
    await stage.close();
  }
});

test("what_lacks_in_one_sequence_is_not_told_of_another", async () => {
  const stage = new Stage("26.3", "unsigned");
  try {
    const { parts, getElementById } = page();
    const pick = async () => [stage.touch("elise-001.toml")];
    await new Panel({ getElementById }, stage.flow, pick).open();
    await stage.sync(["A001"]);
    assert.equal(parts.lacking.style.display, "flex");
    stage.openNamesake();
    await parts.records.click();
    assert.deepEqual([parts.status.textContent, parts.lacking.style.display], ["Ready", "none"]);
    assert(!stage.calls("add_consent").length, "the other sequence has no reel yet");
  } finally {
    await stage.close();
  }
});

test("who_plays_whom_is_read_as_it_is_written", () => {
  const read = consent.readPerformers("ELISE=anna-example; MARC = marc=b,, __proto__=x");
  assert.deepEqual(Object.entries(read),
    [["ELISE", "anna-example"], ["MARC", "marc=b"], ["__proto__", "x"]]);
  assert.equal(consent.performersText(read), "ELISE=anna-example, MARC=marc=b, __proto__=x");
  assert.throws(() => consent.readPerformers("ELISE="), (error) => error.kind === "choice");
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
