import { Text } from "@mantine/core";
import { useMemo } from "react";
import type { Evaluation } from "../../store/evaluation.ts";
import { sampleOrder } from "../../store/quality.ts";
import { useAppState } from "../AppContext.ts";
import { ClassHistogram } from "./ClassHistogram.tsx";
import { FigureTable } from "./FigureTable.tsx";
import { Measured } from "./Measured.tsx";
import { NearestImages } from "./NearestImages.tsx";
import classes from "./QualityView.module.css";
import { measuredName, samplingWords } from "./qualityWords.ts";
import { SaveMeasurement } from "./SaveMeasurement.tsx";
import { useQualityState } from "./useQuality.ts";

/** One measurement: its figures, its digits, its samples beside the images nearest to them. */
export function Measurement({ evaluation }: { evaluation: Evaluation }) {
  const { result } = evaluation;
  const order = useQualityState((state) => state.order);
  const places = useMemo(() => sampleOrder(result, order), [result, order]);
  const name = useAppState((state) => measuredName(evaluation, state));
  return (
    <>
      <header className={classes.head}>
        <h2 className={classes.title}>{name}</h2>
        <Text size="sm" c="dimmed">
          {samplingWords(evaluation)}
        </Text>
        <SaveMeasurement {...{ evaluation, name, places }} />
      </header>
      <div className={`column ${classes.left}`}>
        <FigureTable result={result} />
        <ClassHistogram figures={result.figures} name={name} />
        <Measured shown={evaluation} />
      </div>
      <NearestImages {...{ evaluation, places }} />
    </>
  );
}
