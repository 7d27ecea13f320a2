import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  type OpenedDataset,
  openBundled,
  openFiles,
} from "../../../../src/app/state/client/datasetLoader.ts";
import { DataError } from "../../../../src/engine/data/dataError.ts";
import { readDataset } from "../../../../src/engine/data/dataset.ts";
import { MNIST_FILE_NAMES } from "../../../../src/engine/data/datasets.ts";
import { imagesFile, labelsFile } from "./idxBytes.ts";

const BASE = "https://example.org/app/";
const IMAGES_URL = `${BASE}mnist/train-images-idx3-ubyte.gz`;

/** What the server answers, by URL; without an entry, 404. */
const served = new Map<string, () => Response>();
/** What Cache Storage holds, by URL. */
let stored: Map<string, { bytes: ArrayBuffer | null; headers: Headers }>;
/** Node, unlike browsers, cancels a body when the Response that it came with is collected. */
let responses: Response[];
let fetchCalls: { url: string; cache: RequestCache | undefined }[];

function serve(url: string, bytes: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const length = { "Content-Length": String(bytes.length) };
  served.set(url, () => new Response(bytes, { headers: { ...length, ...headers } }));
}

beforeEach(() => {
  for (const name of MNIST_FILE_NAMES) {
    const file = name.includes("images") ? imagesFile(7) : labelsFile(7);
    serve(`${BASE}mnist/${name}.gz`, new Uint8Array(gzipSync(file)));
  }
  stored = new Map();
  responses = [];
  fetchCalls = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    fetchCalls.push({ url, cache: init.cache });
    const missing = () => new Response("", { status: 404, statusText: "Not Found" });
    const response = (served.get(url) ?? missing)();
    responses.push(response);
    return response;
  });
  const cache = {
    match: async (url: string) => {
      const entry = stored.get(url);
      return entry && new Response(entry.bytes, { headers: entry.headers });
    },
    put: async (url: string, response: Response) => {
      stored.set(url, { bytes: await response.arrayBuffer(), headers: response.headers });
    },
    delete: async (url: string) => stored.delete(url),
  };
  vi.stubGlobal("caches", { open: async () => cache });
});
afterEach(() => vi.unstubAllGlobals());

const read = ({ files }: OpenedDataset) => readDataset({ files, onProgress: () => {} });

async function messageOf(opening: Promise<unknown>): Promise<string> {
  const error = await opening.catch((error: unknown) => error);
  expect(error).toBeInstanceOf(DataError);
  return (error as DataError).message;
}

test("downloads the four files with their parts and sizes", async () => {
  const opened = await openBundled("mnist", BASE);
  expect(opened.files.map((file) => [file.name, file.split, file.content])).toEqual([
    ["train-images-idx3-ubyte.gz", "train", "images"],
    ["train-labels-idx1-ubyte.gz", "train", "labels"],
    ["t10k-images-idx3-ubyte.gz", "validation", "images"],
    ["t10k-labels-idx1-ubyte.gz", "validation", "labels"],
  ]);
  expect(opened.files[0]?.totalBytes).toBe(gzipSync(imagesFile(7)).length);
  expect((await read(opened)).train.images).toEqual(imagesFile(7).subarray(16));
});

test("needs no network the second time", async () => {
  const first = await read(await openBundled("mnist", BASE));
  await vi.waitFor(() => expect(stored.size).toBe(4));
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("offline")));
  const again = await openBundled("mnist", BASE);
  expect(again.files[0]?.totalBytes).toBe(gzipSync(imagesFile(7)).length);
  expect(await read(again)).toEqual(first);
});

test("downloads only what the cache lacks", async () => {
  await read(await openBundled("mnist", BASE));
  await vi.waitFor(() => expect(stored.size).toBe(4));
  stored.delete(IMAGES_URL);
  fetchCalls = [];
  await read(await openBundled("mnist", BASE));
  expect(fetchCalls).toEqual([{ url: IMAGES_URL, cache: "no-store" }]);
});

test("forgets a broken download, so that the next try takes a new one", async () => {
  const good = served.get(IMAGES_URL) as () => Response;
  serve(IMAGES_URL, new Uint8Array(gzipSync(imagesFile(7))).slice(0, 50));
  const opened = await openBundled("mnist", BASE);
  expect(await messageOf(read(opened))).toContain("train-images-idx3-ubyte.gz: the gzip data");
  await opened.forget();
  expect([...stored.keys()]).toEqual([]);
  served.set(IMAGES_URL, good);
  expect((await read(await openBundled("mnist", BASE))).train.count).toBe(7);
});

