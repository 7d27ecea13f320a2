/** The networks there are to sample, for a select and in words. Pure. */
import { formatCount } from "../../../runtime/format.ts";
import { type ChosenNetwork, networkKey } from "../../state/address.ts";
import { isTrained, sampledFile } from "../../state/slices/sampledNetwork.ts";
import { isReadable, type ReadableRun } from "../../state/slices/storedRuns.ts";
import type { AppState } from "../../state/state.ts";
import {
  isTrainedModel,
  TRAINED_MODELS,
  type TrainedModelFile,
  trainedModelName,
} from "../../state/trainedModels.ts";

type Choice = { value: string; label: string };

type Choices = (Choice | { group: string; items: Choice[] })[];

export function networkChoices(
  app: Pick<AppState, "run" | "weights" | "stored">,
  chosen: ChosenNetwork,
): Choices {
  const runs = app.stored.runs?.filter(isReadable) ?? [];
  const groups = runs.map((run) => ({ group: run.name, items: checkpointChoices(run) }));
  const files = Object.keys(TRAINED_MODELS) as TrainedModelFile[];
  const models = files.map((value) => ({ value, label: trainedModelName(value) }));
  const all: Choices = [
    { value: "current", label: currentName(app) },
    ...groups,
    { group: "Trained models", items: models },
  ];
  // What it draws is worth a look only before there is another.
  if (!isTrained(app)) all.push({ value: "untrained", label: "Untrained" });
  const isThere = groups.some(({ items }) =>
    items.some(({ value }) => value === networkKey(chosen)),
  );
  if (chosen.kind !== "stored" || isThere) return all;
  const name = runs.find(({ runId }) => runId === chosen.runId)?.name ?? "a deleted run";
  // So that the select shows what is chosen, and its error says why it cannot be.
  return [...all, { value: networkKey(chosen), label: checkpointName(chosen.step, name) }];
}

export function nameOf(choices: Choices, value: string): string | undefined {
  const all = choices.flatMap((choice) => ("items" in choice ? choice.items : choice));
  return all.find((choice) => choice.value === value)?.label;
}

function currentName(app: Pick<AppState, "run" | "weights">): string {
  const fileName = sampledFile(app);
  if (fileName !== null) {
    return isTrainedModel(fileName) ? trainedModelName(fileName) : `Weights of ${fileName}`;
  }
  if (!isTrained(app)) return "Built-in model";
  return `${app.run?.name}, as it is now`;
}

/** The newest first. */
function checkpointChoices({ runId, name, checkpoints }: ReadableRun): Choice[] {
  const losses = checkpoints.flatMap(({ validationLoss }) => validationLoss ?? []);
  const best = Math.min(...losses);
  return checkpoints.toReversed().map(({ step, validationLoss }) => {
    const isBest = losses.length > 1 && validationLoss === best;
    return {
      value: networkKey({ kind: "stored", runId, step }),
      label: checkpointName(step, name, isBest ? ", the best" : ""),
    };
  });
}

/** With the run's name: the closed select shows no group. */
function checkpointName(step: number, runName: string, words = ""): string {
  return `Step ${formatCount(step)}${words} · ${runName}`;
}
