import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelCall } from "./kernelCall.ts";

/** Pixels that the functions of `assembly/norm.ts` take at once. */
const BLOCK = 32;

/** RMSNorm, FiLM and SiLU, plus the addend; `[B, H, W, C]`. */
export function rmsNorm(call: KernelCall): TensorInfo {
  const { x, gain } = call.inputs("x", "gain");
  const { numImages, numPixels, numChannels, paddedChannels } = sizesOf(x);
  const output = call.output(x.shape);
  call.module.normForward(
    ...([call.address(x), call.address(gain), call.optionalAddress("film")] as const),
    ...([call.optionalAddress("addend"), call.address(output)] as const),
    ...([numImages, numPixels, numChannels, call.number("hasSilu")] as const),
    call.scratch(BLOCK + 2 * paddedChannels),
  );
  return output;
}

/** Of x (plus the addend), the gain and, where there is one, FiLM. */
export function rmsNormGradient(call: KernelCall): TensorInfo[] {
  const { module } = call;
  const { x, gain, dy } = call.inputs("x", "gain", "dy");
  const film = call.optional("film");
  const { numImages, numPixels, numChannels, paddedChannels } = sizesOf(x);
  const dX = call.output(x.shape);
  const dGain = call.output(gain.shape);
  const dFilm = film ? [call.output(film.shape)] : [];
  module.fillZeros(call.address(dGain), numChannels);
  module.normGradient(
    ...([call.address(x), call.address(gain), call.optionalAddress("film")] as const),
    ...([call.address(dy), call.optionalAddress("addend"), call.address(dX)] as const),
    ...([call.address(dGain), dFilm[0] ? call.address(dFilm[0]) : 0] as const),
    ...([numImages, numPixels, numChannels, call.number("hasSilu")] as const),
    call.scratch(BLOCK + 4 * paddedChannels),
  );
  return [dX, dGain, ...dFilm];
}

function sizesOf({ shape }: TensorInfo) {
  const [numImages, height, width, numChannels] = shape as [number, number, number, number];
  const paddedChannels = Math.ceil(numChannels / 4) * 4;
  return { numImages, numPixels: height * width, numChannels, paddedChannels };
}
