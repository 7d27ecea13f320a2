import type { ReplicaThread } from "../../../../src/runtime/threads/replicas.ts";
import { ReplicaWorker } from "../../../../src/runtime/threads/replicaWorker.ts";

/** A replica's thread that is none: it computes in this one, and all it is sent is cloned. */
export function threadBeside(startBackend: () => Promise<unknown> = async () => {}): ReplicaThread {
  const thread: ReplicaThread = {
    post: (request, transfer) => worker.handle(structuredClone(request, { transfer })),
    onReply: () => {},
    end: () => {},
  };
  const worker = new ReplicaWorker(startBackend, (reply, transfer = []) => {
    const told = structuredClone(reply, { transfer });
    setTimeout(() => thread.onReply(told));
  });
  return thread;
}
