/** The messages between a thread that trains and one that has a replica of its network: types only. */
import type { RunConfig } from "../config/hyperparameters.ts";
import type { Shard, ShardGradient } from "../train/batchGradient.ts";
import type { ValidationPart } from "../train/validation.ts";

/** Answered in their order, the weights not at all. */
export type ReplicaRequest =
  | { type: "setWeights"; config: RunConfig; values: Float32Array<ArrayBuffer> }
  | { type: "gradient"; shard: Shard }
  | { type: "losses"; part: ValidationPart };

export type ReplicaReply =
  /** Once, when the backend has started. */
  | { type: "ready" }
  | { type: "gradient"; result: ShardGradient }
  | { type: "losses"; result: Float32Array }
  /** The message with what led to it; the details, for a bug report, have all stacks. */
  | { type: "failed"; message: string; details: string; isOutOfMemory: boolean };
