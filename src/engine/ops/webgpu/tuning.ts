/** Fits the kernels to the graphics adapter. What a kernel does differently on some adapters is chosen here. */

/**
 * Where a convolution keeps what it reads more than once. In registers: no invocation waits for another.
 * In workgroup memory: every value is fetched once for many invocations, which meet at barriers.
 */
export type Tiles = "registers" | "workgroup";

export interface Tuning {
  tiles: Tiles;
  /** Convolutions with fewer channels, in or out, would leave workgroup tiles half empty. */
  minChannels: number;
  /** Invocations that keep the adapter busy; gradients of parameters are summed in as many parts. */
  minInvocations: number;
}

/**
 * An adapter that computes on the processor runs the invocations of a workgroup one after the other on
 * one thread, and puts all their registers into memory at every barrier. Eight workgroups keep its
 * threads busy: Tiny at batch 8 takes 1.8 MB an image with them, 4.7 MB with 32, and as long.
 */
export const SOFTWARE: Tuning = { tiles: "registers", minChannels: 16, minInvocations: 512 };

/**
 * A graphics card, whose memory is slower than its arithmetic: with every byte that it reads from a
 * buffer, a workgroup tile does 8 to 44 operations, a register tile 1.3 to 4. Not measured on one. The
 * number is 128 workgroups, a few for each core of most cards; with twice as many, all parts of
 * Assignment's gradients together (145 MB) would not fit into the 128 MiB that every device can bind.
 */
export const CARD: Tuning = { tiles: "workgroup", minChannels: 16, minInvocations: 8_192 };

/** Images wider than this have no room in the 16 KB of workgroup memory that every device has. */
export const MAX_TILED_WIDTH = 32;

const forced = new WeakMap<GPUDevice, Tuning>();

export function tuningOf(device: GPUDevice): Tuning {
  // Not every browser that has WebGPU has this.
  const info: GPUAdapterInfo | undefined = device.adapterInfo;
  return forced.get(device) ?? (info && isSoftware(info) ? SOFTWARE : CARD);
}

/** Overrides the choice by adapter; null restores it. */
export function forceTuning(device: GPUDevice, tuning: Tuning | null): void {
  if (tuning) forced.set(device, tuning);
  else forced.delete(device);
}

/** For a convolution or one of its gradients. The first one, 7 x 7 of one channel, is no matrix product. */
export function tilesOf(
  device: GPUDevice,
  sizes: Record<"kernelSize" | "width" | "numIn" | "numOut", number>,
): Tiles {
  const { kernelSize, width, numIn, numOut } = sizes;
  const { tiles, minChannels } = tuningOf(device);
  const isFit =
    kernelSize <= 3 && width <= MAX_TILED_WIDTH && Math.min(numIn, numOut) >= minChannels;
  return isFit ? tiles : "registers";
}

/** SwiftShader, llvmpipe and Windows' basic renderer compute on the processor. */
export function isSoftware(info: GPUAdapterInfo): boolean {
  const names = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(names);
}
