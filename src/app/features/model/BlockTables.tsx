import { Text } from "@mantine/core";
import { torchShape } from "../../../engine/nn/layout.ts";
import { numElements } from "../../../engine/nn/parameters.ts";
import type { BlockKind } from "../../../engine/nn/unetBlocks.ts";
import { formatCount } from "../../../runtime/format.ts";
import { DataTable } from "../../shared/parts/DataTable.tsx";
import {
  channelWords,
  DRAWING,
  formatShort,
  isEmbedding,
  kindName,
  sizeWords,
} from "./blockWords.ts";
import classes from "./ModelView.module.css";
import type { BlockFigures, NetworkFigures } from "./networkFigures.ts";

/** The drawing as a table, for those who do not see it or want the exact numbers. */
export function BlockTable({ network }: { network: NetworkFigures }) {
  return (
    <Text component="details" size="sm">
      <summary>Table of all blocks</summary>
      <div className={classes.wide}>
        <DataTable
          caption={DRAWING.table}
          columns={["Block", "Images", "Channels", "Parameters", "Multiply-adds"]}
          rows={network.figures.map((figures) => [
            <span key={figures.block.name}>
              <code>{figures.block.name}</code> {kindName(figures.block)}
            </span>,
            sizeWords(figures),
            channelWords(figures.block),
            formatCount(figures.parameters),
            formatShort(figures.multiplyAdds),
          ])}
          foot={["All", "", "", formatCount(network.parameters), formatShort(network.multiplyAdds)]}
        />
      </div>
    </Text>
  );
}

/** A block's tensors under their names in PyTorch. */
export function BlockTensors({ figures }: { figures: BlockFigures }) {
  const { block } = figures;
  return (
    <section className={classes.block} aria-label="The block">
      <h3>
        {kindName(block)} <code>{block.name}</code>
      </h3>
      <Text size="xs" c="dimmed" mt={2}>
        {KIND_WORDS[block.kind]}
      </Text>
      <Text size="xs" mt={4}>
        {figuresWords(figures)}
      </Text>
      <div className={classes.scroll}>
        <DataTable
          caption={`Tensors of ${block.name}`}
          columns={["Tensor, as in PyTorch", "Shape", "Parameters"]}
          rows={block.specs.map(({ name, shape, layout }) => [
            <code key={name}>{name.slice(block.name.length + 1)}</code>,
            torchShape(layout, shape).join(" × "),
            formatCount(numElements(shape)),
          ])}
        />
      </div>
    </section>
  );
}

/** What a kind of block does, with the paper. */
const KIND_WORDS: Record<BlockKind, string> = {
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

/** `Images 28×28, channels 1 → 32. 1,600 parameters, 1.23 M multiply-adds an image.` */
export function figuresWords(figures: BlockFigures): string {
  const { block, parameters, multiplyAdds } = figures;
  const channels = isEmbedding(block) ? "Channels" : `Images ${sizeWords(figures)}, channels`;
  return `${channels} ${channelWords(block)}. ${formatCount(parameters)} parameters, ${formatShort(multiplyAdds)} multiply-adds an image.`;
}
