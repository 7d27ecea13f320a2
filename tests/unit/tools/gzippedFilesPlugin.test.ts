import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { build, createServer, type InlineConfig, preview } from "vite";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { openBundled } from "../../../src/app/state/client/datasetLoader.ts";
import { readDataset } from "../../../src/engine/data/dataset.ts";
import { MNIST_FILE_NAMES } from "../../../src/engine/data/datasets.ts";
import { gzippedFilesPlugin } from "../../../tools/gzippedFilesPlugin.ts";

const SHA256 = {
  "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
};

let root: string;
let config: InlineConfig;
let close: (() => Promise<void>)[];

beforeAll(async () => {
  close = [];
  root = await mkdtemp(join(tmpdir(), "mnist-plugin-"));
  await writeFile(join(root, "index.html"), "<!doctype html><title>page</title>");
  config = {
    root,
    configFile: false,
    logLevel: "error",
    appType: "mpa",
    plugins: [gzippedFilesPlugin()],
    optimizeDeps: { noDiscovery: true },
    server: { host: "127.0.0.1", port: 0, ws: false, watch: null },
    preview: { host: "127.0.0.1", port: 0 },
  };
  await build({ ...config, base: "./" });
});
afterAll(async () => {
  await Promise.all(close.map((end) => end()));
  await rm(root, { recursive: true });
});

afterEach(() => vi.unstubAllGlobals());

test("the build holds the four official files, bit for bit", async () => {
  for (const name of MNIST_FILE_NAMES) {
    const bytes = gunzipSync(await readFile(join(root, "dist", "mnist", `${name}.gz`)));
    expect(createHash("sha256").update(bytes).digest("hex"), name).toBe(SHA256[name]);
  }
});

test("the build holds the trained networks, compressed, each of the smallest under 300 KB", async () => {
  const folder = new URL("../../../public/models/", import.meta.url);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".safetensors"));
  expect(names).toContain("pretrained-quick-1-step.safetensors");
  for (const name of names) {
    const bytes = await readFile(join(root, "dist", "models", `${name}.gz`));
    expect(gunzipSync(bytes).equals(await readFile(new URL(name, folder))), name).toBe(true);
    if (name.includes("quick")) expect(bytes.length).toBeLessThan(300_000);
  }
});

describe.each([
  ["the dev server", "/", startDev],
  ["the dev server under a base", "/some/base/", startDev],
  ["vite preview", "./", startPreview],
])("%s", (_, base, start) => {
  let origin: string;
  let url: string;
  beforeAll(async () => {
    origin = await start(base);
    url = origin + (base === "./" ? "/" : base);
  });

  test("sends gzipped files with their length and without Content-Encoding", async () => {
    const response = await fetch(`${url}mnist/t10k-labels-idx1-ubyte.gz`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("application/gzip");
    expect(response.headers.get("Content-Encoding")).toBeNull();
    expect(response.headers.get("Content-Length")).toBe(String(bytes.length));
    expect(createHash("sha256").update(gunzipSync(bytes)).digest("hex")).toBe(
      SHA256["t10k-labels-idx1-ubyte"],
    );
    const model = await fetch(`${url}models/pretrained-quick.safetensors.gz`);
    expect(model.status).toBe(200);
    expect(model.headers.get("Content-Encoding")).toBeNull();
  });

  test.each(["mnist/other.gz", "mnist/", "mnist/t10k-labels-idx1-ubyte", "missing.js"])(
    "answers %s with 404",
    async (path) => {
      const response = await fetch(url + path);
      expect(response.status).toBe(404);
    },
  );

  test("leaves the page alone", async () => {
    const response = await fetch(`${url}?preset=tiny`);
    expect(await response.text()).toContain("<title>page</title>");
  });

  test("gives the app the whole of MNIST", async () => {
    keepResponses();
    const { files } = await openBundled("mnist", url);
    const numBytes = files.reduce((sum, file) => sum + (file.totalBytes ?? Number.NaN), 0);
    expect(numBytes).toBeGreaterThan(11e6);
    expect(numBytes).toBeLessThan(12e6);
    const { train, validation } = await readDataset({ files, onProgress: () => {} });
    expect([train.count, validation.count]).toEqual([60_000, 10_000]);
    expect([...train.labels.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    expect([...validation.labels.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
  });
});

test("vite preview answers 404 when the build lacks a file", async () => {
  const origin = await startPreview("./");
  await rm(join(root, "dist", "mnist", "t10k-labels-idx1-ubyte.gz"));
  const response = await fetch(`${origin}/mnist/t10k-labels-idx1-ubyte.gz`);
  expect(response.status).toBe(404);
});

/** Node, unlike browsers, cancels a body when the Response that it came with is collected. */
function keepResponses() {
  const responses: Response[] = [];
  const nodeFetch = fetch;
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const response = await nodeFetch(url, init);
    responses.push(response);
    return response;
  });
}

async function startDev(base: string): Promise<string> {
  const server = await createServer({ ...config, base });
  await server.listen();
  close.push(() => server.close());
  return originOf(server.httpServer?.address());
}

async function startPreview(base: string): Promise<string> {
  const server = await preview({ ...config, base });
  close.push(() => server.close());
  return originOf(server.httpServer.address());
}

function originOf(address: AddressInfo | string | null | undefined): string {
  if (typeof address !== "object" || address === null)
    throw new Error("The server does not listen.");
  return `http://127.0.0.1:${address.port}`;
}
