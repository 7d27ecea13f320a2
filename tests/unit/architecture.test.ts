import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const SRC = fileURLToPath(new URL("../../src/", import.meta.url));

interface Rule {
  /** Files, folders and packages; a folder stands for all within. Its own folder is always allowed. */
  imports: string[];
  /** What may be imported with `import type` besides. */
  types?: string[];
}

const TFJS = "@tensorflow/tfjs-core";
/** The page knows the worker's messages and nothing else of it. */
const PROTOCOL = "worker/protocol.ts";
const SAMPLING_PROTOCOL = "worker/samplingProtocol.ts";
/** Nor of the worker that measures. */
const MEASURING_PROTOCOL = "worker/measuringProtocol.ts";
/** Nor of the threads that train along. */
const REPLICA_PROTOCOL = "worker/replicaProtocol.ts";
const FIGURES = "bench/figures.ts";

/** The arrows: what each folder of src, and each file beside them, may import. */
const RULES: Record<string, Rule> = {
  "random.ts": { imports: [] },
  "messageOf.ts": { imports: [] },
  "runId.ts": { imports: [] },
  "text.ts": { imports: [] },
  "runName.ts": { imports: ["text.ts"] },
  config: {
    imports: [
      ...["config", "diffusion/objectives.ts", "diffusion/schedule.ts", "optim/optimizers.ts"],
    ],
    types: ["diffusion/samplers.ts"],
  },
  // What a network is made of, to tell how large it is.
  "config/validate.ts": { imports: ["config", "nn/unetBlocks.ts"] },
  formats: {
    imports: ["@bufbuild/protobuf", "crc-32", "fast-png", "gifenc", "mediabunny", "text.ts"],
  },
  data: { imports: ["random.ts", "messageOf.ts", "text.ts", "config", "data"] },
  // A table, for the page as well.
  "data/datasets.ts": { imports: [] },
  diffusion: { imports: [TFJS, "diffusion"] },
  // For the settings and the page as well, so without TensorFlow.js.
  "diffusion/noising.ts": { imports: [], types: ["diffusion/schedule.ts"] },
  "diffusion/objectives.ts": { imports: [] },
  "diffusion/samplers.ts": { imports: [] },
  "diffusion/schedule.ts": { imports: ["diffusion/objectives.ts"] },
  ops: { imports: [TFJS, "random.ts"] },
  "ops/webgpu": { imports: [TFJS, "ops"], types: ["@tensorflow/tfjs-backend-webgpu"] },
  "ops/wasm": {
    imports: [TFJS, "ops", "virtual:wasm-kernels"],
    types: ["@tensorflow/tfjs-backend-wasm"],
  },
  optim: {
    imports: [TFJS, "nn/parameters.ts", "ops", "optim"],
    types: ["config"],
  },
  // The table of optimizers, for settings and form as well, so without anything that computes.
  "optim/optimizers.ts": { imports: [], types: ["nn/parameters.ts"] },
  nn: { imports: [TFJS, "formats", "nn", "ops", "random.ts"] },
  // What the network is made of, for the page to draw as well, so without anything that computes.
  "nn/layout.ts": { imports: [] },
  "nn/parameters.ts": { imports: ["nn/layout.ts", "random.ts"], types: [TFJS] },
  "nn/layerParameters.ts": { imports: ["nn/layout.ts", "nn/parameters.ts"], types: [TFJS] },
  "nn/unetBlocks.ts": { imports: ["nn/layerParameters.ts", "nn/parameters.ts"] },
  "nn/multiplyAdds.ts": {
    imports: ["nn/layerParameters.ts", "nn/parameters.ts", "nn/unetBlocks.ts"],
  },
  train: {
    imports: [
      ...[TFJS, "config", "data", "diffusion", "formats", "messageOf.ts", "nn", "ops", "optim"],
      ...["random.ts", "train/metrics.ts"],
    ],
    types: ["quality/figures.ts"],
  },
  // Names and words, for the page as well, so without anything that computes.
  "train/metrics.ts": { imports: ["quality/figures.ts"], types: ["config"] },
  quality: {
    imports: [
      ...[TFJS, "ml-matrix", "config", "data", "formats", "nn", "ops", "optim", "random.ts"],
      ...["quality", "train"],
    ],
    types: ["diffusion/samplers.ts"],
  },
  // Numbers and their names, for the page as well, so without anything that computes.
  "quality/figures.ts": { imports: [] },
  storage: {
    imports: [
      ...["idb", "crc-32", "config", "data/datasets.ts", "formats", "messageOf.ts"],
      ...["quality/figures.ts", "runName.ts", "text.ts"],
    ],
    types: ["train/reports.ts"],
  },
  bench: {
    imports: [TFJS, ...["config", "diffusion", "messageOf.ts", "nn", "ops", "random.ts", "train"]],
    types: ["@tensorflow/tfjs-backend-webgpu", "data"],
  },
  // For the page as well, so without anything that computes.
  "bench/table.ts": { imports: [FIGURES, "config"] },
  worker: {
    imports: [
      TFJS,
      "@tensorflow/tfjs-backend-wasm",
      "@tensorflow/tfjs-backend-webgpu",
      ...[
        "bench",
        "config",
        "data",
        "diffusion/noising.ts",
        "formats",
        "messageOf.ts",
        "ops",
        "quality",
        "/classifier.safetensors?url",
        "random.ts",
        "runId.ts",
        "runName.ts",
        "storage",
      ],
      "train",
    ],
    types: ["diffusion/samplers.ts"],
  },
  // In Node: what the page does, without one.
  commands: {
    imports: [
      ...[TFJS, "@tensorflow/tfjs-backend-wasm", "@tensorflow/tfjs-backend-webgpu"],
      ...["config", "data", "diffusion/samplers.ts", "formats", "messageOf.ts", "ops", "quality"],
      ...["runId.ts", "nn/multiplyAdds.ts", "storage", "train", "worker"],
      ...["ui/digitsPng.ts", "ui/format.ts"],
      ...["node:fs", "node:module", "node:os", "node:path", "node:stream", "node:url", "node:util"],
      ...["node:v8", "node:worker_threads"],
    ],
  },
  store: {
    imports: [
      ...[
        "zustand",
        "config",
        "diffusion/samplers.ts",
        "data/datasets.ts",
        "data/fileNames.ts",
        "data/dataError.ts",
        "messageOf.ts",
        "nn/multiplyAdds.ts",
        "runId.ts",
        "runName.ts",
        "text.ts",
        "train/metrics.ts",
      ],
    ],
    types: [
      PROTOCOL,
      SAMPLING_PROTOCOL,
      MEASURING_PROTOCOL,
      REPLICA_PROTOCOL,
      FIGURES,
      "formats/runFormats.ts",
      "data",
      "quality/figures.ts",
    ],
  },
  ui: {
    imports: [
      ...["react", "zustand", "@mantine", "recharts", "bench/table.ts", "config", "messageOf.ts"],
      ...["data/datasets.ts", "formats", "quality/figures.ts", "runName.ts", "store"],
      "train/metrics.ts",
      // Arithmetic alone, without TensorFlow.js: what noise does, and what the network is made of.
      ...["diffusion/noising.ts", "diffusion/objectives.ts", "diffusion/samplers.ts"],
      ...["diffusion/schedule.ts", "random.ts"],
      ...["nn/layout.ts", "nn/multiplyAdds.ts", "nn/parameters.ts", "nn/unetBlocks.ts"],
    ],
    types: [PROTOCOL, SAMPLING_PROTOCOL, MEASURING_PROTOCOL, FIGURES],
  },
  "main.tsx": { imports: ["react", "react-dom", "data/datasets.ts", "store", "ui"] },
};

