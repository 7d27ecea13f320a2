import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  type Look,
  lookLoop,
  MIN_INTERVAL_MS,
  MOST_SHARE,
  REPEAT_INTERVAL_MS,
} from "../../../../../../src/app/features/model/inside/lookLoop.ts";
import type { LookEvent, LookRequest } from "../../../../../../src/runtime/run/samplingProtocol.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function look(block: string): Look {
  const digit = { kind: "real", index: 0, t: 10, seed: 0 } as const;
  return { weights: "ema", digit, block, position: null };
}

function started({ trains = false } = {}) {
  const sent: LookRequest[] = [];
  const answers: LookEvent[] = [];
  const is = { training: trains, hidden: false };
  const loop = lookLoop({
    send: (request) => sent.push(request),
    isTraining: () => is.training,
    isHidden: () => is.hidden,
    onAnswer: (event) => answers.push(event),
  });
  const want = (block: string, network = "a", dataset: unknown = null) =>
    loop.want({ look: look(block), network, dataset });
  /** To the newest that was sent. */
  const answer = (elapsedMs = 10) => {
    const { lookId = "", block = "" } = sent.at(-1) ?? {};
    const attention = null;
    const seen = { size: 1, numChannels: 0, maps: new Uint8Array(), ranges: new Float32Array() };
    loop.afterEvent({
      type: "blockSeen",
      lookId,
      block,
      seen: { ...seen, attention },
      elapsedMs,
      pixels: new Uint8Array(),
      t: 10,
      trainedSteps: 0,
    });
  };
  const blocks = () => sent.map(({ block }) => block);
  return { ...loop, sent, answers, is, want, answer, blocks };
}

it("sends nothing before anything is wanted, nor after the end", () => {
  const { sent, end, go, want } = started({ trains: true });
  go();
  vi.advanceTimersByTime(60_000);
  expect(sent).toEqual([]);
  want("1");
  end();
  vi.advanceTimersByTime(60_000);
  expect(sent).toHaveLength(1);
});

it("of a network at rest sends what is wanted once, and of what is wanted meanwhile the newest", () => {
  const { want, answer, blocks, answers } = started();
  for (const block of ["1", "2", "3"]) want(block);
  expect(blocks()).toEqual(["1"]);
  answer();
  expect(blocks()).toEqual(["1", "3"]);
  answer();
  want("3");
  vi.advanceTimersByTime(60_000);
  expect(blocks()).toEqual(["1", "3"]);
  want("3", "another network");
  expect(blocks()).toEqual(["1", "3", "3"]);
  expect(answers).toHaveLength(2);
});

it("looks again when other images are loaded, also under the same name", () => {
  const { want, answer, blocks } = started();
  const datasets = [{ name: "Own files" }, { name: "Own files" }];
  for (const dataset of datasets) {
    for (const _ of [1, 2]) {
      want("1", "a", dataset);
      answer();
    }
  }
  expect(blocks()).toEqual(["1", "1"]);
});

it("looks at a network that is trained every two seconds, and at something else never twice within one", () => {
  const { want, answer, blocks } = started({ trains: true });
  want("1");
  answer();
  vi.advanceTimersByTime(MIN_INTERVAL_MS - 1);
  // Whatever else is wanted.
  for (const block of ["2", "3"]) want(block);
  expect(blocks()).toEqual(["1"]);
  vi.advanceTimersByTime(1);
  expect(blocks()).toEqual(["1", "3"]);
  answer();
  vi.advanceTimersByTime(REPEAT_INTERVAL_MS - 1);
  expect(blocks()).toEqual(["1", "3"]);
  vi.advanceTimersByTime(1);
  answer();
  vi.advanceTimersByTime(REPEAT_INTERVAL_MS);
  expect(blocks()).toEqual(["1", "3", "3", "3"]);
});

