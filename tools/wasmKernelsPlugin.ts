import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";
import type { Plugin } from "vite";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCES = "src/engine/ops/wasm/assembly";
const ID = /^\0?virtual:wasm-kernels\//;

/** Options of the compiler for each module that can be imported. */
const VARIANTS: Record<string, string[]> = {
  simd: [],
  relaxed: ["--enable", "relaxed-simd"],
};

/**
 * Compiles `src/engine/ops/wasm/assembly` from AssemblyScript: `import("virtual:wasm-kernels/simd")` gives the
 * module deflated and in base64, `relaxed` the one with relaxed SIMD. Text, so that a browser, Node and tests load it
 * alike.
 *
 * @param leavesOut functions that the modules do without; null for none
 */
export function wasmKernelsPlugin(leavesOut: RegExp | null = null): Plugin {
  return {
    name: "wasm-kernels",
    resolveId: { filter: { id: ID }, handler: (id) => `\0${id}` },
    load: {
      filter: { id: ID },
      async handler(id) {
        const variant = id.slice(id.indexOf("/") + 1);
        const options = VARIANTS[variant];
        if (!options) this.error(`There are no kernels for "${variant}".`);
        const files = readdirSync(`${ROOT}${SOURCES}`, { recursive: true, encoding: "utf8" })
          .filter((file) => file.endsWith(".ts"))
          .map((file) => `${SOURCES}/${file.replaceAll("\\", "/")}`);
        for (const file of files) this.addWatchFile(`${ROOT}${file}`);
        const base64 = await compiled(files, options, leavesOut);
        return `export default "${base64}";`;
      },
    },
  };
}

/** Each worker is a build of its own, and asks for the same modules. */
const COMPILED = new Map<string, Promise<string>>();

/** What was compiled before: half of the time that a command takes to start would go into the same again. */
const CACHE = `${ROOT}node_modules/.cache/wasm-kernels`;

function compiled(files: string[], options: string[], leavesOut: RegExp | null): Promise<string> {
  const sources = new Map(files.map((file) => [file, readFileSync(`${ROOT}${file}`, "utf8")]));
  const compiler = readFileSync(`${ROOT}node_modules/assemblyscript/package.json`, "utf8");
  const self = readFileSync(fileURLToPath(import.meta.url), "utf8");
  const key = JSON.stringify([compiler, self, options, String(leavesOut), ...sources]);
  const before = COMPILED.get(key);
  if (before) return before;
  const path = `${CACHE}/${createHash("sha256").update(key).digest("hex")}`;
  const base64 = existsSync(path)
    ? Promise.resolve(readFileSync(path, "utf8"))
    : compile(entryOf(sources, leavesOut), options).then((text) => {
        // All or nothing, where several processes compile at once.
        mkdirSync(CACHE, { recursive: true });
        writeFileSync(`${path}.${process.pid}`, text);
        renameSync(`${path}.${process.pid}`, path);
        return text;
      });
  COMPILED.set(key, base64);
  return base64;
}

/** The source that exports what the files do. What lies in folders is for these to import. */
function entryOf(sources: ReadonlyMap<string, string>, leavesOut: RegExp | null): string {
  const lines = [...sources].map(([file, source]) => {
    if (file.slice(SOURCES.length + 1).includes("/")) return "";
    const names = [...source.matchAll(/^export function (\w+)/gm)].map(
      ([, name]) => name as string,
    );
    const wanted = names.filter((name) => !leavesOut?.test(name));
    return `export { ${wanted.join(", ")} } from "./${file.replace(/\.ts$/, "")}";`;
  });
  return lines.join("\n");
}

/**
 * @returns deflated and in base64
 * @throws Error with what the compiler says
 */
async function compile(entry: string, options: string[]): Promise<string> {
  // Only where it is needed: it takes most of a second to load.
  const { default: asc } = await import("assemblyscript/asc");
  let binary: Uint8Array | null = null;
  const { error, stderr } = await asc.main(
    [
      ...["entry.ts", "--outFile", "kernels.wasm", "-O3", "--noAssert"],
      // Nothing of its own in memory: neither data, nor a heap, nor a stack.
      ...["--runtime", "stub", "--importMemory", "--initialMemory", "0", "--use", "abort="],
      ...["--enable", "simd", ...options],
      // Vectors are exchanged between our own files only.
      ...["--disableWarning", "112"],
    ],
    {
      readFile: (name) => (name === "entry.ts" ? entry : fileText(name)),
      writeFile(_, contents) {
        binary = contents as Uint8Array;
      },
    },
  );
  if (!binary) throw new Error(`The kernels do not compile:\n${stderr.toString() || error}`);
  return deflateRawSync(binary, { level: 9 }).toString("base64");
}

/** The compiler looks in several places for a file, and expects null where there is none. */
function fileText(name: string): string | null {
  const path = `${ROOT}${name}`;
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}
