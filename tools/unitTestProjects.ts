import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { TestProjectInlineConfiguration } from "vitest/config";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDERS = ["tests/unit", "tests/parity"];

/** Folders whose tests train, with the kernels for WebAssembly that training has in the app. */
const TRAINS = /^tests\/unit\/(engine\/(quality|train)|runtime\/(?!storage)\w+|hosts|tools)\//;
/** These register such kernels themselves. */
const REGISTERS = /\bregisterWasmKernels\b/;
/** Whoever comes after would find another module or another device in the place of the real one. */
const REPLACES = /\bvi\.(mock|doMock)\(|\/(startedWorker|fakeGpu)\.ts"/;
/** TensorFlow.js, whose backends other files may look for. */
const COMPUTES = /^tests\/(parity|unit\/(bench|engine\/(diffusion|nn|ops|optim)))\//;

/**
 * Vitest's projects. Loading TensorFlow.js and the sources anew for each file took longer than most tests
 * do, so files share a process and its modules, but for those that change what others see.
 */
export function unitTestProjects(): TestProjectInlineConfiguration[] {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(ROOT + folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => `${folder}/${name.replaceAll("\\", "/")}`),
  );
  const include: Record<string, string[]> = {};
  for (const file of files) {
    const text = readFileSync(ROOT + file, "utf8");
    const trains = TRAINS.test(file) && !REGISTERS.test(text);
    const kind = trains ? "training" : COMPUTES.test(file) ? "operations" : "logic";
    const isAlone = REPLACES.test(text) || REGISTERS.test(text);
    const name = isAlone ? `${kind}-alone` : kind;
    include[name] = [...(include[name] ?? []), file];
  }
  return Object.entries(include).map(([name, include]) => ({
    extends: true,
    test: {
      name,
      include,
      isolate: name.endsWith("alone"),
      setupFiles: [
        "tests/unit/propertySetup.ts",
        ...(name.startsWith("training") ? ["tests/unit/trainingSetup.ts"] : []),
      ],
    },
  }));
}
