import { Button, Group, Text } from "@mantine/core";
import { useMemo } from "react";
import { pickImages } from "../../../../engine/data/imageOrder.ts";
import { plainFileName } from "../../../../engine/formats/plainFileName.ts";
import { useAppState } from "../../../shared/AppContext.ts";
import { saveDigits } from "../../../shared/images/SaveDigits.tsx";
import { saveText } from "../../../state/saveFile.ts";
import type { Evaluation } from "../../../state/slices/evaluation.ts";
import { ClassHistogram } from "./ClassHistogram.tsx";
import { ConfusionMatrix } from "./ConfusionMatrix.tsx";
import { FigureTable } from "./FigureTable.tsx";
import { Measured } from "./Measured.tsx";
import classes from "./QualityView.module.css";
import { OTHER_SAMPLES, sampleOrder, useQuality, useQualityState } from "./quality.ts";
import { measurementJson, pairsAt, samplesCsv } from "./qualityFiles.ts";
import { SamplePairs } from "./SamplePairs.tsx";
import { measuredName, nearestWords, PAIRS, samplingWords, shownWords } from "./text.ts";

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
        <ClassHistogram figures={result.figures} name={name} />
        {result.figures.confusion && (
          <ConfusionMatrix
            confusion={result.figures.confusion}
            name={name}
            hasImages={images !== null}
          />
        )}
      </div>
      <section className="column" style={{ gridArea: "nearest" }} aria-labelledby="nearest">
        <h3 id="nearest">{PAIRS.title}</h3>
        <Text size="sm" c="dimmed" lh={1.4}>
          {nearestWords(result)} {PAIRS.distance}
        </Text>
        {result.asked && images && <ShownCell />}
        {images ? (
          <SamplePairs result={result} images={images} places={places} />
        ) : (
          <Text size="sm" c="dimmed" lh={1.4}>
            {PAIRS.gone}
          </Text>
        )}
      </section>
      <Measured shown={evaluation} />
    </>
  );
}

/** Which samples are shown, of a network that was asked for digits. */
function ShownCell() {
  const store = useQuality();
  const cell = useQualityState((state) => state.cell);
  return (
    <Group gap="xs">
      <Text size="sm">{shownWords(cell)}</Text>
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
