import { describe, expect, it } from "vitest";
import { pointData } from "../../../../src/engine/data/points.ts";
import { trainingDataOf } from "../../../../src/runtime/run/trainingData.ts";
import { smallConfig, smallDataset } from "../../engine/train/smallRun.ts";

const images = { ...smallDataset(), id: "mnist", name: "MNIST" } as const;

describe("what a run is trained on", () => {
  const config = smallConfig({
    architecture: "perceptron",
    points: "gaussians",
    seed: 5,
    numPoints: 300,
  });

  it.each([null, images])(
    "are the points of its own settings, whether or not images are loaded",
    (loaded) => {
      const data = trainingDataOf(config, loaded);
      const expected = pointData(config);
      expect(data?.train).toEqual(expected.train);
      expect(data?.validation).toEqual(expected.validation);
      expect([data?.id, data?.name]).toEqual([expected.id, expected.name]);
      expect(data?.train.count).toBe(300);
      const others = [{ points: "moons" }, { seed: 0 }] as const;
      for (const changes of others) {
        expect(data?.train.images).not.toEqual(pointData({ ...config, ...changes }).train.images);
      }
    },
  );

  it("are the images that are loaded for a network of images", () => {
    expect(trainingDataOf(smallConfig(), images)).toBe(images);
    expect(trainingDataOf(smallConfig(), null)).toBeNull();
  });
});
