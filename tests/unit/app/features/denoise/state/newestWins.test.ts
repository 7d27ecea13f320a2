import { expect, it } from "vitest";
import { newestWins } from "../../../../../../src/app/features/denoise/state/newestWins.ts";
import type { WorkerEvent } from "../../../../../../src/runtime/run/events.ts";

function sent() {
  const sent: string[] = [];
  const newest = newestWins((wanted: string) => {
    sent.push(wanted);
    return [`${wanted} a`, `${wanted} b`];
  });
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

const FAULT: WorkerEvent = { type: "fault", cause: "error", message: "", details: "" };