test("forgets a stale broken entry of the cache", async () => {
  stored.set(IMAGES_URL, { bytes: new ArrayBuffer(3), headers: new Headers() });
  const opened = await openBundled("mnist", BASE);
  await messageOf(read(opened));
  await opened.forget();
  expect((await read(await openBundled("mnist", BASE))).train.count).toBe(7);
});

test("downloads and keeps anew what the cache has only an answer without content for", async () => {
  await read(await openBundled("mnist", BASE));
  await vi.waitFor(() => expect(stored.size).toBe(4));
  stored.set(IMAGES_URL, { bytes: null, headers: new Headers() });
  fetchCalls = [];
  expect((await read(await openBundled("mnist", BASE))).train.count).toBe(7);
  expect(fetchCalls).toEqual([{ url: IMAGES_URL, cache: "no-store" }]);
  await vi.waitFor(() => expect(stored.get(IMAGES_URL)?.bytes?.byteLength).toBeGreaterThan(0));
});

test("forgetting stops a download under way, which then is not stored", async () => {
  vi.stubGlobal("fetch", async (_: string, { signal }: RequestInit) => {
    const body = new ReadableStream({
      start: (controller) =>
        signal?.addEventListener("abort", () => controller.error(signal.reason)),
    });
    const response = new Response(body);
    responses.push(response);
    return response;
  });
  const opened = await openBundled("mnist", BASE);
  await opened.forget();
  expect(stored.size).toBe(0);
  expect(await messageOf(read(opened))).toContain("reading broke off after 0 bytes");
});

test.each([
  ["not there", undefined],
  ["forbidden", { open: () => Promise.reject(new DOMException("Denied", "SecurityError")) }],
  [
    "full",
    {
      open: async () => ({
        match: () => Promise.reject(new DOMException("Broken", "UnknownError")),
        put: () => Promise.reject(new DOMException("Full", "QuotaExceededError")),
        delete: () => Promise.reject(new DOMException("Broken", "UnknownError")),
      }),
    },
  ],
])("goes on without the cache when it is %s", async (_, caches) => {
  vi.stubGlobal("caches", caches);
  const opened = await openBundled("mnist", BASE);
  expect((await read(opened)).train.count).toBe(7);
  await opened.forget();
});

test("leaves the caching to the browser when there is no Cache Storage", async () => {
  vi.stubGlobal("caches", undefined);
  await openBundled("mnist", BASE);
  expect(fetchCalls.map((call) => call.cache)).toEqual(Array(4).fill("default"));
});

test("reads files that the browser has decompressed, and then knows no size", async () => {
  serve(IMAGES_URL, imagesFile(7), { "Content-Encoding": "gzip", "Content-Length": "321" });
  const opened = await openBundled("mnist", BASE);
  expect(opened.files[0]?.totalBytes).toBeNull();
  expect((await read(opened)).train.images).toEqual(imagesFile(7).subarray(16));
});

test("says of a missing file its URL, the status and what to do", async () => {
  served.delete(IMAGES_URL);
  const message = await messageOf(openBundled("mnist", BASE));
  expect(message).toContain(`Could not download ${IMAGES_URL}: the server answered 404 Not Found.`);
  expect(message).toMatch(/folder mnist\/ .* or drop the files of MNIST/);
});

test("says of a network failure the URL, the reason and what to do", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  const message = await messageOf(openBundled("mnist", BASE));
  expect(message).toContain(`Could not download ${IMAGES_URL} (Failed to fetch).`);
  expect(message).toContain("Check the network connection");
});

test("a page in place of a file is refused with a hint", async () => {
  serve(IMAGES_URL, new TextEncoder().encode("<!doctype html><html></html>"));
  expect(await messageOf(read(await openBundled("mnist", BASE)))).toContain("HTML");
});

test("opens dropped files by their names", async () => {
  const files = [
    new File([labelsFile(12)], "emnist-digits-train-labels-idx1-ubyte"),
    new File([gzipSync(imagesFile(12))], "emnist-digits-train-images-idx3-ubyte.gz"),
  ];
  const opened = await openFiles(files);
  expect(opened.files.map((file) => file.totalBytes)).toEqual(files.map((file) => file.size));
  const { train, validation } = await read(opened);
  expect([train.count, validation.count]).toEqual([10, 2]);
});

test("refuses dropped files of other names", async () => {
  expect(await messageOf(openFiles([new File(["x"], "holiday.png")]))).toContain("holiday.png");
});
