import type { BlockLook } from "../../../engine/nn/blockLook.ts";
import type { BlockKind, UnetBlock } from "../../../engine/nn/unetBlocks.ts";
import { formatCount } from "../../../runtime/format.ts";
import type { BlockFigures } from "./networkFigures.ts";

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

/** What a kind of block does, with the paper. */
export const KIND_WORDS: Record<BlockKind, string> = {
  conv: "A convolution with bias that keeps the size of the images.",
  time: "Turns the timestep t into a vector: sines and cosines, two fully connected layers, a GELU between them (Vaswani et al. 2017). It steers every ResNet block.",
  label:
    "A vector for each label, and one for no label. It is added to the time embedding, and so steers every ResNet block (Dhariwal and Nichol 2021).",
  resnet:
    "Twice a 3×3 convolution, RMSNorm and SiLU, plus what came in (He et al. 2016). The time embedding scales and shifts the first half (Perez et al. 2018).",
  linearAttention:
    "Every pixel attends to a small summary of all others, so the cost grows with the number of pixels, not with its square (Shen et al. 2018).",
  fullAttention:
    "Every pixel attends to every other and to four learned memories (Vaswani et al. 2017). The cost grows with the square of the number of pixels, so it is used only where the images are smallest.",
  downsample:
    "Halves the size of the images: four neighboring pixels become one with four times the channels, then a 1×1 convolution.",
  upsample:
    "Doubles the size of the images: each pixel becomes four equal ones, then a 3×3 convolution.",
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

/** Whether it makes a vector, not images. */
export function isEmbedding({ kind }: Pick<UnetBlock, "kind">): boolean {
  return kind === "time" || kind === "label";
}

/** All of a block for those who do not see the drawing. */
export function blockLabel(figures: BlockFigures): string {
  const { block, parameters } = figures;
  const images = isEmbedding(block) ? "" : `, images ${sizeWords(figures)}`;
  return `${block.name}: ${kindName(block)}${images}, channels ${channelWords(block)}, ${formatCount(parameters)} parameters`;
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

/** `64 of 160 feature maps of 14×14, …` */
export function mapsWords({ maps, ranges, size, numChannels }: BlockLook): string {
  const numMaps = maps.length / size ** 2;
  const count = numMaps < numChannels ? `The first ${numMaps} of ${numChannels}` : `${numChannels}`;
  const [least, most] = [Math.min(...ranges), Math.max(...ranges)].map((value) =>
    value.toFixed(2).replace("-", "−"),
  );
  const [are, each] = numChannels === 1 ? ["feature map", "it is"] : ["feature maps", "each is"];
  return `${count} ${are} of ${size}×${size}: ${each} scaled from its lowest value, black, to its highest, white. All values are from ${least} to ${most}.`;
}

/** @param memoryShares of each head, 0 to 1 */
export function attentionWords(memoryShares: readonly number[]): string {
  const shares = memoryShares.map((share) => `${Math.round(100 * share)} %`).join(", ");
  const [picture, byHead] =
    memoryShares.length === 1
      ? ["White", ""]
      : ["A picture for each head. White", ", head by head"];
  return `${picture} is where the pixel looks most. The learned memories take ${shares} of its attention${byHead}.`;
}
