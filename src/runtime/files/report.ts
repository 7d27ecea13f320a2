/**
 * A run as one page: the page that `tools/reportPlugin.ts` builds of `src/app/report`, with the run in it. What is
 * large is in base64, and but for the weights compressed. `readReport.ts` is the inverse.
 */
import { evenIndices } from "../../engine/config/snapshotSteps.ts";
import { FormatError } from "../../engine/formats/formatError.ts";
import { plainFileName } from "../../engine/formats/plainFileName.ts";
import { formatBytes, formatMegabytes } from "../format.ts";
import { networkOfStored, weightsOfStored } from "../run/network.ts";
import { networkIn, openedRecord } from "../run/storedRun.ts";
import type { Snapshot, WholeRun } from "../storage/records.ts";
import { type About, levelsOf, piped, REPORT_PARTS, type ReportPart } from "./readReport.ts";
import { drawingProblem, type ReportChoices } from "./reportChoices.ts";
import type { ExportedFile } from "./runFormats.ts";
import { encodeWeights } from "./weightsFile.ts";

/** A page has at most so many bytes: few mails and hosts take more, and a phone is slow to open it. */
const MAX_BYTES = 20e6;

/** All previews together have at most so many bytes of base64: with Quick's weights, history and all else, a page stays under 3 MB. */
const MAX_PREVIEW_BYTES = 1.5e6;

/** So many are tried at most: to compress those of a long run takes minutes. */
const MAX_PREVIEWS = 60;

/** Significant digits of the history: charts and tables show at most as many. */
const PRECISION = 5;

/**
 * @param name of the file
 * @param template the page without a run
 * @throws FormatError for a page that would be too large
 */
export async function runAsReport(
  contents: WholeRun,
  name: string,
  { template, title = "", text = "", hasWeights, measured }: ReportChoices & { template: string },
): Promise<ExportedFile[]> {
  const { record, history } = contents;
  const heading = title.trim() || record.name;
  const problem = drawingProblem(record.config);
  const weights = (hasWeights ?? true) && problem === null ? weightsIn(contents) : null;
  const { previews, snapshots } = await fewPreviews(contents);
  const { savedMs, preset, dataset } = record;
  const about: About = {
    title: heading,
    text,
    savedMs,
    preset,
    dataset,
    run: openedRecord(record),
    snapshots: snapshots.map(({ pixels: _, ...snapshot }) => snapshot),
    numPreviews: contents.snapshots.length,
    weightsProblem: hasWeights === false ? null : problem,
    measured: measured ?? null,
  };
  const parts: Record<ReportPart, string> = {
    // No end of the element within it.
    about: JSON.stringify(about).replaceAll("<", "\\u003c"),
    history: base64Of(await piped(bytesOf(rounded(history)), new CompressionStream("gzip"))),
    previews,
    weights: weights ? base64Of(weights) : "",
  };
  const elements = REPORT_PARTS.map(
    (part) => `<script type="text/plain" id="${part}">${parts[part]}</script>`,
  );
  const page = template
    .replace("{{title}}", () => escaped(heading))
    .replace("{{description}}", () => escaped(text))
    .replace("<!-- run -->", () => elements.join("\n"));
  const bytes = bytesOf(page);
  if (bytes.length > MAX_BYTES) throw new FormatError(tooLarge(bytes.length, parts));
  return [{ fileName: `${plainFileName(name)}.html`, bytes }];
}

/** The weights that digits are sampled with, at half their precision. */
function weightsIn(contents: WholeRun): Uint8Array<ArrayBuffer> {
  const stored = networkIn(contents);
  const { config, values } = weightsOfStored(stored, "");
  const facts = networkOfStored(stored, config).facts("ema");
  return encodeWeights({ config, values, facts, dtype: "F16" });
}

/** All previews, or as many as there is room for. */
async function fewPreviews({ snapshots: all, history }: WholeRun) {
  const epochEnds = new Set(history.epochs.map(({ step }) => step));
  let most = Math.min(all.length, MAX_PREVIEWS);
  for (;;) {
    const snapshots = chosenPreviews(all, most, epochEnds);
    const bytes = await piped(differencesOf(snapshots), new CompressionStream("gzip"));
    const previews = base64Of(bytes);
    const share = MAX_PREVIEW_BYTES / previews.length;
    if (share >= 1 || most <= 2) return { snapshots, previews };
    most = Math.max(2, Math.min(most - 1, Math.floor(share * most)));
  }
}

/** The first, the last and those after epochs, which the slider names, if these are not too many; others evenly. */
function chosenPreviews(
  all: readonly Snapshot[],
  most: number,
  epochEnds: ReadonlySet<number>,
): Snapshot[] {
  const evenly = (of: readonly Snapshot[], count: number) =>
    evenIndices(of.length, count).map((index) => of[index] as Snapshot);
  const named = all.filter(
    (each, i) => i === 0 || i === all.length - 1 || epochEnds.has(each.step),
  );
  if (named.length >= most) return evenly(all, most);
  const others = all.filter((each) => !named.includes(each));
  const chosen = [...named, ...evenly(others, most - named.length)];
  return chosen.sort((a, b) => a.step - b.step);
}

/** In gray levels, from one snapshot to the next: of the same noise they differ by little, and compress well. */
function differencesOf(snapshots: readonly Snapshot[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(snapshots.reduce((sum, { pixels }) => sum + pixels.length, 0));
  let start = 0;
  let before = new Uint8Array();
  for (const snapshot of snapshots) {
    const { pixels } = snapshot;
    const grays = pixels.map((value, i) => Math.round((value * (levelsOf(i, snapshot) - 1)) / 255));
    const isLike = before.length === grays.length;
    all.set(isLike ? grays.map((gray, i) => gray - (before[i] as number)) : grays, start);
    start += pixels.length;
    before = grays;
  }
  return all;
}

function rounded(history: object): string {
  return JSON.stringify(history, (_, value) =>
    typeof value === "number" && !Number.isInteger(value)
      ? Number(value.toPrecision(PRECISION))
      : value,
  );
}

/** What makes it large, and what to leave out. */
function tooLarge(numBytes: number, { history, previews, weights }: Record<ReportPart, string>) {
  const sizes = `the weights take ${formatBytes(weights.length)}, the previews ${formatBytes(previews.length)}, the history ${formatBytes(history.length)}`;
  const remedy =
    weights === "" ? "Export the whole run instead." : "Export the page without the weights.";
  return `Expected a page of at most ${formatMegabytes(MAX_BYTES)}, got ${formatMegabytes(numBytes)}: ${sizes}. ${remedy}`;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Bytes that become text at once: a multiple of 3, which base64 writes without a gap. */
const PIECE = 3 * 2 ** 13;

function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + PIECE)));
  }
  return text;
}
