import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Plugin, type Rolldown } from "vite";
import { embedPlugins } from "../vite.embed.config.ts";
import { policyOf } from "./headers.ts";

const ID = /^\0?virtual:report$/;
const PAGE = new URL("../src/app/report/", import.meta.url);

/** A process builds it once. */
let built: Promise<string> | null = null;

/**
 * `import("virtual:report")` gives the page of a run without its run, as one text that asks for nothing:
 * `src/app/report` with its scripts, styles and the module that draws digits.
 */
export function reportPlugin(): Plugin {
  return {
    name: "report",
    resolveId: { filter: { id: ID }, handler: (id) => `\0${id.replace("\0", "")}` },
    load: {
      filter: { id: ID },
      async handler() {
        built ??= buildPage();
        return `export default ${JSON.stringify(await built)};`;
      },
    },
  };
}

async function buildPage(): Promise<string> {
  const [result] = [
    await build({
      configFile: false,
      logLevel: "warn",
      publicDir: false,
      root: fileURLToPath(new URL("..", import.meta.url)),
      plugins: [noAppWorkers()],
      // Whoever builds it: a command has a dev server.
      define: { "process.env.NODE_ENV": JSON.stringify("production") },
      oxc: { jsx: { runtime: "automatic", development: false } },
      worker: {
        // A module in a worker is refused to a page from a file.
        format: "iife",
        plugins: () => embedPlugins(),
        rolldownOptions: {
          checks: { pluginTimings: false, importIsUndefined: false },
          output: { codeSplitting: false },
        },
      },
      build: {
        write: false,
        target: "esnext",
        cssCodeSplit: false,
        modulePreload: false,
        rolldownOptions: {
          input: fileURLToPath(new URL("main.tsx", PAGE)),
          // What Mantine says to servers.
          checks: { pluginTimings: false, moduleLevelDirective: false },
          output: { codeSplitting: false },
        },
      },
    }),
  ].flat() as Rolldown.RolldownOutput[];
  const files = result?.output ?? [];
  const { code } = files.find((file) => file.type === "chunk") as Rolldown.OutputChunk;
  const style = files.find(({ fileName }) => fileName.endsWith(".css"));
  if (style?.type !== "asset" || files.length !== 2) {
    throw new Error(`Expected a script and a style, got ${files.map((file) => file.fileName)}.`);
  }
  const policy = policyOf({
    "default-src": "'none'",
    "script-src": `${hashOf(code)} ${hashOf(LOADER)} 'wasm-unsafe-eval'`,
    "style-src": hashOf(String(style.source)),
    "worker-src": "blob:",
    "img-src": "data:",
    "base-uri": "'none'",
    "form-action": "'none'",
  });
  return readFileSync(new URL("page.html", PAGE), "utf8")
    .replace("{{policy}}", policy)
    .replace("<style>", () => `<style>${style.source}`)
    .replace('id="code">', () => `id="code">${gzipSync(code, { level: 9 }).toString("base64")}`)
    .replace('<script type="module">', () => `<script type="module">${LOADER}`);
}

/** The scripts are compressed: that leaves more room for previews. Run as an inline script, the policy knows their hash. */
const LOADER = `
const bytes = Uint8Array.from(atob(document.getElementById("code").textContent), (c) => c.charCodeAt(0));
const unzipped = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
const script = Object.assign(document.createElement("script"), { type: "module" });
script.textContent = await new Response(unzipped).text();
document.body.append(script);
`;

/** The page starts none of them, but Vite would build each that is named in a file. */
function noAppWorkers(): Plugin {
  return {
    name: "no-app-workers",
    load: {
      filter: { id: /\/app\/state\/client\/workers\.ts$/ },
      handler: () => "export const startWorker = null;",
    },
  };
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
