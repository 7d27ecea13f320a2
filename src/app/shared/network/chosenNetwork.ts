/** A network that is chosen to be sampled: its settings, and its name in an address. Pure. */
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { withSampling } from "../../../engine/config/network.ts";
import { distilledConfig } from "../../../engine/config/studentSteps.ts";
import { correctedConfig } from "../../../engine/config/validate.ts";
import {
  type DatasetIdentity,
  DEFAULT_DATASET,
  identityOf,
  idOfName,
  type Naming,
  namingOf,
  UNNAMED,
} from "../../../engine/data/datasets.ts";
import type { NetworkSource } from "../../../runtime/run/samplingProtocol.ts";
import { type ChosenNetwork, networkKey } from "../../state/address.ts";
import {
  currentSource,
  isTrained,
  sampledConfig,
  sampledFile,
} from "../../state/slices/sampledNetwork.ts";
import { isOpeningAddressed, isReadable } from "../../state/slices/storedRuns.ts";
import type { AppState } from "../../state/state.ts";
import {
  firstModel,
  isTrainedModel,
  TRAINED_MODELS,
  type TrainedModel,
  type TrainedModelFile,
} from "../../state/trainedModels.ts";

/** What there is to sample. */
export type Networks = Pick<AppState, "run" | "weights" | "config" | "stored" | "dataset">;

/** What digits begin with: noise, an image of which a part stays, or one that is inverted to its noise. */
export type BeginsWith = "noise" | "image" | "inversion";

/**
 * The network that a choice stands for. While nothing is trained, a trained model takes the place of the page's own
 * network, unless the run of the address is on its way; and a model that begins badly with an image, or cannot invert one, leaves it to another.
 */
export function networkFor(
  chosen: ChosenNetwork,
  app: Networks,
  beginsWith: BeginsWith,
): ChosenNetwork {
  const hasOwn = isTrained(app) || isOpeningAddressed(app);
  const network: ChosenNetwork =
    chosen.kind === "current" && !hasOwn
      ? { kind: "model", fileName: firstModel(app.dataset.current?.id) }
      : chosen.kind === "untrained" && hasOwn
        ? { kind: "current" }
        : chosen;
  if (beginsWith === "noise") return network;
  const fileName = modelOf(network, app);
  const model: TrainedModel | null = fileName && TRAINED_MODELS[fileName];
  const other = (beginsWith === "image" ? model?.forImages : model?.forInversion) ?? null;
  return other && isTrainedModel(other) ? { kind: "model", fileName: other } : network;
}

/** The trained model that it is; null where it is none. */
function modelOf(network: ChosenNetwork, app: Networks): TrainedModelFile | null {
  if (network.kind === "model") return network.fileName;
  const loaded = network.kind === "current" ? sampledFile(app) : null;
  return loaded !== null && isTrainedModel(loaded) ? loaded : null;
}

/**
 * The settings of a network, with the page's for how to sample, and defaults in place of wrong ones; null when it
 * is no longer stored.
 */
export function configOf(network: ChosenNetwork, app: Networks): RunConfig | null {
  if (network.kind === "model") return correctedConfig(TRAINED_MODELS[network.fileName].config);
  if (network.kind !== "stored") return correctedConfig(sampledConfig(app));
  const run = app.stored.runs?.filter(isReadable).find(({ runId }) => runId === network.runId);
  const isKept = run?.checkpoints.some(({ step }) => step === network.step);
  if (!run || !isKept) return null;
  const trained = distilledConfig(run.config, network.step, run.stepsPerEpoch);
  return correctedConfig(withSampling(trained, app.config));
}

/** What is wrong where `configOf` is null. */
export const NETWORK_GONE = "It is no longer stored: choose another network.";

/** What the images of these networks are called, where all have the same names; those of the page's images where theirs are not known. */
export function namingOfNetworks(networks: readonly ChosenNetwork[], app: Networks): Naming {
  const page = app.dataset.current ?? identityOf(DEFAULT_DATASET);
  const namings = networks.map((network) => {
    const { classes } = configOf(network, app) ?? { classes: 0 };
    const naming = namingOf(imagesOf(network, app) ?? page);
    // A network of another number of classes has learned other labels than these.
    return classes === 0 || classes === naming.classNames?.length ? naming : UNNAMED;
  });
  const [first = UNNAMED, ...others] = namings;
  return others.every((other) => isSameNaming(first, other)) ? first : UNNAMED;
}

function isSameNaming(a: Naming, b: Naming): boolean {
  return a.noun === b.noun && a.classNames?.join() === b.classNames?.join();
}

/** The images that it was trained on; null when they are not known. */
function imagesOf(
  network: ChosenNetwork,
  { stored, weights, run }: Networks,
): Pick<DatasetIdentity, "id" | "classNames"> | null {
  if (network.kind === "stored") {
    const of = stored.runs?.filter(isReadable).find(({ runId }) => runId === network.runId);
    return of?.dataset ?? null;
  }
  if (network.kind === "model") return { id: TRAINED_MODELS[network.fileName].images };
  if (!weights.loaded) return run?.size ? run.dataset : null;
  const { dataset, classNames } = weights.loaded;
  return dataset === null ? null : { id: idOfName(dataset), ...(classNames && { classNames }) };
}

/**
 * Whether digits were drawn by another network than is chosen now.
 *
 * @param drawn.source null before the worker has told it
 */
export function isFromOtherNetwork(
  drawn: { network: ChosenNetwork; source: NetworkSource | null },
  chosen: ChosenNetwork,
  app: Pick<AppState, "run" | "weights">,
): boolean {
  const { network, source } = drawn;
  if (networkKey(network) !== networkKey(chosen)) return true;
  return chosen.kind === "current" && source !== null && !isSame(source, currentSource(app));
}

function isSame(a: NetworkSource, b: NetworkSource): boolean {
  if (a.kind === "run") return b.kind === "run" && a.runId === b.runId;
  if (a.kind === "file") return b.kind === "file" && a.fileName === b.fileName;
  return a.kind === b.kind;
}
