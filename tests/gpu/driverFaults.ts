/** Drivers that compute wrong numbers, simulated on one that computes right ones. Runs in the browser. */

interface DriverFault {
  /** The programs that it is about, by their names. */
  programs: RegExp;
  /** What the driver makes of their WGSL; null where it does not run them at all. */
  change: ((code: string) => string) | null;
}

/** Names are those of tests. `subgroups` is no program's fault, see `SubgroupFault`. */
export const DRIVER_FAULTS = {
  "gradients of kernels that are zero": {
    programs: /^kernelGradient(Workgroup|Registers) 1,/,
    change: (code) =>
      code
        .replaceAll(/(writeKernel\(tap.*), sum\);/g, "$1, vec4<f32>(0.0));")
        .replaceAll(/(kernel\[.*\] = )(.*);/g, "$1 0.0 * $2;"),
  },
  "roots that are no numbers": {
    programs: /^norm/,
    change: (code) => code.replaceAll("inverseSqrt(max(", "inverseSqrt(-max("),
  },
  "tiles that begin at a wrong place": {
    programs: /^convWorkgroup 3,false/,
    change: (code) => code.replace("let firstStrip = (group", "let firstStrip = 1 + (group"),
  },
  "a barrier that does not hold": {
    programs: /^convWorkgroup 3,false/,
    change: (code) => {
      const second = code.indexOf("workgroupBarrier();", code.indexOf("workgroupBarrier();") + 1);
      return `${code.slice(0, second)}${code.slice(second + "workgroupBarrier();".length)}`;
    },
  },
  "a program that leaves in its buffer what was there": {
    programs: /^fullAttentionOutput/,
    change: null,
  },
  "quotients that are rounded up": {
    programs: /^convWorkgroup 3,false|^convRegisters 1,true/,
    change: (code) =>
      code
        .replaceAll(
          "/ uniforms.stripsPerRow",
          "+ uniforms.stripsPerRow - 1) / uniforms.stripsPerRow",
        )
        .replaceAll("((firstStrip + own) +", "((firstStrip + own +")
        .replaceAll("/ uniforms.numTiles", "+ uniforms.numTiles - 1) / uniforms.numTiles"),
  },
} satisfies Record<string, DriverFault>;

export type FaultName = keyof typeof DRIVER_FAULTS | "subgroups of another size";

/** From now on devices of this page can be given faults, one at a time; null for none. */
export function simulateDriver(): (name: keyof typeof DRIVER_FAULTS | null) => void {
  let fault: DriverFault | null = null;
  const devices = GPUDevice.prototype;
  const passes = GPUComputePassEncoder.prototype;
  const { createShaderModule, createComputePipeline, createComputePipelineAsync } = devices;
  const { setPipeline, dispatchWorkgroups } = passes;
  const codes = new WeakMap<GPUShaderModule, string>();
  const origins = new WeakMap<GPUComputePipeline, [GPUDevice, GPUComputePipelineDescriptor]>();
  const faulty = new Map<string, GPUComputePipeline>();
  let isSkipped = false;
  devices.createShaderModule = function (descriptor) {
    const module = createShaderModule.call(this, descriptor);
    codes.set(module, descriptor.code);
    return module;
  };
  devices.createComputePipeline = function (descriptor) {
    const pipeline = createComputePipeline.call(this, descriptor);
    origins.set(pipeline, [this, descriptor]);
    return pipeline;
  };
  devices.createComputePipelineAsync = async function (descriptor) {
    const pipeline = await createComputePipelineAsync.call(this, descriptor);
    origins.set(pipeline, [this, descriptor]);
    return pipeline;
  };
  passes.setPipeline = function (pipeline) {
    const [device, descriptor] = origins.get(pipeline) ?? [];
    const isAffected = fault && descriptor && fault.programs.test(descriptor.label ?? "");
    isSkipped = isAffected === true && fault?.change === null;
    let used = pipeline;
    if (isAffected && fault?.change && device && descriptor) {
      const code = fault.change(codes.get(descriptor.compute.module) ?? "");
      const known = faulty.get(code);
      const { label = "", compute } = descriptor;
      used =
        known ??
        device.createComputePipeline({
          ...descriptor,
          compute: { ...compute, module: createShaderModule.call(device, { label, code }) },
        });
      faulty.set(code, used);
    }
    return setPipeline.call(this, used);
  };
  passes.dispatchWorkgroups = function (...counts) {
    return isSkipped ? undefined : dispatchWorkgroups.apply(this, counts);
  };
  return (name) => {
    fault = name && DRIVER_FAULTS[name];
  };
}
