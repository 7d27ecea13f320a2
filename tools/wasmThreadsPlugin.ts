import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Plugin } from "vite";

const require = createRequire(import.meta.url);
const MODULE = "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd";

/** Where the backend makes the blobs that a thread starts from: its script, and the module's factory. */
const SCRIPT_BLOB =
  /const response = wasmWorkerContents[\s\S]*?return URL\.createObjectURL\(blob\)/;
const FACTORY_BLOB = /mainScriptUrlOrBlob = new Blob\([\s\S]*?\)\], \{.*?\}\)/;
/** Where the script takes the factory. */
const FACTORY_IMPORT = /if\(typeof e\.data\.urlOrBlob==.*?revokeObjectURL\(objectUrl\)\}/;

/**
 * Lets the threads of TensorFlow.js' WebAssembly backend start from a file of the build. By itself it
 * starts them from blobs, for which a Content-Security-Policy would have to allow any script that a
 * page puts together; and the text in them is that of a minified function, which refers to a variable
 * that has another name by then, so that every thread would die with a ReferenceError.
 */
export function wasmThreadsPlugin(): Plugin {
  return {
    name: "wasm-threads",
    transform: {
      filter: { id: /tfjs-backend-wasm\/dist\/backend_wasm\.js$/ },
      handler(code) {
        const source = threadScript();
        const file = this.emitFile({ type: "asset", name: "wasm-thread.js", source });
        const withScript = `return import.meta.ROLLUP_FILE_URL_${file}`;
        return replaceOnce(
          replaceOnce(code, SCRIPT_BLOB, withScript),
          FACTORY_BLOB,
          "mainScriptUrlOrBlob = null",
        );
      },
    },
  };
}

/** The script of a thread and the factory it calls, in one file. */
function threadScript(): string {
  const { wasmWorkerContents } = require(`${MODULE}.worker.js`) as { wasmWorkerContents: string };
  // The text comes out of a template, which made line breaks of its `\n`.
  const script = wasmWorkerContents.replaceAll("\n", "\\n");
  const factory = readFileSync(require.resolve(`${MODULE}.js`), "utf8");
  return `${replaceOnce(script, FACTORY_IMPORT, "")}\n${factory}`;
}

function replaceOnce(text: string, part: RegExp, by: string): string {
  if (!part.test(text)) throw new Error(`TensorFlow.js' WebAssembly backend has no ${part}.`);
  return text.replace(part, () => by);
}
