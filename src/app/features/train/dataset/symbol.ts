/** Teaches a network a symbol that a person has drawn: which networks can learn it, and what begins it. */
import { createStore } from "zustand/vanilla";
import type { RunConfig } from "../../../../engine/config/hyperparameters.ts";
import { NUM_PIXELS } from "../../../../engine/config/hyperparameters.ts";
import { nearestPreset } from "../../../../engine/config/presets.ts";
import { symbolConfig } from "../../../../engine/config/symbolTraining.ts";
import { correctedConfig } from "../../../../engine/config/validate.ts";
import {
  className,
  type DatasetId,
  type DatasetIdentity,
  DEFAULT_DATASET,
  datasetEntry,
  identityOf,
  namingOf,
} from "../../../../engine/data/datasets.ts";
import type { ImagesCommand } from "../../../../hosts/images/protocol.ts";
import type { Page } from "../../../state/actions.ts";
import { writeParams } from "../../../state/address.ts";
import { openBundled } from "../../../state/client/datasetLoader.ts";
import { isActive } from "../../../state/slices/run.ts";
import { isTrained, trainedConfig } from "../../../state/slices/sampledNetwork.ts";
import { showOrigin } from "../../../state/slices/samples.ts";
import type { AppState } from "../../../state/state.ts";
import {
  TRAINED_MODELS,
  type TrainedModelFile,
  trainedModelName,
} from "../../../state/trainedModels.ts";
import { askImagesWorker } from "./askImagesWorker.ts";

/** What a run begins with: the page's network, or a model that comes with the app. */
type Start =
  | { kind: "current"; config: RunConfig }
  | { kind: "model"; fileName: TrainedModelFile; config: RunConfig };

/** The images beside which a symbol is learned: those in use, or the bundled ones of a trained model. */
type OldImages = DatasetIdentity & { numClasses: number; isInUse: boolean };

interface NetworkChoice {
  label: string;
  help: string;
  /** Null for a new network, which learns nothing but the symbol. */
  old: { start: Start; images: OldImages } | null;
}

/** The networks that can learn a symbol beside the classes that they know, and a new one last. */
export function networkChoices(state: AppState): NetworkChoice[] {
  const { dataset, run, weights } = state;
  const { current } = dataset;
  const inUse = current && { ...current, isInUse: true };
  const own = isTrained(state) && !isActive(run) ? trainedConfig(state) : null;
  const choice = (label: string, start: Start, images: OldImages | null): NetworkChoice[] => {
    const { classes, distilFrom } = start.config;
    if (!images || classes !== images.numClasses || distilFrom > 0) return [];
    const beside = images.id === DEFAULT_DATASET ? "the digits" : `“${images.name}”`;
    const help = `It becomes a class beside ${beside}, to be asked for by its name. Three in five of the images that it trains on are old ones, so that nothing is forgotten: 2,000 steps, two to four minutes.`;
    return [{ label, help, old: { start, images } }];
  };
  const models = Object.keys(TRAINED_MODELS) as TrainedModelFile[];
  return [
    ...(own
      ? choice(
          weights.loaded?.fileName ?? run?.name ?? "This network",
          { kind: "current", config: own },
          inUse,
        )
      : []),
    ...models.flatMap((fileName) => {
      const { config, images } = TRAINED_MODELS[fileName];
      const learned = images === current?.id ? inUse : bundledImages(images);
      return choice(trainedModelName(fileName), { kind: "model", fileName, config }, learned);
    }),
    {
      label: "A new network",
      help: "The drawings alone become a set to train on, without classes. Press Train afterwards.",
      old: null,
    },
  ];
}

function bundledImages(id: DatasetId): OldImages | null {
  const { bundled, numClasses } = datasetEntry({ id });
  return bundled && numClasses ? { ...identityOf(id), numClasses, isInUse: false } : null;
}

const NO_DRAFT: { drawings: readonly Uint8Array[]; name: string } = { drawings: [], name: "♥" };

/** The symbol that a person is drawing, which is still there when the dialog was closed and is opened again. */
export const symbolDraft = createStore(() => NO_DRAFT);

export function forgetDraft(): void {
  symbolDraft.setState(NO_DRAFT);
}

const MAX_NAME = 20;

/** What is wrong with the name of a symbol beside the classes of other images, if any; null where it is good. */
export function nameError(typed: string, beside: OldImages | null): string | null {
  const name = typed.trim();
  if (name === "") return "Give it a name, such as ♥";
  if (name.length > MAX_NAME) return `At most ${MAX_NAME} characters`;
  if (/[,;]/.test(name)) return "Commas stand between names";
  const isTaken = beside && namesOf(beside).includes(name);
  return isTaken ? `There is a class “${name}” already` : null;
}

function namesOf(images: OldImages): string[] {
  const naming = namingOf(images);
  return Array.from({ length: images.numClasses }, (_, label) => className(naming, label));
}

/**
 * Makes the set and begins the run that learns it, which the page shows as it asks for the symbol; of a new network only the set.
 *
 * @throws Error when the set cannot be made, or the old images or the network cannot be downloaded
 */
export async function teach(
  { store, client }: Page,
  symbol: { name: string; drawings: readonly Uint8Array[] } & Pick<NetworkChoice, "old">,
): Promise<void> {
  const { name, old } = symbol;
  const drawings = joined(symbol.drawings);
  if (!old) {
    const files = await madeFiles({ type: "symbol", drawings, base: null }, []);
    return void client.loadMade({ id: "files", name }, files, true);
  }
  const { start, images } = old;
  const oldNames = namesOf(images);
  const opened = await (images.isInUse ? client.openImages() : openBundled(images.id));
  const base = { files: opened.files, label: oldNames.length };
  const streams = base.files.map(({ stream }) => stream);
  const files = await madeFiles({ type: "symbol", drawings, base }, streams);
  const identity: DatasetIdentity = {
    id: "files",
    name: `${images.name} and ${name}`,
    classNames: [...oldNames, name],
  };
  const { run, weights } = store.getState();
  if (start.kind === "model") {
    const isThere = await client.loadTrainedModel(start.fileName, true);
    if (!isThere) {
      throw new Error(
        `${trainedModelName(start.fileName)} could not be downloaded, so nothing is taught yet. Check the network connection and try again: your drawings stay.`,
      );
    }
  } else if (!weights.loaded && run) client.loadRunWeights(run.runId, run.name);
  void client.loadMade(identity, files, true);
  const config = symbolConfig(
    correctedConfig({ ...start.config, classes: start.config.classes + 1 }),
  );
  writeParams("train", { write: askedText(name, oldNames), digit: null });
  void client.train({ config, preset: nearestPreset(config), name: identity.name });
  const before = run?.runId;
  const unsubscribe = store.subscribe(({ run, samples }) => {
    if (!run?.size || run.runId === before) return;
    unsubscribe();
    store.setState({ samples: showOrigin(samples, "person") });
  });
}

/** The symbol some times, and two of the old classes, to see that they are still there. */
function askedText(name: string, old: readonly string[]): string {
  const others = [7, 2].flatMap((label) => old[label] ?? []);
  return [...new Array<string>(8).fill(name), ...others].join(", ");
}

function joined(drawings: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(drawings.length * NUM_PIXELS);
  for (const [i, drawing] of drawings.entries()) all.set(drawing, i * NUM_PIXELS);
  return all;
}

async function madeFiles(command: ImagesCommand, transfer: Transferable[]): Promise<File[]> {
  const { files } = await askImagesWorker(command, "read", { transfer });
  return files.map(({ name, bytes }) => new File([bytes], name));
}
