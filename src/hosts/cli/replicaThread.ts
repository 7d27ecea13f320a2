import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { errorReport } from "../../engine/messageOf.ts";
import type { ReplicaReply } from "../../runtime/threads/replicaProtocol.ts";
import type { ReplicaThread } from "../../runtime/threads/replicas.ts";

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
  let thrown: unknown = null;
  worker.on("error", (error) => {
    thrown = error;
  });
  // Also after an error, and after a reply that the thread has failed.
  worker.on("exit", (status) => {
    const cause = thrown ?? new Error(`It ended with status ${status}.`);
    const report = errorReport(new Error("A thread of WebAssembly stopped.", { cause }));
    thread.onReply({ type: "failed", ...report, isOutOfMemory: false });
  });
  return thread;
}
