import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";

/**
 * Adds a service worker that keeps the whole app for use without a network, and the manifest with
 * which it can be installed. MNIST is left out: the page itself keeps it, once it is read.
 *
 * A new version is downloaded beside the old one and waits; `src/app/shell/newVersion.ts` offers it.
 */
export function offlinePlugin(): Plugin[] {
  let folder = "";
  const pwa = VitePWA({
    registerType: "prompt",
    injectRegister: false,
    // It is among the files below.
    includeManifestIcons: false,
    manifest: {
      name: "Diffusion MNIST",
      short_name: "Diffusion",
      description:
        "Train a denoising diffusion U-Net on MNIST in your browser and watch digits come out of noise.",
      display: "standalone",
      background_color: "#0b0d10",
      theme_color: "#0b0d10",
      icons: [{ src: "icon.svg", sizes: "any", type: "image/svg+xml" }],
    },
    workbox: {
      // Weights by their names: 1.1 MB, which come after the page is there.
      globPatterns: [
        "**/*.{html,js,css,wasm,svg}",
        "classifier.safetensors",
        "models/pretrained-quick*.safetensors.gz",
      ],
      // The others are kept once somebody has asked for them.
      runtimeCaching: [
        {
          urlPattern: /\/(models\/[^/]+\.safetensors\.gz|classifier-[^/]+\.safetensors)$/,
          handler: "NetworkFirst",
          options: { cacheName: "larger-models" },
        },
      ],
      // The module for other pages, and its example.
      globIgnores: ["embed/**", "example-run.html"],
      // Settings in the address are the page's; the file is the same.
      ignoreURLParametersMatching: [/./],
      // One page without routes: an unknown path is a 404, not the page again.
      navigateFallback: null,
      // So that a network that goes away during the first visit is not missed either.
      clientsClaim: true,
      cleanupOutdatedCaches: true,
      inlineWorkboxRuntime: true,
      manifestTransforms: [wholeVersions, (files) => withIntegrity(files, folder)],
    },
  });
  const findFolder: Plugin = {
    name: "offline-folder",
    configResolved({ root, build }) {
      folder = resolve(root, build.outDir);
    },
  };
  return [findFolder, ...pwa];
}

interface PrecachedFile {
  url: string;
  revision: string | null;
  size: number;
}

/**
 * Gives all files the revision of the whole, so that each version is downloaded whole. A kept response
 * keeps the headers that it came with: a worker's from before a host sent COEP would be refused
 * by a page from after.
 */
function wholeVersions(files: PrecachedFile[]) {
  const hash = createHash("sha256");
  for (const { url, revision } of files) hash.update(`${url} ${revision}\n`);
  const revision = hash.digest("hex").slice(0, 16);
  return { manifest: files.map((file) => ({ ...file, revision })), warnings: [] };
}

/**
 * Gives each file but pages the hash of its bytes. A host may answer with something else, such as its start page for a
 * file that is not uploaded yet: such a version is then not installed, and is tried again at the next visit. A file
 * that the browser has lost is kept again once the page asks for it, which Workbox does only where it
 * knows the hash. Pages have none: many hosts add something to each, and would keep every visitor on an old version.
 */
async function withIntegrity(files: PrecachedFile[], folder: string) {
  const manifest = await Promise.all(
    files.map(async (file) => {
      if (file.url.endsWith(".html")) return file;
      const bytes = await readFile(resolve(folder, file.url));
      // Some hosts send these with `Content-Encoding: gzip`, and the browser unpacks them before it looks.
      const unpacked = file.url.endsWith(".gz") ? [await promisify(gunzip)(bytes)] : [];
      return { ...file, integrity: [bytes, ...unpacked].map(hashOf).join(" ") };
    }),
  );
  return { manifest, warnings: [] };
}

function hashOf(bytes: Uint8Array): string {
  return `sha384-${createHash("sha384").update(bytes).digest("base64")}`;
}
