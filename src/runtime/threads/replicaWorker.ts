import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { errorReport } from "../../engine/messageOf.ts";
import { OutOfMemoryError } from "../../engine/ops/outOfMemory.ts";
import { shardGradient } from "../../engine/train/batchGradient.ts";
import { type Denoiser, denoiserOf } from "../../engine/train/gradient.ts";
import { partLosses } from "../../engine/train/validation.ts";
import type { ReplicaReply, ReplicaRequest } from "./replicaProtocol.ts";

type PostReply = (reply: ReplicaReply, transfer?: ArrayBuffer[]) => void;

/** The thread that has the replica: answers requests one after the other. */
export class ReplicaWorker {
  readonly #post: PostReply;
  #network: { config: RunConfig; denoiser: Denoiser } | null = null;
  #work: Promise<void>;

  /** @param startBackend starts the backend that everything is computed on */
  constructor(startBackend: () => Promise<unknown>, post: PostReply) {
    this.#post = post;
    this.#work = this.#orFail(async () => {
      await startBackend();
      post({ type: "ready" });
    });
  }

  handle(request: ReplicaRequest): void {
    this.#work = this.#work.then(() => this.#orFail(() => this.#answer(request)));
  }

  async #answer(request: ReplicaRequest): Promise<void> {
    if (request.type === "setWeights") {
      const { values, teacher } = this.#network?.denoiser ?? {};
      tf.dispose([values ?? [], teacher?.values ?? []]);
      this.#network = null;
      const { config, weights } = request;
      this.#network = { config, denoiser: denoiserOf(config, weights.values, weights.teacher) };
      return;
    }
    if (!this.#network) throw new Error("A replica needs weights before it is asked for anything.");
    const { config, denoiser } = this.#network;
    if (request.type === "gradient") {
      const result = await shardGradient(config, denoiser, request.shard);
      this.#post({ type: "gradient", result }, [result.gradient.buffer]);
    } else {
      this.#post({ type: "losses", result: await partLosses(denoiser, request.part) });
    }
  }

  async #orFail(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const isOutOfMemory = error instanceof OutOfMemoryError;
      this.#post({ type: "failed", ...errorReport(error), isOutOfMemory });
    }
  }
}
