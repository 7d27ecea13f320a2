import * as tf from "@tensorflow/tfjs-core";
import { expect, it, vi } from "vitest";
import { conv2d } from "../../../../../src/engine/ops/conv.ts";
import {
  compilePrograms,
  ProgramRefusedError,
} from "../../../../../src/engine/ops/webgpu/compilePrograms.ts";
import { startOnFakeGpu } from "../../../fakeGpu.ts";

it("all programs are compiled also where some are refused, which are named, and refused once more the next time", async () => {
  const { backend } = await startOnFakeGpu();
  const create = GPUDevice.prototype.createComputePipelineAsync;
  const refuse = vi
    .spyOn(GPUDevice.prototype, "createComputePipelineAsync")
    .mockImplementation(function (this: GPUDevice, descriptor) {
      if (!descriptor.label?.startsWith("convRegisters")) return create.call(this, descriptor);
      return Promise.reject(new Error("The driver has no registers left."));
    });
  const rehearse = () =>
    tf.tidy(() => {
      // In register tiles, and two programs of TensorFlow.js.
      const y = conv2d(tf.zeros([1, 28, 28, 1]), tf.zeros([7, 7, 1, 8]));
      tf.add(tf.exp(y), y);
    });
  const compile = (onProgress = () => {}) => compilePrograms(backend, rehearse, onProgress);
  const onProgress = vi.fn();
  const refusal = compile(onProgress);
  await expect(refusal).rejects.toThrow(ProgramRefusedError);
  await expect(refusal).rejects.toThrow(/^1 of \d+ programs.*convRegisters.*no registers left/);
  const { numPrograms } = onProgress.mock.calls.at(-1)?.[0] ?? {};
  expect(onProgress).toHaveBeenLastCalledWith({ numCompiled: numPrograms, numPrograms });
  expect(numPrograms).toBeGreaterThan(2);
  await expect(compile()).rejects.toThrow(ProgramRefusedError);
  refuse.mockRestore();
  await compile();
});
