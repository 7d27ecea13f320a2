/** How a thread that trains comes by threads with replicas of its network, and talks to them: types only. */
import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import type {
  ReplicaWeights,
  Shard,
  ShardGradient,
  ValidationPart,
} from "../../engine/train/replica.ts";

/** The name of a worker that is a replica's thread, which is also that of its lock (`liveness.ts`). */
export type ReplicaName = `replica ${string}`;

/** To the page: to start a thread with a replica at the other end of the port, or, without one, to end it. */
export interface ThreadRequest {
  name: ReplicaName;
  port: MessagePort | null;
}

/** From the page, before it hands the port on: the thread holds its lock, so that its end is noticed from now on. */
export interface ThreadLoaded {
  type: "loaded";
}

/** Answered in their order, the weights not at all. */
export type ReplicaRequest =
  | { type: "setWeights"; config: RunConfig; weights: ReplicaWeights }
  | { type: "gradient"; shard: Shard }
  | { type: "losses"; part: ValidationPart };

export type ReplicaReply =
  /** Once, when the backend has started. */
  | { type: "ready" }
  | { type: "gradient"; result: ShardGradient }
  | { type: "losses"; result: Float32Array }
  /** The message with what led to it; the details, for a bug report, have all stacks. */
  | { type: "failed"; message: string; details: string; isOutOfMemory: boolean };
