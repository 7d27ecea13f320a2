/** How blocks of the U-Net, their sizes and their figures are named, in the drawing and its tables. Pure. */
import type { BlockKind, UnetBlock } from "../../../engine/nn/unetBlocks.ts";
import { formatCount } from "../../../runtime/format.ts";
import type { BlockFigures } from "./networkFigures.ts";

export const DRAWING = {
  help: "Numbers: channels in → out, and parameters, with their share as a tint. A t marks blocks that use the time embedding. Dashed lines are skip connections. Click a block to look inside.",
  label: "The U-Net's blocks, as they are run; arrow keys go through them",
  table: "Blocks of the U-Net, as they are run",
};

/** What a block is called in the drawing. */
export function kindName({ kind, specs }: Pick<UnetBlock, "kind" | "specs">): string {
  if (kind !== "conv") return KIND_NAMES[kind];
  const kernelSize = specs[0]?.shape[0];
  return `Conv ${kernelSize}×${kernelSize}`;
}

const KIND_NAMES: Record<Exclude<BlockKind, "conv">, string> = {
  time: "Time embedding",
  label: "Label embedding",
  resnet: "ResNet block",
  linearAttention: "Linear attention",
  fullAttention: "Full attention",
  downsample: "Downsample",
  upsample: "Upsample",
};

/** `32 → 64` */
export function channelWords({ numIn, numOut }: Pick<UnetBlock, "numIn" | "numOut">): string {
  return `${numIn} → ${numOut}`;
}

/** `28×28`, or `28×28 → 14×14`; a dash for the embeddings, which see no images. */
export function sizeWords({ block, sizeIn, sizeOut }: BlockFigures): string {
  if (isEmbedding(block)) return "–";
  const [before, after] = [`${sizeIn}×${sizeIn}`, `${sizeOut}×${sizeOut}`];
  return before === after ? after : `${before} → ${after}`;
}

/** `929`, `37.1 k`, `3.43 M`, `1.20 G`: three significant digits. */
export function formatShort(count: number): string {
  const units = [
    { size: 1e9, name: " G" },
    { size: 1e6, name: " M" },
    { size: 1e3, name: " k" },
  ];
  // What rounds up to 1000 belongs to the next unit.
  const unit = units.find(({ size }) => count >= 0.9995 * size);
  return unit ? `${(count / unit.size).toPrecision(3)}${unit.name}` : formatCount(count);
}

/** `×3.96`, `×0.26`. */
export function formatRatio(after: number, before: number): string {
  const ratio = after / before;
  return `×${ratio < 9.995 ? ratio.toFixed(2) : ratio.toFixed(1)}`;
}

export function signed(difference: number, format: (count: number) => string): string {
  return `${difference < 0 ? "−" : "+"}${format(Math.abs(difference))}`;
}

/** Whether it makes a vector, not images. */
export function isEmbedding({ kind }: Pick<UnetBlock, "kind">): boolean {
  return kind === "time" || kind === "label";
}
