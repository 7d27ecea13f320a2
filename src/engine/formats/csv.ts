/**
 * A table of numbers and words as CSV (RFC 4180): a line of names, then a line for each row, all ended by CRLF.
 * A number is written as the shortest text that reads back exactly, NaN as an empty field, as in pandas
 * and spreadsheets.
 *
 * @param columns of one length
 * @param onFraction called after each row with the fraction done, 0 to 1
 */
export function encodeCsv(
  columns: readonly { name: string; values: readonly (number | string)[] }[],
  onFraction?: (fraction: number) => void,
): string {
  const numRows = columns[0]?.values.length ?? 0;
  const lines = [columns.map(({ name }) => textField(name)).join(",")];
  for (let row = 0; row < numRows; row++) {
    lines.push(columns.map(({ values }) => field(values[row] as number | string)).join(","));
    onFraction?.((row + 1) / numRows);
  }
  return lines.map((line) => `${line}\r\n`).join("");
}

function field(value: number | string): string {
  if (typeof value === "string") return textField(value);
  if (Number.isNaN(value)) return "";
  return Object.is(value, -0) ? "-0" : String(value);
}

function textField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
