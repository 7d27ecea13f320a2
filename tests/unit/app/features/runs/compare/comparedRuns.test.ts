import { expect, it } from "vitest";
import {
  nounOfRuns,
  tellingNames,
} from "../../../../../../src/app/features/runs/compare/comparedRuns.ts";
import { identityOf } from "../../../../../../src/engine/data/datasets.ts";

it.each([
  [
    ["Learning rate 0.004, Seed 0", "Learning rate 0.004, Seed 1"],
    ["Seed 0", "Seed 1"],
  ],
  [
    ["Quick, 1 Dec, 17:02", "Medium, 1 Dec, 17:02"],
    ["Quick", "Medium"],
  ],
  [
    ["Quick, 1 Dec, 17:02", "Mine"],
    ["Quick, 1 Dec, 17:02", "Mine"],
  ],
  [
    ["Lab run", "Lab run"],
    ["Lab run", "Lab run"],
  ],
  [["Quick, 1 Dec, 17:02"], ["Quick, 1 Dec, 17:02"]],
])("of names side by side only what tells them apart is shown: %s", (names, telling) => {
  expect(tellingNames(names)).toEqual(telling);
});

it("what runs draw is called digits where all of them have learned digits", () => {
  const [mnist, fashion] = [{ dataset: identityOf("mnist") }, { dataset: identityOf("fashion") }];
  expect(nounOfRuns([mnist, mnist])).toBe("digit");
  expect(nounOfRuns([mnist, fashion])).toBe("image");
});
