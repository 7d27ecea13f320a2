import { messageOf } from "../messageOf.ts";
import type { WorkerEvent } from "../worker/protocol.ts";
import type { ClientContext } from "./clientContext.ts";
import { startLoading } from "./dataset.ts";
import type { OpenedDataset } from "./datasetSource.ts";
import type { AppStore } from "./store.ts";
import type { WorkerLink } from "./workerLink.ts";

/** Sends images to the worker; the last call wins. */
export class DatasetLoader {
  readonly #store: AppStore;
  readonly #link: WorkerLink;
  readonly #newId: (kind: string) => string;
  readonly #dispatch: (event: WorkerEvent) => void;
  /** Takes the last one, should it turn out broken, out of the cache. */
  #forgetting: { datasetId: string; forget: OpenedDataset["forget"] } | null = null;
  #forgotten: Promise<void> | undefined;
  /** What was loaded last, for a worker that starts anew. */
  #last: { name: string; open: () => Promise<OpenedDataset> } | null = null;

  constructor(options: ClientContext) {
    this.#store = options.store;
    this.#link = options.link;
    this.#newId = options.newId;
    this.#dispatch = options.dispatch;
  }

  /** Once more what was loaded last. */
  async reload(): Promise<void> {
    if (this.#last) await this.load(this.#last.name, this.#last.open);
  }

  async load(name: string, open: () => Promise<OpenedDataset>): Promise<void> {
    // A first one is tried again even if it fails.
    this.#last ??= { name, open };
    // Without a backend the worker may be gone, and no one would ever answer.
    if (this.#store.getState().backend.status === "failed") return;
    const datasetId = this.#newId("dataset");
    const loading = startLoading(datasetId, name);
    this.#store.setState(({ dataset }) => ({ dataset: { ...dataset, loading } }));
    try {
      await this.#forgotten;
      const { files, forget } = await open();
      this.#last = { name, open };
      const streams = files.map((file) => file.stream);
      // Overtaken meanwhile: to the worker it would be the last one, and so the wanted one.
      if (this.#store.getState().dataset.loading?.datasetId !== datasetId) {
        // What goes into the cache on the side is sound and may finish.
        for (const stream of streams) stream.cancel().catch(() => {});
        return;
      }
      this.#forgetting = { datasetId, forget };
      this.#link.post({ type: "loadDataset", datasetId, name, files }, streams);
    } catch (error) {
      this.#dispatch({ type: "datasetFailed", datasetId, message: messageOf(error) });
    }
  }

  /** It turned out broken. */
  forget(datasetId: string): void {
    if (this.#forgetting?.datasetId === datasetId) this.#forgotten = this.#forgetting.forget();
  }
}
