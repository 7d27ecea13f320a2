import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".gz": "application/gzip",
  ".webmanifest": "application/manifest+json",
};

/**
 * Serves a folder under a sub-path and nothing else, with no headers but the type, unless others are
 * given: the plainest static host there is. Without them the page is not cross-origin isolated, so
 * WebAssembly gets no threads.
 */
export async function serveStatically(
  folder: string,
  subPath: string,
  headers = {},
  /** A file that it sends for each that is missing, as hosts of single-page apps do; without it the answer is 404. */
  inPlaceOfMissing: string | null = null,
  /** What it adds to each page, as hosts do that count visits. */
  addedToPages = "",
) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const relative = normalize(pathname.slice(subPath.length) || "index.html");
    const asked = join(folder, relative);
    const isThere = pathname.startsWith(subPath) && existsSync(asked) && statSync(asked).isFile();
    if (!isThere && inPlaceOfMissing === null) {
      response.writeHead(404).end();
      return;
    }
    const path = isThere ? asked : join(folder, inPlaceOfMissing ?? "");
    const type = TYPES[extname(path)] ?? "text/plain";
    response.writeHead(200, { ...headers, "Content-Type": type });
    if (addedToPages && extname(path) === ".html") {
      response.end(readFileSync(path, "utf8") + addedToPages);
      return;
    }
    createReadStream(path).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://localhost:${port}${subPath}`, close: () => closed(server) };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
