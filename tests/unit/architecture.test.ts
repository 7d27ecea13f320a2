import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { codeOf, FILES, SRC } from "./sourceFiles.ts";

interface Rule {
  /** Files, folders and packages; a folder stands for all within. Its own folder is always allowed. */
  imports: string[];
  /** What may be imported with `import type` besides. */
  types?: string[];
}

const TFJS = "@tensorflow/tfjs-core";
const WASM = "@tensorflow/tfjs-backend-wasm";
const WEBGPU = "@tensorflow/tfjs-backend-webgpu";
/** What the page asks the worker for, and is told: all that it knows of the workers. */
const PROTOCOL = "hosts/worker/protocol.ts";
const NETWORK_WORKER = "hosts/embed/networkWorker.ts";
const IMAGES_PROTOCOL = "hosts/images/protocol.ts";
const EVENTS = "runtime/run/events.ts";
const SAMPLING_PROTOCOL = "runtime/run/samplingProtocol.ts";
const REPLICA_PROTOCOL = "runtime/threads/replicaProtocol.ts";

const PAGE = ["react", "@mantine", "engine", "runtime", "app/state", "app/shared"];
const engine = (...names: string[]) => names.map((name) => `engine/${name}`);

/** The arrows: what each folder of src, and each file beside them, may import. */
const RULES: Record<string, Rule> = {
  "engine/random.ts": { imports: [] },
  "engine/messageOf.ts": { imports: [] },
  "engine/shortenedText.ts": { imports: [] },
  // The tables that settings choose from, and how large a network is.
  "engine/config": {
    imports: engine(
      ...["diffusion/objectives.ts", "diffusion/samplers.ts", "diffusion/noiseSchedules.ts"],
      ...["diffusion/spacings.ts", "diffusion/timestepSamplings.ts"],
      ...[
        "data/pointSets.ts",
        "formats/parsedJson.ts",
        "nn/architectures.ts",
        "nn/networkBlocks.ts",
      ],
      ...["optim/decays.ts", "optim/optimizers.ts"],
      "shortenedText.ts",
    ),
  },
  "engine/formats": {
    imports: [
      "@bufbuild/protobuf",
      "crc-32",
      "fast-png",
      "gifenc",
      "mediabunny",
      "engine/shortenedText.ts",
    ],
  },
  "engine/data": {
    imports: ["es-toolkit", ...engine("config", "messageOf.ts", "random.ts", "shortenedText.ts")],
  },
  "engine/diffusion": { imports: [TFJS, ...engine("ops", "random.ts")] },
  "engine/ops": { imports: [TFJS, "engine/random.ts"] },
  "engine/ops/webgpu": { imports: [TFJS, "engine/ops"], types: [WEBGPU] },
  "engine/ops/wasm": { imports: [TFJS, "engine/ops", "virtual:wasm-kernels"], types: [WASM] },
  "engine/optim": {
    imports: [TFJS, ...engine("nn/parameters.ts", "ops")],
    types: engine("config"),
  },
  "engine/nn": { imports: [TFJS, ...engine("formats", "ops", "random.ts")] },
  "engine/train": {
    imports: [
      TFJS,
      ...engine("config", "data", "diffusion", "formats", "messageOf.ts", "nn", "ops", "optim"),
      ...engine("quality/figures.ts", "random.ts"),
    ],
  },
  "engine/quality": {
    imports: [
      ...[TFJS, "ml-matrix"],
      ...engine("config", "data", "diffusion", "formats", "nn", "ops", "optim", "random.ts"),
      "engine/train",
    ],
  },
  runtime: {
    imports: [TFJS, "@zip.js/zip.js", "idb", "crc-32", "valibot", "virtual:report", "engine"],
    types: [WEBGPU],
  },
  "hosts/worker": {
    imports: [
      TFJS,
      WASM,
      WEBGPU,
      "/classifier.safetensors?url",
      "/classifier-fashion.safetensors?url",
      "engine",
      "runtime",
    ],
  },
  "hosts/images": { imports: ["engine", "runtime"] },
  "hosts/embed": { imports: [TFJS, "engine", "runtime"] },
  "hosts/cli": {
    imports: [
      ...[TFJS, WASM, WEBGPU, "sharp", "engine", "runtime"],
      ...["fs", "module", "os", "path", "stream", "url", "util", "v8", "worker_threads"].map(
        (name) => `node:${name}`,
      ),
    ],
  },
  "app/state": {
    imports: ["zustand", "d3-array", "engine", "runtime"],
    types: [PROTOCOL, IMAGES_PROTOCOL],
  },
  "app/shared": {
    imports: [...["zustand", "recharts", "d3-array", "d3-scale"], ...PAGE.slice(0, -1)],
    types: [PROTOCOL, IMAGES_PROTOCOL],
  },
  "app/features": {
    imports: ["es-toolkit", "zustand", ...PAGE],
    types: [PROTOCOL, IMAGES_PROTOCOL],
  },
  "app/shell": { imports: [...PAGE, "app/features"], types: [PROTOCOL, IMAGES_PROTOCOL] },
  "app/report": {
    imports: [
      ...[...PAGE, "zustand", "app/features", "app/shell", "react-dom"],
      `${NETWORK_WORKER}?worker&inline`,
    ],
    types: [NETWORK_WORKER],
  },
  "app/main.tsx": { imports: ["react", "react-dom", "engine", "app"] },
};

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
  const [place = path] = Object.keys(RULES)
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
    ["over several lines", "engine/train/gradient.ts", "engine/nn/parameters.ts", false],
    ["of types", "app/state/slices/run.ts", EVENTS, true],
    ["of a package", "engine/ops/conv.ts", TFJS, false],
    ["when it is needed", "hosts/worker/backend.ts", WEBGPU, false],
    ["for its effect", "app/shell/App.tsx", "app/shell/theme/mantine.css", false],
  ])("finds one %s", (_, file, target, isType) => {
    expect(IMPORTS).toContainEqual({ file, target, isType });
  });
});

