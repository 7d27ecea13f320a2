/** What the page of a run is made of, out of what `report.ts` has written into it. */
import { defaultConfig, NUM_PIXELS } from "../../engine/config/hyperparameters.ts";
import { type ClassFigures, isRead } from "../../engine/quality/figures.ts";
import type { OpenedRun } from "../run/events.ts";
import type { RunRecord, Snapshot } from "../storage/records.ts";
import type { Measurement } from "./reportChoices.ts";

/** Gray levels of the previews: of the digits, and of the images on the way to them, which have noise anyway. */
const LEVELS = { digits: 32, noisy: 16 };

/** What the page says in its script elements, by their ids. */
export const REPORT_PARTS = ["about", "history", "previews", "weights"] as const;
export type ReportPart = (typeof REPORT_PARTS)[number];

/** A run as its page has it. */
export interface Report extends Pick<RunRecord, "savedMs" | "preset" | "dataset"> {
  title: string;
  text: string;
  run: OpenedRun;
  snapshots: Snapshot[];
  /** Previews of the run; the page may have fewer. */
  numPreviews: number;
  /** A safetensors file; null where they were left out. */
  weights: Uint8Array<ArrayBuffer> | null;
  /** Why they were left out, where it was not chosen; else null. */
  weightsProblem: string | null;
  /** Null where nothing was measured, or what stands there is no measurement. */
  measured: Measurement | null;
}

/** The part `about`. */
export type About = Omit<Report, "run" | "snapshots" | "weights"> & {
  run: Omit<OpenedRun, "steps" | "epochs">;
  snapshots: Omit<Snapshot, "pixels">[];
};

/**
 * What a page was made of.
 *
 * @param textOf what is in its script element with an id
 */
export async function readReport(textOf: (part: ReportPart) => string): Promise<Report> {
  const { run, snapshots, measured, ...about }: About = JSON.parse(textOf("about"));
  const decompressed = async (part: ReportPart) =>
    piped(bytesIn(textOf(part)), new DecompressionStream("gzip"));
  const text = new TextDecoder().decode(await decompressed("history"));
  // JSON knows no NaN.
  const history = JSON.parse(text, (_, value) => (value === null ? Number.NaN : value));
  const pixels = snapshots.length > 0 ? await decompressed("previews") : new Uint8Array();
  const weights = textOf("weights");
  return {
    ...about,
    // A page of an earlier version lacks the settings that came after it.
    run: { ...run, config: { ...defaultConfig(), ...run.config }, ...history },
    snapshots: withPixels(snapshots, pixels),
    weights: weights === "" ? null : bytesIn(weights),
    measured: isMeasurement(measured) ? measured : null,
  };
}

/** Whether all is there that is shown: a page may have been edited, and JSON knows no NaN. */
export function isMeasurement(value: unknown): value is Measurement {
  const { words, figures, real, frechetFloor, dataset }: Partial<Measurement> = Object(value);
  const isWhole = (of: Partial<ClassFigures> | null | undefined) =>
    of?.classCounts !== undefined &&
    of.classCounts.length > 1 &&
    [of.count, of.meanConfidence, of.shareConfident, of.classEntropy, of.readAsAsked ?? 0]
      .concat(of.classCounts)
      .every(Number.isFinite);
  return (
    [words, dataset?.id, dataset?.name].every((text) => typeof text === "string") &&
    ((figures && !isRead(figures) && real === null) || (isWhole(figures) && isWhole(real))) &&
    [
      figures?.count,
      figures?.frechetDistance,
      figures?.nearest?.medianDistance,
      ...[frechetFloor?.distance, frechetFloor?.count, frechetFloor?.numDraws],
    ].every(Number.isFinite)
  );
}

/** How many gray levels a pixel is stored with, by its place in the snapshot. */
export function levelsOf(i: number, { pixels, numFrames }: Pick<Snapshot, "pixels" | "numFrames">) {
  return i >= pixels.length - pixels.length / numFrames ? LEVELS.digits : LEVELS.noisy;
}

/** The inverse of `differencesOf`, rounded to gray levels. */
function withPixels(
  snapshots: readonly Omit<Snapshot, "pixels">[],
  differences: Uint8Array,
): Snapshot[] {
  const numPixels = (of: Omit<Snapshot, "pixels">) => of.numFrames * of.count * NUM_PIXELS;
  let start = 0;
  let before = new Uint8Array();
  return snapshots.map((snapshot) => {
    const grays = differences.slice(start, start + numPixels(snapshot));
    const isLike = before.length === grays.length;
    if (isLike) for (const [i, gray] of before.entries()) grays[i] = (grays[i] as number) + gray;
    start += grays.length;
    before = grays;
    const of = { numFrames: snapshot.numFrames, pixels: grays };
    const pixels = grays.map((gray, i) => Math.round((gray * 255) / (levelsOf(i, of) - 1)));
    return { ...snapshot, pixels };
  });
}

export async function piped(
  bytes: Uint8Array<ArrayBuffer>,
  through: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(through);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function bytesIn(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
