import { bestCheckpoint } from "./checkpoints.ts";
import type { RunRecord, Snapshot } from "./records.ts";
import type { RunReader } from "./runReader.ts";
import type { BestCheckpoint, Save } from "./saveRun.ts";

/**
 * Snapshots and best checkpoint of the run that is trained, kept in memory in case the browser loses what
 * it stores. As blobs: a browser may keep those on the disk, and they are no site data.
 */
export class StoredParts {
  readonly runId: string;
  /** It may have been changed since the run began. */
  name: string;
  /** Whether the browser has lost some. */
  areLost = false;
  /** By step. */
  #snapshots = new Map<number, Omit<Snapshot, "pixels"> & { pixels: Blob }>();
  #best: (Omit<BestCheckpoint, "bytes"> & { bytes: Blob }) | null = null;

  private constructor({ runId, name }: RunRecord) {
    this.runId = runId;
    this.name = name;
  }

  static async of(store: RunReader, record: RunRecord): Promise<StoredParts> {
    const parts = new StoredParts(record);
    for (const snapshot of await store.snapshots(record.runId, record.step)) parts.add(snapshot);
    const best = await store.bestCheckpoint(record, () => null);
    if (best) parts.#best = { ...best.pointer, bytes: new Blob([best.bytes]) };
    return parts;
  }

  add(snapshot: Snapshot): void {
    const pixels = new Blob([snapshot.pixels]);
    this.#snapshots.set(snapshot.step, { ...snapshot, pixels });
  }

  addSave(save: Save, { name }: RunRecord): void {
    const { run, checkpoint, validationLoss, best, afterStep, snapshots } = save;
    this.name = name;
    // A run may have gone on from an earlier step.
    for (const step of this.#snapshots.keys()) {
      if (step > afterStep) this.#snapshots.delete(step);
    }
    for (const snapshot of snapshots) this.add(snapshot);
    const { step, numEpochs } = run;
    const before = this.#best && this.#best.step <= afterStep ? [this.#best] : [];
    const saved = [...(best ? [best] : []), { step, numEpochs, validationLoss, bytes: checkpoint }];
    const lowest = bestCheckpoint([...before, ...saved]);
    this.#best = lowest && { ...lowest, bytes: new Blob([lowest.bytes]) };
  }

  /** The save with all snapshots and the best checkpoint. */
  async wholeSave(save: Save): Promise<Save> {
    const { step } = save.run;
    const snapshots = await Promise.all(
      [...this.#snapshots.values()].map(async (snapshot) => ({
        ...snapshot,
        pixels: await bytesOf(snapshot.pixels),
      })),
    );
    const best = this.#best && this.#best.step < step ? this.#best : null;
    return { ...save, snapshots, best: best && { ...best, bytes: await bytesOf(best.bytes) } };
  }
}

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer());
}
