import { Text } from "@mantine/core";
import { useEffect } from "react";
import { useApp, useAppState, useThrottledState } from "../../../shared/AppContext.ts";
import { ChartsBar } from "../../../shared/charts/ChartsBar.tsx";
import { EmptyView } from "../../../shared/parts/EmptyView.tsx";
import { runsToRead } from "../../../state/slices/comparison.ts";
import { isReadable } from "../../../state/slices/storedRuns.ts";
import type { AppState } from "../../../state/state.ts";
import { ChooseRuns } from "./ChooseRuns.tsx";
import { CompareChart } from "./CompareChart.tsx";
import classes from "./CompareView.module.css";
import { comparedRuns, isReading } from "./comparedRuns.ts";
import { DifferenceTable } from "./DifferenceTable.tsx";
import { SideBySide } from "./SideBySide.tsx";
import { CHOOSE_RUNS, NONE_READ, NOTHING_STORED } from "./text.ts";

const INTERVAL_MS = 400;
/** While there are runs to read, the state of the worker: a new one has to be asked again. */
const dueFor = (state: AppState) => (runsToRead(state).length > 0 ? state.backend.status : null);

/** Stored runs side by side: their losses in one chart, their digits, and in what they differ. */
export default function CompareView() {
  const { client } = useApp();
  const compared = useThrottledState(comparedRuns, INTERVAL_MS);
  const due = useAppState(dueFor);
  useEffect(() => {
    if (due) client.readCompared();
  }, [client, due]);

  const hasStored = useAppState(({ stored }) => stored.runs?.some(isReadable) ?? true);
  const runs = compared.flatMap(({ run }) => run ?? []);
  if (!hasStored) {
    return (
      <EmptyView title="Compare runs">
        <p>{NOTHING_STORED}</p>
      </EmptyView>
    );
  }
  return (
    <div className={`column ${classes.view}`}>
      <div className={classes.head}>
        <ChartsBar title="Compare runs" />
      </div>
      <div className={classes.body}>
        <ChooseRuns compared={compared} />
        {runs.length > 0 ? (
          <div className={classes.comparison}>
            <CompareChart runs={runs} />
            <SideBySide runs={runs} />
            <DifferenceTable runs={runs} />
          </div>
        ) : (
          <Text c="dimmed" maw="44em" p="xl">
            {isReading(compared) && "Reading…"}
            {!isReading(compared) && (compared.length > 0 ? NONE_READ : CHOOSE_RUNS)}
          </Text>
        )}
      </div>
    </div>
  );
}
