/** What a generation is, in a few words. Pure. */
import { SAMPLERS } from "../../../../engine/diffusion/samplers.ts";
import { formatCount } from "../../../../runtime/format.ts";
import type { Generation } from "../state/denoise.ts";
import { stopsOf, strideOf } from "../state/denoiseFrames.ts";

/** `32 digits after 1,200 training steps: DDIM, 50 steps, η = 0` */
export function generationWords({
  request,
  trainedSteps,
  numTimesteps,
  status,
  times,
}: Pick<Generation, "request" | "trainedSteps" | "numTimesteps" | "status" | "times">): string {
  if (status === "waiting") return "Waits for its turn.";
  const { count, sampler, weights, start } = request;
  const digits = count === 1 ? "1 digit" : `${count} digits`;
  const ofThem = start.kind === "noise" ? "" : `the last ${formatCount(times.length - 1)} of `;
  const taken = `${ofThem}${steps(sampler.timesteps ?? numTimesteps)}`;
  const eta = sampler.eta === undefined ? "" : `, η = ${sampler.eta}`;
  const how = `${SAMPLERS[sampler.kind].label}, ${taken}${eta}`;
  // The scrubber stands at these alone.
  const stride = strideOf(times.length - 1, count);
  const kept = stride > 1 ? `, every ${ordinal(stride)} kept` : "";
  const raw = weights === "raw" ? ", latest weights" : "";
  const ended = status === "cancelled" || status === "interrupted" ? ` (${status})` : "";
  return `${digits} ${trainedWords(trainedSteps)}: ${how}${kept}${raw}${ended}`;
}

/** Of 2 to 20. */
function ordinal(number: number): string {
  return `${number}${{ 2: "nd", 3: "rd" }[number] ?? "th"}`;
}

function trainedWords(trainedSteps: number | null): string {
  if (trainedSteps === 0) return "of the untrained network";
  if (trainedSteps === null) return "of a trained network";
  return `after ${formatCount(trainedSteps)} training ${trainedSteps === 1 ? "step" : "steps"}`;
}

function steps(count: number): string {
  return count === 1 ? "1 step" : `${formatCount(count)} steps`;
}

/**
 * How many of the steps that one can go to a film has by now, the noise among them: `24 of 51 frames`
 *
 * @param numPictures of the film
 */
export function filmWords(
  generation: Pick<Generation, "request" | "times" | "numTimesteps">,
  numPictures: number,
): string | undefined {
  const { times, request } = generation;
  if (times.length === 0) return undefined;
  const numStops = stopsOf([generation]).length;
  const isAll = strideOf(times.length - 1, request.count) === 1;
  const frames = isAll ? "frames" : "kept frames";
  return `${numPictures} of ${formatCount(numStops)} ${frames}`;
}
