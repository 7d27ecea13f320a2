import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCES = "src/ops/wasm/assembly";
const PREFIX = "virtual:wasm-kernels/";

/** Options of the compiler for each module that can be imported. */
const VARIANTS: Record<string, string[]> = {
  simd: [],
  relaxed: ["--enable", "relaxed-simd"],
};
/** For the memory of TensorFlow.js' threads: 4 GB in pages, as it declares them. */
const SHARED = ["--enable", "threads", "--sharedMemory", "--maximumMemory", "65536"];

/**
 * Compiles `src/ops/wasm/assembly` from AssemblyScript: `import("virtual:wasm-kernels/simd")` gives the
 * module in base64, `relaxed` the one with relaxed SIMD, and `-shared` after it the one for shared memory.
 * Text, so that a browser, Node and tests load it alike.
 */
export function wasmKernelsPlugin(): Plugin {
  return {
    name: "wasm-kernels",
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : null),
    async load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return null;
      const [variant = "", shared] = id.slice(PREFIX.length + 1).split("-");
      const options = VARIANTS[variant];
      if (!options) this.error(`There are no kernels for "${variant}".`);
      const sources = readdirSync(`${ROOT}${SOURCES}`, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => `${SOURCES}/${file.replaceAll("\\", "/")}`);
      for (const file of sources) this.addWatchFile(`${ROOT}${file}`);
      // What lies deeper is for these to import, and no function of the module.
      const entries = sources.filter((file) => !file.slice(SOURCES.length + 1).includes("/"));
      const binary = await compile(entries, [...options, ...(shared ? SHARED : [])]);
      return `export default "${Buffer.from(binary).toString("base64")}";`;
    },
  };
}

/** @throws Error with what the compiler says */
async function compile(entries: string[], options: string[]): Promise<Uint8Array> {
  // Only where it is needed: it takes most of a second to load.
  const { default: asc } = await import("assemblyscript/asc");
  let binary: Uint8Array | null = null;
  const { error, stderr } = await asc.main(
    [
      ...entries,
      ...["--baseDir", ROOT, "--outFile", "kernels.wasm", "-O3", "--noAssert"],
      // Nothing of its own in memory: neither data, nor a heap, nor a stack.
      ...["--runtime", "stub", "--importMemory", "--initialMemory", "0", "--use", "abort="],
      ...["--enable", "simd", ...options],
      // Vectors are exchanged between our own files only.
      ...["--disableWarning", "112"],
    ],
    {
      writeFile(_, contents) {
        binary = contents as Uint8Array;
      },
    },
  );
  if (!binary) throw new Error(`The kernels do not compile:\n${stderr.toString() || error}`);
  return binary;
}
