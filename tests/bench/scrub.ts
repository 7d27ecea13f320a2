/** Measures how smoothly a view is scrubbed, in the browser. */
export interface Smoothness {
  /** Frames that the browser showed, a second; at most what the screen shows. */
  framesPerSecond: number;
  /** The slowest twentieth took longer from one frame to the next. */
  p95Ms: number;
}

export interface Scrubbing {
  /** Keys that go back and on by one place. */
  keys: readonly [string, string];
  /** Places there are. */
  length: number;
  /** Where the page says it stands. */
  place: () => number;
  seconds: number;
}

/** Scrubs to and fro by the keyboard's keys, one step a frame, as fast as the browser shows frames. */
export async function scrub({ keys, length, place, seconds }: Scrubbing): Promise<Smoothness> {
  const press = (key: string) =>
    document.body.dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }),
    );
  const times: number[] = [];
  let expected = place();
  let by = -1;
  await new Promise<void>((resolve) => {
    requestAnimationFrame(function tick(nowMs) {
      times.push(nowMs);
      if (expected + by < 0 || expected + by >= length) by = -by;
      press(keys[by < 0 ? 0 : 1]);
      expected += by;
      if (nowMs - (times[0] as number) < 1000 * seconds) requestAnimationFrame(tick);
      else resolve();
    });
  });
  // A busy machine may be some frames behind.
  for (let i = 0; i < 60 && place() !== expected; i++) await new Promise(requestAnimationFrame);
  if (place() !== expected) throw new Error(`Scrubbed to ${expected}, it shows ${place()}.`);
  const gaps = times.slice(1).map((time, i) => time - (times[i] as number));
  const sorted = gaps.toSorted((a, b) => a - b);
  const sum = gaps.reduce((a, b) => a + b, 0);
  return {
    framesPerSecond: (1000 * gaps.length) / sum,
    p95Ms: sorted[Math.floor(0.95 * sorted.length)] ?? 0,
  };
}
