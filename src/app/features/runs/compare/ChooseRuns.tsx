import { Checkbox } from "@mantine/core";
import { counted } from "../../../../runtime/format.ts";
import { useApp, useAppState, useThrottledRun } from "../../../shared/AppContext.ts";
import { standing } from "../../../shared/runs/runFacts.ts";
import { writeParams } from "../../../state/address.ts";
import { isReadable } from "../../../state/slices/storedRuns.ts";
import classes from "./CompareView.module.css";
import { type Compared, comparedIds, toggled, withChosen } from "./comparedRuns.ts";
import { RunSwatch } from "./RunSwatch.tsx";
import { runStyle } from "./runStyle.ts";

const INTERVAL_MS = 1000;

/** The stored runs, to be ticked; the colors are those of the curves. */
export function ChooseRuns({ compared }: { compared: readonly Compared[] }) {
  const { store } = useApp();
  const stored = useAppState((state) => state.stored.runs);
  // Not from `compared`, which comes a moment later: a box must not spring back.
  const ids = useAppState((state) => comparedIds(state).join(" ")).split(" ");
  const runs = stored?.filter(isReadable) ?? [];
  const live = useThrottledRun(INTERVAL_MS);
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
