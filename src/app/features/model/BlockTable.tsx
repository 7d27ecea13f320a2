import { formatCount } from "../../../runtime/format.ts";
import { DataTable } from "../../shared/parts/DataTable.tsx";
import classes from "./ModelView.module.css";
import type { NetworkFigures } from "./networkFigures.ts";
import { channelWords, formatShort, kindName, sizeWords } from "./text.ts";

/** The drawing as a table, for those who do not see it or want the exact numbers. */
export function BlockTable({ network }: { network: NetworkFigures }) {
  return (
    <details className={classes.details}>
      <summary>Table of all blocks</summary>
      <div className={classes.wide}>
        <DataTable
          className={classes.table}
          caption="Blocks of the U-Net, as they are run"
          columns={["Block", "Kind", "Images", "Channels", "Parameters", "Multiply-adds"]}
          rows={network.figures.map((figures) => [
            <code key={figures.block.name}>{figures.block.name}</code>,
            kindName(figures.block),
            sizeWords(figures),
            channelWords(figures.block),
            formatCount(figures.parameters),
            formatShort(figures.multiplyAdds),
          ])}
          foot={[
            ...["All", "", "", ""],
            formatCount(network.parameters),
            formatShort(network.multiplyAdds),
          ]}
        />
      </div>
    </details>
  );
}
