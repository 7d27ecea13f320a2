/** How a measurement and its figures are named, in the view, its table and its files. */
import {
  type DatasetIdentity,
  DEFAULT_DATASET,
  namingOf,
} from "../../../../engine/data/datasets.ts";
import { type Sampler, samplerEntry } from "../../../../engine/diffusion/samplers.ts";
import type { Likelihood } from "../../../../engine/quality/figures.ts";
import { counted, formatCount, stepsSuffix } from "../../../../runtime/format.ts";
import { sourceName } from "../../../shared/network/weightsText.ts";
import type { Evaluation } from "../../../state/slices/evaluation.ts";
import type { AppState } from "../../../state/state.ts";

export type Result = Evaluation["result"];

/** What a class of the images is called. */
export function classNouns(dataset: Pick<DatasetIdentity, "id">) {
  return namingOf(dataset).noun === "digit"
    ? ({ one: "digit", many: "digits" } as const)
    : ({ one: "class", many: "classes" } as const);
}

export function guidanceWords(guidance: string | number | null): string {
  return guidance === null ? "" : `, guidance ${guidance}`;
}

interface MeasuredOf {
  request: Pick<Evaluation["request"], "weights">;
  result: Pick<Result, "source" | "trainedSteps">;
}

/** `Quick 25 Nov, step 600`, `digits.safetensors`, `Untrained network`. */
export function measuredName(
  { request, result }: MeasuredOf,
  app: Pick<AppState, "run" | "stored">,
): string {
  const { source, trainedSteps } = result;
  const name = sourceName(source, app);
  if (name === null) return "Untrained network";
  const latest = request.weights === "raw" ? ", latest weights" : "";
  const hasStep = source.kind === "run" && trainedSteps !== null;
  return `${name}${hasStep ? `, step ${formatCount(trainedSteps)}` : ""}${latest}`;
}

/** `256 samples, 50 steps, DDIM, seed 0`; of other images than MNIST's `… compared with digits.zip`, too. */
export function samplingWords({ request, result }: Evaluation): string {
  const { count, sampler, seed, guidance } = request;
  const compared =
    result.dataset.id === DEFAULT_DATASET ? "" : `, compared with ${result.dataset.name}`;
  const { label, numPasses } = samplerEntry(sampler.kind, result.objective);
  const numSteps = sampler.timesteps ?? 1;
  const suffix = stepsSuffix(sampler, numSteps, numPasses(numSteps, true));
  const steps = sampler.timesteps === undefined ? "all steps" : counted(sampler.timesteps, "step");
  const how = `${steps}${suffix}, ${label}${etaWords(sampler)}`;
  return `${formatCount(count)} samples, ${how}${guidanceWords(guidance)}, seed ${seed}${compared}`;
}

export function etaWords({ eta }: Sampler): string {
  return eta ? `, eta ${eta}` : "";
}

/** Three significant digits of what has no largest value. */
export function frechetWords(distance: number): string {
  return distance >= 100 ? formatCount(Math.round(distance)) : distance.toPrecision(3);
}

/** `2.03 ± 0.05`; a dash of a network without a noise schedule, which has none. */
export function likelihoodWords(likelihood: Likelihood | null): string {
  if (!likelihood) return "–";
  const { bits, standardError } = likelihood;
  return `${bits.toFixed(2)} ± ${standardError.toFixed(2)}`;
}
