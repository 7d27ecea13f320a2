import { Checkbox, Text } from "@mantine/core";
import { writeComparison } from "../../store/address.ts";
import { type Compared, comparedIds, toggled } from "../../store/comparison.ts";
import { isReadable } from "../../store/storedRuns.ts";
import { useApp, useAppState } from "../AppContext.ts";
import { formatCount } from "../format.ts";
import classes from "./CompareView.module.css";
import { runStyle } from "./runStyle.ts";

/** The stored runs, to be ticked; the colours are those of the curves. */
export function ChooseRuns({ compared }: { compared: readonly Compared[] }) {
  const { store } = useApp();
  const stored = useAppState((state) => state.stored.runs);
  // Not from `compared`, which comes a moment later: a box must not spring back.
  const ids = useAppState((state) => comparedIds(state).join(" ")).split(" ");
  const runs = stored?.filter(isReadable) ?? [];
  const toggle = (runId: string) => {
    const chosenIds = toggled(comparedIds(store.getState()), runId);
    store.setState(({ comparison }) => ({ comparison: { ...comparison, chosenIds } }));
    writeComparison(chosenIds);
  };
  return (
    <fieldset className={classes.choose}>
      <legend>
        <h2>Compare runs</h2>
      </legend>
      {runs.length === 0 && (
        <Text size="sm" c="dimmed">
          No run is stored yet.
        </Text>
      )}
      {runs.map(({ runId, name, step, lastValidationLoss }) => {
        const index = ids.indexOf(runId);
        const of = compared.find((run) => run.runId === runId);
        return (
          <Checkbox
            key={runId}
            size="sm"
            checked={index >= 0}
            onChange={() => toggle(runId)}
            {...(index >= 0 ? { color: runStyle(index).color } : {})}
            label={name}
            description={
              of?.status === "reading"
                ? "Reading…"
                : `${formatCount(step)} steps${lastValidationLoss === null ? "" : `, validation ${lastValidationLoss.toFixed(4)}`}`
            }
            error={of?.status === "failed" ? of.message : null}
          />
        );
      })}
    </fieldset>
  );
}
