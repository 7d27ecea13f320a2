import { expect, test } from "vitest";
import { Answers } from "../../../../../src/app/state/client/answers.ts";
import { noticed } from "../../../../../src/app/state/slices/notices.ts";
import { initialState } from "../../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";

const LONG = `Expected a run, got ${"🙂".repeat(100_000)}. Export it again.`;
const idle = initialState("tiny", presetConfig("tiny"));

test("a notice that quotes a whole file is short, and still says what to do", () => {
  const [notice] = noticed(idle, "The file did not load", LONG).notices;
  expect(notice?.message.length).toBeLessThanOrEqual(600);
  expect(notice?.message).toMatch(/^Expected a run.*Export it again\.$/u);
});

test("so is why a request has failed", async () => {
  const answers = new Answers();
  const { done } = answers.request<"reading">("r", () => {});
  answers.take({ type: "requestFailed", requestId: "r", message: LONG });
  const outcome = await done;
  const message = outcome.status === "failed" ? outcome.message : "";
  expect(message.length).toBeLessThanOrEqual(600);
  expect(message).toMatch(/^Expected a run.*Export it again\.$/u);
});

test("what is said again is there once, as the newest, and of more than three the newest three", () => {
  const said = ["a 1", "b 1", "a 2", "a 1", "c 1", "b 1"].reduce(
    (state, text) => noticed(state, text[0] ?? "", text),
    initialState("tiny", presetConfig("tiny")),
  );
  expect(said.notices.map(({ message }) => message)).toEqual(["a 1", "c 1", "b 1"]);
  expect(new Set(said.notices.map(({ id }) => id)).size).toBe(3);
  const [first, ...others] = said.notices;
  // Closed, its number is not given to another that is still to be closed.
  const next = noticed({ ...said, notices: others }, "d", "d").notices;
  expect(next.map(({ id }) => id)).not.toContain(first?.id);
});

test("only what says the same under the same title is said again", () => {
  const saying = (...said: string[]) =>
    said.reduce(
      (state, text) => noticed(state, text[0] ?? "", text.slice(2)),
      initialState("tiny", presetConfig("tiny")),
    );
  const texts = (...said: string[]) =>
    saying(...said).notices.map(({ title, message }) => `${title} ${message}`);
  expect(texts("a 1", "b 2", "a 1")).toEqual(["b 2", "a 1"]);
  expect(texts("a 1", "a 2", "a 1")).toEqual(["a 2", "a 1"]);
  expect(texts("a 1", "b 1", "a 1")).toEqual(["b 1", "a 1"]);
});
