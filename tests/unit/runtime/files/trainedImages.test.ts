import { expect, it } from "vitest";
import { checkDataset, described } from "../../../../src/runtime/files/trainedImages.ts";
import { smallConfig, smallDataset } from "../../engine/train/smallRun.ts";

it("a run goes on with other labels only if its network does not learn them", () => {
  const dataset = { ...smallDataset(), id: "files", name: "Images" } as const;
  const { train } = dataset;
  const relabeled = { ...dataset, train: { ...train, labels: train.labels.toReversed() } };
  for (const [classes, isRefused] of [
    [0, false],
    [10, true],
  ] as const) {
    const config = smallConfig({ classes });
    const run = { dataset: described(dataset, config), config };
    checkDataset(run, dataset);
    const goOn = () => checkDataset(run, relabeled);
    if (isRefused) expect(goOn).toThrow("of other content");
    else goOn();
  }
});
