import { Checkbox, Text } from "@mantine/core";
import { useEffect } from "react";
import { counted } from "../../../../runtime/format.ts";
import {
  useApp,
  useAppState,
  useThrottledRun,
  useThrottledState,
} from "../../../shared/AppContext.ts";
import { ChartsBar } from "../../../shared/charts/ChartsBar.tsx";
import { useNounOfSet } from "../../../shared/network/useNaming.ts";
import { EmptyView } from "../../../shared/parts/EmptyView.tsx";
import { standing } from "../../../shared/runs/runFacts.ts";
import { writeParams } from "../../../state/address.ts";
import { runsToRead } from "../../../state/slices/comparison.ts";
import { isReadable } from "../../../state/slices/storedRuns.ts";
import type { AppState } from "../../../state/state.ts";
import { CompareChart } from "./CompareCharts.tsx";
import classes from "./CompareView.module.css";
import {
  type Compared,
  comparedIds,
  comparedRuns,
  isReading,
  toggled,
  withChosen,
} from "./comparedRuns.ts";
import { DifferenceTable } from "./DifferenceTable.tsx";
import { RunSwatch, runStyle } from "./RunSwatch.tsx";
import { SideBySide } from "./SideBySide.tsx";

const INTERVAL_MS = 400;
const LIVE_INTERVAL_MS = 1000;

/** While there are runs to read, the state of the worker: a new one has to be asked again. */
const dueFor = (state: AppState) => (runsToRead(state).length > 0 ? state.backend.status : null);

/**
 * Stored runs side by side: their losses in one chart, their digits, and in what they differ. As many as one ticks; the
 * newest two before one has.
 */
export default function CompareView() {
  const { client } = useApp();
  const noun = useNounOfSet();
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
        <p>
          Runs you train are kept in this browser. Here you can compare them: their losses in one
          chart, their {noun}s side by side, and the settings that differ.
        </p>
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
            {isReading(compared)
              ? "Reading…"
              : compared.length > 0
                ? "These runs could not be read. Why is said under their names."
                : `Tick two or more runs to compare their losses in one chart, their ${noun}s side by side, and the settings that differ.`}
          </Text>
        )}
      </div>
    </div>
  );
}

/** The stored runs, to be ticked; the colors are those of the curves. */
function ChooseRuns({ compared }: { compared: readonly Compared[] }) {
  const { store } = useApp();
  const stored = useAppState((state) => state.stored.runs);
  // Not from `compared`, which comes a moment later: a box must not spring back.
  const ids = useAppState((state) => comparedIds(state).join(" ")).split(" ");
  const runs = stored?.filter(isReadable) ?? [];
  const live = useThrottledRun(LIVE_INTERVAL_MS);
  const toggle = (runId: string) => {
    const chosenIds = toggled(comparedIds(store.getState()), runId);
    store.setState(({ comparison }) => ({ comparison: withChosen(comparison, chosenIds) }));
    writeParams("compare", { chosenIds });
  };
  return (
    <fieldset className={`column ${classes.choose}`}>
      <legend className="visuallyHidden">Runs to compare</legend>
      {runs.map((run) => {
        const { runId, name } = run;
        const { step, lastValidationLoss } = standing(run, live);
        const index = ids.indexOf(runId);
        const of = compared.find((run) => run.runId === runId);
        return (
          <Checkbox
            key={runId}
            size="sm"
            checked={index >= 0}
            onChange={() => toggle(runId)}
            {...(index >= 0 ? { color: runStyle(index).color } : {})}
            label={
              <>
                {index >= 0 && <RunSwatch place={index} />} {name}
              </>
            }
            description={
              of?.run === null && of.problem === null
                ? "Reading…"
                : `${counted(step, "step")}${lastValidationLoss === null ? "" : `, validation ${lastValidationLoss.toFixed(4)}`}`
            }
            error={of?.problem}
          />
        );
      })}
    </fieldset>
  );
}
