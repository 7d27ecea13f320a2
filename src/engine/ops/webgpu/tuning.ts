/** Fits the kernels to the graphics adapter. What a kernel does differently on some adapters is chosen here. */
import { canEnable } from "./device.ts";

/**
 * Where a convolution keeps what it reads more than once. In registers: no invocation waits for another.
 * In workgroup memory: every value is fetched once for many invocations, which meet at barriers.
 */
export type Tiles = "registers" | "workgroup";

/** Positions or parts that an invocation sums up on a card, at most, where more sums do not take much memory. */
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
  /** By `shapeKey`, of `CONV_TILES` those that are faster on this adapter than what is best on paper, else null. */
  convTiles?: Readonly<Record<string, ConvTile | null>>;
  /** The same of `GRADIENT_TILES`. */
  gradientTiles?: Readonly<Record<string, GradientTile | null>>;
}

/** Sizes of a convolution of square images that decide which tile is fastest; channels in and out. */
export type ProductShape = Record<"kernelSize" | "width" | "numIn" | "numOut", number>;

/**
 * Candidates by the kernel's size, the best on paper first. 3 x 3 is limited by arithmetic: with eight channels a load
 * from workgroup memory serves 20 multiply-adds, with four 16. 1 x 1 waits for memory, and reads whole lines of 128
 * bytes with a depth of 8.
 */
export const CONV_TILES: Record<1 | 3, readonly ConvTile[]> = {
  3: [
    { outVectors: 2, invocations: 64, depth: 2 },
    { outVectors: 2, invocations: 128, depth: 2 },
    { outVectors: 2, invocations: 64, depth: 1 },
    { outVectors: 1, invocations: 128, depth: 2 },
    // For small batches, where few workgroups share a core and its memory.
    { outVectors: 1, invocations: 64, depth: 4 },
  ],
  1: [
    { outVectors: 1, invocations: 64, depth: 8 },
    { outVectors: 2, invocations: 64, depth: 4 },
    { outVectors: 1, invocations: 128, depth: 4 },
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

export function shapeKey({ kernelSize, width, numIn, numOut }: ProductShape): string {
  return `${kernelSize} ${width} ${numIn} ${numOut}`;
}

/** What was found to be fastest on an adapter; register tiles where no others compute the same. */
export type ChosenTiles = Required<Pick<Tuning, "tiles" | "convTiles" | "gradientTiles">>;
export type ProductKind = "convTiles" | "gradientTiles";

/** What a run is computed in: other tiles add up in another order, so it goes on in those it began in. */
export interface AdapterTiles {
  /** See `adapterName`. */
  adapter: string;
  tiles: ChosenTiles;
}

/** First null, which is what is best on paper. */
export function candidatesFor(kind: ProductKind, kernelSize: number): readonly (object | null)[] {
  return [null, ...(kind === "convTiles" ? CONV_TILES : GRADIENT_TILES)[kernelSize === 1 ? 1 : 3]];
}

/** Those of a file or of the storage; null when they are no tiles, or none of this version. */
export function adapterTilesFrom(value: unknown): AdapterTiles | null {
  const { adapter, tiles } = Object(value);
  const { convTiles, gradientTiles } = Object(tiles);
  const isKind = typeof adapter === "string" && ["registers", "workgroup"].includes(tiles?.tiles);
  if (!isKind || !areCandidates("convTiles", convTiles)) return null;
  if (!areCandidates("gradientTiles", gradientTiles)) return null;
  return { adapter, tiles: { tiles: tiles.tiles, convTiles, gradientTiles } };
}

function areCandidates(kind: ProductKind, chosen: unknown): boolean {
  if (typeof chosen !== "object" || chosen === null) return false;
  return Object.entries(chosen).every(([key, tile]) => {
    const candidates = candidatesFor(kind, Number.parseInt(key, 10));
    return candidates.some((candidate) => JSON.stringify(candidate) === JSON.stringify(tile));
  });
}

/** The tile that is known to be fastest, else the best on paper, or that with most workgroups where the adapter would be idle. */
export function convTile(
  { convTiles, minInvocations }: Tuning,
  shape: ProductShape,
  numWorkgroups: (tile: ConvTile) => number,
): ConvTile {
  const chosen = convTiles?.[shapeKey(shape)];
  if (chosen) return chosen;
  const candidates = CONV_TILES[shape.kernelSize === 1 ? 1 : 3];
  const best = candidates[0] as ConvTile;
  if (64 * numWorkgroups(best) >= minInvocations) return best;
  return candidates.reduce((most, tile) =>
    numWorkgroups(tile) > numWorkgroups(most) ? tile : most,
  );
}

/**
 * An adapter that computes on the processor runs the invocations of a workgroup one after the other on
 * one thread, and puts all their registers into memory at every barrier. Eight workgroups keep its
 * threads busy: Tiny at batch 8 takes 1.8 MB an image with them, 4.7 MB with 32, and as long.
 */
export const SOFTWARE: Tuning = {
  tiles: "registers",
  minChannels: 16,
  minInvocations: 512,
  usesSubgroups: false,
};

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
};

/** Workgroup tiles have whole rows of strips, and memory for images as wide as this. */
export const MAX_STRIPS_PER_ROW = 4;

/** The tile that is known to be fastest, else the best on paper. */
export function gradientTile({ gradientTiles }: Tuning, shape: ProductShape): GradientTile {
  const candidates = GRADIENT_TILES[shape.kernelSize === 1 ? 1 : 3];
  return gradientTiles?.[shapeKey(shape)] ?? (candidates[0] as GradientTile);
}

/** Those that are forced, and those by the adapter, of which it is asked once. */
const tunings = new WeakMap<GPUDevice, Tuning>();

export function tuningOf(device: GPUDevice): Tuning {
  const known = tunings.get(device);
  if (known) return known;
  // Not every browser that has WebGPU has this.
  const info: GPUAdapterInfo | undefined = device.adapterInfo;
  const tuning = info && isSoftware(info) ? SOFTWARE : CARD;
  tunings.set(device, tuning);
  return tuning;
}

/** Overrides the choice by adapter; null restores it. */
export function forceTuning(device: GPUDevice, tuning: Tuning | null): void {
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

/** For a convolution or one of its gradients. The first one, 7 x 7 of one channel, is no matrix product. */
export function tilesOf(device: GPUDevice, sizes: ProductShape): Tiles {
  const { kernelSize, width, numIn, numOut } = sizes;
  const { tiles, minChannels } = tuningOf(device);
  const hasStrips =
    kernelSize === 1 || (kernelSize === 3 && [1, 2, MAX_STRIPS_PER_ROW].includes(width / STRIP));
  return hasStrips && Math.min(numIn, numOut) >= minChannels ? tiles : "registers";
}

/** What an adapter says that it is. */
export function adapterName(info: GPUAdapterInfo): string {
  const { vendor, architecture, device, description } = info;
  return [vendor, architecture, device, description].filter(Boolean).join(", ");
}

/** SwiftShader, llvmpipe and Windows' basic renderer compute on the processor. */
export function isSoftware(info: GPUAdapterInfo): boolean {
  const names = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(names);
}
