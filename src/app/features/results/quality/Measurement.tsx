import { Button, Group, Text, UnstyledButton } from "@mantine/core";
import { Fragment, useMemo } from "react";
import { classNameOf, DEFAULT_DATASET, datasetEntry } from "../../../../engine/data/datasets.ts";
import { pickImages } from "../../../../engine/data/imageOrder.ts";
import { type Sampler, samplerEntry } from "../../../../engine/diffusion/samplers.ts";
import { plainFileName } from "../../../../engine/formats/plainFileName.ts";
import { COPY_DISTANCE, isRead } from "../../../../engine/quality/figures.ts";
import { formatCount, formatShare, stepsSuffix } from "../../../../runtime/format.ts";
import { useAppState } from "../../../shared/AppContext.ts";
import { saveDigits } from "../../../shared/images/SaveDigits.tsx";
import { DataTable } from "../../../shared/parts/DataTable.tsx";
import { saveText } from "../../../state/saveFile.ts";
import { type Evaluation, MAX_WITH_IMAGES } from "../../../state/slices/evaluation.ts";
import { ClassHistogram, ConfusionMatrix, FigureTable } from "./Figures.tsx";
import { LikelihoodChart } from "./LikelihoodChart.tsx";
import {
  classNouns,
  etaWords,
  frechetWords,
  likelihoodWords,
  measuredName,
  type Result,
  samplingWords,
} from "./measuredWords.ts";
import classes from "./Quality.module.css";
import { type Cell, OTHER_SAMPLES, sampleOrder, useQuality, useQualityState } from "./quality.ts";
import { measurementJson, pairsAt, samplesCsv } from "./qualityFiles.ts";
import { SamplePairs } from "./SamplePairs.tsx";

/** One measurement: its figures, its digits, its samples beside the images nearest to them. */
export function Measurement({ evaluation }: { evaluation: Evaluation }) {
  const { result, images } = evaluation;
  const order = useQualityState((state) => state.order);
  const cell = useQualityState((state) => state.cell);
  const places = useMemo(() => sampleOrder(result, order, cell), [result, order, cell]);
  const name = useAppState((state) => measuredName(evaluation, state));
  return (
    <>
      <header className="row" style={{ gridArea: "head", alignItems: "baseline" }}>
        <h2 style={{ overflowWrap: "anywhere" }}>{name}</h2>
        <Text size="sm" c="dimmed">
          {samplingWords(evaluation)}
        </Text>
        <SaveMeasurement evaluation={evaluation} name={name} places={places} />
      </header>
      <div className="column" style={{ gridArea: "left", gap: "var(--mantine-spacing-md)" }}>
        <FigureTable result={result} />
        <LikelihoodChart likelihood={result.likelihood} objective={result.objective} name={name} />
        {isRead(result.figures) && (
          <ClassHistogram figures={result.figures} dataset={result.dataset} name={name} />
        )}
        {result.figures.confusion && (
          <ConfusionMatrix
            confusion={result.figures.confusion}
            dataset={result.dataset}
            name={name}
            hasImages={images !== null}
          />
        )}
      </div>
      <section className="column" style={{ gridArea: "nearest" }} aria-labelledby="nearest">
        <h3 id="nearest">Samples beside their nearest training images</h3>
        <Text size="sm" c="dimmed" lh={1.4}>
          {nearestWords(result)} Distance: root mean square difference of pixels, 0 to 1.
        </Text>
        {result.figures.confusion && images && <ShownCell dataset={result.dataset} />}
        {images ? (
          <SamplePairs result={result} images={images} places={places} />
        ) : (
          <Text size="sm" c="dimmed" lh={1.4}>
            The images of this measurement are no longer kept, only those of the latest{" "}
            {MAX_WITH_IMAGES}. Measure with the same settings to see them again.
          </Text>
        )}
      </section>
      <Measured shown={evaluation} />
    </>
  );
}

/** Which samples are shown, of a network that was asked for classes. */
function ShownCell({ dataset }: Pick<Result, "dataset">) {
  const store = useQuality();
  const cell = useQualityState((state) => state.cell);
  return (
    <Group gap="xs">
      <Text size="sm">{shownWords(cell, dataset)}</Text>
      <Button
        // Not `disabled`: the keyboard's focus would be lost.
        aria-disabled={!cell}
        data-disabled={!cell}
        onClick={() => store.setState(OTHER_SAMPLES)}
      >
        Show all
      </Button>
    </Group>
  );
}

interface SaveMeasurementProps {
  evaluation: Evaluation;
  /** The name of what was measured, after which the files are named. */
  name: string;
  /** The samples in the order in which they are shown. */
  places: readonly number[];
}

