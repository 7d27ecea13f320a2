import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { messageOf } from "../messageOf.ts";
import type { ReplicaReply } from "../worker/replicaProtocol.ts";
import type { ReplicaThread } from "../worker/replicas.ts";

/** Beside the page's worker, as `start.mjs` loads a command: `replica.ts`. */
export function startReplicaThread(): ReplicaThread {
  const start = fileURLToPath(new URL("start.mjs", import.meta.url));
  const worker = new Worker(start, { argv: ["replica"] });
  const thread: ReplicaThread = {
    post: (request, transfer) => worker.postMessage(request, transfer),
    onReply: () => {},
    end: () => worker.terminate(),
  };
  worker.on("message", (reply: ReplicaReply) => thread.onReply(reply));
  worker.on("error", (error) => {
    const message = `A thread of WebAssembly stopped: ${messageOf(error)}`;
    thread.onReply({ type: "failed", message, isOutOfMemory: false });
  });
  return thread;
}
