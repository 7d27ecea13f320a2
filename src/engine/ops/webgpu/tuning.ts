/**
 * Fits the kernels to the graphics adapter. What a kernel does differently on some adapters is chosen here: by the rung of
 * the ladder that the device is on, and on its first rung by what the adapter says that it is.
 */
import { canEnable } from "./device.ts";

/**
 * The rungs of WebGPU. `card`: workgroup tiles (`tilesOf`) and subgroups, as suits a graphics card. `safe`: register tiles, no
 * subgroups and no barriers (but in TensorFlow.js' own sums), of which a driver can get least wrong; slower on a card, and the faster form where the
 * adapter computes on the processor. A device that fails on one goes down to the next, and from the last to WebAssembly.
 */
export type Rung = "card" | "safe";

/**
 * Where a convolution keeps what it reads more than once. In registers: no invocation waits for another.
 * In workgroup memory: every value is fetched once for many invocations, which meet at barriers.
 */
export type Tiles = "registers" | "workgroup";

/** Most positions or parts that one invocation sums on a card, where more sums would not take much memory. */
export const MAX_SERIAL = 128;

/** Neighboring pixels of a row that an invocation computes together: 28, 14 and 7 divide by it. */
export const STRIP = 7;

/** What a workgroup of a convolution computes, strip by strip. */
export interface ConvTile {
  /** Output channels of an invocation, in fours. Twice as many use what is read more often, in more registers. */
  outVectors: 1 | 2;
  /** Invocations of a workgroup, at most. */
  invocations: 64 | 128;
  /** Input channels that are fetched at a time, in fours. */
  depth: 1 | 2 | 4 | 8;
  /**
   * How an invocation reads the pixels of its strip: four channels of each at once, or channel by channel, which takes more
   * loads and a third of the registers for them.
   */
  pixels: "vectors" | "scalars";
}

/** How a workgroup of a kernel's gradient shares its part of the batch among its invocations. */
export interface GradientTile {
  /** Channels of X and of dY of an invocation, in fours. */
  inVectors: 1 | 2;
  outVectors: 1 | 2;
  /** Invocations that have the same channels, each of other pixels; even, so that they share the bias' sums evenly. */
  pixelGroups: 2 | 4 | 8;
  /** Outputs of a workgroup. With 16 there are twice as many workgroups, which fetch the pixels of X once more. */
  mostOut: 16 | 32;
}

export interface Tuning {
  tiles: Tiles;
  /** Convolutions with fewer channels, in or out, would leave workgroup tiles half empty. */
  minChannels: number;
  /** Invocations that keep the adapter busy; gradients of parameters are summed in as many parts. */
  minInvocations: number;
  /** Whether invocations pass each other numbers in subgroups, where the device has them. */
  usesSubgroups: boolean;
  /** By the kernel's size. */
  convTiles: Readonly<Record<1 | 3, Choice>>;
  gradientTiles: Readonly<Record<1 | 3, GradientTile>>;
}

/** The second is for small batches, where the first would leave most of the adapter idle. */
type Choice = readonly [best: ConvTile, small?: ConvTile];

/** Sizes of a convolution of square images; channels in and out. */
export type ProductShape = Record<"kernelSize" | "width" | "numIn" | "numOut", number>;

/**
 * Candidates by the kernel's size, of which `npm run bench:card` finds the fastest. 3 x 3 is limited by arithmetic: with
 * eight channels a load from workgroup memory serves 20 multiply-adds, with four 16. 1 x 1 waits for memory, and reads
 * whole lines of 128 bytes with a depth of 8.
 */
