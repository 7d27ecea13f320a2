import { expect, test } from "vitest";
import { presetConfig } from "../../../src/config/presets.ts";
import { noticed } from "../../../src/store/notices.ts";
import { initialState } from "../../../src/store/state.ts";

test("a message that quotes a whole file is cut off, and no character in half", () => {
  const message = "🙂".repeat(100_000);
  const [notice] = noticed(initialState("tiny", presetConfig("tiny")), {
    title: "The file did not load",
    message,
  }).notices;
  expect(notice?.message.length).toBeLessThanOrEqual(600);
  expect(notice?.message).toMatch(/^🙂+…$/u);
});
