import { Text } from "@mantine/core";
import {
  entryWith,
  HYPERPARAMETER_GROUPS,
  type HyperparameterName,
  isUsed,
} from "../../engine/config/hyperparameters.ts";
import {
  nearestPreset,
  PRESETS,
  type PresetName,
  presetConfig,
} from "../../engine/config/presets.ts";
import type { Report } from "../../runtime/files/readReport.ts";
import { formatSetting } from "../../runtime/format.ts";
import { DataTable } from "../shared/parts/DataTable.tsx";
import classes from "./ReportPage.module.css";

const NAMES = Object.values(HYPERPARAMETER_GROUPS).flatMap(
  (group) => Object.keys(group) as HyperparameterName[],
);

/** The settings of the run: those that are not as in its preset, then all that have an effect. */
export function Settings({ report }: { report: Report }) {
  const { config } = report.run;
  const preset = presetOf(report);
  const usual = presetConfig(preset);
  const used = NAMES.filter((name) => isUsed(name, config));
  const changed = used.filter((name) => String(config[name]) !== String(usual[name]));
  const { label } = PRESETS[preset];
  const labelOf = (name: HyperparameterName) => entryWith(name, config).label;
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
          rows={changed.map((name) => [
            labelOf(name),
            formatSetting(config[name]),
            formatSetting(usual[name]),
          ])}
        />
      )}
      <details>
        <summary>All settings</summary>
        <dl className={classes.settings}>
          {used.map((name) => (
            <div key={name}>
              <dt>{labelOf(name)}</dt>
              <dd>{formatSetting(config[name])}</dd>
            </div>
          ))}
        </dl>
      </details>
    </section>
  );
}

/** The preset that the run began with, unless this version has no such one. */
function presetOf({ preset, run }: Report): PresetName {
  return Object.hasOwn(PRESETS, preset) ? (preset as PresetName) : nearestPreset(run.config);
}
