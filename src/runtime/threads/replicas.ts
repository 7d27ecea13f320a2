import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { OutOfMemoryError } from "../../engine/ops/outOfMemory.ts";
import type {
  Replica,
  ReplicaWeights,
  Shard,
  ShardGradient,
  ValidationPart,
} from "../../engine/train/replica.ts";
import type { ReplicaReply, ReplicaRequest } from "./replicaProtocol.ts";
import { mostThreads, trainingThreads } from "./threads.ts";

/** A thread with a replica, on any platform. */
export interface ReplicaThread {
  post(request: ReplicaRequest, transfer: ArrayBuffer[]): void;
  /** Called with every reply, and with `failed` if the thread itself breaks down, as its host notices. */
  onReply: (reply: ReplicaReply) => void;
  end(): void;
}

interface Waiting {
  resolve(reply: ReplicaReply): void;
  reject(error: Error): void;
}

/** Starts and ends the threads that train a run together with this one. */
export class Replicas {
  readonly #numLogical: number;
  readonly #startThread: () => ReplicaThread;
  #started: readonly RemoteReplica[] = [];

  /** @param numLogical logical processors of the machine, which decide how many threads train */
  constructor(numLogical: number, startThread: () => ReplicaThread) {
    this.#numLogical = numLogical;
    this.#startThread = startThread;
  }

  /** Others of the same kind: these may be needed as they are. */
  others(): Replicas {
    return new Replicas(this.#numLogical, this.#startThread);
  }

  /** How many train where no number is asked for, with this one. */
  get numThreads(): number {
    return trainingThreads(this.#numLogical);
  }

  /**
   * Starts them in place of earlier ones. One that does not start, for example because memory is short, is left
   * out: with fewer threads training is slower, and the last bits of every sum are others.
   *
   * @param numThreads with this one; a run that goes on takes as many as it had, to be the same to the last bit, unless
   * that is more than the machine should start
   */
  async start(numThreads = this.numThreads): Promise<readonly Replica[]> {
    this.end();
    const count = Math.min(numThreads, mostThreads(this.#numLogical));
    const starting = Array.from({ length: count - 1 }, async () =>
      RemoteReplica.over(this.#startThread()),
    );
    const results = await Promise.allSettled(starting);
    this.#started = results.flatMap((result) =>
      result.status === "fulfilled" ? [result.value] : [],
    );
    return this.#started;
  }

  /** Ends their threads, which alone frees their WebAssembly memory. */
  end(): void {
    for (const { thread } of this.#started) thread.end();
    this.#started = [];
  }
}

/** This thread's end of a replica in another. */
class RemoteReplica implements Replica {
  readonly thread: ReplicaThread;
  /** Requests without a reply, the oldest first. */
  readonly #waiting: Waiting[] = [];
  /** Why it can no longer compute. */
  #failure: Error | null = null;

  private constructor(thread: ReplicaThread) {
    this.thread = thread;
    thread.onReply = (reply) => this.#take(reply);
  }

  /** @throws Error where its backend does not start; then the thread is ended */
  static async over(thread: ReplicaThread): Promise<RemoteReplica> {
    const replica = new RemoteReplica(thread);
    try {
      await replica.#reply("ready");
      return replica;
    } catch (error) {
      thread.end();
      throw error;
    }
  }

  setWeights(config: RunConfig, { values, teacher }: ReplicaWeights): void {
    const copy = values.slice();
    const weights = {
      values: copy,
      teacher: teacher && { ...teacher, values: teacher.values.slice() },
    };
    this.thread.post({ type: "setWeights", config, weights }, [copy.buffer]);
  }

  async gradient(shard: Shard): Promise<ShardGradient> {
    this.thread.post({ type: "gradient", shard }, [shard.x0.buffer]);
    return (await this.#reply("gradient")).result;
  }

  async losses(part: ValidationPart): Promise<Float32Array> {
    this.thread.post({ type: "losses", part }, [part.x0.buffer]);
    return (await this.#reply("losses")).result;
  }

  /** @throws Error where the thread has failed, or answers something else */
  async #reply<T extends ReplicaReply["type"]>(
    type: T,
  ): Promise<Extract<ReplicaReply, { type: T }>> {
    if (this.#failure) throw this.#failure;
    const reply = await new Promise<ReplicaReply>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
    if (reply.type === type) return reply as Extract<ReplicaReply, { type: T }>;
    throw new Error(`Expected the reply ${type}, got ${reply.type}.`);
  }

  /** After a failure no result can be trusted. */
  #take(reply: ReplicaReply): void {
    if (reply.type !== "failed") {
      this.#waiting.shift()?.resolve(reply);
      return;
    }
    const { message, details, isOutOfMemory } = reply;
    const failure = isOutOfMemory ? new OutOfMemoryError(message) : new Error(message);
    failure.stack = details;
    // Later failures follow from the first.
    this.#failure ??= failure;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}
