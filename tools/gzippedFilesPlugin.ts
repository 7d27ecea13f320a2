import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Connect, Plugin } from "vite";
import { bundledDatasets } from "../src/engine/data/datasets.ts";

interface BundledFile {
  /** In the build, e.g. `mnist/train-labels-idx1-ubyte.gz`. */
  url: string;
  /** As it is, not compressed. */
  path: string;
}

const MODELS = fileURLToPath(new URL("../public/models", import.meta.url));

function bundledFiles(): BundledFile[] {
  const { resolve: find } = createRequire(import.meta.url);
  const datasets = bundledDatasets().flatMap(({ id, bundled: { npmPackage, files } }) => {
    const folder = join(dirname(find(`${npmPackage}/package.json`)), "data");
    return files.map((name) => ({ url: `${id}/${name}.gz`, path: join(folder, name) }));
  });
  const models = readdirSync(MODELS).filter((name) => name.endsWith(".safetensors"));
  return [
    ...datasets,
    ...models.map((name) => ({ url: `models/${name}.gz`, path: join(MODELS, name) })),
  ];
}

const compressed = new Map<string, Promise<Buffer>>();

/** Compressed once a process, 1 s for the four of MNIST. */
function gzipped({ path }: BundledFile): Promise<Buffer> {
  let bytes = compressed.get(path);
  if (!bytes) {
    bytes = readFile(path).then((raw) => promisify(gzip)(raw));
    compressed.set(path, bytes);
  }
  return bytes;
}

/**
 * Serves, in the dev server, the datasets that the app brings along from their packages as `<id>/<official name>.gz`,
 * and the trained networks of `public/models` as `models/<name>.gz`; puts the same files into the build.
 * The networks are there as they are, too: for pages of an older version, and to be downloaded.
 */
export function gzippedFilesPlugin(): Plugin {
  return {
    name: "gzipped-files",
    configureServer(server) {
      server.middlewares.use(serveFiles(server.config.base, gzipped));
    },
    // `vite preview` by itself sends every .gz with `Content-Encoding: gzip`. Static hosts do not,
    // and the browser then cannot tell how far the download is.
    configurePreviewServer(server) {
      const { root, build, base } = server.config;
      const folder = resolve(root, build.outDir);
      server.middlewares.use(
        serveFiles(base, ({ url }) => readFile(join(folder, url)).catch(nullWhenMissing)),
      );
    },
    async generateBundle() {
      for (const file of bundledFiles()) {
        this.emitFile({ type: "asset", fileName: file.url, source: await gzipped(file) });
      }
    },
  };
}

/** Answers everything in these folders that ends in `.gz`: what `load` does not have is a 404, never the page. */
function serveFiles(
  base: string,
  load: (file: BundledFile) => Promise<Buffer | null>,
): Connect.NextHandleFunction {
  const files = bundledFiles();
  const folders = new Set(files.map(({ url }) => `${base}${dirname(url)}`));
  return async (request, response, next) => {
    const path = request.url?.split("?")[0] ?? "";
    if (!path.endsWith(".gz") || !folders.has(dirname(path))) return next();
    const file = files.find(({ url }) => path === `${base}${url}`);
    try {
      const bytes = file ? await load(file) : null;
      if (bytes) {
        response.setHeader("Content-Type", "application/gzip");
        response.setHeader("Content-Length", bytes.length);
      } else response.statusCode = 404;
      response.end(bytes ?? "No such file.");
    } catch (error) {
      next(error);
    }
  };
}

function nullWhenMissing(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}
