import { Button, Text } from "@mantine/core";
import { useMemo } from "react";
import { plainFileName } from "../../../engine/formats/plainFileName.ts";
import { useAppState } from "../../shared/AppContext.ts";
import { saveDigits } from "../../shared/images/saveDigits.ts";
import { saveText } from "../../state/saveFile.ts";
import { type Evaluation, MAX_WITH_IMAGES } from "../../state/slices/evaluation.ts";
import { ClassHistogram } from "./figures/ClassHistogram.tsx";
import { FigureTable } from "./figures/FigureTable.tsx";
import { Measured } from "./Measured.tsx";
import nearestClasses from "./nearest/Nearest.module.css";
import { SamplePairs } from "./nearest/SamplePairs.tsx";
import classes from "./QualityView.module.css";
import { sampleOrder, useQualityState } from "./quality.ts";
import { measurementJson, pairsAt, samplesAt, samplesCsv } from "./qualityFiles.ts";
import { measuredName, nearestWords, samplingWords } from "./text.ts";

/** One measurement: its figures, its digits, its samples beside the images nearest to them. */
export function Measurement({ evaluation }: { evaluation: Evaluation }) {
  const { result } = evaluation;
  const order = useQualityState((state) => state.order);
  const places = useMemo(() => sampleOrder(result, order), [result, order]);
  const name = useAppState((state) => measuredName(evaluation, state));
  return (
    <>
      <header className={`row ${classes.head}`}>
        <h2 style={{ overflowWrap: "anywhere" }}>{name}</h2>
        <Text size="sm" c="dimmed">
          {samplingWords(evaluation)}
        </Text>
        <SaveMeasurement evaluation={evaluation} name={name} places={places} />
      </header>
      <div className={`column ${classes.left}`}>
        <FigureTable result={result} />
        <ClassHistogram figures={result.figures} name={name} />
        <Measured shown={evaluation} />
      </div>
      <NearestImages evaluation={evaluation} places={places} />
    </>
  );
}

interface NearestImagesProps {
  evaluation: Evaluation;
  /** The samples in the order in which they are shown. */
  places: readonly number[];
}

/** Each sample beside the training image nearest to it: is it a copy? */
function NearestImages({ evaluation, places }: NearestImagesProps) {
  const { result, images } = evaluation;
  return (
    <section className={`column ${nearestClasses.nearest}`} aria-labelledby="nearest">
      <h3 id="nearest">Samples beside their nearest training images</h3>
      <Text size="sm" c="dimmed" lh={1.4}>
        {nearestWords(result)} Distance: root mean square difference of pixels, 0 to 1.
      </Text>
      {images ? (
        <SamplePairs result={result} images={images} places={places} />
      ) : (
        <Text size="sm" c="dimmed" lh={1.4}>
          The pictures of this measurement are no longer kept, only those of the latest{" "}
          {MAX_WITH_IMAGES} are. Measure with the same settings to see them again.
        </Text>
      )}
    </section>
  );
}

interface SaveMeasurementProps {
  evaluation: Evaluation;
  /** Of what was measured; the files are named after it. */
  name: string;
  /** The samples in the order in which they are shown. */
  places: readonly number[];
}

/** All of a measurement as files, and as pictures where these are still kept. */
function SaveMeasurement({ evaluation, name, places }: SaveMeasurementProps) {
  const { result, images } = evaluation;
  const fileName = (what: string) => plainFileName(`${name} ${what}`);
  // An even number of columns, so that no pair is torn apart.
  const pairColumns = 2 * Math.ceil(Math.sqrt(places.length / 2));
  const pictures = images && [
    {
      label: "Samples PNG",
      save: () =>
        saveDigits({ fileName: `${fileName("samples")}.png`, pixels: samplesAt(images, places) }),
    },
    {
      label: "Pairs PNG",
      save: () =>
        saveDigits({
          fileName: `${fileName("pairs")}.png`,
          pixels: pairsAt(images, places),
          columns: pairColumns,
        }),
    },
  ];
  const items = [
    ...(pictures ?? []),
    { label: "CSV", save: () => saveText(`${fileName("samples")}.csv`, samplesCsv(result)) },
    {
      label: "JSON",
      save: () => saveText(`${fileName("quality")}.json`, measurementJson(evaluation, name)),
    },
  ];
  return (
    <fieldset className={`row ${classes.save}`}>
      <legend>Save</legend>
      {items.map(({ label, save }) => (
        <Button key={label} size="compact-xs" variant="default" onClick={save}>
          {label}
        </Button>
      ))}
    </fieldset>
  );
}
