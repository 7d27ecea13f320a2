/** The worker's entry, and the only file that touches `self`. */

import { messageOf } from "../messageOf.ts";
import { Conductor } from "./conductor.ts";
import type { Command, WorkerEvent } from "./protocol.ts";

function post(event: WorkerEvent, transfer: Transferable[] = []): void {
  self.postMessage(event, { transfer });
}

const conductor = new Conductor(post);
self.onmessage = ({ data }: MessageEvent<Command>) => conductor.handle(data);
// Also what the conductor itself throws: its promise is nobody else's.
self.onunhandledrejection = ({ reason }) => {
  const details = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
  post({
    type: "fault",
    cause: "error",
    message: `The worker stopped: ${messageOf(reason)}`,
    details,
  });
};
conductor.run();
