import { Text } from "@mantine/core";
import { torchShape } from "../../../engine/nn/layout.ts";
import { numElements } from "../../../engine/nn/parameters.ts";
import { formatCount } from "../../../runtime/format.ts";
import { DataTable } from "../../shared/parts/DataTable.tsx";
import classes from "./ModelView.module.css";
import type { BlockFigures, NetworkFigures } from "./networkFigures.ts";
import {
  channelWords,
  DRAWING,
  figuresWords,
  formatShort,
  KIND_WORDS,
  kindName,
  sizeWords,
} from "./text.ts";

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
