import { fileURLToPath } from "node:url";
import { parentPort, Worker } from "node:worker_threads";
import { errorReport } from "../../engine/messageOf.ts";
import type { ReplicaReply, ReplicaRequest } from "../../runtime/threads/replicaProtocol.ts";
import type { ReplicaThread } from "../../runtime/threads/replicas.ts";
import { ReplicaWorker } from "../../runtime/threads/replicaWorker.ts";
import { endOnFault, startNodeBackend } from "./parts/nodeBackend.ts";

/** Beside the page's worker, as `start.mjs` loads a command: `run`. */
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

/** Not for a shell: the thread that `startReplicaThread` starts. Never returns. */
export function run(): Promise<never> {
  const port = parentPort;
  if (!port) throw new Error("Expected to be a thread of another command.");
  const replica = new ReplicaWorker(
    () => startNodeBackend("wasm", endOnFault),
    (reply, transfer) => port.postMessage(reply, transfer),
  );
  port.on("message", (request: ReplicaRequest) => replica.handle(request));
  return new Promise(() => {});
}
