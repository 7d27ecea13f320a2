/** The table of which timesteps the training images get. */
import { type RandomKey, randomIntegers, randomNormals } from "../random.ts";

interface TimestepSamplingEntry {
  label: string;
  /** One sentence for the form, with its paper. */
  help: string;
  /** The timesteps of a training step, in [0, T), `[B]`. */
  timesteps(
    of: Pick<RandomKey, "seed" | "index">,
    numImages: number,
    numTimesteps: number,
  ): Int32Array;
}

export const TIMESTEP_SAMPLINGS = {
  uniform: {
    label: "uniform",
    help: "Uniform: each equally often.",
    timesteps: (of, numImages, numTimesteps) =>
      randomIntegers({ ...of, stream: "timesteps" }, numImages, numTimesteps),
  },
  /** floor(T s), with s the sigmoid of a standard normal number (Esser et al. 2024, section 3.1). */
  logitNormal: {
    label: "logit-normal",
    help: "Logit-normal: those in the middle more often, where flow has the most to learn (Esser et al. 2024).",
    timesteps(of, numImages, numTimesteps) {
      const normals = randomNormals({ ...of, stream: "timestepNormals" }, numImages);
      return Int32Array.from(normals, (z) => Math.floor(numTimesteps / (1 + Math.exp(-z))));
    },
  },
} as const satisfies Record<string, TimestepSamplingEntry>;
