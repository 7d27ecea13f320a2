import { messageOf } from "../messageOf.ts";
import type { Post } from "./protocol.ts";
import type { RunLibrary } from "./runLibrary.ts";

/** Tells the page a stored run up to its newest checkpoint, without the checkpoint. */
export async function readRun(library: RunLibrary, runId: string, post: Post): Promise<void> {
  try {
    await library.open();
    const run = await library.store.read(runId);
    const { steps, epochs } = await library.store.history(runId, run);
    const snapshots = await library.store.snapshots(runId, run.step);
    post(
      { type: "runRead", run, steps, epochs, snapshots },
      snapshots.map(({ pixels }) => pixels.buffer),
    );
  } catch (error) {
    post({ type: "runNotRead", runId, message: messageOf(error) });
  }
}
