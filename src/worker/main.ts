/** The worker's entry, and the only file that touches `self`. */

import { Conductor } from "./conductor.ts";
import type { Command, WorkerEvent } from "./protocol.ts";
import type { ReplicaName } from "./replicaProtocol.ts";
import { replicasInWorkers, serveReplica } from "./replicaThread.ts";

function post(event: WorkerEvent, transfer: Transferable[] = []): void {
  self.postMessage(event, { transfer });
}

function conduct(): void {
  const conductor = new Conductor(post, replicasInWorkers());
  self.onmessage = ({ data }: MessageEvent<Command>) => conductor.handle(data);
  // Also what the conductor itself throws: its promise is nobody else's.
  self.onunhandledrejection = ({ reason }) => conductor.fail(reason);
  self.onerror = (event, _file, _line, _column, error) => {
    conductor.fail(error ?? event);
    // The page hears of it with the stack, and not by itself without.
    return true;
  };
  conductor.run();
}

if (self.name === ("replica" satisfies ReplicaName)) serveReplica();
else conduct();
