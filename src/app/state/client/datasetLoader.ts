import { DataError } from "../../../engine/data/dataError.ts";
import type { DatasetFile } from "../../../engine/data/datasetFile.ts";
import {
  DATASETS,
  type DatasetIdentity,
  DEFAULT_DATASET,
  datasetEntry,
  identityIn,
  identityOf,
  MNIST_FILE_NAMES,
} from "../../../engine/data/datasets.ts";
import type { DatasetPart } from "../../../engine/data/fileNames.ts";
import { POINTS_DATASET } from "../../../engine/data/pointSets.ts";
import { messageOf } from "../../../engine/messageOf.ts";
import type { StoredDataset } from "../../../runtime/storage/records.ts";
import { startLoading } from "../slices/dataset.ts";
import { noticed, withoutSource } from "../slices/notices.ts";
import type { ClientContext } from "./clientContext.ts";

/** A dataset ready to be sent to the worker. */
export interface OpenedDataset {
  files: DatasetFile[];
  /**
   * Stops what is still being downloaded and removes the files from the cache, so that a broken one is
   * not served again. To be called when the worker answers `datasetFailed`, and awaited before another try.
   */
  forget: () => Promise<void>;
}

export type DatasetLoader = ReturnType<typeof datasetLoader>;

/** Sends images to the worker; the last call wins. */
export function datasetLoader({ store, link, newId, dispatch }: ClientContext) {
  /** What the worker was sent last. */
  let sent: { loadId: string; forget: OpenedDataset["forget"] } | null = null;
  let forgotten: Promise<void> | undefined;
  /** What was loaded last, for a worker that starts anew. */
  let last: [DatasetIdentity, readonly File[] | undefined] | null = null;
  /** A load whose files are to be kept once they turn out good. */
  let keptId: string | null = null;

  /** @param chosen the person's files; without them those that come with the app */
  async function load(
    dataset: DatasetIdentity,
    chosen?: readonly File[],
    loadId = newId("dataset"),
  ): Promise<void> {
    // The first one is loaded again even if it fails.
    last ??= [dataset, chosen];
    // Without a backend the worker may be gone, and nobody would answer.
    if (store.getState().backend.status === "failed") return;
    const loading = startLoading(loadId, dataset);
    store.setState(({ dataset, notices }) => ({
      dataset: { ...dataset, loading },
      // What went wrong with files chosen before.
      notices: chosen ? withoutSource(notices, "weights", "images") : notices,
    }));
    try {
      await forgotten;
      const { files, forget } = await (chosen ? openFiles(chosen) : openBundled(dataset.id));
      last = [dataset, chosen];
      const streams = files.map((file) => file.stream);
      // Another was asked for meanwhile, and the worker takes the one that it is sent last.
      if (store.getState().dataset.loading?.loadId !== loadId) {
        // The copies that go into the cache are good, and may finish.
        for (const stream of streams) stream.cancel().catch(() => {});
        return;
      }
      sent = { loadId, forget };
      link.post({ type: "loadDataset", loadId, dataset, files }, streams);
    } catch (error) {
      dispatch({ type: "datasetFailed", loadId, message: messageOf(error) });
    }
  }

  async function keep(): Promise<void> {
    const { current } = store.getState().dataset;
    const files = last?.[1];
    if (!current || !files) return;
    const { checksum, pixelChecksum, numTrain, numValidation } = current;
    const numBytes = files.reduce((sum, { size }) => sum + size, 0);
    try {
      const { keepSet } = await import("../../../runtime/storage/keptSets.ts");
      const numImages = numTrain + numValidation;
      const set = { checksum, pixelChecksum, numImages, numBytes, keptMs: Date.now() };
      await keepSet({ ...set, dataset: identityIn(current) }, files);
    } catch (error) {
      const message = `${messageOf(error)} Free space, or delete other sets or runs. Training goes on with these images all the same.`;
      store.setState((state) =>
        noticed(state, `“${current.name}” was not kept`, message, { source: "images" }),
      );
    }
  }

  /**
   * Loads a set that is kept in this browser. Nothing else counts as loaded while it is looked for.
   *
   * @param dataset what is said to be on its way
   * @returns whether it is kept, or the person has chosen others meanwhile
   */
  async function loadKept(checksum: number, dataset: DatasetIdentity): Promise<boolean> {
    const loadId = newId("dataset");
    const loading = startLoading(loadId, dataset);
    store.setState(({ dataset }) => ({ dataset: { ...dataset, loading } }));
    const kept = await keptFiles(checksum);
    if (store.getState().dataset.loading?.loadId !== loadId) return true;
    if (kept) await load(kept.dataset, kept.files, loadId);
    else store.setState(({ dataset }) => ({ dataset: { ...dataset, loading: null } }));
    return kept !== null;
  }

  return {
    load,
    /**
     * Loads the images of the address where they are kept in this browser, else those that come with the app.
     *
     * @param checksum null where the address names none
     */
    async loadFirst(checksum: number | null): Promise<void> {
      const bundled = identityOf(DEFAULT_DATASET);
      if (checksum === null) return await load(bundled);
      if (await loadKept(checksum, identityOf("files"))) return;
      const { numClasses } = DATASETS[DEFAULT_DATASET];
      store.setState((state) => {
        const { config } = state;
        const title = "Your images are not kept in this browser";
        const message = `${bundled.name} is in use instead. To train on yours again, bring them once more.`;
        // Its classes were those of the images that are gone.
        const classes = config.classes > 0 ? numClasses : 0;
        return noticed({ ...state, config: { ...config, classes } }, title, message, {
          tone: "info",
        });
      });
      await load(bundled);
    },
    /** Loads the person's files; what is being loaded goes on where these are no images already by their names. */
    async loadFiles(chosen: readonly File[]) {
      const dataset = identityOf("files");
      if (store.getState().dataset.loading) {
        try {
          await openFiles(chosen);
        } catch (error) {
          return store.setState((state) =>
            noticed(state, `${dataset.name} did not load`, messageOf(error), { source: "images" }),
          );
        }
      }
      await load(dataset, chosen);
    },
    /** Loads a set that was made of pictures. */
    async loadMade(dataset: DatasetIdentity, files: readonly File[], isKept: boolean) {
      const loadId = newId("dataset");
      keptId = isKept ? loadId : null;
      await load(dataset, files, loadId);
    },
    /** Loads the images that a run was trained on, where they come with the app or are kept in this browser, else asks for them. */
    async bringBack({ checksum, ...dataset }: StoredDataset): Promise<void> {
      const { current, loading } = store.getState().dataset;
      const isThere = checksum === current?.checksum || checksum === current?.pixelChecksum;
      if (dataset.id === POINTS_DATASET || (isThere && !loading)) return;
      // What a person has just chosen goes on.
      const isChosen = loading && (loading.id === dataset.id || !datasetEntry(loading).bundled);
      if (isChosen) return;
      if (datasetEntry(dataset).bundled) return await load(identityIn(dataset));
      if (await loadKept(checksum, identityIn(dataset))) return;
      store.setState({ missingImages: { ...dataset, checksum }, importing: [] });
    },
    keep,
    /** Opens the images in use once more, or those that come with the app. */
    open: (): Promise<OpenedDataset> => {
      const [dataset, files] = last ?? [identityOf(DEFAULT_DATASET), undefined];
      return files ? openFiles(files) : openBundled(dataset.id);
    },
    /** The files of the images in use; none of those that come with the app. */
    files: (): readonly File[] => last?.[1] ?? [],
    /** Loads once more what was loaded last. */
    async reload() {
      if (last) await load(...last);
    },
    /** It turned out good. */
    async loaded(loadId: string) {
      if (loadId === keptId) await keep();
    },
    /** It turned out broken. */
    forget(loadId: string) {
      if (sent?.loadId === loadId) forgotten = sent.forget();
    },
  };
}

