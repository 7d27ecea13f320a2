/** A square matrix, row by row. */
export type Rows = number[][];

export function times(a: Rows, b: Rows): Rows {
  return a.map((row) =>
    (b[0] as number[]).map((_, column) =>
      row.reduce((sum, value, k) => sum + value * ((b[k] as number[])[column] as number), 0),
    ),
  );
}

export function transposed(a: Rows): Rows {
  return (a[0] as number[]).map((_, column) => a.map((row) => row[column] as number));
}

/** By Gauss and Jordan, with the largest pivot of each column. */
function inverse(a: Rows): Rows {
  const size = a.length;
  const rows = a.map((row, i) => [...row, ...row.map((_, j) => Number(i === j))]);
  for (let k = 0; k < size; k++) {
    const below = rows.slice(k).map((row) => Math.abs(row[k] as number));
    const pivotAt = k + below.indexOf(Math.max(...below));
    [rows[k], rows[pivotAt]] = [rows[pivotAt] as number[], rows[k] as number[]];
    const pivot = rows[k] as number[];
    const scale = pivot[k] as number;
    pivot.forEach((value, j) => {
      pivot[j] = value / scale;
    });
    rows.forEach((row, i) => {
      const factor = row[k] as number;
      if (i === k || factor === 0) return;
      for (let j = k; j < 2 * size; j++) {
        row[j] = (row[j] as number) - factor * (pivot[j] as number);
      }
    });
  }
  return rows.map((row) => row.slice(size));
}

/** The square root of a matrix with positive eigenvalues, symmetric or not (Denman and Beavers 1976). */
export function squareRoot(a: Rows): Rows {
  const half = (x: Rows, y: Rows) =>
    x.map((row, i) => row.map((value, j) => (value + ((y[i] as number[])[j] as number)) / 2));
  let root = a;
  let inverseRoot = a.map((row, i) => row.map((_, j) => Number(i === j)));
  for (let iteration = 0; iteration < 20; iteration++) {
    [root, inverseRoot] = [half(root, inverse(inverseRoot)), half(inverseRoot, inverse(root))];
  }
  return root;
}
