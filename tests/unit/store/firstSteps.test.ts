import { describe, expect, it } from "vitest";
import { areFirstStepsDue, rememberFirstSteps } from "../../../src/store/firstSteps.ts";

/** Keeps what is set, as the browser's storage. */
function newStorage() {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  };
}

const denied = () => {
  throw new DOMException("denied", "SecurityError");
};

describe("the walk through the page", () => {
  it("is due on a first visit, and never again once it was skipped or gone through", () => {
    const storage = newStorage();
    expect(areFirstStepsDue(() => storage)).toBe(true);
    rememberFirstSteps(() => storage);
    expect(areFirstStepsDue(() => storage)).toBe(false);
  });

  it("is not due where the browser keeps nothing: it would come at every visit", () => {
    expect(areFirstStepsDue(denied)).toBe(false);
    expect(() => rememberFirstSteps(denied)).not.toThrow();
  });
});
