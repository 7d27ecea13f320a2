import type { DatasetProgress } from "../../../engine/data/datasetFile.ts";
import {
  type DatasetIdentity,
  DEFAULT_DATASET,
  identityOf,
  type Noun,
  namingOf,
} from "../../../engine/data/datasets.ts";
import type { EventOf } from "../../../runtime/run/events.ts";

export type DatasetLoading = DatasetIdentity & DatasetProgress & { loadId: string };

type LoadedDataset = DatasetIdentity & Omit<EventOf<"datasetReady">, "type" | "loadId" | "dataset">;

export interface DatasetState {
  /** What training would use now; stays while another is loading and when that one fails. */
  current: LoadedDataset | null;
  loading: DatasetLoading | null;
}

export const NO_DATASET: DatasetState = { current: null, loading: null };

/** What one of the page's images is called, also while they are on their way. */
export function nounOfSet({
  dataset: { current, loading },
}: {
  dataset: Pick<DatasetState, "current"> & { loading: DatasetIdentity | null };
}): Noun {
  return namingOf(current ?? loading ?? identityOf(DEFAULT_DATASET)).noun;
}

/** As many classes as a network of these images can be asked for. A single one is nothing to ask for. */
export function classesOf({ numClasses }: Pick<LoadedDataset, "numClasses">): number {
  return numClasses > 1 ? numClasses : 0;
}

export function startLoading(loadId: string, dataset: DatasetIdentity): DatasetLoading {
  return { ...dataset, loadId, loadedBytes: 0, totalBytes: null, numImages: 0, totalImages: 0 };
}
