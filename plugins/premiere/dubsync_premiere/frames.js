// Premiere counts time in ticks; dubsync in whole frames.  All counts of ticks are BigInt: a day
// has more of them than a number holds exactly.
"use strict";

const TICKS = 254016000000n; // in a second, as Premiere has it

/** Ticks of a frame from what getTimebase says; 0n where that is no count. */
function ticksPerFrame(timebase) {
  const text = String(timebase === null || timebase === undefined ? "" : timebase).trim();
  return /^[1-9][0-9]*$/.test(text) ? BigInt(text) : 0n;
}

/** Ticks of a frame at so many frames a second, as a number that was rounded: 23.976. */
function ticksAtRate(value) {
  for (const base of [24n, 25n, 30n, 48n, 50n, 60n, 100n, 120n]) {
    for (const [up, down] of [[1n, 1n], [1000n, 1001n]]) {
      const exact = (Number(base) * Number(up)) / Number(down);
      if (Math.abs(value - exact) < 0.002) return (TICKS * down) / (base * up);
    }
  }
  return 0n;
}

const gcd = (a, b) => (b === 0n ? a : gcd(b, a % b));

/** "24000/1001" of a frame's ticks. */
function rateText(perFrame) {
  const common = gcd(TICKS, perFrame);
  return `${TICKS / common}/${perFrame / common}`;
}

/** The nearest whole frame of a TickTime. */
function framesOf(time, perFrame) {
  const twice = 2n * BigInt(time.ticks) + perFrame;
  const whole = twice / (2n * perFrame);
  return Number(twice < 0n && twice % (2n * perFrame) !== 0n ? whole - 1n : whole);
}

/** Ticks of a count of frames, as TickTime takes them: a text. */
const ticksOf = (frames, perFrame) => String(BigInt(frames) * perFrame);

module.exports = { TICKS, framesOf, rateText, ticksAtRate, ticksOf, ticksPerFrame };
