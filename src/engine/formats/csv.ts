/**
 * A table of numbers as CSV (RFC 4180): a line of names, then a line for each row, all ended by CRLF.
 * A number is written as the shortest text that reads back exactly, NaN as an empty field, as in pandas
 * and spreadsheets.
 *
 * @param columns of one length
 * @param onFraction called after each row with the fraction done, 0 to 1
 */
export function encodeCsv(
  columns: readonly { name: string; values: readonly number[] }[],
  onFraction?: (fraction: number) => void,
): string {
  const numRows = columns[0]?.values.length ?? 0;
  const lines = [columns.map(({ name }) => nameField(name)).join(",")];
  for (let row = 0; row < numRows; row++) {
    lines.push(columns.map(({ values }) => numberField(values[row] as number)).join(","));
    onFraction?.((row + 1) / numRows);
  }
  return lines.map((line) => `${line}\r\n`).join("");
}

function numberField(value: number): string {
  if (Number.isNaN(value)) return "";
  return Object.is(value, -0) ? "-0" : String(value);
}

function nameField(name: string): string {
  return /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
