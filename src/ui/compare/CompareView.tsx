import { Text } from "@mantine/core";
import { useEffect } from "react";
import { type ComparedRun, comparedRuns, runsToRead } from "../../store/comparison.ts";
import type { AppState } from "../../store/state.ts";
import { useApp, useAppState, useThrottledState } from "../AppContext.ts";
import { ChooseRuns } from "./ChooseRuns.tsx";
import { CompareChart } from "./CompareChart.tsx";
import classes from "./CompareView.module.css";
import { DifferenceTable } from "./DifferenceTable.tsx";
import { SideBySide } from "./SideBySide.tsx";

const INTERVAL_MS = 400;
const selectCompared = (state: AppState) => comparedRuns(state);
const hasToRead = (state: AppState) => runsToRead(state).length > 0;

/** Stored runs side by side: their losses in one chart, their digits, and in what they differ. */
export default function CompareView() {
  const { client } = useApp();
  const compared = useThrottledState(selectCompared, INTERVAL_MS);
  const isDue = useAppState(hasToRead);
  useEffect(() => {
    if (isDue) client.readCompared();
  }, [client, isDue]);

  const runs = compared.flatMap((of): ComparedRun[] => (of.status === "read" ? [of.run] : []));
  return (
    <div className={classes.view}>
      <ChooseRuns compared={compared} />
      {runs.length === 0 ? <Nothing isReading={compared.length > 0} /> : <Comparison runs={runs} />}
    </div>
  );
}

function Comparison({ runs }: { runs: ComparedRun[] }) {
  return (
    <div className={classes.comparison}>
      <CompareChart runs={runs} />
      <SideBySide runs={runs} />
      <DifferenceTable runs={runs} />
    </div>
  );
}

function Nothing({ isReading }: { isReading: boolean }) {
  return (
    <Text c="dimmed" className={classes.nothing}>
      {isReading
        ? "Reading…"
        : "Runs that you train are kept in this browser. Tick two or more to see their losses in one chart, their digits beside each other, and the settings in which they differ."}
    </Text>
  );
}
