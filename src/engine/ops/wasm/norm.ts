import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Kernels } from "../kernel.ts";
import type { Workspace } from "./workspace.ts";

/** Pixels that the functions of `assembly/norm.ts` take at once. */
const BLOCK = 32;

/** RMSNorm, FiLM and SiLU, plus the addend; `[B, H, W, C]`. */
export function rmsNorm(workspace: Workspace, { inputs, attrs }: Kernels["RmsNorm"]): TensorInfo {
  const { x, gain, film, addend } = inputs;
  const output = workspace.output(x.shape);
  workspace.module.normForward(
    ...[x, gain, film, addend, output].map((tensor) => workspace.address(tensor)),
    ...[...sizesOf(x), Number(attrs.hasSilu), workspace.scratch(BLOCK + 2 * paddedChannels(x))],
  );
  return output;
}

/** The gradients of x (plus the addend), the gain and, where there is one, FiLM. */
export function rmsNormGradient(
  workspace: Workspace,
  { inputs: { x, gain, film, dy, addend }, attrs }: Kernels["RmsNormGradient"],
): TensorInfo[] {
  const dX = workspace.output(x.shape);
  const dGain = workspace.output(gain.shape);
  const dFilm = film && workspace.output(film.shape);
  workspace.module.fillZeros(workspace.address(dGain), gain.shape[0] as number);
  workspace.module.normGradient(
    ...[x, gain, film, dy, addend, dX, dGain, dFilm].map((tensor) => workspace.address(tensor)),
    ...[...sizesOf(x), Number(attrs.hasSilu), workspace.scratch(5 * BLOCK + 4 * paddedChannels(x))],
  );
  return [dX, dGain, ...(dFilm ? [dFilm] : [])];
}

/** Images, pixels of each, channels. */
function sizesOf({ shape }: TensorInfo): number[] {
  const [numImages, height, width, numChannels] = shape as [number, number, number, number];
  return [numImages, height * width, numChannels];
}

function paddedChannels({ shape }: TensorInfo): number {
  return Math.ceil((shape[3] as number) / 4) * 4;
}
