import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  type Look,
  lookLoop,
  MIN_INTERVAL_MS,
  MOST_SHARE,
  REPEAT_INTERVAL_MS,
} from "../../../../../../src/app/features/model/inside/lookLoop.ts";
import type { Outcome } from "../../../../../../src/app/state/client/answers.ts";

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
  const sent: Look[] = [];
  const answers: Outcome<"look">[] = [];
  let resolve: (outcome: Outcome<"look">) => void = () => {};
  const is = { training: trains, hidden: false };
  const loop = lookLoop({
    send(look) {
      sent.push(look);
      return {
        done: new Promise<Outcome<"look">>((resolveIt) => {
          resolve = resolveIt;
        }),
      };
    },
    runGoesOn: () => is.training,
    isHidden: () => is.hidden,
    onAnswer: (outcome) => answers.push(outcome),
  });
  const want = (block: string, network = "a", dataset: unknown = null) =>
    loop.want({ look: look(block), network, dataset });
  /** The end of the newest that was sent. */
  const end = async (outcome: Outcome<"look">) => {
    resolve(outcome);
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  const answer = (elapsedMs = 10) => {
    const seen = { size: 1, numChannels: 0, maps: new Uint8Array(), ranges: new Float32Array() };
    const block = sent.at(-1)?.block ?? "";
    return end({
      status: "done",
      end: {
        type: "blockSeen",
        requestId: "",
        block,
        seen: { ...seen, attention: null },
        elapsedMs,
        pixels: new Uint8Array(),
        t: 10,
        trainedSteps: 0,
      },
    });
  };
  const blocks = () => sent.map(({ block }) => block);
  return { ...loop, sent, answers, is, want, answer, answerWith: end, blocks };
}

it("sends nothing before anything is wanted, nor after the end", async () => {
  const { sent, end, go, want } = started({ trains: true });
  go();
  vi.advanceTimersByTime(60_000);
  expect(sent).toEqual([]);
  want("1");
  end();
  vi.advanceTimersByTime(60_000);
  expect(sent).toHaveLength(1);
});

it("of a network at rest sends what is wanted once, and of what is wanted meanwhile the newest", async () => {
  const { want, answer, blocks, answers } = started();
  for (const block of ["1", "2", "3"]) want(block);
  expect(blocks()).toEqual(["1"]);
  await answer();
  expect(blocks()).toEqual(["1", "3"]);
  await answer();
  want("3");
  vi.advanceTimersByTime(60_000);
  expect(blocks()).toEqual(["1", "3"]);
  want("3", "another network");
  expect(blocks()).toEqual(["1", "3", "3"]);
  expect(answers).toHaveLength(2);
});

it("looks again when other images are loaded, also under the same name", async () => {
  const { want, answer, blocks } = started();
  const datasets = [{ name: "Own files" }, { name: "Own files" }];
  for (const dataset of datasets) {
    for (const _ of [1, 2]) {
      want("1", "a", dataset);
      await answer();
    }
  }
  expect(blocks()).toEqual(["1", "1"]);
});

it("looks at a network that is trained every two seconds, and at something else never twice within one", async () => {
  const { want, answer, blocks } = started({ trains: true });
  want("1");
  await answer();
  vi.advanceTimersByTime(MIN_INTERVAL_MS - 1);
  // Whatever else is wanted.
  for (const block of ["2", "3"]) want(block);
  expect(blocks()).toEqual(["1"]);
  vi.advanceTimersByTime(1);
  expect(blocks()).toEqual(["1", "3"]);
  await answer();
  vi.advanceTimersByTime(REPEAT_INTERVAL_MS - 1);
  expect(blocks()).toEqual(["1", "3"]);
  vi.advanceTimersByTime(1);
  await answer();
  vi.advanceTimersByTime(REPEAT_INTERVAL_MS);
  expect(blocks()).toEqual(["1", "3", "3", "3"]);
});

