/** The worker's entry, and the only file that touches `self`. */
import { Conductor } from "./conductor.ts";
import type { Command, WorkerEvent } from "./protocol.ts";

function post(event: WorkerEvent, transfer: Transferable[] = []): void {
  self.postMessage(event, { transfer });
}

const conductor = new Conductor(post);
self.onmessage = ({ data }: MessageEvent<Command>) => conductor.handle(data);
conductor.run().catch((error: unknown) => {
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = error instanceof Error ? error.message : String(error);
  post({ type: "fault", message: `Training stopped unexpectedly: ${message}`, details });
});