it("takes less than a twentieth of the time of training, however long a look takes", () => {
  const elapsedMs = 300;
  const { want, answer, sent } = started({ trains: true });
  want("1");
  const startMs = performance.now();
  for (let i = 0; i < 200; i++) {
    vi.advanceTimersByTime(elapsedMs);
    answer(elapsedMs);
    vi.advanceTimersToNextTimer();
  }
  const looked = elapsedMs * (sent.length - 1);
  expect(sent).toHaveLength(201);
  expect(looked / (performance.now() - startMs)).toBeLessThanOrEqual(MOST_SHARE + 1e-9);
  expect(MOST_SHARE).toBeLessThan(0.05);
});

it("does not keep a person waiting who asks for something else, but for what comes right after", () => {
  const { want, answer, blocks } = started({ trains: true });
  const elapsedMs = 3000;
  const costMs = elapsedMs / MOST_SHARE;
  want("1");
  answer(elapsedMs);
  vi.advanceTimersByTime(10 * MIN_INTERVAL_MS);
  expect(blocks()).toEqual(["1"]);
  want("2");
  want("3");
  expect(blocks()).toEqual(["1", "2"]);
  answer(elapsedMs);
  vi.advanceTimersByTime(2 * costMs - 10 * MIN_INTERVAL_MS - 1);
  expect(blocks()).toEqual(["1", "2"]);
  vi.advanceTimersByTime(1);
  expect(blocks()).toEqual(["1", "2", "3"]);
  // That one came in its time, so the next need not wait.
  answer(elapsedMs);
  vi.advanceTimersByTime(MIN_INTERVAL_MS);
  want("4");
  expect(blocks()).toEqual(["1", "2", "3", "4"]);
});

it("takes no larger share from who scrubs all the time, but for the first that is asked for", () => {
  const elapsedMs = 300;
  const { want, answer, sent } = started({ trains: true });
  const startMs = performance.now();
  for (let i = 0; i < 5000; i++) {
    want(`${i}`);
    const { length } = sent;
    vi.advanceTimersByTime(100);
    if (i === 0 || sent.length > length) answer(elapsedMs);
  }
  const share = (elapsedMs * (sent.length - 2)) / (performance.now() - startMs);
  expect(share).toBeLessThanOrEqual(MOST_SHARE);
  expect(share).toBeGreaterThan(0.9 * MOST_SHARE);
});

it("does not let a run wait for what looks took before it", () => {
  const { want, answer, blocks, is } = started();
  want("1");
  answer(60_000);
  is.training = true;
  want("1", "training");
  vi.advanceTimersByTime(MIN_INTERVAL_MS);
  answer();
  vi.advanceTimersByTime(REPEAT_INTERVAL_MS);
  expect(blocks()).toEqual(["1", "1", "1"]);
});

it("waits for an answer, and looks again after one that says what is wrong", () => {
  const { want, blocks, sent, afterEvent, answers } = started({ trains: true });
  want("1");
  vi.advanceTimersByTime(10 * MIN_INTERVAL_MS);
  expect(blocks()).toEqual(["1"]);
  const failed = { type: "lookFailed", lookId: sent[0]?.lookId ?? "", message: "no" } as const;
  afterEvent({ ...failed, lookId: "another's" });
  expect(answers).toEqual([]);
  afterEvent(failed);
  expect(answers).toEqual([failed]);
  expect(blocks()).toEqual(["1", "1"]);
});

it("sends nothing while the page is hidden, and goes on when it is seen again", () => {
  const { want, answer, blocks, is, go } = started({ trains: true });
  want("1");
  is.hidden = true;
  answer();
  vi.advanceTimersByTime(10 * MIN_INTERVAL_MS);
  expect(blocks()).toEqual(["1"]);
  is.hidden = false;
  go();
  expect(blocks()).toEqual(["1", "1"]);
});

it("looks once more when training has ended, at once", () => {
  const { want, answer, blocks, is } = started({ trains: true });
  want("1", "training");
  answer();
  is.training = false;
  want("1", "run at step 10");
  expect(blocks()).toEqual(["1", "1"]);
});

it("after a fault, which nobody answers, asks the next worker", () => {
  const { want, blocks, afterEvent } = started();
  want("1");
  afterEvent({ type: "fault", cause: "deviceLost", message: "", details: "" });
  want("1");
  expect(blocks()).toEqual(["1", "1"]);
});
