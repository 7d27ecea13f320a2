import { Text } from "@mantine/core";
import {
  entryWith,
  HYPERPARAMETER_GROUPS,
  type HyperparameterName,
  isUsed,
} from "../../engine/config/hyperparameters.ts";
import { PRESETS, presetOfRun } from "../../engine/config/presets.ts";
import type { Report } from "../../runtime/files/readReport.ts";
import { formatRunSetting } from "../../runtime/format.ts";
import { DataTable } from "../shared/parts/DataTable.tsx";
import { changedSettings } from "../shared/runs/summaryCard.ts";
import classes from "./ReportPage.module.css";

const NAMES = Object.values(HYPERPARAMETER_GROUPS).flatMap(
  (group) => Object.keys(group) as HyperparameterName[],
);

/** The settings of the run: those that are not as in its preset, then all that have an effect. */
export function Settings({ report }: { report: Report }) {
  const { config } = report.run;
  const preset = presetOfRun({ preset: report.preset, config });
  const used = NAMES.filter((name) => isUsed(name, config));
  const changed = changedSettings(preset, config);
  const { label } = PRESETS[preset];
  return (
    <section className="column" aria-label="Settings">
      <h2>Settings</h2>
      {changed.length === 0 ? (
        <Text size="sm">All are those of the preset {label}.</Text>
      ) : (
        <DataTable
          className={classes.changed}
          caption={`Changed from the preset ${label}`}
          columns={["Changed from the preset", "This run", label]}
          rows={changed.map(({ label, value, presetValue }) => [label, value, presetValue])}
        />
      )}
      <details>
        <summary>All settings</summary>
        <dl className={classes.settings}>
          {used.map((name) => (
            <div key={name}>
              <dt>{entryWith(name, config).label}</dt>
              <dd>{formatRunSetting(name, config)}</dd>
            </div>
          ))}
        </dl>
      </details>
    </section>
  );
}
