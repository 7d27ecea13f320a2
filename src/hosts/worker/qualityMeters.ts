/** Where the app itself serves its classifiers; `public/classifier.md` is the card of the first. */
import MNIST_URL from "/classifier.safetensors?url";
import FASHION_URL from "/classifier-fashion.safetensors?url";
import { type NamedDataset, numClasses } from "../../engine/data/dataset.ts";
import { datasetEntry, type ShippedClassifier } from "../../engine/data/datasets.ts";
import { messageOf } from "../../engine/messageOf.ts";
import type { ClassifierFile, ReaderFacts } from "../../engine/quality/classifierFile.ts";
import type { QualityMeter } from "../../engine/quality/qualityMeter.ts";
import { described } from "../../runtime/files/trainedImages.ts";
import type { Post } from "../../runtime/run/events.ts";
import type { ReadImages } from "../../runtime/storage/readers.ts";

const URLS: Record<ShippedClassifier, string> = {
  "classifier.safetensors": MNIST_URL,
  "classifier-fashion.safetensors": FASHION_URL,
};

/** What measures images that no classifier was trained on, by its features alone. */
const ANY_IMAGES: ShippedClassifier = "classifier.safetensors";

/**
 * Loads a classifier and what measures when it is needed first. Sets that are known have one of their own; other images have a
 * reader once one is trained on them, and until then only the features of MNIST's are used.
 */
export class QualityMeters {
  readonly #post: Post;
  readonly #loaded = new Map<ShippedClassifier, ReturnType<typeof load>>();
  #meter: { of: NamedDataset; reader: ClassifierFile | null; meter: QualityMeter } | null = null;
  /** Null where there is none. */
  readonly #readers = new WeakMap<NamedDataset, Promise<ClassifierFile | null>>();

  constructor(post: Post) {
    this.#post = post;
  }

  /** @throws Error when the classifier cannot be loaded */
  async of(dataset: NamedDataset): Promise<QualityMeter> {
    const reader = await this.#reader(dataset);
    if (this.#meter?.of === dataset && this.#meter.reader === reader) return this.#meter.meter;
    const shipped = datasetEntry(dataset).classifier;
    const isFitting = reader !== null || shipped !== null;
    const { QualityMeter } = await import("../../engine/quality/qualityMeter.ts");
    const classifier = reader
      ? await classifierOf(reader)
      : await this.#shipped(shipped ?? ANY_IMAGES);
    const meter = new QualityMeter(classifier, dataset, { isFitting });
    // A reader that was used before is not disposed: a run may still measure with it, and it takes a fifth of a megabyte.
    this.#meter = { of: dataset, reader, meter };
    return meter;
  }

  /** Looks for a reader that was trained before, and posts whether there is one. */
  async find(dataset: NamedDataset): Promise<void> {
    if (datasetEntry(dataset).classifier) return;
    const reader = await this.#reader(dataset);
    this.#tell(dataset, reader);
  }

  /** Uses a reader from now on, and keeps it for later visits where the browser lets it. */
  async use(dataset: NamedDataset, reader: ClassifierFile): Promise<ReaderFacts> {
    this.#readers.set(dataset, Promise.resolve(reader));
    this.#tell(dataset, reader);
    try {
      const [{ keepReader }, { encodeClassifier }] = await Promise.all([
        import("../../runtime/storage/readers.ts"),
        import("../../engine/quality/classifierFile.ts"),
      ]);
      await keepReader(readImages(dataset), encodeClassifier(reader));
    } catch (error) {
      const message = `The reader could not be kept (${messageOf(error)}). It is there until the page is closed.`;
      this.#post({ type: "storageNote", message });
    }
    return factsOf(reader);
  }

  #reader(dataset: NamedDataset): Promise<ClassifierFile | null> {
    if (datasetEntry(dataset).classifier) return Promise.resolve(null);
    const known = this.#readers.get(dataset);
    if (known) return known;
    const found = find(readImages(dataset));
    this.#readers.set(dataset, found);
    return found;
  }

  #tell(dataset: NamedDataset, reader: ClassifierFile | null): void {
    const { checksum } = readImages(dataset);
    this.#post({ type: "reader", checksum, reader: reader && factsOf(reader) });
  }

  async #shipped(name: ShippedClassifier) {
    const loading = this.#loaded.get(name) ?? load(URLS[name]);
    this.#loaded.set(name, loading);
    try {
      return await loading;
    } catch (error) {
      // The next call tries again.
      this.#loaded.delete(name);
      throw error;
    }
  }
}

function readImages(dataset: NamedDataset): ReadImages {
  return described(dataset, { classes: numClasses(dataset) });
}

/** What its file says of the images that it was trained on. */
export function readerAbout(dataset: NamedDataset) {
  return {
    dataset: dataset.name,
    command: "Train a classifier, in Results, Quality",
    checksum: readImages(dataset).checksum,
  };
}

function factsOf({ numClasses, facts }: ClassifierFile): ReaderFacts {
  const { numTestImages, testAccuracy } = facts;
  return { numClasses, numTestImages, testAccuracy };
}

/** Most visitors have no images of their own. */
async function find(images: ReadImages): Promise<ClassifierFile | null> {
  try {
    const [{ findReader }, { decodeReader }] = await Promise.all([
      import("../../runtime/storage/readers.ts"),
      import("../../engine/quality/classifierFile.ts"),
    ]);
    const file = await findReader(images);
    return file && decodeReader(file, images.checksum);
  } catch {
    // Without storage another can be trained.
    return null;
  }
}

async function classifierOf(reader: ClassifierFile) {
  const { createClassifier } = await import("../../engine/quality/classifier.ts");
  return createClassifier(reader);
}

async function load(url: string) {
  try {
    const [{ decodeClassifier }, response] = await Promise.all([
      import("../../engine/quality/classifierFile.ts"),
      fetch(url),
    ]);
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    return await classifierOf(decodeClassifier(new Uint8Array(await response.arrayBuffer())));
  } catch (error) {
    throw new Error(
      `Could not load the classifier from ${url} (${messageOf(error)}). Check the network connection and try again.`,
      { cause: error },
    );
  }
}
