import { expect, it, vi } from "vitest";
import { type Answer, Answers } from "../../../../../src/app/state/client/answers.ts";
import type { WorkerEvent } from "../../../../../src/runtime/run/events.ts";

const frame = (sampleId: string, index: number): WorkerEvent => ({
  type: "sampleFrame",
  sampleId,
  index,
  pixels: new Uint8Array(),
  x0: null,
});
const done = (sampleId: string): WorkerEvent => ({ type: "sampleDone", sampleId, elapsedMs: 7 });

function asked() {
  const answers = new Answers();
  const withdraw = vi.fn();
  return { answers, withdraw, answer: answers.request<"sample">("s", withdraw) };
}

async function partsOf({ parts }: Answer<"sample">): Promise<number[]> {
  const indices: number[] = [];
  for await (const part of parts) if (part.type === "sampleFrame") indices.push(part.index);
  return indices;
}

it("an answer has the parts and the end of its own request, however late they are read", async () => {
  const { answers, answer } = asked();
  const all = [frame("s", 0), frame("another's", 5), frame("s", 1), done("s")];
  expect(all.map((event) => answers.take(event))).toEqual([true, false, true, true]);
  expect(await partsOf(answer)).toEqual([0, 1]);
  expect(await answer.done).toMatchObject({ status: "done", end: { elapsedMs: 7 } });
  // It has ended: what comes is nobody's.
  expect(answers.take(frame("s", 2))).toBe(false);
});

it("parts are read as they come", async () => {
  const { answers, answer } = asked();
  const parts = answer.parts[Symbol.asyncIterator]();
  for (const index of [0, 1]) {
    const next = parts.next();
    answers.take(frame("s", index));
    expect(await next).toMatchObject({ done: false, value: { index } });
  }
  const last = parts.next();
  answers.take({ type: "sampleFailed", sampleId: "s", message: "No memory." });
  expect((await last).done).toBe(true);
  expect(await answer.done).toEqual({ status: "failed", message: "No memory.", isLost: false });
});

it("a cancelled answer has what still came, and the worker is told once", async () => {
  const { answers, answer, withdraw } = asked();
  answers.take(frame("s", 0));
  answer.cancel();
  answer.cancel();
  expect(withdraw).toHaveBeenCalledOnce();
  answers.take(frame("s", 1));
  answers.take({ type: "sampleCancelled", sampleId: "s" });
  expect(await partsOf(answer)).toEqual([0, 1]);
  expect(await answer.done).toEqual({ status: "cancelled" });
  answer.cancel();
  expect(withdraw).toHaveBeenCalledOnce();
});

it("what the worker ends by itself is interrupted, and what it leaves behind is lost", async () => {
  const { answers, answer } = asked();
  answers.take({ type: "sampleCancelled", sampleId: "s" });
  expect(await answer.done).toEqual({ status: "interrupted" });
  const later = answers.request<"sample">("later", () => {});
  answers.loseAll("It broke.");
  expect(await later.done).toEqual({ status: "failed", message: "It broke.", isLost: true });
  later.cancel();
});
