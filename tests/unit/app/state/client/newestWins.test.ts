import { expect, it, vi } from "vitest";
import type { Outcome } from "../../../../../src/app/state/client/answers.ts";
import { MOST_ON_A_CARD, newestWins } from "../../../../../src/app/state/client/newestWins.ts";

const DONE: Outcome<"sample"> = {
  status: "done",
  end: { type: "sampleDone", sampleId: "", elapsedMs: 1 },
};
const failed = (isLost: boolean): Outcome<"sample"> => ({ status: "failed", message: "", isLost });

/** Each thing that is wanted has two answers, `a` and `b`. */
function sent(most = 1) {
  const sent: string[] = [];
  const open = new Map<string, (outcome: Outcome<"sample">) => void>();
  const answer = (id: string) => ({
    done: new Promise<Outcome<"sample">>((resolve) => open.set(id, resolve)),
  });
  const newest = newestWins(
    () => most,
    (wanted: string) => {
      sent.push(wanted);
      return [answer(`${wanted} a`), answer(`${wanted} b`)];
    },
  );
  const end = async (id: string, outcome = DONE) => {
    open.get(id)?.(outcome);
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  return { ...newest, sent, end };
}

it("sends what is wanted at once, and of all that is wanted until the answers are there the newest", async () => {
  const { want, end, sent: all } = sent();
  want("1");
  for (const wanted of ["2", "3", "4"]) want(wanted);
  expect(all).toEqual(["1"]);
  await end("1 a");
  expect(all).toEqual(["1"]);
  await end("1 b");
  expect(all).toEqual(["1", "4"]);
  await end("4 a");
  await end("4 b");
  want("5");
  expect(all).toEqual(["1", "4", "5"]);
});

it("an answer may be that it failed, or was cancelled", async () => {
  const { want, end, sent: all } = sent();
  want("1");
  want("2");
  await end("1 a", failed(false));
  await end("1 b", { status: "cancelled" });
  expect(all).toEqual(["1", "2"]);
});

it.each<[string, (of: ReturnType<typeof sent>) => Promise<void> | void]>([
  [
    "when the worker is gone",
    async ({ end }) => {
      await end("1 a", failed(true));
      await end("1 b", failed(true));
    },
  ],
  ["when it is told to forget", ({ forget }) => forget()],
])("%s it awaits nothing any more, and drops what was wanted before", async (_, happens) => {
  const live = sent();
  live.want("1");
  live.want("2");
  await happens(live);
  await live.end("1 a");
  await live.end("1 b");
  expect(live.sent).toEqual(["1"]);
  live.want("3");
  expect(live.sent).toEqual(["1", "3"]);
});

/**
 * What is always wanted is drawn by a card that takes `computeMs` for it, where a browser notices after `noticedMs`.
 *
 * @returns answers a second, and how long the last ones took
 */
async function drawAlways({ computeMs, noticedMs }: { computeMs: number; noticedMs: number }) {
  vi.useFakeTimers();
  let freeMs = 0;
  const answers: { id: string; tookMs: number; atMs: number }[] = [];
  const newest = newestWins(
    () => MOST_ON_A_CARD,
    (id: string) => {
      const sentMs = performance.now();
      freeMs = Math.max(freeMs, sentMs) + computeMs;
      const atMs = freeMs + noticedMs;
      const done = new Promise<Outcome<"sample">>((resolve) => {
        setTimeout(() => {
          answers.push({ id, tookMs: atMs - sentMs, atMs });
          resolve(DONE);
        }, atMs - sentMs);
      });
      return [{ done }];
    },
  );
  const startMs = performance.now();
  // A pointer moves 125 times a second.
  const pointer = setInterval(() => newest.want(String(performance.now())), 8);
  await vi.advanceTimersByTimeAsync(4000);
  clearInterval(pointer);
  vi.useRealTimers();
  const later = answers.filter(({ atMs }) => atMs - startMs > 2000);
  const meanMs = later.reduce((sum, { tookMs }) => sum + tookMs, 0) / later.length;
  return { perSecond: later.length / 2, meanMs };
}

it("where a browser takes 100 ms to notice that a card is done it draws thirty times a second", async () => {
  const { perSecond } = await drawAlways({ computeMs: 2, noticedMs: 100 });
  expect(perSecond).toBeGreaterThanOrEqual(30);
});

it("where the card itself takes the time digits come as soon as before, as often", async () => {
  const { perSecond, meanMs } = await drawAlways({ computeMs: 50, noticedMs: 2 });
  expect(perSecond).toBeGreaterThanOrEqual(16);
  expect(meanMs).toBeLessThan(1.2 * 52);
});
