// Problems as the person at Premiere reads them: what happened, where, what to try.
"use strict";

class Problem extends Error {
  /** kind: "host", "choice", "dubsync", or a kind of the protocol: "consent", "media", ... */
  constructor(what, { where = "", hint = "", kind = "host" } = {}) {
    super(what);
    Object.assign(this, { what, where, hint, kind });
  }

  /** All of it, on up to three lines. */
  text() {
    const lines = [this.what];
    if (this.where && !this.what.includes(this.where)) lines.push("Where: " + this.where);
    if (this.hint) lines.push("Try: " + this.hint);
    return lines.join("\n");
  }
}

/** The Problem of an error object of JSON-RPC; anything else is a problem of dubsync. */
function fromError(error) {
  const told = error && typeof error === "object" ? error : {};
  const data = told.data && typeof told.data === "object" ? told.data : {};
  return new Problem(String(told.message || "dubsync did not say what went wrong"), {
    where: String(data.where || ""),
    hint: String(data.hint || ""),
    kind: String(data.kind || "dubsync"),
  });
}

const notSaved = () =>
  new Problem("This Premiere project is not saved yet.", { hint: "save it, and send again" });

const noTimeline = () =>
  new Problem("No sequence is open in Premiere.", { hint: "open the sequence, and send again" });

const nothingSelected = () =>
  new Problem("No clip is selected.", {
    hint: "select the clips to sync, or send the whole sequence",
  });

const hostRefused = (what, hint = "", where = "") =>
  new Problem(`Premiere did not ${what}.`, {
    where,
    hint: hint || "try it by hand in Premiere, to see why",
  });

const noDub = (name) =>
  new Problem(`No dub is chosen for ${name}.`, {
    hint: "choose the dub's sound files, one for each character",
    kind: "choice",
  });

const notListening = (where = "") =>
  new Problem("dubsync does not answer.", {
    where,
    hint: "run in a terminal, and leave open: dubsync rpc --listen",
    kind: "dubsync",
  });

const ended = (words = "") =>
  new Problem("dubsync ended unexpectedly.", {
    where: words,
    hint: "start it again: dubsync rpc --listen; then send again: finished shots are kept",
    kind: "dubsync",
  });

const closed = () =>
  new Problem("The connection to dubsync was closed.", {
    hint: "send again: finished shots are kept",
    kind: "dubsync",
  });

/** Any error as a Problem. */
const asProblem = (error) =>
  error instanceof Problem ? error : hostRefused("do it", "", String((error && error.message) || error));

module.exports = {
  Problem, asProblem, closed, ended, fromError, hostRefused, noDub, noTimeline, notListening, notSaved,
  nothingSelected,
};