it("takes less than a twentieth of the time of training, however long a look takes", async () => {
  const elapsedMs = 300;
  const { want, answer, sent } = started({ trains: true });
  want("1");
  const startMs = performance.now();
  for (let i = 0; i < 200; i++) {
    vi.advanceTimersByTime(elapsedMs);
    await answer(elapsedMs);
    vi.advanceTimersToNextTimer();
  }
  const looked = elapsedMs * (sent.length - 1);
  expect(sent).toHaveLength(201);
  expect(looked / (performance.now() - startMs)).toBeLessThanOrEqual(MOST_SHARE + 1e-9);
  expect(MOST_SHARE).toBeLessThan(0.05);
});

it("does not keep a person waiting who asks for something else, but for what comes right after", async () => {
  const { want, answer, blocks } = started({ trains: true });
  const elapsedMs = 3000;
  const costMs = elapsedMs / MOST_SHARE;
  want("1");
  await answer(elapsedMs);
  vi.advanceTimersByTime(10 * MIN_INTERVAL_MS);
  expect(blocks()).toEqual(["1"]);
  want("2");
  want("3");
  expect(blocks()).toEqual(["1", "2"]);
  await answer(elapsedMs);
  vi.advanceTimersByTime(2 * costMs - 10 * MIN_INTERVAL_MS - 1);
  expect(blocks()).toEqual(["1", "2"]);
  vi.advanceTimersByTime(1);
  expect(blocks()).toEqual(["1", "2", "3"]);
  // That one came in its time, so the next need not wait.
  await answer(elapsedMs);
  vi.advanceTimersByTime(MIN_INTERVAL_MS);
  want("4");
  expect(blocks()).toEqual(["1", "2", "3", "4"]);
});

it("takes no larger share from who scrubs all the time, but for the first that is asked for", async () => {
  const elapsedMs = 300;
  const { want, answer, sent } = started({ trains: true });
  const startMs = performance.now();
  for (let i = 0; i < 5000; i++) {
    want(`${i}`);
    const { length } = sent;
    vi.advanceTimersByTime(100);
    if (i === 0 || sent.length > length) await answer(elapsedMs);
  }
  const share = (elapsedMs * (sent.length - 2)) / (performance.now() - startMs);
  expect(share).toBeLessThanOrEqual(MOST_SHARE);
  expect(share).toBeGreaterThan(0.9 * MOST_SHARE);
});

it("does not let a run wait for what looks took before it", async () => {
  const { want, answer, blocks, is } = started();
  want("1");
  await answer(60_000);
  is.training = true;
  want("1", "training");
  vi.advanceTimersByTime(MIN_INTERVAL_MS);
  await answer();
  vi.advanceTimersByTime(REPEAT_INTERVAL_MS);
  expect(blocks()).toEqual(["1", "1", "1"]);
});

it("waits for an answer, and looks again after one that says what is wrong", async () => {
  const { want, blocks, answerWith, answers } = started({ trains: true });
  want("1");
  vi.advanceTimersByTime(10 * MIN_INTERVAL_MS);
  expect(blocks()).toEqual(["1"]);
  const failed = { status: "failed", message: "no", isLost: false } as const;
  await answerWith(failed);
  expect(answers).toEqual([failed]);
  expect(blocks()).toEqual(["1", "1"]);
});

it("sends nothing while the page is hidden, and goes on when it is seen again", async () => {
  const { want, answer, blocks, is, go } = started({ trains: true });
  want("1");
  is.hidden = true;
  await answer();
  vi.advanceTimersByTime(10 * MIN_INTERVAL_MS);
  expect(blocks()).toEqual(["1"]);
  is.hidden = false;
  go();
  expect(blocks()).toEqual(["1", "1"]);
});

it("looks once more when training has ended, at once", async () => {
  const { want, answer, blocks, is } = started({ trains: true });
  want("1", "training");
  await answer();
  is.training = false;
  want("1", "run at step 10");
  expect(blocks()).toEqual(["1", "1"]);
});

it("after a fault, which nobody answers, asks the next worker", async () => {
  const { want, blocks, answerWith } = started();
  want("1");
  await answerWith({ status: "failed", message: "", isLost: true });
  want("1");
  expect(blocks()).toEqual(["1", "1"]);
});
