/** What a generation is, in a few words. Pure. */
import type { Generation } from "../../store/denoise.ts";
import { formatCount } from "../format.ts";

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
  const numSteps = sampler.kind === "ancestral" ? numTimesteps : sampler.timesteps;
  const ofThem = start.kind === "noise" ? "" : `the last ${formatCount(times.length - 1)} of `;
  const taken = `${ofThem}${steps(numSteps)}`;
  const how =
    sampler.kind === "ancestral" ? `ancestral, ${taken}` : `DDIM, ${taken}, η = ${sampler.eta}`;
  const raw = weights === "raw" ? ", latest weights" : "";
  const ended = status === "cancelled" || status === "interrupted" ? ` (${status})` : "";
  return `${digits} ${trainedWords(trainedSteps)}: ${how}${raw}${ended}`;
}

function trainedWords(trainedSteps: number | null): string {
  if (trainedSteps === 0) return "of the untrained network";
  if (trainedSteps === null) return "of a trained network";
  return `after ${formatCount(trainedSteps)} training ${trainedSteps === 1 ? "step" : "steps"}`;
}

function steps(count: number): string {
  return count === 1 ? "1 step" : `${formatCount(count)} steps`;
}