export const CONV_TILES: Record<1 | 3, readonly ConvTile[]> = {
  3: [
    { outVectors: 2, invocations: 64, depth: 2, pixels: "vectors" },
    { outVectors: 2, invocations: 128, depth: 2, pixels: "vectors" },
    { outVectors: 2, invocations: 64, depth: 1, pixels: "vectors" },
    { outVectors: 1, invocations: 128, depth: 2, pixels: "vectors" },
    { outVectors: 1, invocations: 64, depth: 4, pixels: "vectors" },
    { outVectors: 1, invocations: 64, depth: 4, pixels: "scalars" },
  ],
  1: [
    { outVectors: 1, invocations: 64, depth: 8, pixels: "vectors" },
    { outVectors: 2, invocations: 64, depth: 4, pixels: "vectors" },
    { outVectors: 1, invocations: 128, depth: 4, pixels: "vectors" },
    { outVectors: 1, invocations: 64, depth: 8, pixels: "scalars" },
  ],
};

/** Candidates of a kernel's gradient: 1/24 loads for each multiply-add of 3 x 3 with four channels, 1/29 with eight. */
export const GRADIENT_TILES: Record<1 | 3, readonly GradientTile[]> = {
  3: [
    { inVectors: 1, outVectors: 1, pixelGroups: 4, mostOut: 16 },
    { inVectors: 1, outVectors: 1, pixelGroups: 2, mostOut: 32 },
    { inVectors: 1, outVectors: 2, pixelGroups: 4, mostOut: 32 },
  ],
  1: [
    { inVectors: 1, outVectors: 2, pixelGroups: 8, mostOut: 32 },
    { inVectors: 2, outVectors: 2, pixelGroups: 8, mostOut: 32 },
    { inVectors: 1, outVectors: 2, pixelGroups: 4, mostOut: 32 },
  ],
};

/** The tiles of some adapters. */
export interface CardTiles extends Pick<Tuning, "convTiles" | "gradientTiles"> {
  /** Their vendors, as `GPUAdapterInfo` has them. */
  vendors: readonly string[];
  reason: string;
}

const GRADIENTS = { 3: GRADIENT_TILES[3][0], 1: GRADIENT_TILES[1][0] } as Tuning["gradientTiles"];

/** None of these was measured on a card: the reasons are counted registers, and what the makers say of their cores. */
export const CARD_TILES: readonly CardTiles[] = [
  {
    vendors: ["intel", "arm", "img-tec"],
    reason:
      "An invocation has at most 64 registers, on Intel where 16 share a thread; what does not fit goes through memory.",
    convTiles: {
      3: [{ outVectors: 1, invocations: 64, depth: 4, pixels: "scalars" }],
      1: [{ outVectors: 1, invocations: 64, depth: 8, pixels: "scalars" }],
    },
    gradientTiles: GRADIENTS,
  },
  {
    vendors: ["apple"],
    reason: "An invocation has at most 128 registers, and the tile of eight channels takes 132.",
    convTiles: {
      3: [
        { outVectors: 1, invocations: 128, depth: 2, pixels: "vectors" },
        { outVectors: 1, invocations: 64, depth: 4, pixels: "vectors" },
      ],
      1: [{ outVectors: 1, invocations: 64, depth: 8, pixels: "vectors" }],
    },
    gradientTiles: GRADIENTS,
  },
];

/** NVIDIA and AMD have some 250 registers for an invocation, and eight channels use most often what was read. */
const OTHER_TILES: Omit<CardTiles, "vendors" | "reason"> = {
  convTiles: {
    3: [
      { outVectors: 2, invocations: 64, depth: 2, pixels: "vectors" },
      { outVectors: 1, invocations: 64, depth: 4, pixels: "vectors" },
    ],
    1: [{ outVectors: 1, invocations: 64, depth: 8, pixels: "vectors" }],
  },
  gradientTiles: GRADIENTS,
};

/** The best tile, or the small one where there is one and the best would make too few workgroups. */
export function convTile(
  { convTiles, minInvocations }: Tuning,
  { kernelSize }: Pick<ProductShape, "kernelSize">,
  numWorkgroups: (tile: ConvTile) => number,
): ConvTile {
  const [best, small = best] = convTiles[kernelSize === 1 ? 1 : 3];
  return 64 * numWorkgroups(best) >= minInvocations ? best : small;
}

