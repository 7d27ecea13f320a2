import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { shardGradient } from "../../../../src/engine/train/batchGradient.ts";
import { denoiserOf } from "../../../../src/engine/train/gradient.ts";
import type { Replica, ReplicaWeights, Shard } from "../../../../src/engine/train/replica.ts";
import { partLosses } from "../../../../src/engine/train/validation.ts";

/** On this thread, with weights of its own, and later than asked. */
export function replicaHere(): Replica & { shards: Shard[] } {
  let given: { config: RunConfig; weights: ReplicaWeights } | null = null;
  const shards: Shard[] = [];
  const denoiser = () => {
    if (!given) throw new Error("There are no weights.");
    return {
      config: given.config,
      denoiser: denoiserOf(given.config, given.weights.values, given.weights.teacher),
    };
  };
  return {
    shards,
    setWeights: (config, weights) => {
      given = { config, weights: structuredClone(weights) };
    },
    async gradient(shard) {
      shards.push(shard);
      const { config, denoiser: own } = denoiser();
      await new Promise((resolve) => setTimeout(resolve));
      const result = await shardGradient(config, own, shard);
      own.values.dispose();
      return result;
    },
    async losses(part) {
      const { denoiser: own } = denoiser();
      const losses = await partLosses(own, part);
      own.values.dispose();
      return losses;
    },
  };
}
