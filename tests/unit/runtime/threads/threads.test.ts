import { expect, it } from "vitest";
import { trainingThreads } from "../../../../src/runtime/threads/threads.ts";

it("training takes a thread a core, of which a browser tells two processors, and at most four", () => {
  const processors = [1, 2, 3, 4, 6, 8, 16];
  expect(processors.map(trainingThreads)).toEqual([1, 2, 2, 2, 3, 4, 4]);
});
