import { isValidElement, type ReactNode } from "react";

interface DataTableProps {
  caption?: ReactNode;
  className?: string | undefined;
  /** Headings; an empty one is no heading. */
  columns: readonly ReactNode[];
  rows: readonly TableRow[];
  /** A last row, of totals. */
  foot?: TableRow;
}

/** The first field is the heading of the row, and where it is an element with a key, the row has that key. */
type TableRow = readonly ReactNode[];

/** A table whose columns and rows have headings, and whose rows stay in their order. */
export function DataTable({ caption, className, columns, rows, foot }: DataTableProps) {
  return (
    <table className={className}>
      {caption && <caption>{caption}</caption>}
      <thead>
        <tr>
          {columns.map((column, i) => {
            const Cell = column ? "th" : "td";
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns have no other name.
              <Cell key={i} scope={column ? "col" : undefined}>
                {column}
              </Cell>
            );
          })}
        </tr>
      </thead>
      <tbody>
        {rows.map((cells, i) => (
          <Row key={(isValidElement(cells[0]) && cells[0].key) || i} cells={cells} />
        ))}
      </tbody>
      {foot && (
        <tfoot>
          <Row cells={foot} />
        </tfoot>
      )}
    </table>
  );
}

function Row({ cells: [heading, ...values] }: { cells: TableRow }) {
  return (
    <tr>
      <th scope="row">{heading}</th>
      {values.map((value, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: columns have no other name.
        <td key={i}>{value}</td>
      ))}
    </tr>
  );
}
