/** What people read in the view of the network. Pure. */
import {
  HYPERPARAMETERS,
  IMAGE_SIZE,
  type RunConfig,
} from "../../../engine/config/hyperparameters.ts";
import { samplerEntry } from "../../../engine/diffusion/samplers.ts";
import type { BlockLook } from "../../../engine/nn/blockLook.ts";
import type { BlockKind, UnetBlock } from "../../../engine/nn/unetBlocks.ts";
import { counted, formatCount, formatSetting, stepsSuffix } from "../../../runtime/format.ts";
import { readSampling } from "../../../runtime/sampling/sampling.ts";
import type { DrawnDigit, LookedWith } from "./inside/chosen.ts";
import type { BlockFigures, NetworkFigures } from "./networkFigures.ts";
import type { NetworkOwner } from "./shownNetwork.ts";

export const WRONG_SETTINGS = {
  title: "These settings do not make a valid network",
  remedy: "Correct them under Train, Settings, Network.",
};
export const DRAWING = {
  help: "Numbers: channels in → out, and parameters, with their share as a tint. A t marks blocks that use the time embedding. Dashed lines are skip connections. Click a block to look inside.",
  label: "The U-Net's blocks, as they are run; arrow keys go through them",
  table: "Blocks of the U-Net, as they are run",
};
export const SEES_NO_IMAGES =
  "This block sees no images: it makes a vector that steers every ResNet block.";
export const NOISY_IMAGE = "The noisy image that the network sees";
export const CLICK_A_PIXEL = "Click a pixel of the digit to see what it attends to.";

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

/** `Images 28×28, channels 1 → 32. 1,600 parameters, 1.23 M multiply-adds an image.` */
export function figuresWords(figures: BlockFigures): string {
  const { block, parameters, multiplyAdds } = figures;
  const channels = isEmbedding(block) ? "Channels" : `Images ${sizeWords(figures)}, channels`;
  return `${channels} ${channelWords(block)}. ${formatCount(parameters)} parameters, ${formatShort(multiplyAdds)} multiply-adds an image.`;
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

/** While no value is pointed at. */
export function noChoiceWords(isLocked: boolean): string {
  const click = isLocked
    ? "The settings are locked until the run is stopped."
    : "Click to use it in the settings.";
  return `Point at a value to see which blocks it changes, and by how much. ${click}`;
}

/** @param numChanged blocks of the network before that would change or go */
export function blocksWords(
  numChanged: number,
  before: NetworkFigures,
  after: NetworkFigures,
): string {
  const { length } = before.figures;
  const isOneMore = numChanged === 0 && after.figures.length > length;
  return isOneMore ? "one block more" : `${numChanged} of ${length} blocks change`;
}

/** `Width multipliers 1, 2 instead of 1, 2, 4, one level fewer, smallest images 14×14` */
export function changeWords(setting: keyof RunConfig, before: RunConfig, after: RunConfig): string {
  const name = HYPERPARAMETERS[setting].label;
  const words = `${name} ${formatSetting(after[setting])} instead of ${formatSetting(before[setting])}`;
  const numLevels = after.dimMults.length - before.dimMults.length;
  if (numLevels === 0) return words;
  const size = IMAGE_SIZE / 2 ** (after.dimMults.length - 1);
  const levels = Math.abs(numLevels) === 1 ? "one level" : `${Math.abs(numLevels)} levels`;
  return `${words}, ${levels} ${numLevels < 0 ? "fewer" : "more"}, smallest images ${size}×${size}`;
}

/** `+285,696 parameters, 3.72 M in all (×1.08); 428 M multiply-adds (×1.17).` */
export function costWords(before: NetworkFigures, after: NetworkFigures): string {
  const { parameters, multiplyAdds } = after;
  const difference = parameters - before.parameters;
  if (difference === 0 && multiplyAdds === before.multiplyAdds) {
    return "the same number of parameters and multiply-adds.";
  }
  return [
    `${signed(difference, formatCount)} parameters, ${formatShort(parameters)} in all`,
    `(${formatRatio(parameters, before.parameters)});`,
    `${formatShort(multiplyAdds)} multiply-adds`,
    `(${formatRatio(multiplyAdds, before.multiplyAdds)}).`,
  ].join(" ");
}

/** `×3.96`, a small difference as `+1.57 k`, none as `±0`. */
export function ratioWords(before: NetworkFigures, after: NetworkFigures): string {
  const difference = after.parameters - before.parameters;
  if (difference === 0) return "±0";
  return Math.abs(difference) >= 0.01 * before.parameters
    ? formatRatio(after.parameters, before.parameters)
    : signed(difference, formatShort);
}

function signed(difference: number, format: (count: number) => string): string {
  return `${difference < 0 ? "−" : "+"}${format(Math.abs(difference))}`;
}

/** @param where the network is shown that draws the digits; null where it is not */
export function otherNetworkWords(where: NetworkOwner | null): string {
  const choice = where === "run" ? "Run" : "Settings";
  const remedy = where === null ? "" : ` Choose ${choice} above to look inside that one.`;
  return `Digits are drawn with another network than the one shown.${remedy}`;
}

/** `Drawn as chosen in Draw: DDIM, 50 steps even in log-SNR, η = 0.5, guidance 2.` */
export function drawnWords(
  { sampler, condition }: Pick<DrawnDigit, "sampler" | "condition">,
  { config, sampling }: Pick<LookedWith, "config" | "sampling">,
): string {
  const numSteps = sampler.timesteps ?? config.timesteps;
  const { label, numPasses } = samplerEntry(sampler.kind, config.objective);
  const suffix = stepsSuffix(sampler, numSteps, numPasses(numSteps, true));
  const eta = sampler.eta ? `, η = ${sampler.eta}` : "";
  const isAsked = condition?.labels.some((label) => label !== null);
  const guidance = isAsked ? `, guidance ${condition?.guidance}` : "";
  const chosen = readSampling(sampling, { config }).values?.sampler ?? null;
  const isShorter = chosen !== null && (chosen.timesteps ?? config.timesteps) > numSteps;
  const how = isShorter
    ? `While a run trains, ${numSteps} steps at most`
    : chosen && "Drawn as chosen in Draw";
  return `${how ?? "Drawn in the usual way"}: ${label}, ${counted(numSteps, "step")}${suffix}${eta}${guidance}.`;
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

export function attentionLabel(block: string): string {
  return `Attention of the pixel in ${block}`;
}

export function pixelWords([row, column]: readonly [number, number], size: number): string {
  return `row ${row + 1}, column ${column + 1} of ${size}`;
}
