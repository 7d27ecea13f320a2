/** One more operation is a function with its formula; a kernel for it is an entry for each backend. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { type Kernels, runStep } from "../../src/engine/ops/kernel.ts";
import { withGradient } from "../../src/engine/ops/tape.ts";
import {
  registerWasmKernels,
  KERNELS as WASM_KERNELS,
} from "../../src/engine/ops/wasm/register.ts";
import type { Workspace } from "../../src/engine/ops/wasm/workspace.ts";
import { type KernelCall, run } from "../../src/engine/ops/webgpu/program.ts";
import { KERNELS as WEBGPU_KERNELS } from "../../src/engine/ops/webgpu/register.ts";
import { watchDispatches } from "../../src/engine/ops/webgpu/work.ts";
import { type Dispatch, dispatchOf } from "../bench/dispatch.ts";
import { normal } from "../evaluate.ts";
import { BACKENDS, expectSame } from "./engine/ops/oracle.ts";
import { startOnFakeGpu } from "./fakeGpu.ts";
import { withEntry } from "./madeEntry.ts";

/** For the compiler another, which is given as much. */
const NAME = "ScaledRows" as "LinearInputGradient";
type Given = Kernels[typeof NAME];

const composed = vi.fn((x: tf.Tensor2D, factors: tf.Tensor2D) => tf.mul<tf.Tensor2D>(x, factors));

/** Each row of x `[B, C]` by its factor `[B, 1]`. */
function scaledRows(x: tf.Tensor2D, factors: tf.Tensor2D): tf.Tensor2D {
  return withGradient([x, factors], () => ({
    value: runStep(NAME, {
      inputs: { dy: x, weight: factors },
      composed: () => composed(x, factors),
    }),
    gradient: (dy) => [tf.mul(dy, factors), tf.sum(tf.mul(dy, x), 1, true)],
  }));
}

const SHAPES = [
  [5, 8],
  [5, 1],
] as const;
const compare = (backend: (typeof BACKENDS)[number]) =>
  expectSame({
    backend,
    inputs: SHAPES.map((shape, i) => normal([...shape], i)),
    operation: scaledRows,
    oracle: (x, factors) => tf.mul(x, factors),
  });

describe("one more operation", () => {
  it.each(BACKENDS)("has its own gradient, composed on %s", async (backend) => {
    await compare(backend);
    expect(composed).toHaveBeenCalled();
  });
});

describe("its kernel for WebAssembly", () => {
  withEntry(WASM_KERNELS, NAME, (workspace: Workspace, { inputs: { dy: x, weight } }: Given) => {
    const [numRows, numColumns] = x.shape as [number, number];
    const result = workspace.output(x.shape);
    const [from, factors, to] = [x, weight, result].map((tensor) => workspace.address(tensor));
    workspace.module.copyFloats(from as number, to as number, numRows * numColumns);
    workspace.module.scaleRows(to as number, factors as number, numRows, numColumns, 1);
    return result;
  });

  beforeAll(async () => {
    await tf.setBackend("wasm");
    await registerWasmKernels();
  });

  it("takes the place of the composed form, on that backend alone", async () => {
    composed.mockClear();
    await compare("wasm");
    expect(composed).not.toHaveBeenCalled();
    await compare("cpu");
    expect(composed).toHaveBeenCalled();
  });
});

describe("its program for WebGPU", () => {
  withEntry(WEBGPU_KERNELS, NAME, ({ backend, inputs }: KernelCall<typeof NAME>) => {
    const { dy: x, weight: factors } = inputs;
    const size = tf.util.sizeFromShape(x.shape);
    return run(backend, {
      name: "scaledRows",
      inputs: { x: [x, 1], factors: [factors, 1] },
      outputs: { result: [x.shape, 1] },
      uniforms: { size, numColumns: x.shape[1] as number },
      numInvocations: size,
      work: () => ({ flops: size }),
      code: () =>
        "fn main(index: i32) { if (index < uniforms.size) { result[index] = x[index] * factors[index / uniforms.numColumns]; } }",
    }).result;
  });

  let gpu: Awaited<ReturnType<typeof startOnFakeGpu>>;
  beforeAll(async () => {
    gpu = await startOnFakeGpu();
  });

  it("is run by the operation, and its work is counted", () => {
    composed.mockClear();
    const dispatches: Dispatch[] = [];
    watchDispatches(gpu.backend.device, (facts) => dispatches.push(dispatchOf(facts)));
    const y = scaledRows(
      ...(SHAPES.map((shape) => tf.ones([...shape])) as [tf.Tensor2D, tf.Tensor2D]),
    );
    watchDispatches(gpu.backend.device, null);
    expect(y.shape).toEqual([5, 8]);
    expect(dispatches).toMatchObject([{ kernel: "scaledRows", flops: 40, bytesWritten: 160 }]);
    expect(composed).not.toHaveBeenCalled();
  });
});