const FILES = (readdirSync(SRC, { recursive: true, encoding: "utf8" }) as string[])
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => /\.tsx?$/.test(path));

/** What a file says to the computer. */
function codeOf(path: string): string {
  const text = readFileSync(join(SRC, path), "utf8");
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "$1");
}

interface Import {
  file: string;
  /** A path from src, or a package. */
  target: string;
  isType: boolean;
}

/** Every `import`, `export from` and `import()` of a file. */
function importsOf(file: string): Import[] {
  const statements = codeOf(file).matchAll(
    /^(?:import|export)\s+(type\s)?[^"';]*?from\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm,
  );
  return Array.from(statements, ([, type, named, bare, dynamic]) => {
    const target = (named ?? bare ?? dynamic) as string;
    const isOwn = target.startsWith(".");
    return {
      file,
      target: isOwn ? posix.join(posix.dirname(file), target) : target,
      isType: type !== undefined,
    };
  });
}

/** The innermost folder with a rule of its own that a file of src is in, or the file itself. */
function placeOf(path: string): string {
  const [place = path.split("/")[0] as string] = Object.keys(RULES)
    .filter((rule) => isWithin(path, rule))
    .sort((a, b) => b.length - a.length);
  return place;
}

function isWithin(target: string, allowed: string): boolean {
  return target === allowed || target.startsWith(`${allowed}/`);
}

const IMPORTS = FILES.flatMap(importsOf);

describe("the reader of imports", () => {
  it.each([
    ["over several lines", "train/gradient.ts", "nn/parameters.ts", false],
    ["of types", "store/run.ts", PROTOCOL, true],
    ["of a package", "ops/conv.ts", TFJS, false],
    ["when it is needed", "worker/backend.ts", "@tensorflow/tfjs-backend-webgpu", false],
    ["for its effect", "ui/App.tsx", "ui/mantine.css", false],
  ])("finds one %s", (_, file, target, isType) => {
    expect(IMPORTS).toContainEqual({ file, target, isType });
  });
});

describe("the arrows between the folders", () => {
  it("are drawn for every folder", () => {
    expect([...new Set(FILES.map(placeOf))].sort()).toEqual(Object.keys(RULES).sort());
  });

  it.each(Object.entries(RULES))("of %s are kept", (place, { imports, types = [] }) => {
    const violations = IMPORTS.filter(
      ({ file, target, isType }) =>
        placeOf(file) === place &&
        placeOf(target) !== place &&
        ![...imports, ...(isType ? types : [])].some((allowed) => isWithin(target, allowed)),
    );
    expect(violations).toEqual([]);
  });

  it("lead to no file that only passes on what others export", () => {
    const passing = FILES.filter((file) =>
      /^export\b[^;{]*(\{[^}]*\})?\s*from\b/m.test(codeOf(file)),
    );
    expect(passing).toEqual([]);
  });
});

/** Files that import each other in a circle, or lie on the way from one circle to another. */
function circlesOf(imports: readonly Import[]): string[] {
  let rest = imports;
  for (;;) {
    const files = new Set(rest.map(({ file }) => file));
    const targets = new Set(rest.map(({ target }) => target));
    const inner = rest.filter(({ file, target }) => targets.has(file) && files.has(target));
    if (inner.length === rest.length) return [...files].sort();
    rest = inner;
  }
}

describe("a circle of imports", () => {
  it("is found", () => {
    const pairs = ["ab", "bc", "cb", "cd", "ad"];
    const imports = pairs.map(([file, target]) => ({ file, target, isType: true }) as Import);
    expect(circlesOf(imports)).toEqual(["b", "c"]);
  });

  it("does not exist", () => {
    expect(circlesOf(IMPORTS)).toEqual([]);
  });
});

describe("the stock side of the benchmark", () => {
  it("is entered by the benchmark alone", () => {
    const files = FILES.filter((file) => /\basStock\b/.test(codeOf(file)));
    expect(files.map(placeOf).filter((place) => place !== "bench")).toEqual(["ops"]);
  });

  it("alone loads the gradients of TensorFlow.js", () => {
    const loading = IMPORTS.filter(({ target }) => target.startsWith(`${TFJS}/`));
    expect(loading.map(({ file }) => placeOf(file))).toEqual(["bench"]);
  });
});

describe("a protocol between page and worker", () => {
  it.each([PROTOCOL, SAMPLING_PROTOCOL, MEASURING_PROTOCOL, REPLICA_PROTOCOL])(
    "is of types only: %s",
    (protocol) => {
      expect(IMPORTS.filter(({ file, isType }) => file === protocol && !isType)).toEqual([]);
      expect(codeOf(protocol)).not.toMatch(/\b(const|let|function|class|enum)\b/);
    },
  );
});

describe("the browser", () => {
  const filesWith = (word: RegExp, places: string[]) =>
    FILES.filter((file) => places.includes(placeOf(file)) && word.test(codeOf(file)));

  it("is not known to anything that computes", () => {
    const computing = Object.keys(RULES).filter(
      (place) => !["worker", "store", "ui", "main.tsx"].includes(place),
    );
    const globals = /\b(document|window|self(?!-)|navigator|localStorage|postMessage|onmessage)\b/;
    // Threads of Node have messages, too.
    const threads = ["commands/replica.ts", "commands/replicaThread.ts"];
    expect(filesWith(globals, computing)).toEqual(threads);
  });

  it("gives its messages to one file of each worker", () => {
    expect(filesWith(/\bself\b/, ["worker"])).toEqual([
      ...["worker/benchmark.ts", "worker/main.ts", "worker/replicaThread.ts"],
    ]);
  });

  it("has no page in the worker", () => {
    expect(filesWith(/\b(document|window|localStorage)\b/, ["worker"])).toEqual([]);
  });
});
