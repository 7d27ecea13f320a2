import type { DatasetIdentity } from "../../../engine/data/datasets.ts";
import { messageOf } from "../../../engine/messageOf.ts";
import type { WorkerEvent } from "../../../runtime/run/events.ts";
import { startLoading } from "../slices/dataset.ts";
import type { AppStore } from "../store.ts";
import type { ClientContext } from "./clientContext.ts";
import type { OpenedDataset } from "./datasetSource.ts";
import type { WorkerLink } from "./workerLink.ts";

/** Sends images to the worker; the last call wins. */
export class DatasetLoader {
  readonly #store: AppStore;
  readonly #link: WorkerLink;
  readonly #newId: (kind: string) => string;
  readonly #dispatch: (event: WorkerEvent) => void;
  /** Takes the last one, should it turn out broken, out of the cache. */
  #forgetting: { loadId: string; forget: OpenedDataset["forget"] } | null = null;
  #forgotten: Promise<void> | undefined;
  /** What was loaded last, for a worker that starts anew. */
  #last: { dataset: DatasetIdentity; open: () => Promise<OpenedDataset> } | null = null;

  constructor(options: ClientContext) {
    this.#store = options.store;
    this.#link = options.link;
    this.#newId = options.newId;
    this.#dispatch = options.dispatch;
  }

  /** Once more what was loaded last. */
  async reload(): Promise<void> {
    if (this.#last) await this.load(this.#last.dataset, this.#last.open);
  }

  async load(dataset: DatasetIdentity, open: () => Promise<OpenedDataset>): Promise<void> {
    // A first one is tried again even if it fails.
    this.#last ??= { dataset, open };
    // Without a backend the worker may be gone, and no one would ever answer.
    if (this.#store.getState().backend.status === "failed") return;
    const loadId = this.#newId("dataset");
    const loading = startLoading(loadId, dataset);
    this.#store.setState((state) => ({ dataset: { ...state.dataset, loading } }));
    try {
      await this.#forgotten;
      const { files, forget } = await open();
      this.#last = { dataset, open };
      const streams = files.map((file) => file.stream);
      // Overtaken meanwhile: to the worker it would be the last one, and so the wanted one.
      if (this.#store.getState().dataset.loading?.loadId !== loadId) {
        // What goes into the cache on the side is sound and may finish.
        for (const stream of streams) stream.cancel().catch(() => {});
        return;
      }
      this.#forgetting = { loadId, forget };
      this.#link.post({ type: "loadDataset", loadId, dataset, files }, streams);
    } catch (error) {
      this.#dispatch({ type: "datasetFailed", loadId, message: messageOf(error) });
    }
  }

  /** It turned out broken. */
  forget(loadId: string): void {
    if (this.#forgetting?.loadId === loadId) this.#forgotten = this.#forgetting.forget();
  }
}
