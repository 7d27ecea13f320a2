import { parseAst, type Rolldown } from "vite";
import { expect, it } from "vitest";
import { samplingOnlyPlugin } from "../../../tools/samplingOnlyPlugin.ts";

const plugin = samplingOnlyPlugin() as unknown as {
  transform: { handler(code: string, id: string): { code: string } | null };
  generateBundle(options: object, bundle: Record<string, Partial<Rolldown.OutputChunk>>): void;
};
const context = {
  parse: (code: string) => parseAst(code),
  error(message: string) {
    throw new Error(message);
  },
};

it("leaves out gradients, also within one another, and the composed form where there is a kernel", () => {
  const code = `
    const value = () => ({ value: runStep("RmsNorm", { inputs: { x }, composed: () => y }), gradient: { gradient: 1 } });
    const mixed = runStep("MixImages", { composed: () => z, attrs });
    class Layer { multiply() {} rowDots() {} }
  `;
  const { handler } = plugin.transform;
  const withoutSpaces = (text = "") => text.replaceAll(/\s/g, "");
  const kept = handler.call(context, code, "/src/engine/ops/wasm/made.ts")?.code;
  expect(withoutSpaces(kept)).toBe(
    withoutSpaces(`
    const value = () => ({ value: runStep("RmsNorm", { inputs: { x }, }), });
    const mixed = runStep("MixImages", { composed: () => z, attrs });
    class Layer { multiply() {} }
  `),
  );
  expect(
    handler.call(context, "const a = { gradient: 1 };", "/src/engine/train/made.ts"),
  ).toBeNull();
});

it("refuses a module that calls what it does not have", () => {
  const bundle = (code: string) => ({ "digits.js": { code } });
  plugin.generateBundle.call(context, {}, bundle("let i=e===void 0?1:2;f(void 0,i)"));
  expect(() =>
    plugin.generateBundle.call(
      context,
      {},
      bundle("let i=nr(rr(e).units,t);return r?N(i,(void 0)(i)):i"),
    ),
  ).toThrow(/tensors\.ts does not have: .*\(void 0\)\(i\)/);
});
