import { formatCount } from "../../../runtime/format.ts";
import { channelWords, formatShort, kindName, sizeWords } from "./blockWords.ts";
import classes from "./ModelView.module.css";
import type { NetworkFigures } from "./networkFigures.ts";

/** The drawing as a table, for those who do not see it or want the exact numbers. */
export function BlockTable({ network }: { network: NetworkFigures }) {
  return (
    <details className={classes.details}>
      <summary>Table of all blocks</summary>
      <div className={classes.wide}>
        <table className={classes.table}>
          <caption>Blocks of the U-Net, as they are run</caption>
          <thead>
            <tr>
              <th scope="col">Block</th>
              <th scope="col">Kind</th>
              <th scope="col">Images</th>
              <th scope="col">Channels</th>
              <th scope="col">Parameters</th>
              <th scope="col">Multiply-adds</th>
            </tr>
          </thead>
          <tbody>
            {network.figures.map((figures) => (
              <tr key={figures.block.name}>
                <th scope="row">
                  <code>{figures.block.name}</code>
                </th>
                <td>{kindName(figures.block)}</td>
                <td>{sizeWords(figures)}</td>
                <td>{channelWords(figures.block)}</td>
                <td>{formatCount(figures.parameters)}</td>
                <td>{formatShort(figures.multiplyAdds)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row" colSpan={4}>
                All
              </th>
              <td>{formatCount(network.parameters)}</td>
              <td>{formatShort(network.multiplyAdds)}</td>
            </tr>
          </tfoot>
        </table>
      </div>
    </details>
  );
}
