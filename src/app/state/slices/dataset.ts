import type { DatasetIdentity } from "../../../engine/data/datasets.ts";

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
  /** How many kinds of images their labels tell apart. */
  numClasses: number;
  /** CRC-32C of pixels and labels. */
  checksum: number;
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
