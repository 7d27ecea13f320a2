import { createHash } from "node:crypto";
import type { Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";

/**
 * Adds a service worker that keeps the whole app for use without a network, and the manifest with
 * which it can be installed. MNIST is left out: the page itself keeps it, once it is read.
 *
 * A new version is downloaded beside the old one and waits; `src/app/shell/newVersion.ts` offers it.
 */
export function offlinePlugin(): Plugin[] {
  return VitePWA({
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
      // The larger ones are kept once somebody has asked for them.
      runtimeCaching: [
        {
          urlPattern: /\/models\/[^/]+\.safetensors\.gz$/,
          handler: "NetworkFirst",
          options: { cacheName: "larger-models" },
        },
      ],
      // The module for other pages, and its example.
      globIgnores: ["embed/**"],
      // Settings in the address are the page's; the file is the same.
      ignoreURLParametersMatching: [/./],
      // One page without routes: an unknown path is a 404, not the page again.
      navigateFallback: null,
      // So that a network that goes away during the first visit is not missed either.
      clientsClaim: true,
      cleanupOutdatedCaches: true,
      inlineWorkboxRuntime: true,
      manifestTransforms: [wholeVersions],
    },
  });
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
