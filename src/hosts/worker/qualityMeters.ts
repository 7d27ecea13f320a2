/** Where the app itself serves the classifier; `public/classifier.md` is its card. */
import CLASSIFIER_URL from "/classifier.safetensors?url";
import type { Dataset } from "../../engine/data/dataset.ts";
import { messageOf } from "../../engine/messageOf.ts";
import type { QualityMeter } from "../../engine/quality/qualityMeter.ts";

/** Loads the classifier and what measures when it is needed first, once for all datasets. */
export class QualityMeters {
  #loaded: ReturnType<typeof load> | null = null;
  #meter: { of: Dataset; meter: QualityMeter } | null = null;

  /** @throws Error when the classifier cannot be loaded */
  async of(dataset: Dataset): Promise<QualityMeter> {
    this.#loaded ??= load();
    try {
      const { classifier, QualityMeter } = await this.#loaded;
      if (this.#meter?.of !== dataset) {
        this.#meter = { of: dataset, meter: new QualityMeter(classifier, dataset) };
      }
      return this.#meter.meter;
    } catch (error) {
      // The next call tries again.
      this.#loaded = null;
      throw error;
    }
  }
}

async function load() {
  try {
    const [{ createClassifier }, { decodeClassifier }, { QualityMeter }, response] =
      await Promise.all([
        import("../../engine/quality/classifier.ts"),
        import("../../engine/quality/classifierFile.ts"),
        import("../../engine/quality/qualityMeter.ts"),
        fetch(CLASSIFIER_URL),
      ]);
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const { values } = decodeClassifier(new Uint8Array(await response.arrayBuffer()));
    return { classifier: createClassifier(values), QualityMeter };
  } catch (error) {
    throw new Error(
      `Could not load the classifier from ${CLASSIFIER_URL} (${messageOf(error)}). Check the network connection and try again.`,
      { cause: error },
    );
  }
}
