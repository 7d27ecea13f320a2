import { DataError } from "../../../engine/data/dataError.ts";
import type { DatasetFile } from "../../../engine/data/datasetFile.ts";
import { type DatasetId, datasetEntry, MNIST_FILE_NAMES } from "../../../engine/data/datasets.ts";
import { type DatasetPart, partsFromNames } from "../../../engine/data/fileNames.ts";
import { messageOf } from "../../../engine/messageOf.ts";

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
