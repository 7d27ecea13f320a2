import { unrolled, type Width, widthOf } from "../program.ts";
import { rowReader, rowWriter } from "../rows.ts";
import { MAX_TILED_WIDTH, type Tuning } from "../tuning.ts";
import type { ConvCode, ConvSizes, ConvTiles } from "./sizes.ts";

/** Invocations of a workgroup. */
const SIZE = 64;

/**
 * Convolution in workgroup memory, a matrix product of pixels by channels. All pixels of the batch are
 * one row; a workgroup computes a run of them in 16 or 32 channels, an invocation 4 or 8 of them in four.
 * Per block of input channels the pixels are fetched once, with those that the kernel reaches before and
 * behind, and the kernel once; what lies beyond an image's edge is read from a pixel of zeros.
 */
export function workgroupTiles(sizes: ConvSizes, { minInvocations }: Tuning): ConvTiles {
  const { numImages, height, width, kernelSize, numOut, channels } = sizes;
  const numPlaces = numImages * height * width;
  const outGroups = numOut <= 16 ? 4 : 8;
  const numOutTiles = Math.ceil(numOut / (4 * outGroups));
  const numInvocations = (perInvocation: number) =>
    SIZE * numOutTiles * Math.ceil(numPlaces / (perInvocation * (SIZE / outGroups)));
  // Eight use what they read more often, if there is enough for all to do.
  const perInvocation = numInvocations(8) >= minInvocations ? 8 : 4;
  const inWidths = channels.map(widthOf);
  const depth = kernelSize === 1 ? Math.min(outGroups, Math.ceil(Math.max(...channels) / 4)) : 2;
  return {
    name: "convWorkgroup",
    inWidths,
    variant: [outGroups, perInvocation, depth],
    uniforms: { numPlaces, numOutTiles },
    numInvocations: numInvocations(perInvocation),
    workgroupSize: SIZE,
    code: () => convCode({ ...sizes, outGroups, perInvocation, inWidths, depth }),
  };
}

interface CodeOptions extends ConvCode {
  /** Invocations side by side along the output's channels, four channels each. */
  outGroups: number;
  /** Pixels of an invocation. */
  perInvocation: number;
  inWidths: Width[];
  /** Input channels in a block, in fours. */
  depth: number;
}

function convCode(options: CodeOptions): string {
  const { kernelSize, outGroups, perInvocation, inWidths, depth } = options;
  const { kernelWidth, outWidth, hasBias, hasAddend } = options;
  const placeGroups = SIZE / outGroups;
  const tile = perInvocation * placeGroups;
  const pad = (kernelSize - 1) / 2;
  // The last place stays zero, as workgroup memory begins. An odd stride spreads rows over its banks.
  const rowLength = tile + 2 * pad * (MAX_TILED_WIDTH + 1) + 1;
  const stride = rowLength + 1 - (rowLength % 2);
  const each = (line: (i: number) => string) => unrolled(perInvocation, line);
  return `
var<workgroup> pixels: array<vec4<f32>, ${depth * stride}>;
var<workgroup> weights: array<vec4<f32>, ${kernelSize ** 2 * depth * 4 * outGroups}>;
${inWidths.map((width, i) => rowReader(`read${i}`, `x${i}`, width)).join("")}
${rowReader("readKernel", "kernel", kernelWidth)}
${hasBias ? rowReader("readBias", "bias", outWidth) : ""}
${hasAddend ? rowReader("readAddend", "addend", outWidth) : ""}
${rowWriter("write", "result", outWidth)}

fn store(place: i32, c: i32, sum: vec4<f32>) {
  if (place >= uniforms.numPlaces) { return; }
  write(place, uniforms.numOut, c, sum${hasAddend ? " + readAddend(place, uniforms.numOut, c)" : ""});
}

/** A bit for every tap that reaches a pixel of the same image. */
fn tapsInside(place: i32) -> u32 {
  let x = place % uniforms.width;
  let y = (place / uniforms.width) % uniforms.height;
  var taps = 0u;
  for (var tap = 0; tap < ${kernelSize ** 2}; tap++) {
    let column = x + tap % ${kernelSize} - ${pad};
    let line = y + tap / ${kernelSize} - ${pad};
    let isInside = column >= 0 && column < uniforms.width && line >= 0 && line < uniforms.height;
    taps |= select(0u, 1u << u32(tap), isInside);
  }
  return taps;
}

fn main(group: i32, local: i32) {
  let firstPlace = (group / uniforms.numOutTiles) * ${tile};
  let outTile = (group % uniforms.numOutTiles) * ${outGroups};
  let outGroup = local % ${outGroups};
  let own = local / ${outGroups};
  let halo = ${pad} * (uniforms.width + 1);
  let start = ${hasBias ? "readBias(0, uniforms.numOut, outTile + outGroup)" : "vec4<f32>(0.0)"};
  ${each(
    (i) => `
  let inside${i} = tapsInside(firstPlace + own + ${i * placeGroups});
  var sum${i} = start;`,
  )}
  var firstIn = 0;
  ${unrolled(inWidths.length, (input) => inputLoop(input, options, { tile, stride }))}
  ${each((i) => `store(firstPlace + own + ${i * placeGroups}, outTile + outGroup, sum${i});`)}
}`;
}

