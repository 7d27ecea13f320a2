import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type KernelCall, run } from "./program.ts";

/** For each number: half of Threefry's integer operations and of the transform of a pair. */
const FLOPS = 80;

/**
 * Standard normal numbers, `[rows, rowLength]`, a row for each key, as random.ts has them: Threefry-2x32
 * with 20 rounds (Salmon et al. 2011) and Box and Muller's transform. One invocation makes a pair.
 * Logarithm, sine and cosine are written out: WGSL's own may be off by 2^-11 and 2^-21.
 */
export function randomNormals({ backend, attrs }: KernelCall<"RandomNormals">): TensorInfo {
  const { subKeys, rowLength } = attrs;
  const numRows = subKeys.length / 2;
  const words = Int32Array.from(subKeys, (k) => k | 0);
  const keys = backend.makeTensorInfo([numRows, 2], "int32", words);
  const pairsPerRow = Math.ceil(rowLength / 2);
  const { result } = run(backend, {
    name: "randomNormals",
    inputs: { keys: [keys, 1, "u32"] },
    outputs: { result: [[numRows, rowLength], 1] },
    uniforms: { numRows, rowLength, pairsPerRow },
    numInvocations: numRows * pairsPerRow,
    work: () => ({ flops: FLOPS * numRows * rowLength }),
    code: () => CODE,
  });
  backend.disposeData(keys.dataId);
  return result;
}

const CODE = `
const ROTATIONS = array<u32, 8>(13u, 15u, 26u, 6u, 17u, 29u, 16u, 24u);

fn threefry(key: vec2<u32>, counter: u32) -> vec2<u32> {
  let keys = array<u32, 3>(key.x, key.y, 0x1bd11bdau ^ key.x ^ key.y);
  var x = vec2<u32>(counter + keys[0], keys[1]);
  for (var turn = 0u; turn < 20u; turn++) {
    let rotation = ROTATIONS[turn % 8u];
    x.x += x.y;
    x.y = ((x.y << rotation) | (x.y >> (32u - rotation))) ^ x.x;
    if (turn % 4u == 3u) {
      let injection = (turn + 1u) / 4u;
      x.x += keys[injection % 3u];
      x.y += keys[(injection + 1u) % 3u] + injection;
    }
  }
  return x;
}

fn toUnitInterval(word: u32) -> f32 { return (f32(word >> 9u) + 0.5) / 8388608.0; }

/** By the series of the inverse hyperbolic tangent, around the nearest power of two. */
fn logarithm(u: f32) -> f32 {
  var parts = frexp(u);
  if (parts.fract < 0.70710678) {
    parts.fract *= 2.0;
    parts.exp -= 1;
  }
  let s = (parts.fract - 1.0) / (parts.fract + 1.0);
  let z = s * s;
  let series = 1.0 + z * (1.0 / 3.0 + z * (0.2 + z * (1.0 / 7.0 + z * (1.0 / 9.0))));
  return f32(parts.exp) * 0.69314718 + 2.0 * s * series;
}

/** Cosine and sine of u turns, by the series around the nearest quarter. */
fn onCircle(u: f32) -> vec2<f32> {
  let quarter = floor(4.0 * u + 0.5);
  let r = (4.0 * u - quarter) * 1.57079633;
  let z = r * r;
  let c = 1.0 - z * (0.5 - z * (1.0 / 24.0 - z * (1.0 / 720.0 - z * (1.0 / 40320.0))));
  let s = r * (1.0 - z * (1.0 / 6.0 - z * (1.0 / 120.0 - z * (1.0 / 5040.0 - z / 362880.0))));
  switch (i32(quarter) & 3) {
    case 0: { return vec2<f32>(c, s); }
    case 1: { return vec2<f32>(-s, c); }
    case 2: { return vec2<f32>(-c, -s); }
    default: { return vec2<f32>(s, -c); }
  }
}

fn main(index: i32) {
  let row = index / uniforms.pairsPerRow;
  if (row >= uniforms.numRows) { return; }
  let pair = index % uniforms.pairsPerRow;
  let words = threefry(vec2<u32>(keys[2 * row], keys[2 * row + 1]), u32(pair));
  let radius = sqrt(-2.0 * logarithm(toUnitInterval(words.x)));
  let normals = radius * onCircle(toUnitInterval(words.y));
  let at = row * uniforms.rowLength + 2 * pair;
  result[at] = normals.x;
  if (2 * pair + 1 < uniforms.rowLength) { result[at + 1] = normals.y; }
}`;
