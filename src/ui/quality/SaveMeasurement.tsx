import { Button } from "@mantine/core";
import { plainFileName } from "../../formats/plainFileName.ts";
import type { Evaluation } from "../../store/evaluation.ts";
import { saveFile } from "../../store/saveFile.ts";
import { saveDigits } from "../saveDigits.ts";
import classes from "./QualityView.module.css";
import { measurementJson, pairsAt, samplesAt, samplesCsv } from "./qualityFiles.ts";

interface SaveMeasurementProps {
  evaluation: Evaluation;
  /** Of what was measured; the files are named after it. */
  name: string;
  /** The samples in the order in which they are shown. */
  places: readonly number[];
}

/** All of a measurement as files, and as pictures where these are still kept. */
export function SaveMeasurement({ evaluation, name, places }: SaveMeasurementProps) {
  const { result, images } = evaluation;
  const fileName = (what: string) => plainFileName(`${name} ${what}`);
  const saveText = (name: string, text: string) =>
    saveFile({ fileName: name, bytes: new TextEncoder().encode(text) });
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
