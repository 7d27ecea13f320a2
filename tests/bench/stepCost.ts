/** What a training step asks of a graphics card, counted while it is rehearsed. */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../../src/engine/config/hyperparameters.ts";
import { numParameters } from "../../src/engine/nn/networkBlocks.ts";
import { numElements } from "../../src/engine/nn/parameters.ts";
import { watchDispatches } from "../../src/engine/ops/webgpu/work.ts";
import { blackSession } from "../../src/engine/train/blackSession.ts";
import { microBatchSize } from "../../src/engine/train/memory.ts";
import { type Dispatch, dispatchOf } from "./dispatch.ts";

export interface StepCost {
  /** Images in one pass of the network; a batch of more takes several. */
  microBatchSize: number;
  /** In the order in which they are recorded: our programs, and those of TensorFlow.js. */
  dispatches: Dispatch[];
  /** From buffer to buffer, in bytes. */
  copies: number[];
}

/**
 * The second step of a training session, the first that has all its constants. The backend is WebGPU's; its
 * device may be one that computes nothing, since the images are black and the weights zeros.
 */
export async function costOfStep(config: RunConfig): Promise<StepCost> {
  const imagesPerPass = microBatchSize(config, config.batchSize, "webgpu");
  const { session, step } = blackSession({
    config,
    numSteps: 3,
    microBatchSize: imagesPerPass,
    stepsAhead: 0,
    values: new Float32Array(numParameters(config)),
  });
  try {
    await step();
    const cost: StepCost = { microBatchSize: imagesPerPass, dispatches: [], copies: [] };
    const stop = recordCommands(tf.backend() as WebGPUBackend, cost);
    await step().finally(stop);
    return cost;
  } finally {
    session.dispose();
  }
}

/** Members of TensorFlow.js' backend, which declares them as private, and of its programs. */
interface StockBackend {
  recordAndSubmit(
    program: { dispatch: number[]; workgroupSize: number[] },
    output: tf.TensorInfo,
    inputs: tf.TensorInfo[],
    ...rest: unknown[]
  ): void;
}

/** Adds all that the backend records to the cost, until the returned function is called. */
function recordCommands(backend: WebGPUBackend, { dispatches, copies }: StepCost): () => void {
  const { device } = backend;
  watchDispatches(device, (facts) => dispatches.push(dispatchOf(facts)));

  const stock = backend as unknown as StockBackend;
  const record = stock.recordAndSubmit.bind(stock);
  stock.recordAndSubmit = (program, output, inputs, ...rest) => {
    const { dispatch, workgroupSize } = program;
    const kernel = `TensorFlow.js ${program.constructor.name}`;
    const [workgroups, size] = [dispatch, workgroupSize].map(numElements) as [number, number];
    const facts = { kernel, workgroups, workgroupSize: size, inputs, outputs: [output] };
    dispatches.push(dispatchOf(facts));
    record(program, output, inputs, ...rest);
  };

  const createEncoder = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = (descriptor) => {
    const encoder = createEncoder(descriptor);
    const copy = encoder.copyBufferToBuffer.bind(encoder) as (...args: unknown[]) => undefined;
    encoder.copyBufferToBuffer = (...args: unknown[]) => {
      copies.push(args.at(-1) as number);
      return copy(...args);
    };
    return encoder;
  };

  return () => {
    watchDispatches(device, null);
    stock.recordAndSubmit = record;
    device.createCommandEncoder = createEncoder;
  };
}
