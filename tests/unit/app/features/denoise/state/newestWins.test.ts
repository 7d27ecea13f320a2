import { expect, it, vi } from "vitest";
import {
  MOST_ON_A_CARD,
  newestWins,
} from "../../../../../../src/app/features/denoise/state/newestWins.ts";
import type { WorkerEvent } from "../../../../../../src/runtime/run/events.ts";

function sent(most = 1) {
  const sent: string[] = [];
  const newest = newestWins(
    () => most,
    (wanted: string) => {
      sent.push(wanted);
      return [`${wanted} a`, `${wanted} b`];
    },
  );
  const done = (sampleId: string) =>
    newest.afterEvent({ type: "sampleDone", sampleId, elapsedMs: 1 });
  return { ...newest, sent, done };
}

it("sends what is wanted at once, and of all that is wanted until the answers are there the newest", () => {
  const { want, done, sent: all } = sent();
  want("1");
  for (const wanted of ["2", "3", "4"]) want(wanted);
  expect(all).toEqual(["1"]);
  done("1 a");
  done("another's");
  expect(all).toEqual(["1"]);
  done("1 b");
  expect(all).toEqual(["1", "4"]);
  done("4 a");
  done("4 b");
  want("5");
  expect(all).toEqual(["1", "4", "5"]);
});

it("an answer may be that it failed, or was cancelled", () => {
  const { want, afterEvent, sent: all } = sent();
  want("1");
  want("2");
  afterEvent({ type: "sampleFailed", sampleId: "1 a", message: "" });
  afterEvent({ type: "sampleCancelled", sampleId: "1 b" });
  expect(all).toEqual(["1", "2"]);
});

it.each<[string, (of: ReturnType<typeof sent>) => void]>([
  ["after a fault", ({ afterEvent }) => afterEvent(FAULT)],
  ["when it is told to forget", ({ forget }) => forget()],
])("%s it awaits nothing any more, and drops what was wanted before", (_, happens) => {
  const live = sent();
  live.want("1");
  live.want("2");
  happens(live);
  live.done("1 a");
  live.done("1 b");
  expect(live.sent).toEqual(["1"]);
  live.want("3");
  expect(live.sent).toEqual(["1", "3"]);
});

/**
 * What is always wanted is drawn by a card that takes `computeMs` for it, where a browser notices after `noticedMs`.
 *
 * @returns answers a second, and how long the last ones took
 */
function drawAlways({ computeMs, noticedMs }: { computeMs: number; noticedMs: number }) {
  vi.useFakeTimers();
  let freeMs = 0;
  const answers: { id: string; tookMs: number; atMs: number }[] = [];
  const newest = newestWins(
    () => MOST_ON_A_CARD,
    (id: string) => {
      const sentMs = performance.now();
      freeMs = Math.max(freeMs, sentMs) + computeMs;
      const atMs = freeMs + noticedMs;
      setTimeout(() => {
        answers.push({ id, tookMs: atMs - sentMs, atMs });
        newest.afterEvent({ type: "sampleDone", sampleId: id, elapsedMs: 1 });
      }, atMs - sentMs);
      return [id];
    },
  );
  const startMs = performance.now();
  // A pointer moves 125 times a second.
  const pointer = setInterval(() => newest.want(String(performance.now())), 8);
  vi.advanceTimersByTime(4000);
  clearInterval(pointer);
  vi.useRealTimers();
  const later = answers.filter(({ atMs }) => atMs - startMs > 2000);
  const meanMs = later.reduce((sum, { tookMs }) => sum + tookMs, 0) / later.length;
  return { perSecond: later.length / 2, meanMs };
}

it("where a browser takes 100 ms to notice that a card is done it draws thirty times a second", () => {
  expect(drawAlways({ computeMs: 2, noticedMs: 100 }).perSecond).toBeGreaterThanOrEqual(30);
});

it("where the card itself takes the time digits come as soon as before, as often", () => {
  const { perSecond, meanMs } = drawAlways({ computeMs: 50, noticedMs: 2 });
  expect(perSecond).toBeGreaterThanOrEqual(16);
  expect(meanMs).toBeLessThan(1.2 * 52);
});

const FAULT: WorkerEvent = { type: "fault", cause: "error", message: "", details: "" };
