import { DataError } from "../../../engine/data/dataError.ts";
import type { DatasetFile } from "../../../engine/data/datasetFile.ts";
import {
  type DatasetId,
  type DatasetIdentity,
  datasetEntry,
  MNIST_FILE_NAMES,
} from "../../../engine/data/datasets.ts";
import { type DatasetPart, partsFromNames } from "../../../engine/data/fileNames.ts";
import { messageOf } from "../../../engine/messageOf.ts";
import type { WorkerEvent } from "../../../runtime/run/events.ts";
import { startLoading } from "../slices/dataset.ts";
import type { AppStore } from "../store.ts";
import type { ClientContext } from "./clientContext.ts";
import type { WorkerLink } from "./workerLink.ts";

/** A dataset ready to be sent to the worker. */
export interface OpenedDataset {
  files: DatasetFile[];
  /**
   * To be called when the worker answers `datasetFailed`, and to be awaited before another try:
   * stops what is still being downloaded and removes the files from the cache, so that a broken
   * one is never served again.
   */
  forget: () => Promise<void>;
}

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

/** Of all datasets: another name would leave what visitors have in it behind. */
const CACHE_NAME = "mnist-1";

/**
 * Opens the files of a dataset which the app brings with it, from the cache where they are there.
 *
 * A download goes into the cache while the worker reads it. The two copies of its stream are read at
 * different speeds, so the lead of the faster one is held in memory: at most the file itself.
 *
 * @param baseUrl absolute URL of the folder that holds those of the datasets, with `/` at its end.
 * @throws DataError when a file cannot be had, with its URL, why, and what to do.
 */
export async function openBundled(
  id: DatasetId,
  baseUrl = new URL(import.meta.env.BASE_URL, document.baseURI).href,
): Promise<OpenedDataset> {
  const files = datasetEntry({ id }).bundled?.files ?? [];
  const parts = partsFromNames(files.map((name) => `${name}.gz`));
  const cache = await openCache();
  const download = new AbortController();
  // The browser's own cache is passed by where there is a better one: it would hold the files a
  // second time, and serve a broken one again.
  const httpCache: RequestCache = cache ? "no-store" : "default";
  const init = { signal: download.signal, cache: httpCache };
  const writes: Promise<void>[] = [];
  const urlOf = (name: string) => new URL(`${id}/${name}`, baseUrl).href;

  const open = async (part: DatasetPart): Promise<DatasetFile> => {
    const url = urlOf(part.name);
    const cached = await cache?.match(url).catch(() => undefined);
    const response = cached ?? (await fetchFile(url, init, id));
    if (response.body === null) throw new DataError(`${url} came without content.`);
    if (cache && !cached) {
      // It fails when storage is full or the download breaks off, and then stores nothing: the
      // first needs no word, of the second the worker has one.
      writes.push(cache.put(url, response.clone()).catch(() => {}));
    }
    return { ...part, totalBytes: bodyBytes(response.headers), stream: response.body };
  };

  const forget = async () => {
    download.abort();
    await Promise.all(writes);
    await Promise.all(parts.map((part) => cache?.delete(urlOf(part.name)).catch(() => false)));
  };

  try {
    return { files: await Promise.all(parts.map(open)), forget };
  } catch (error) {
    download.abort();
    throw error;
  }
}

/**
 * Opens dropped or chosen files.
 * @throws DataError when they are not a pair or two pairs of IDX files by their names.
 */
export async function openFiles(files: readonly File[]): Promise<OpenedDataset> {
  const parts = partsFromNames(files.map((file) => file.name));
  return {
    files: files.map((file, index) => ({
      ...(parts[index] as DatasetPart),
      totalBytes: file.size,
      stream: file.stream(),
    })),
    forget: async () => {},
  };
}

/** Null where there is no cache: on plain http, in some private windows, or with site data off. */
async function openCache(): Promise<Cache | null> {
  try {
    return await globalThis.caches.open(CACHE_NAME);
  } catch {
    return null;
  }
}

async function fetchFile(url: string, init: RequestInit, id: DatasetId): Promise<Response> {
  const wayOut = `or drop the files of ${datasetEntry({ id }).label} (${MNIST_FILE_NAMES[0]}.gz …) onto the page.`;
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    throw new DataError(
      `Could not download ${url} (${messageOf(error)}). Check the network connection and try again, ${wayOut}`,
      { cause: error },
    );
  }
  if (!response.ok) {
    const status = `${response.status} ${response.statusText}`.trim();
    throw new DataError(
      `Could not download ${url}: the server answered ${status}. Check that the folder ${id}/ of the build was uploaded with the app, ${wayOut}`,
    );
  }
  return response;
}

/** Null when it is not said; under a `Content-Encoding` the length is not that of the body we see. */
function bodyBytes(headers: Headers): number | null {
  const length = headers.get("Content-Length");
  return length === null || headers.has("Content-Encoding") ? null : Number(length);
}
