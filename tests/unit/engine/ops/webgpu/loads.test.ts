import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import { run } from "../../../../../src/engine/ops/webgpu/program.ts";
import { CARD, setTuning } from "../../../../../src/engine/ops/webgpu/tuning.ts";
import { measuredOperation } from "../../../../bench/stock/operations.ts";
import type { Load } from "../../../../wgsl/emulator.ts";
import { startOnEmulatedGpu } from "../../../fakeGpu.ts";

const LINE_BYTES = 128;
const WORD_BYTES = 4;
/** A card runs so many invocations in step. */
const LANES = 32;
/** This workgroup is looked at, and not the first, which has an edge of an image. */
const GROUP = 1;
/** So many images give the second workgroup of every kernel something to do. */
const NUM_IMAGES = 16;

/** These operations have the kernels that take most of a step. */
const OPERATIONS = ["normFilmSilu", "linearAttention", "conv3x3", "fullAttention"] as const;

/** On average over a kernel, a vec4 load of the invocations in step should touch at most so many lines. */
const GOAL = 2;

/**
 * Kernels above the goal have today's numbers as upper bounds: who makes a kernel better lowers its bound, or
 * takes it out.
 */
const BOUNDS: Record<string, number> = {
  linearAttentionMatrixGradients: 4.02,
  // It loads a quarter of a line of a pixel of 3 x 3 at a time, and each vector once, so 4 is the least.
  convWorkgroup: 4.88,
  // It loads half a line of dY at a time, so that there are twice as many workgroups.
  kernelGradientWorkgroup: 5.65,
  // It loads vectors side by side, and none of them twice.
  linearAttentionKernelSums: 4,
  normGradient: 3.82,
};

/** Invocations in step load vectors together; some of them may not take part. */
interface Loads {
  count: number;
  /** The loads touch so many lines in all. */
  lines: number;
}

let gpu: Awaited<ReturnType<typeof startOnEmulatedGpu>>;

beforeAll(async () => {
  gpu = await startOnEmulatedGpu(1);
  setTuning(gpu.backend.device, CARD);
});

/** Gives the loads of every program that is run meanwhile, by its name. A program that runs again on the same sizes counts once. */
function loadsOf(act: (backend: WebGPUBackend) => void): Map<string, Loads> {
  const loads = new Map<string, Loads>();
  const seen = new Set<string>();
  gpu.account.run = (dispatch) => {
    const { label, code, bindings } = dispatch;
    const uniforms = bindings.at(-1);
    const sizes = new Int32Array(uniforms?.data ?? new ArrayBuffer(0));
    const key = `${sizes} ${code}`;
    if (!code.includes("fn start(") || seen.has(key)) return;
    seen.add(key);
    const { count, lines } = inStep(gpu.emulator.loadsOf(dispatch, GROUP));
    const [kernel = ""] = label.split(" ");
    const before = loads.get(kernel) ?? { count: 0, lines: 0 };
    loads.set(kernel, { count: before.count + count, lines: before.lines + lines });
  };
  act(gpu.backend);
  gpu.backend.endComputePassEncoder();
  gpu.backend.submitQueue();
  return loads;
}

/** Invocations are in step where each is at the same load of the code for the same number of times. */
function inStep(invocations: readonly Load[][]): Loads {
  const linesOf = new Map<string, Set<number>>();
  for (const [invocation, loads] of invocations.entries()) {
    const numTimes = new Map<number, number>();
    for (const { site, address } of loads) {
      const time = numTimes.get(site) ?? 0;
      numTimes.set(site, time + 1);
      const key = `${Math.floor(invocation / LANES)} ${site} ${time}`;
      const lines = linesOf.get(key) ?? new Set<number>();
      linesOf.set(key, lines.add(Math.floor((address * WORD_BYTES) / LINE_BYTES)));
    }
  }
  const all = [...linesOf.values()];
  return { count: all.length, lines: all.reduce((sum, { size }) => sum + size, 0) };
}

describe("the cache lines that neighboring invocations load from", () => {
  it.each([
    ["side by side", "index", 4],
    ["far apart", "8 * index", 32],
  ])("are counted: %s", (_, index, numLines) => {
    const x = tf.zeros([GROUP + 1, 8 * 4 * 64]);
    const loads = loadsOf((backend) => {
      const { result } = run(backend, {
        name: "known",
        variant: index,
        inputs: { x: [x, 4] },
        outputs: { result: [[GROUP + 1, 4 * 64], 4] },
        uniforms: { unused: 0 },
        numInvocations: (GROUP + 1) * 64,
        code: () => `fn main(index: i32) { result[index] = x[${index}]; }`,
      });
      backend.disposeData(result.dataId);
    });
    x.dispose();
    expect(loads.get("known")).toEqual({ count: 2, lines: 2 * numLines });
  });

  it("are few in the kernels that take most of a step", () => {
    const loads = loadsOf(() => {
      for (const name of OPERATIONS) {
        const config = { ...presetConfig("assignment"), batchSize: NUM_IMAGES };
        const operation = measuredOperation(name, config);
        operation.sides.fused().dispose();
        operation.dispose();
      }
    });
    const linesALoad = [...loads].flatMap(([kernel, { count, lines }]): [string, number][] =>
      count > 0 ? [[kernel, lines / count]] : [],
    );
    const tooMany = linesALoad.filter(([kernel, lines]) => lines > (BOUNDS[kernel] ?? GOAL));
    expect(tooMany).toEqual([]);
    expect(linesALoad.length).toBeGreaterThan(11);
  });
});
