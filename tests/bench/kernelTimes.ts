/** How long each kernel of a training step takes on the device, by the device's own clock. */
import { env } from "@tensorflow/tfjs-core";
import { group } from "d3-array";
import { median } from "../../src/engine/train/passTime.ts";

export interface TimedDispatch {
  /** The label of its pipeline: name, variant, and names and widths of what it binds. */
  kernel: string;
  /** e.g. `49 x 1 x 1`. */
  workgroups: string;
  /** Bytes of all that is bound, so that one kernel at two shapes of the network is two. */
  boundBytes: number;
  ms: number;
  /** What it computes, and what it reads and writes; left out where that was not counted. */
  flops?: number;
  bytes?: number;
  /** By the model on paper, of a card that this has. */
  paperMs?: number;
}

export interface KernelFigures extends Pick<TimedDispatch, "kernel" | "workgroups" | "boundBytes"> {
  /** In a step. */
  dispatches: number;
  /** Of all of them together, the median over the steps. */
  msPerStep: number;
  /** A second; null where that was not counted. */
  gflops: number | null;
  gigabytes: number | null;
  /** By the model on paper; null where it does not have the card. */
  paperMsPerStep: number | null;
}

/** The only form in which TensorFlow.js and our programs call it. */
type BindGroup = (this: GPUComputePassEncoder, index: number, group: GPUBindGroup) => undefined;

/** As many timestamps as a query set has at most. */
const MAX_DISPATCHES = 2048;

/**
 * Times every dispatch of `compute`, each in a pass and a submission of its own, which leaves out the gaps
 * between kernels and what they would have done side by side.
 *
 * @throws Error when the adapter has no timestamps
 */
export async function timeDispatches(
  device: GPUDevice,
  compute: () => Promise<unknown>,
): Promise<TimedDispatch[]> {
  if (!device.features.has("timestamp-query")) {
    throw new Error("The adapter has no timestamps (timestamp-query).");
  }
  const querySet = device.createQuerySet({ type: "timestamp", count: 2 * MAX_DISPATCHES });
  const dispatches: Omit<TimedDispatch, "ms">[] = [];
  const bytesOfGroup = new WeakMap<GPUBindGroup, number>();
  let [kernel, boundBytes] = ["", 0];

  const [devices, encoders] = [GPUDevice.prototype, GPUCommandEncoder.prototype];
  const passes = GPUComputePassEncoder.prototype;
  const { createBindGroup } = devices;
  const { beginComputePass } = encoders;
  const { setPipeline, setBindGroup, dispatchWorkgroups } = passes;
  const batchSize = env().getNumber("WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE");
  devices.createBindGroup = function (descriptor) {
    const group = createBindGroup.call(this, descriptor);
    const sizes = [...descriptor.entries].map(({ resource }) => {
      const { buffer, size } = resource as GPUBufferBinding;
      return size ?? buffer?.size ?? 0;
    });
    bytesOfGroup.set(
      group,
      sizes.reduce((sum, size) => sum + size, 0),
    );
    return group;
  };
  encoders.beginComputePass = function (descriptor) {
    const first = 2 * dispatches.length;
    if (first >= 2 * MAX_DISPATCHES) throw new Error(`More than ${MAX_DISPATCHES} dispatches.`);
    const writes = { beginningOfPassWriteIndex: first, endOfPassWriteIndex: first + 1 };
    const timestampWrites = { querySet, ...writes };
    return beginComputePass.call(this, { ...descriptor, timestampWrites });
  };
  passes.setPipeline = function (pipeline) {
    kernel = pipeline.label;
    setPipeline.call(this, pipeline);
  };
  const bind: BindGroup = function (index, group) {
    boundBytes = bytesOfGroup.get(group) ?? 0;
    (setBindGroup as BindGroup).call(this, index, group);
  };
  Object.assign(passes, { setBindGroup: bind });
  passes.dispatchWorkgroups = function (x, y = 1, z = 1) {
    dispatches.push({ kernel, workgroups: `${x} x ${y} x ${z}`, boundBytes });
    dispatchWorkgroups.call(this, x, y, z);
  };
  env().set("WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE", 1);
  try {
    await compute();
  } finally {
    env().set("WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE", batchSize);
    Object.assign(devices, { createBindGroup });
    Object.assign(encoders, { beginComputePass });
    Object.assign(passes, { setPipeline, setBindGroup, dispatchWorkgroups });
  }
  const times = await readTimes(device, querySet, 2 * dispatches.length);
  querySet.destroy();
  return dispatches.map((dispatch, i) => {
    const [begin, end] = times.subarray(2 * i, 2 * i + 2) as unknown as [bigint, bigint];
    return { ...dispatch, ms: Number(end - begin) / 1e6 };
  });
}

async function readTimes(device: GPUDevice, querySet: GPUQuerySet, count: number) {
  const size = 8 * count;
  const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const resolved = device.createBuffer({ size, usage: QUERY_RESOLVE | COPY_SRC });
  const readable = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
  const encoder = device.createCommandEncoder();
  encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, readable, 0, size);
  device.queue.submit([encoder.finish()]);
  await readable.mapAsync(GPUMapMode.READ);
  const times = new BigUint64Array(readable.getMappedRange().slice(0));
  resolved.destroy();
  readable.destroy();
  return times;
}

/** The kernels of steps that made the same dispatches, the longest first. */
export function kernelFigures(steps: readonly (readonly TimedDispatch[])[]): KernelFigures[] {
  const keyOf = ({ kernel, workgroups, boundBytes }: TimedDispatch) =>
    [kernel, workgroups, boundBytes].join("; ");
  const ofSteps = steps.map((step) => group(step, keyOf));
  const kernels = [...(ofSteps[0] ?? [])].map(([key, dispatches]) => {
    const { kernel, workgroups, boundBytes } = dispatches[0] as TimedDispatch;
    const sums = ofSteps.map((step) => (step.get(key) ?? []).reduce((sum, { ms }) => sum + ms, 0));
    const msPerStep = median(sums) as number;
    const total = (of: "flops" | "bytes" | "paperMs") =>
      dispatches.every((each) => each[of] !== undefined)
        ? dispatches.reduce((sum, each) => sum + (each[of] ?? 0), 0)
        : null;
    const rate = (count: number | null) => (count === null ? null : count / msPerStep / 1e6);
    return {
      kernel,
      workgroups,
      boundBytes,
      dispatches: dispatches.length,
      msPerStep,
      gflops: rate(total("flops")),
      gigabytes: rate(total("bytes")),
      paperMsPerStep: total("paperMs"),
    };
  });
  return kernels.sort((a, b) => b.msPerStep - a.msPerStep);
}
