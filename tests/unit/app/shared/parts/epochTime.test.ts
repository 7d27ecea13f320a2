import { expect, it } from "vitest";
import { formatEpochTime } from "../../../../../src/app/shared/parts/EpochTime.tsx";

const TIME = { epochMs: 200_000, totalMs: 2_000_000 };
/** With plain spaces: those within a duration do not break. */
const words = (config: { epochs: number; patience: number; distilFrom?: number }) =>
  formatEpochTime(TIME, { distilFrom: 0, ...config }).replaceAll("\u00a0", " ");

it("the time of an epoch is told with that of all", () => {
  expect(words({ epochs: 10, patience: 0 })).toMatch(/3 min 20 s.*33 min/);
});

it("the time of all epochs is the most there is where early stopping may end them", () => {
  expect(words({ epochs: 10, patience: 2 })).toMatch(/3 min 20 s.*at most 33 min/);
});

it("the time of the only epoch is told once", () => {
  expect(words({ epochs: 1, patience: 0 })).toContain("3 min 20 s");
  expect(words({ epochs: 1, patience: 0 })).not.toContain("33 min");
});

it("a duration stays on one line", () => {
  expect(formatEpochTime(TIME, { epochs: 1, patience: 0, distilFrom: 0 })).toContain(
    "3\u00a0min\u00a020\u00a0s",
  );
});

it("the epochs of a distillation are phases", () => {
  expect(words({ epochs: 5, patience: 0, distilFrom: 32 })).toMatch(/3 min 20 s a phase/);
  expect(words({ epochs: 5, patience: 0 })).toMatch(/3 min 20 s an epoch/);
});
