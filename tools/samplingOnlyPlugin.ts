import { readFileSync } from "node:fs";
import type { Plugin, Rolldown } from "vite";

interface Node {
  type: string;
  start: number;
  end: number;
}

interface Member extends Node {
  key?: { name?: string; value?: unknown };
}

/** Properties and methods in the engine that are not needed to draw digits, by the files that they are in. */
const LEFT_OUT: readonly (readonly [files: RegExp, names: RegExp])[] = [
  // The backward pass.
  [/\/ops\//, /^(gradient|takesParts|\w+Gradient)$/],
  [/\/ops\/wasm\//, /^(swappedKernel|rowDots|multiplyRows|addColumnSums)$/],
  // The optimizer's steps, and the second variant of the kernels.
  [/\/ops\/wasm\//, /^(JoinSums|GlobalNorm|AdamW|relaxed)$/],
  // Initial weights.
  [/\/nn\//, /^init$/],
  [/\/optim\//, /^(state|hyperparameters)$/],
  // Settings of training, all but the seed.
  [/\/hyperparameters\/(training|saving)\.ts/, /^(?!(seed|kind|default|min|max)$)/],
  // What begins with images.
  [/\/train\/editing\.ts/, /^(filling|inversion|readings)$/],
  // What the form says. Labels of the network's settings stand in errors.
  [/\/(config|diffusion|optim)\//, /^(help|weighting|numPasses)$/],
  [/\/(config|diffusion|optim)\/(?!hyperparameters\/model)/, /^label$/],
];

/** The steps of operations that have a kernel for WebAssembly: their composed form is not needed either. */
function stepsWithKernel(): ReadonlySet<string> {
  const file = new URL("../src/engine/ops/wasm/register.ts", import.meta.url);
  const [, table] = /KERNELS: .* = \{\n(.*?)\n\};/s.exec(readFileSync(file, "utf8")) ?? [];
  if (!table) throw new Error(`Expected the table KERNELS in ${file.pathname}.`);
  return new Set([...table.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name as string));
}

/**
 * Leaves out of `src/engine` what only training and the form need, so that the module that draws digits is small: the
 * network and the samplers stay as they are written, for both. What nothing refers to any more, the bundler drops.
 */
export function samplingOnlyPlugin(): Plugin {
  const kernels = stepsWithKernel();
  return {
    name: "sampling-only",
    enforce: "post",
    transform: {
      filter: { id: /\/src\/engine\/.*\.ts$/ },
      handler(code, id) {
        const patterns = LEFT_OUT.filter(([files]) => files.test(id)).map(([, names]) => names);
        const cuts: [start: number, end: number][] = [];
        visit(this.parse(code), (node, parent) => {
          const hasKernel = kernels.has(firstArgument(parent));
          membersOf(node).forEach(({ key, start, end }, i, members) => {
            const name = String(key?.name ?? key?.value);
            const isLeftOut = patterns.some((names) => names.test(name));
            if (isLeftOut || (hasKernel && name === "composed"))
              cuts.push([start, members[i + 1]?.start ?? end]);
          });
        });
        return cuts.length > 0 ? { code: without(code, cuts), map: null } : null;
      },
    },
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle) as Rolldown.OutputChunk[]) {
        // As the bundler writes a call of what a module does not export.
        const [call] = /.{0,40}\(void 0\)\(.{0,40}/s.exec(chunk.code ?? "") ?? [];
        if (call)
          this.error(`A function is called that src/hosts/embed/tensors.ts does not have: ${call}`);
      }
    },
  };
}

/** Calls `see` for every node of a syntax tree (ESTree), outer ones first. */
function visit(
  part: unknown,
  see: (node: Node, parent: Node | null) => void,
  parent: Node | null = null,
): void {
  if (typeof part !== "object" || part === null) return;
  const isNode = "type" in part;
  if (isNode) see(part as Node, parent);
  for (const child of Object.values(part)) visit(child, see, isNode ? (part as Node) : parent);
}

/** Of an object or a class; of all else none. */
function membersOf(node: Node): Member[] {
  if (node.type === "ObjectExpression") return (node as Node & { properties: Member[] }).properties;
  return node.type === "ClassBody" ? (node as Node & { body: Member[] }).body : [];
}

/** Of a call; otherwise empty. */
function firstArgument(node: Node | null): string {
  const { arguments: given } = (node ?? {}) as { arguments?: { value?: unknown }[] };
  return String(given?.[0]?.value ?? "");
}

/** @param cuts some may be within others */
function without(code: string, cuts: readonly [start: number, end: number][]): string {
  let kept = "";
  let at = 0;
  for (const [start, end] of cuts.toSorted(([a], [b]) => a - b)) {
    if (start < at) continue;
    kept += code.slice(at, start);
    at = end;
  }
  return kept + code.slice(at);
}