describe("the arrows between the folders", () => {
  it("are drawn for every folder", () => {
    const places = new Set(FILES.map(placeOf));
    expect([...places].sort()).toEqual(Object.keys(RULES).sort());
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

  it("lead from no feature to another", () => {
    const featureOf = (path: string) => /^app\/features\/([^/]+)/.exec(path)?.[1];
    const violations = IMPORTS.filter(
      ({ file, target }) =>
        featureOf(file) && featureOf(target) && featureOf(file) !== featureOf(target),
    );
    expect(violations).toEqual([]);
  });

  it("lead to no file that only passes on what others export", () => {
    const passing = FILES.filter((file) =>
      /^export\s+(type\s+)?(\*[^"]*|\{[^}]*\}\s*)from\b/m.test(codeOf(file)),
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

describe("a circle of imports, of types as well", () => {
  it("is found", () => {
    const pairs = ["ab", "bc", "cb", "cd", "ad"];
    const imports = pairs.map(([file, target]) => ({ file, target, isType: true }) as Import);
    expect(circlesOf(imports)).toEqual(["b", "c"]);
  });

  it("does not exist", () => {
    expect(circlesOf(IMPORTS)).toEqual([]);
  });
});

describe("TensorFlow.js", () => {
  /** How a file comes to it, by imports of values, also by those that are loaded late. */
  function wayToTfjs(from: string): string[] | null {
    const before = new Map<string, string | null>([[from, null]]);
    for (const file of before.keys()) {
      if (file.startsWith("@tensorflow/")) {
        const way: string[] = [];
        for (let at: string | null = file; at; at = before.get(at) ?? null) way.unshift(at);
        return way;
      }
      for (const { target } of IMPORTS.filter((each) => each.file === file && !each.isType))
        if (!before.has(target)) before.set(target, file);
    }
    return null;
  }

  it("is found where it is loaded", () => {
    expect(wayToTfjs("hosts/worker/main.ts")?.at(-1)).toMatch(/^@tensorflow\//);
  });

  it.each([
    "app/main.tsx",
    // Formats, settings and storage are for whoever has no backend.
    ...["engine/config/", "engine/data/", "engine/formats/", "runtime/storage/"],
  ])("is not loaded by the page: %s", (place) => {
    const ways = FILES.filter((file) => file.startsWith(place)).map(wayToTfjs);
    expect(ways.filter((way) => way !== null)).toEqual([]);
  });
});

describe("the gradients of TensorFlow.js", () => {
  it("are loaded by nothing, since the tape has its own", () => {
    expect(IMPORTS.filter(({ target }) => target.startsWith(`${TFJS}/`))).toEqual([]);
  });
});

describe("a protocol between page, workers and threads", () => {
  it.each([PROTOCOL, EVENTS, SAMPLING_PROTOCOL, REPLICA_PROTOCOL])(
    "is of types only: %s",
    (protocol) => {
      expect(IMPORTS.filter(({ file, isType }) => file === protocol && !isType)).toEqual([]);
      expect(codeOf(protocol)).not.toMatch(/\b(const|let|function|class|enum)\b/);
    },
  );
});

describe("the browser", () => {
  const filesWith = (word: RegExp, ...storeys: string[]) =>
    FILES.filter((file) => storeys.some((storey) => isWithin(file, storey))).filter((file) =>
      word.test(codeOf(file)),
    );

  it("is not known to anything that computes", () => {
    const globals = /\b(document|window|self(?!-)|navigator|localStorage|postMessage|onmessage)\b/;
    expect(filesWith(globals, "engine", "runtime", "hosts/cli").sort()).toEqual([
      // For WebGPU, Node looks like a browser.
      "hosts/cli/parts/nodeBackend.ts",
      // Threads of Node have messages, too.
      "hosts/cli/replica.ts",
      // What stores runs where there is a browser.
      "runtime/storage/browserRuns.ts",
      "runtime/storage/locks.ts",
      "runtime/storage/tabChannel.ts",
      // Its messages are to itself.
      "runtime/threads/macrotask.ts",
    ]);
  });

  it("gives its messages to one file of each worker", () => {
    expect(filesWith(/\bself\b/, "hosts/worker").sort()).toEqual([
      ...["hosts/worker/main.ts", "hosts/worker/replicaThread.ts"],
    ]);
  });

  it("has no page in the worker", () => {
    const page = /\b(document|window|localStorage)\b/;
    expect(filesWith(page, "hosts/worker")).toEqual([]);
  });
});

describe("the links of the documents", () => {
  const root = join(SRC, "..");
  const inDocs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
  const documents = [
    "README.md",
    "CONTRIBUTING.md",
    ...inDocs.map((path) => `docs/${path}`),
  ].filter((path) => path.endsWith(".md"));

  it.each(documents)("lead to files that are there: %s", (document) => {
    const text = readFileSync(join(root, document), "utf8");
    const links = Array.from(text.matchAll(/\]\((?!\w+:|#)([^)#]+)/g), ([, to]) => to as string);
    const isThere = (to: string) => existsSync(join(root, dirname(document), to));
    expect(links.filter((to) => !isThere(to))).toEqual([]);
  });
});
