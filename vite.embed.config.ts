import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { defineConfig, type Plugin, type Rolldown } from "vite";
import type * as Module from "./src/hosts/embed/digits.ts";
import { samplingOnlyPlugin } from "./tools/samplingOnlyPlugin.ts";
import { wasmKernelsPlugin } from "./tools/wasmKernelsPlugin.ts";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Functions of the kernels that only training calls. */
const OF_TRAINING =
  /^(?!convKernel)\w+Gradient$|^(packTurned|addColumnSums|rowDots|multiplyRows|winogradKernelOfSums|globalNorm|adamW)$/;

/** What a build needs so that its digits are drawn by a small module, and not by TensorFlow.js. */
export function embedPlugins(): Plugin[] {
  return [
    {
      name: "tensors",
      enforce: "pre",
      resolveId: {
        filter: { id: /^@tensorflow\/tfjs-core$/ },
        handler: () => at("src/hosts/embed/tensors.ts"),
      },
    },
    wasmKernelsPlugin(OF_TRAINING),
    samplingOnlyPlugin(),
  ];
}

/** `npm run build:embed -- --weights FILE`: the module that draws digits, its weights, and an example beside them. */
export default defineConfig({
  publicDir: "public/embed",
  plugins: [embedPlugins(), weightsPlugin()],
  build: {
    outDir: "dist/embed",
    target: "esnext",
    lib: { entry: at("src/hosts/embed/digits.ts"), formats: ["es"], fileName: "digits" },
    rolldownOptions: {
      // What `tensors.ts` lacks is a mistake only where it is called, see `samplingOnlyPlugin`.
      checks: { pluginTimings: false, importIsUndefined: false },
      output: { codeSplitting: false, minify: true },
    },
  },
});

/** Puts the weights beside the module, once it has drawn a digit with them. */
function weightsPlugin(): Plugin {
  return {
    name: "weights",
    async generateBundle(_, bundle) {
      const source = readFileSync(weightsPath());
      const { code } = bundle["digits.js"] as Rolldown.OutputChunk;
      const { loadDigits }: typeof Module = await import(
        `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`
      );
      await loadDigits(source)
        .then((network) => network.draw({ count: 1, steps: 1 }))
        .catch((error: Error) => this.error(error.message));
      this.emitFile({ type: "asset", fileName: "weights.safetensors", source });
    },
  };
}

/** @throws Error for another option */
function weightsPath(): string {
  const end = process.argv.indexOf("--");
  const { values } = parseArgs({
    args: end === -1 ? [] : process.argv.slice(end + 1),
    options: { weights: { type: "string" } },
  });
  if (values.weights === undefined) return at("public/models/pretrained-quick.safetensors");
  // npm runs commands in the project's folder, wherever it was called.
  return resolve(process.env.INIT_CWD ?? ".", values.weights);
}
