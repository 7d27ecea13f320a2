/** What is said of the weights of a network that is sampled. Pure. */
import { counted } from "../../../runtime/format.ts";
import type { NetworkSource, WeightsChoice } from "../../../runtime/run/samplingProtocol.ts";
import type { AppState } from "../../state/state.ts";
import { isTrainedModel, trainedModelName } from "../../state/trainedModels.ts";

/** Where a network has a moving average besides its weights. */
export const WEIGHTS_CHOICES: { value: WeightsChoice; label: string }[] = [
  { value: "ema", label: "Averaged weights" },
  { value: "raw", label: "Latest weights" },
];

/** `Quick (trained model)`, `digits.safetensors`, `Quick 25 Nov`; null of an untrained network. */
export function sourceName(
  source: NetworkSource,
  { run, stored }: Pick<AppState, "run" | "stored">,
): string | null {
  if (source.kind === "untrained") return null;
  if (source.kind === "file") return formatFile(source.fileName);
  const isIt = ({ runId }: { runId: string }) => runId === source.runId;
  const known = stored.runs?.find(isIt) ?? (run && isIt(run) ? run : null);
  return known?.name ?? "a run that was deleted";
}

/** What a weights file is called: a model that comes with the app by its own name. */
export function formatFile(fileName: string): string {
  return isTrainedModel(fileName) ? trainedModelName(fileName) : fileName;
}

/** `after 1,200 training steps`, `from the untrained network` */
export function formatTrained(trainedSteps: number): string {
  if (trainedSteps === 0) return "from the untrained network";
  return `after ${counted(trainedSteps, "training step")}`;
}