/** Finds the files of a kept set by either of its checksums; null where there is none, or no storage. */
async function keptFiles(checksum: number) {
  try {
    const { filesOfKeptSet, keptSets } = await import("../../../runtime/storage/keptSets.ts");
    const set = (await keptSets()).find(
      (set) => set.checksum === checksum || set.pixelChecksum === checksum,
    );
    const files = set && (await filesOfKeptSet(set));
    return set && files ? { dataset: set.dataset, files } : null;
  } catch {
    return null;
  }
}

/** For all datasets. Under another name, what visitors have in it would be left behind. */
const CACHE_NAME = "mnist-1";

/**
 * Opens the files of a dataset that comes with the app, from the cache if they are there. A download goes
 * into the cache while the worker reads it: at most the file itself is held in memory.
 *
 * @param baseUrl absolute URL of the folder of the datasets' folders, with `/` at its end
 * @throws DataError when a file is not available: its URL, why, and what to do
 */
export async function openBundled(
  id: string,
  baseUrl = new URL(import.meta.env.BASE_URL, document.baseURI).href,
): Promise<OpenedDataset> {
  const files = datasetEntry({ id }).bundled?.files ?? [];
  // Official names; what reads those of other files is loaded with these.
  const parts = files.map((name): DatasetPart => {
    const split = name.includes("train") ? "train" : "validation";
    return { name: `${name}.gz`, split, content: name.includes("images") ? "images" : "labels" };
  });
  const cache = await openCache();
  const download = new AbortController();
  // The browser's HTTP cache would hold the files a second time, and serve a broken one again.
  const httpCache: RequestCache = cache ? "no-store" : "default";
  const init = { signal: download.signal, cache: httpCache };
  const writes: Promise<void>[] = [];
  const urlOf = (name: string) => new URL(`${id}/${name}`, baseUrl).href;

  const open = async (part: DatasetPart): Promise<DatasetFile> => {
    const url = urlOf(part.name);
    const cached = await cache?.match(url).catch(() => undefined);
    // One without content is of no use; the download replaces it.
    const isCached = cached !== undefined && cached.body !== null;
    const response = isCached ? cached : await fetchFile(url, init, id);
    if (response.body === null) {
      throw new DataError(`${url} came without content. Try again, ${wayOut(id)}`);
    }
    if (cache && !isCached) {
      // It fails when storage is full, which is no harm, or the download breaks off, which the worker reports.
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
  const { partsFromNames } = await import("../../../engine/data/fileNames.ts");
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

async function fetchFile(url: string, init: RequestInit, id: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    throw new DataError(
      `Could not download ${url} (${messageOf(error)}). Check the network connection and try again, ${wayOut(id)}`,
      { cause: error },
    );
  }
  if (!response.ok) {
    const status = `${response.status} ${response.statusText}`.trim();
    throw new DataError(
      `Could not download ${url}: the server answered ${status}. Check that the folder ${id}/ of the build was uploaded with the app, ${wayOut(id)}`,
    );
  }
  return response;
}

/** The end of an advice. */
function wayOut(id: string): string {
  return `or drop the files of ${datasetEntry({ id }).label} (${MNIST_FILE_NAMES[0]}.gz …) onto the page.`;
}

/** Null when it is not said; under a `Content-Encoding` the length is not that of the body we see. */
function bodyBytes(headers: Headers): number | null {
  const length = headers.get("Content-Length");
  return length === null || headers.has("Content-Encoding") ? null : Number(length);
}