/** Adds what one of the concatenated inputs contributes, block by block of its channels. */
function inputLoop(
  input: number,
  options: CodeOptions,
  { tile, stride }: Record<"tile" | "stride", number>,
): string {
  const { kernelSize, outGroups, perInvocation, depth, isTurned } = options;
  const placeGroups = SIZE / outGroups;
  const numTaps = kernelSize ** 2;
  const each = (line: (i: number) => string) => unrolled(perInvocation, line);
  return `
  for (var block = 0; 4 * block < uniforms.channels${input}; block += ${depth}) {
    workgroupBarrier();
    for (var i = local; i < ${depth} * (${tile} + 2 * halo); i += ${SIZE}) {
      let c = i % ${depth};
      let at = i / ${depth};
      let place = firstPlace - halo + at;
      var pixel = vec4<f32>(0.0);
      if (place >= 0 && place < uniforms.numPlaces) {
        pixel = read${input}(place, uniforms.channels${input}, block + c);
      }
      pixels[c * ${stride} + at] = pixel;
    }
    ${isTurned ? stageTurnedKernel(options) : stageKernel(input, options)}
    workgroupBarrier();
    for (var tap = 0; tap < ${numTaps}; tap++) {
      let shift = own + (tap / ${kernelSize}) * uniforms.width + tap % ${kernelSize};
      let bit = 1u << u32(tap);
      ${each(
        (i) =>
          `let at${i} = select(${stride - 1}, shift + ${i * placeGroups}, (inside${i} & bit) != 0u);`,
      )}
      for (var c = 0; c < ${depth}; c++) {
        let first = (tap * ${depth} + c) * ${4 * outGroups} + outGroup;
        ${unrolled(4, (j) => `let k${j} = weights[first + ${j * outGroups}];`)}
        ${each(
          (i) => `{
          let v = pixels[c * ${stride} + at${i}];
          sum${i} += ${
            isTurned
              ? "vec4<f32>(dot(v, k0), dot(v, k1), dot(v, k2), dot(v, k3))"
              : "v.x * k0 + v.y * k1 + v.z * k2 + v.w * k3"
          };
        }`,
        )}
      }
    }
  }
  firstIn += uniforms.channels${input};`;
}

/** Of every tap, four input channels c and four outputs, 4 x 4 weights as four vectors: K[tap, 4c + j, outputs]. */
function stageKernel(input: number, { kernelSize, outGroups, depth }: CodeOptions): string {
  return `
    for (var i = local; i < ${kernelSize ** 2 * depth * 4 * outGroups}; i += ${SIZE}) {
      let channel = 4 * block + (i / ${outGroups}) % ${4 * depth};
      let tap = i / ${4 * depth * outGroups};
      var four = vec4<f32>(0.0);
      if (channel < uniforms.channels${input}) {
        let row = tap * uniforms.kernelIn + firstIn + channel;
        four = readKernel(row, uniforms.kernelOut, outTile + i % ${outGroups});
      }
      weights[i] = four;
    }`;
}

/** The same of the turned kernel: K[last tap - tap, output 4g + j, input channels]. */
function stageTurnedKernel({ kernelSize, outGroups, depth }: CodeOptions): string {
  return `
    for (var i = local; i < ${kernelSize ** 2 * depth * 4 * outGroups}; i += ${SIZE}) {
      // Neighbors read along the kernel's rows, and write a matrix turned.
      let c = i % ${depth};
      let lane = (i / ${depth}) % 4;
      let outGroup = (i / ${4 * depth}) % ${outGroups};
      let tap = i / ${4 * depth * outGroups};
      let channel = 4 * (outTile + outGroup) + lane;
      var four = vec4<f32>(0.0);
      if (channel < uniforms.numOut) {
        let row = (${kernelSize ** 2 - 1} - tap) * uniforms.kernelIn + uniforms.firstOut + channel;
        four = readKernel(row, uniforms.kernelOut, block + c);
      }
      weights[((tap * ${depth} + c) * 4 + lane) * ${outGroups} + outGroup] = four;
    }`;
}
