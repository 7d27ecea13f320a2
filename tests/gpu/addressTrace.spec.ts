import { expect, test } from "@playwright/test";
import { inFull } from "../inFull.ts";
import type { TracedLoads, traceLoads } from "./addressTrace.ts";
import { openDevPage } from "./devServer.ts";

/** Nearly all of the time goes into compiling; with these are the kernels that lose most on cards. */
const OPERATIONS = inFull
  ? (["normFilmSilu", "linearAttention", "conv3x3", "fullAttention"] as const)
  : (["normFilmSilu", "linearAttention"] as const);

/** Lines of 128 bytes that a vec4 load of 32 invocations touches, on average over a kernel: what is aimed at. */
const GOAL = 2;

/**
 * Of kernels above the goal. Today's numbers as upper bounds: who makes a kernel better lowers its bound, or
 * takes it out.
 */
const BOUNDS: Record<string, number> = {
  linearAttentionMatrixGradients: 5.55,
  // Of a pixel of 3 x 3 a quarter of a line at a time; each vector once, so 4 is the least.
  convWorkgroup: 4.88,
  // Of dY half a line, for twice as many workgroups.
  kernelGradientWorkgroup: 5.65,
  // Each loads vectors side by side, and none of them twice.
  linearAttentionHeadSum: 4,
  linearAttentionKernelSums: 4,
  normGradient: 3.82,
};

test("neighboring invocations of the kernels that take most of a step load from few cache lines", async ({
  browser,
}) => {
  const { page, close } = await openDevPage(browser);
  const traced = await page.evaluate(async (operations) => {
    // A name that only the development server knows.
    const path = "/tests/gpu/addressTrace.ts";
    const trace: { traceLoads: typeof traceLoads } = await import(path);
    return trace.traceLoads(operations);
  }, OPERATIONS);
  await close();
  const { sideBySide, farApart, ...kernels } = traced;
  expect(sideBySide).toEqual({ loads: 2, lines: 8 });
  expect(farApart).toEqual({ loads: 2, lines: 64 });
  const linesALoad = ({ loads, lines }: TracedLoads) => lines / loads;
  const tooMany = Object.entries(kernels).filter(
    // Of a kernel without loads it is no number, and so not at most the bound.
    ([kernel, loads]) => !(linesALoad(loads) <= (BOUNDS[kernel] ?? GOAL)),
  );
  expect(tooMany).toEqual([]);
  expect(Object.keys(kernels).length).toBeGreaterThan(8);
});
