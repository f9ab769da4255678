// Writes a sequence as OpenTimelineIO, for a Premiere that exports none (before 26.2).
"use strict";

const frames = require("./frames.js");

const fps = (ticks) => Number(frames.TICKS) / Number(ticks);

const time = (value, rate) => ({ OTIO_SCHEMA: "RationalTime.1", rate, value });

const range = (start, duration) => ({
  OTIO_SCHEMA: "TimeRange.1", start_time: start, duration,
});

/** file:///C:/a b.mov, file:///a%20b.mov */
function fileUrl(path) {
  const plain = path.replace(/\\/g, "/");
  const parts = plain.split("/").map(encodeURIComponent).join("/").replace(/^([A-Za-z])%3A/, "$1:");
  return "file://" + (parts.startsWith("/") ? "" : "/") + parts;
}

function reference(clip) {
  if (!clip.media) return { OTIO_SCHEMA: "MissingReference.1", metadata: {}, name: clip.name };
  const rate = fps(clip.mediaTicks);
  const [start, length] = clip.available || [0, 0];
  return {
    OTIO_SCHEMA: "ExternalReference.1", metadata: {}, name: "", target_url: fileUrl(clip.media),
    available_range: clip.available ? range(time(start, rate), time(length, rate)) : null,
  };
}

function clipJson(clip, rate) {
  const warp = { OTIO_SCHEMA: "LinearTimeWarp.1", metadata: {}, name: "", effect_name: "" };
  const straight = clip.speed === 1 || !Number.isFinite(clip.speed);
  return {
    OTIO_SCHEMA: "Clip.1", metadata: {}, name: clip.name, enabled: clip.enabled, markers: [],
    effects: straight ? [] : [{ ...warp, time_scalar: clip.speed }],
    source_range: range(
      time(clip.source[0], fps(clip.mediaTicks)), time(clip.record[1] - clip.record[0], rate)),
    media_reference: reference(clip),
  };
}

function trackJson(name, clips, zero, rate) {
  const children = [];
  let at = zero;
  for (const clip of [...clips].sort((a, b) => a.record[0] - b.record[0])) {
    if (clip.record[0] > at) {
      children.push({
        OTIO_SCHEMA: "Gap.1", metadata: {}, name: "", effects: [], markers: [],
        source_range: range(time(0, rate), time(clip.record[0] - at, rate)),
      });
    }
    children.push(clipJson(clip, rate));
    at = clip.record[1];
  }
  return {
    OTIO_SCHEMA: "Track.1", metadata: {}, name, kind: "Video", source_range: null, effects: [],
    markers: [], children,
  };
}

/**
 * The text of an .otio file.
 * name    of the sequence
 * of      { perFrame, zero }: ticks of a frame, and the sequence's first frame
 * clips   as SequenceReader.told tells them
 */
function timelineFile(name, { perFrame, zero }, clips) {
  const rate = fps(perFrame);
  const names = [...new Set(clips.map((one) => one.track))];
  names.sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
  const tracks = names.map((track) =>
    trackJson(track, clips.filter((one) => one.track === track), zero, rate));
  return JSON.stringify({
    OTIO_SCHEMA: "Timeline.1", metadata: {}, name, global_start_time: time(zero, rate),
    tracks: {
      OTIO_SCHEMA: "Stack.1", metadata: {}, name: "tracks", source_range: null, effects: [],
      markers: [], children: tracks,
    },
  }, null, 1);
}

module.exports = { timelineFile };
