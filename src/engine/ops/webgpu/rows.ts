/** Rows of any length by four numbers at a time, whether or not the length is a multiple of four. */

import type { Width } from "./programSource.ts";

/**
 * WGSL of `name(row, length, c)`: the numbers 4c to 4c + 3 of a row of the buffer, zeros beyond its end.
 *
 * @param place where the row is, when that is not its number
 */
export function rowReader(name: string, buffer: string, width: Width, place = "row"): string {
  return `
fn ${name}(row: i32, length: i32, c: i32) -> vec4<f32> {
  var four = vec4<f32>(0.0);
  let at = ${place};
  ${
    width === 4
      ? `if (4 * c < length) { four = ${buffer}[at * (length / 4) + c]; }`
      : eachLane((lane) => `four[${lane}] = ${buffer}[at * length + 4 * c + ${lane}];`)
  }
  return four;
}`;
}

/** WGSL of `name(row, length, c, four)`: writes them, and nothing beyond the row's end. */
export function rowWriter(name: string, buffer: string, width: Width): string {
  return `
fn ${name}(row: i32, length: i32, c: i32, four: vec4<f32>) {
  ${
    width === 4
      ? `if (4 * c < length) { ${buffer}[row * (length / 4) + c] = four; }`
      : eachLane((lane) => `${buffer}[row * length + 4 * c + ${lane}] = four[${lane}];`)
  }
}`;
}

function eachLane(statement: (lane: number) => string): string {
  return [0, 1, 2, 3]
    .map((lane) => `if (4 * c + ${lane} < length) { ${statement(lane)} }`)
    .join("\n  ");
}