/** All of a measurement as files, and as pictures where these are still kept. */
function SaveMeasurement({ evaluation, name, places }: SaveMeasurementProps) {
  const { result, images } = evaluation;
  const fileName = (what: string, ending: string) =>
    `${plainFileName(`${name} ${what}`)}.${ending}`;
  const button = (label: string, save: () => void) => <Button onClick={save}>{label}</Button>;
  return (
    <fieldset className={`row ${classes.save}`}>
      <legend>Save</legend>
      {images &&
        button("Samples PNG", () =>
          saveDigits({
            fileName: fileName("samples", "png"),
            pixels: pickImages(images.pixels, places),
          }),
        )}
      {images &&
        button("Pairs PNG", () =>
          saveDigits({
            fileName: fileName("pairs", "png"),
            pixels: pairsAt(images, places),
            // Even, so that no pair is torn apart.
            columns: 2 * Math.ceil(Math.sqrt(places.length / 2)),
          }),
        )}
      {button("CSV", () => saveText(fileName("samples", "csv"), samplesCsv(result)))}
      {button("JSON", () =>
        saveText(fileName("quality", "json"), measurementJson(evaluation, name)),
      )}
    </fieldset>
  );
}

/** What was measured in this visit, the newest first, so that checkpoints compare. */
function Measured({ shown }: { shown: Evaluation }) {
  const store = useQuality();
  const done = useAppState((state) => state.evaluation.done);
  const run = useAppState((state) => state.run);
  const stored = useAppState((state) => state.stored);
  // Only networks with classes are asked for digits, and have a guidance.
  const hasGuidance = done.some(({ request }) => request.guidance !== null);
  return (
    <section style={{ gridColumn: "1 / -1", minWidth: 0 }} aria-labelledby="measured">
      <h3 id="measured">Measured in this visit</h3>
      <div style={{ overflowX: "auto" }}>
        <DataTable
          className={classes.measured}
          columns={[
            ...["Network", ...(hasGuidance ? ["Read as asked"] : []), "Confidence", "Above 0.9"],
            ...["Fréchet", "Bits/dim", "Samples", "Sampler", "Steps"],
            ...(hasGuidance ? ["Guidance", "Seed"] : ["Seed"]),
          ]}
          rows={done.toReversed().map((evaluation) => {
            const { request, result } = evaluation;
            const { requestId, count, sampler, seed, guidance } = request;
            const { meanConfidence, shareConfident, frechetDistance, readAsAsked } = result.figures;
            return [
              <Fragment key={requestId}>
                <UnstyledButton
                  className={classes.row}
                  aria-pressed={evaluation === shown}
                  onClick={() => store.setState({ shownId: requestId, ...OTHER_SAMPLES })}
                >
                  {measuredName(evaluation, { run, stored })}
                </UnstyledButton>
                {result.dataset.id !== DEFAULT_DATASET && (
                  <Text
                    span
                    display="block"
                    inherit
                    c="dimmed"
                    style={{ overflowWrap: "anywhere" }}
                  >
                    compared with {result.dataset.name}
                    {!isRead(result.figures) && ", by MNIST's features"}
                  </Text>
                )}
              </Fragment>,
              ...(hasGuidance ? [readAsAsked === undefined ? "–" : formatShare(readAsAsked)] : []),
              meanConfidence?.toFixed(3) ?? "–",
              shareConfident === undefined ? "–" : formatShare(shareConfident),
              frechetWords(frechetDistance),
              likelihoodWords(result.likelihood),
              formatCount(count),
              <span key="sampler" style={{ whiteSpace: "normal" }}>
                {samplerWords(evaluation)}
              </span>,
              stepsWords(sampler),
              ...(hasGuidance ? [guidance ?? "–"] : []),
              seed,
            ];
          })}
        />
      </div>
    </section>
  );
}

/** `DDIM even in log-SNR, eta 0.5`: all of a sampler but the number of its steps. */
export function samplerWords({ request, result }: Evaluation): string {
  const { sampler } = request;
  const { label } = samplerEntry(sampler.kind, result.objective);
  return `${label}${stepsSuffix(sampler, 1, 1)}${etaWords(sampler)}`;
}

/** `50`, or `all` of them. */
function stepsWords({ timesteps }: Sampler): string {
  return timesteps === undefined ? "all" : formatCount(timesteps);
}

/** `0 of 256 samples are copies, nearer than 0.029; the median distance is 0.161 (of test images 0.155).` */
export function nearestWords(
  result: Pick<Result, "figures" | "dataset" | "testMedianDistance">,
): string {
  const { count, nearest } = result.figures;
  const { numCopies, medianDistance } = nearest;
  const copies = numCopies === 1 ? "is a copy" : "are copies";
  const { testMedianDistance: known } = datasetEntry(result.dataset);
  const real = known ?? result.testMedianDistance;
  const bound =
    result.dataset.id === DEFAULT_DATASET ? "" : " (a bound for MNIST, here a rough one)";
  const scale = real === null ? "" : ` (of test images ${real.toFixed(3)})`;
  return `${formatCount(numCopies)} of ${formatCount(count)} samples ${copies}, nearer than ${COPY_DISTANCE.toFixed(3)}${bound}; the median distance is ${medianDistance.toFixed(3)}${scale}.`;
}

/** Which samples are shown. */
function shownWords(cell: Cell | null, dataset: Result["dataset"]): string {
  return cell
    ? `Only those asked to be ${classNameOf(dataset, cell.asked)} and read as ${classNameOf(dataset, cell.read)}.`
    : `All of them. Click a number in the table of ${classNouns(dataset).many} to see its samples alone.`;
}