/**
 * A graphics card, whose memory is slower than its arithmetic: with every byte that it reads from a
 * buffer, a workgroup tile does 8 to 44 operations, a register tile 1.3 to 4. Not measured on one. The
 * number is 128 workgroups, a few for each core of most cards; twice as many would take twice the memory for the
 * parts of gradients, 74 MB of Assignment's kernels.
 */
export const CARD: Tuning = {
  tiles: "workgroup",
  minChannels: 16,
  minInvocations: 8_192,
  usesSubgroups: true,
  ...OTHER_TILES,
};

/** A graphics card that fails with workgroup tiles or subgroups. */
export const SAFE: Tuning = { ...CARD, tiles: "registers", usesSubgroups: false };

/**
 * An adapter that computes on the processor runs the invocations of a workgroup one after the other on
 * one thread, and puts all their registers into memory at every barrier. Eight workgroups keep its
 * threads busy: Tiny at batch 8 takes 1.8 MB an image with them, 4.7 MB with 32, and as long.
 */
export const SOFTWARE: Tuning = { ...SAFE, minInvocations: 512 };

/** The kernels' form on a rung. @param info undefined where the browser does not say what the adapter is */
export function tuningOn(rung: Rung, info: GPUAdapterInfo | undefined): Tuning {
  if (rung === "safe") return info && isSoftware(info) ? SOFTWARE : SAFE;
  const known = CARD_TILES.find(({ vendors }) => vendors.includes(info?.vendor ?? ""));
  return known ? { ...CARD, convTiles: known.convTiles, gradientTiles: known.gradientTiles } : CARD;
}

/** The rung that an adapter begins on. */
export function firstRung(info: GPUAdapterInfo | undefined): Rung {
  return info && isSoftware(info) ? "safe" : "card";
}

/** Workgroup tiles have whole rows of strips, and memory for images as wide as this. */
export const MAX_STRIPS_PER_ROW = 4;

export function gradientTile(
  { gradientTiles }: Tuning,
  { kernelSize }: ProductShape,
): GradientTile {
  return gradientTiles[kernelSize === 1 ? 1 : 3];
}

/** By device: those that are forced, and those of its first rung, which the adapter is asked for once. */
const tunings = new WeakMap<GPUDevice, Tuning>();

export function tuningOf(device: GPUDevice): Tuning {
  const known = tunings.get(device);
  if (known) return known;
  // Not every browser that has WebGPU has this.
  const info: GPUAdapterInfo | undefined = device.adapterInfo;
  const tuning = tuningOn(firstRung(info), info);
  tunings.set(device, tuning);
  return tuning;
}

/** Overrides the choice by adapter; null restores it. */
export function setTuning(device: GPUDevice, tuning: Tuning | null): void {
  if (tuning) tunings.set(device, tuning);
  else tunings.delete(device);
}

/** Invocations of a subgroup, at least, in programs that enable subgroups; 1 where none should. */
export function minSubgroupSize(device: GPUDevice): number {
  if (!tuningOf(device).usesSubgroups || !canEnable(device, "subgroups")) return 1;
  // Not every browser that has WebGPU has this.
  const info: Partial<GPUAdapterInfo> = device.adapterInfo ?? {};
  // Metal does not tell it before a program is compiled, and Chrome says 4; all of Apple's have 32.
  return info.vendor === "apple" ? 32 : (info.subgroupMinSize ?? 1);
}

/**
 * For a convolution or one of its gradients. The first one, 7 x 7 of one channel, and those of few channels keep register
 * tiles on every rung.
 */
export function tilesOf(device: GPUDevice, sizes: ProductShape): Tiles {
  const { kernelSize, width, numIn, numOut } = sizes;
  const { tiles, minChannels } = tuningOf(device);
  const hasStrips =
    kernelSize === 1 || (kernelSize === 3 && [1, 2, MAX_STRIPS_PER_ROW].includes(width / STRIP));
  return hasStrips && Math.min(numIn, numOut) >= minChannels ? tiles : "registers";
}

/** SwiftShader, llvmpipe and Windows' basic renderer compute on the processor. */
export function isSoftware(info: GPUAdapterInfo): boolean {
  const names = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(names);
}
