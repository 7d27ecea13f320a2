import type { DatasetIdentity } from "../../../engine/data/datasets.ts";
import type { WorkerEvent } from "../../../runtime/run/events.ts";

export interface DatasetLoading extends DatasetIdentity {
  loadId: string;
  loadedBytes: number;
  totalBytes: number | null;
  numImages: number;
  totalImages: number;
}

interface LoadedDataset extends DatasetIdentity {
  numTrain: number;
  numValidation: number;
  /** Of the images that samples begin with: those held out, or all where hardly any are. */
  unseenLabels: Uint8Array;
}

export interface DatasetState {
  /** What training would use now; stays while another is loading and when that one fails. */
  current: LoadedDataset | null;
  loading: DatasetLoading | null;
}

export const NO_DATASET: DatasetState = { current: null, loading: null };

export function startLoading(loadId: string, dataset: DatasetIdentity): DatasetLoading {
  return { ...dataset, loadId, loadedBytes: 0, totalBytes: null, numImages: 0, totalImages: 0 };
}

export type DatasetEvent = Extract<
  WorkerEvent,
  { type: "datasetProgress" | "datasetReady" | "datasetFailed" }
>;

/** @param event of the dataset that is loading */
export function applyDatasetEvent(
  dataset: DatasetState,
  loading: DatasetLoading,
  event: DatasetEvent,
): DatasetState {
  switch (event.type) {
    case "datasetProgress": {
      const { type: _, ...progress } = event;
      return { ...dataset, loading: { ...loading, ...progress } };
    }
    case "datasetReady": {
      const { numTrain, numValidation, unseenLabels } = event;
      const { id, name } = loading;
      return { current: { id, name, numTrain, numValidation, unseenLabels }, loading: null };
    }
    case "datasetFailed":
      return { ...dataset, loading: null };
    default:
      event satisfies never;
      return dataset;
  }
}
