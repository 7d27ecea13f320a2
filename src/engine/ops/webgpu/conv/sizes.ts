/** Sizes of a convolution and of its kernel's gradient, and what each kind of tiles decides. */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { FusedConvOptions, KernelGradientOptions, Resample } from "../../kernel.ts";
import { type Program, widthOf } from "../program.ts";
import type { Width } from "../programSource.ts";

/** What a kind of tiles decides of a program. */
interface Tiles
  extends Pick<Program, "name" | "uniforms" | "numInvocations" | "workgroupSize" | "code"> {
  /** What the code depends on besides the inputs, their widths and the kernel. */
  variant: number[];
}

export interface ConvTiles extends Tiles {
  /** Vector widths that `x0` and `x1` are read by. */
  inWidths: Width[];
}

export interface GradientTiles extends Tiles {
  /** Sums over so many parts of the batch. */
  numParts: number;
  /** Most positions that an invocation goes through one after the other. */
  serialPositions: number;
}

export type ConvSizes = ReturnType<typeof convSizes>;

/** What the code of a convolution may depend on in either kind of tiles. */
export type ConvCode = Pick<
  ConvSizes,
  | ("kernelSize" | "kernelWidth" | "isTurned" | "numInputs" | "outWidth" | "hasBias")
  | ("hasAddend" | "hasSecondAddend" | "hasTwoResults" | "resample")
>;

export function convSizes(options: FusedConvOptions) {
  const { x0, x1, kernel, bias, addend, addend1, turned, numFirst, resample } = options;
  const [kernelSize, , kernelIn, kernelOut] = kernel.shape as [number, number, number, number];
  const read = inputsOf(x0, x1, turned ? undefined : resample);
  const numOut = turned?.numIn ?? kernelOut;
  const hasSquares = turned !== undefined && resample === "unshuffle";
  return {
    ...read,
    kernelSize,
    kernelIn,
    kernelOut,
    kernelWidth: widthOf(kernelOut),
    isTurned: turned !== undefined,
    firstOut: turned?.firstIn ?? 0,
    numOut,
    outWidth: widthOf(numOut),
    /** Channels of the result that belong to the first of two rows of images, or of two inputs. */
    numFirst: hasSquares ? numOut / 2 : (numFirst ?? 0),
    hasTwoResults: numFirst !== undefined,
    hasBias: bias !== undefined,
    hasAddend: addend !== undefined,
    hasSecondAddend: addend1 !== undefined,
    resample,
  };
}

export type GradientSizes = ReturnType<typeof gradientSizes>;

/** What the code of a kernel's gradient may depend on in either kind of tiles. */
export type GradientCode = Pick<
  GradientSizes,
  "kernelSize" | "numInputs" | "inWidth" | "outWidth" | "resample"
>;

export function gradientSizes({ x0, x1, dy, kernelSize, resample }: KernelGradientOptions) {
  const numOut = dy.shape[3] as number;
  const { numImages, ...read } = inputsOf(x0, x1, resample);
  const numRows = numImages * read.height;
  return { ...read, kernelSize, numRows, numOut, outWidth: widthOf(numOut), resample };
}

/** Sizes as of images that are resampled; the rows of unshuffled squares are two inputs. */
function inputsOf(x0: TensorInfo, x1: TensorInfo | undefined, resample: Resample | undefined) {
  const [numImages, height, width] = x0.shape as [number, number, number];
  const scale = resample === "unshuffle" ? 0.5 : resample === "upsample" ? 2 : 1;
  const channels =
    resample === "unshuffle"
      ? [2 * (x0.shape[3] as number), 2 * (x0.shape[3] as number)]
      : [x0, ...(x1 ? [x1] : [])].map(({ shape }) => shape[3] as number);
  const numIn = channels.reduce((sum, count) => sum + count, 0);
  /** Vector width that all inputs can be read by. */
  const inWidth: Width = channels.every((count) => widthOf(count) === 4) ? 4 : 1;
  const ofImages = { numImages, height: scale * height, width: scale * width };
  return { ...ofImages, numInputs: channels.length, channels, numIn, inWidth };
}

/**
 * WGSL of where a pixel of the resampled image lies: which one of the input, or which row of its two halves. With
 * `half` the upper or lower row of a square.
 *
 * @param place the name of a variable
 */
export function sourcePlace(resample: Resample | undefined, place: string, half = 0): string {
  if (resample === "unshuffle") {
    return `(${place} + (${place} / uniforms.width + ${half}) * uniforms.width)`;
  }
  if (resample !== "upsample") return place;
  return `(${place} / uniforms.width / 2 * (uniforms.width / 2) + ${place} % uniforms.width / 2)`;
}

/**
 * WGSL that stores `sum` at `place` and `c`: in the result, in that of two results that has these channels, or in the rows of
 * squares.
 *
 * @param access how a row of so many channels is written to and read from
 */
export function storing(
  { hasTwoResults, hasAddend, hasSecondAddend, isTurned, resample, outWidth }: ConvCode,
  access: {
    write(
      name: "result" | "result1",
      row: string,
      length: string,
      c: string,
      value: string,
    ): string;
    read(name: "addend" | "addend1", row: string, length: string, c: string): string;
  },
): string {
  const rest = "(uniforms.numOut - uniforms.numFirst)";
  const behind = `(c - uniforms.numFirst / ${outWidth})`;
  if (isTurned && resample === "unshuffle") {
    const half = (row: string, c: string) => {
      const at = [row, "uniforms.numFirst", c] as const;
      const sum = hasAddend ? `sum + ${access.read("addend", ...at)}` : "sum";
      return access.write("result", ...at, sum);
    };
    return `
  let upper = ${sourcePlace(resample, "place", 0)};
  let lower = upper + uniforms.width;
  if (${outWidth} * c < uniforms.numFirst) { ${half("upper", "c")} } else { ${half("lower", behind)} }`;
  }
  if (!hasTwoResults) {
    const at = ["place", "uniforms.numOut", "c"] as const;
    const addends = [
      ...(hasAddend ? [` + ${access.read("addend", ...at)}`] : []),
      ...(hasSecondAddend ? [` + ${access.read("addend1", ...at)}`] : []),
    ];
    return access.write("result", ...at, `sum${addends.join("")}`);
  }
  const first = ["place", "uniforms.numFirst", "c"] as const;
  const second = ["place", rest, behind] as const;
  const ofFirst = hasAddend ? ` + ${access.read("addend", ...first)}` : "";
  const ofSecond = hasSecondAddend ? ` + ${access.read("addend1", ...second)}` : "";
  return `
  if (${outWidth} * c < uniforms.numFirst) { ${access.write("result", ...first, `sum${ofFirst}`)} }
  else { ${access.write("result1", ...second, `sum${ofSecond}`)} }`;
}
