/** The worker's entry, and the only file that touches `self`. */

import type { Post } from "../../runtime/run/events.ts";
import { holdUntilEnd } from "../../runtime/threads/liveness.ts";
import type { ReplicaName } from "../../runtime/threads/replicaProtocol.ts";
import { CommandLoop } from "./commandLoop.ts";
import type { Command } from "./protocol.ts";
import { replicasInWorkers, serveReplica } from "./replicaThread.ts";

const post: Post = (event, transfer = []) => self.postMessage(event, { transfer });

async function serveCommands(): Promise<void> {
  const commandLoop = new CommandLoop(post, replicasInWorkers());
  self.onmessage = ({ data }: MessageEvent<Command>) => commandLoop.handle(data);
  // Also what the loop itself throws: its promise is nobody else's.
  self.onunhandledrejection = ({ reason }) => commandLoop.fail(reason);
  self.onerror = (event, _file, _line, _column, error) => {
    commandLoop.fail(error ?? event);
    // Posted with the stack, and not once more without.
    return true;
  };
  await holdUntilEnd(self.name);
  commandLoop.run();
}

if (self.name.startsWith("replica " satisfies ReplicaName)) serveReplica();
else serveCommands();
