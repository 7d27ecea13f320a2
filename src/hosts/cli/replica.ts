import { parentPort } from "node:worker_threads";
import type { ReplicaRequest } from "../../runtime/threads/replicaProtocol.ts";
import { ReplicaWorker } from "../../runtime/threads/replicaWorker.ts";
import { endOnFault, startNodeBackend } from "./parts/nodeBackend.ts";

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
