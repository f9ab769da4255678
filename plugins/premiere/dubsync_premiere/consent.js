// Consent of performers: who lacks what, and the records that the user chooses for it, as
// plugins/link/dubsync_link/consent.py.  dubsync makes no consent up: a record is a file that the
// user has; the reel gets a copy of it.
"use strict";

const { nameOf } = require("./paths.js");
const { Problem } = require("./problems.js");

/** Performers in the shots that were asked for have not consented; characters: whom they play. */
class MissingConsent extends Problem {
  constructor(lacking) {
    const who = lacking.map((one) => `${one.characters.join(", ")} (performer ${one.performer})`);
    super(`Consent is missing: ${who.join("; ")}.`, {
      where: lacking.map((one) => one.message).join("; "),
      hint:
        "choose consent records. If another performer plays the part, say so: " +
        `${lacking[0].characters[0]}=ID`,
      kind: "consent",
    });
    this.characters = charactersOf(lacking);
  }
}

/**
 * Keep consent records for the open sequence, and add them to its reel if there is one.
 * Resolves to sentences that say what was added; rejects with a Problem: a file is no record.
 */
async function chooseRecords(flow, paths) {
  if (!paths.length) return [];
  const known = await flow.chosen();
  const names = new Set(paths.map(nameOf));
  const kept = known.consent.filter((one) => !names.has(nameOf(one)));
  const said = await add(flow, known, { files: paths });
  await flow.choose({ consent: [...kept, ...paths] });
  return said;
}

/**
 * Keep who plays whom, { character: performer id }, and write it into the reel if there is one.
 * Rejects with a Problem: the reel has no such character.
 */
async function choosePerformers(flow, performers) {
  const known = await flow.chosen();
  const held = new Map();
  for (const one of flow.reel.lacking || []) {
    for (const who of one.characters) held.set(who, one.performer);
  }
  // What the reel says otherwise is written again, also where it was chosen before.
  const changed = Object.entries(performers).filter(
    ([who, name]) => known.performers[who] !== name || (held.has(who) && held.get(who) !== name));
  if (changed.length) await add(flow, known, { performers: Object.fromEntries(changed) });
  await flow.choose({ performers });
}

/** The chosen records whose files are there; each other adds a sentence to `warnings`. */
async function stillThere(disk, paths, warnings) {
  const found = [];
  for (const one of paths) {
    if (await disk.exists(one)) found.push(one);
    else warnings.push(`${one}: this consent record is gone`);
  }
  return found;
}

/** The Problem where every one of `shots` shows a performer who has not consented; else null. */
function problemOf(reel, shots) {
  const lacking = reel.lacking || [];
  const whose = charactersOf(lacking);
  const shown = (reel.shots || []).filter((one) => shots.includes(one.name));
  if (!shown.length || !shown.every((one) => meets(one.characters, whose))) return null;
  const seen = charactersOf(shown);
  return new MissingConsent(lacking.filter((one) => meets(one.characters, seen)));
}

/** Whether the panel shall offer to choose records: something lacks, or was refused for it. */
function askedFor(flow) {
  if (flow.busy) return false;
  const lacks = (flow.reel.lacking || []).length > 0;
  return lacks || (flow.problem !== null && flow.problem.kind === "consent");
}

/** { character: performer id } of "ELISE=anna-example, MARC=marc-example".  Throws a Problem. */
function readPerformers(text) {
  const found = new Map();
  for (const part of text.split(/[,;]/).map((one) => one.trim()).filter(Boolean)) {
    const [, who, name] = /^([^=]*)=(.*)$/.exec(part) || ["", "", ""];
    if (!who.trim() || !name.trim()) {
      throw new Problem(`It is not clear who plays whom: ${part}`, {
        hint: "write CHARACTER=ID, as ELISE=anna-example", kind: "choice",
      });
    }
    found.set(who.trim(), name.trim());
  }
  return Object.fromEntries(found);
}

/** What `readPerformers` reads. */
const performersText = (performers) =>
  Object.entries(performers).map(([who, name]) => `${who}=${name}`).join(", ");

/** Add to the reel; a reel that is not there yet gets it when it is made. */
async function add(flow, known, what) {
  const { folder } = known;
  if (!folder || !(await flow.disk.exists(flow.disk.join(folder, "dubsync.toml")))) return [];
  const answer = await flow.client.call("add_consent", { reel: folder, ...what });
  flow.consented(answer.lacking, mended(flow.problem, answer.lacking));
  return answer.records.map(
    (one) => `Consent of ${one.performer} added: ${one.id}, until ${one.valid_until}.`);
}

/** What is left of a problem once the reel lacks only this. */
function mended(problem, lacking) {
  if (!problem || problem.kind !== "consent") return problem;
  const left = lacking.filter((one) => meets(one.characters, problem.characters || new Set()));
  return left.length ? new MissingConsent(left) : null;
}

const charactersOf = (rows) => new Set([].concat(...rows.map((one) => one.characters)));

const meets = (names, others) => names.some((one) => others.has(one));

module.exports = {
  askedFor, choosePerformers, chooseRecords, performersText, problemOf, readPerformers, stillThere,
};
