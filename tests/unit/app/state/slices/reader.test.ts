import { expect, it } from "vitest";
import { afterReader, readingOf } from "../../../../../src/app/state/slices/reader.ts";
import { type AppState, initialState } from "../../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import { afterEvents } from "../eventStates.ts";

const FACTS = { numClasses: 3, numTestImages: 30, testAccuracy: 0.9 };

/** With images, some of the person's own unless said otherwise. */
function withImages({ id = "files", numClasses = 3 } = {}): AppState {
  const state = initialState("tiny", presetConfig("tiny"));
  const sizes = { numTrain: 48, numValidation: 30, numClasses, checksum: 7, pixelChecksum: 7 };
  const current = { id, name: "Bars", ...sizes, unseenLabels: new Uint8Array(30) };
  return { ...state, dataset: { current, loading: null } };
}

it("images are read by the page's classifier, by a reader of these very ones, or not yet", () => {
  const state = withImages();
  expect(readingOf(initialState("tiny", presetConfig("tiny")))).toBe("looking");
  expect(readingOf(withImages({ id: "mnist", numClasses: 10 }))).toBe("fits");
  expect(readingOf(withImages({ numClasses: 1 }))).toBe("unlabeled");
  expect(readingOf(state)).toBe("looking");
  const told = (checksum: number, reader: typeof FACTS | null) =>
    readingOf(afterEvents(state, { type: "reader", checksum, reader }));
  expect(told(7, null)).toBe("none");
  expect(told(7, FACTS)).toBe("reader");
  expect(told(8, FACTS)).toBe("looking");
});

it("a training that fails says why, one that is cancelled nothing, and neither goes on", () => {
  const training = { known: null, fraction: 0.5, failure: null };
  const failed = afterReader(training, { status: "failed", message: "No memory.", isLost: false });
  expect(failed).toMatchObject({ fraction: null, failure: "No memory." });
  expect(afterReader(training, { status: "cancelled" })).toMatchObject({
    fraction: null,
    failure: null,
  });
});
