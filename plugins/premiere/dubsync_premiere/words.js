// What the panel says of a flow: the same words as in the other hosts.
"use strict";

const flows = require("./flow.js");

const STEPS = {
  track: "looking for faces", learn: "learning the actor", train: "training",
  plan: "planning", render: "rendering", verify: "counting the proof",
};

const counted = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

/** One line: what it does, or how it ended. */
function statusOf(flow) {
  const laid = counted(flow.placed.filter((one) => one.placed).length, "clip");
  if (flow.state === flows.READING) return "Reading the timeline" + step(flow.progress);
  if (flow.state === flows.SYNCING) return progress(flow.progress);
  if (flow.state === flows.PLACING) return "Laying the clips in";
  if (flow.state === flows.FAILED) return flow.problem ? flow.problem.what : "It failed";
  if (flow.state === flows.CANCELLED) return `Cancelled; ${laid} laid in`;
  return flow.state === flows.DONE ? `${laid} synced` : "Ready";
}

/** The lines below it: where, what to try, and every warning. */
function detailsOf(flow) {
  const failed = flow.problem && flow.state === flows.FAILED;
  return [...(failed ? flow.problem.text().split("\n").slice(1) : []), ...flow.warnings];
}

/** How much of the job is done, 0 to 1. */
function shareOf(flow) {
  const told = flow.progress;
  // Only rendering takes time enough to be shown as part of a shot.
  const within = told.step === "render" ? (told.done || 0) / (told.of || 1) : 0;
  return Math.min(1, ((told.shots_done || 0) + within) / (told.shots || 1));
}

function progress(told) {
  if (!told.shots) return "Waiting for dubsync";
  return `Shot ${Math.min(told.shots_done + 1, told.shots)} of ${told.shots}` + step(told);
}

function step(told) {
  if (!told.step) return "";
  return `: ${told.shot}, ${STEPS[told.step] || told.step} ${told.done}/${told.of}`;
}

module.exports = { counted, detailsOf, shareOf, statusOf };
