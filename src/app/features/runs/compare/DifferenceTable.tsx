import { Text } from "@mantine/core";
import classes from "./CompareView.module.css";
import { type ComparedRun, tellingNames } from "./comparedRuns.ts";
import { type DifferenceRow, differingSettings, results } from "./differences.ts";
import { RunSwatch } from "./RunSwatch.tsx";

/** The settings in which the runs differ, and the results of each. */
export function DifferenceTable({ runs }: { runs: readonly ComparedRun[] }) {
  const settings = differingSettings(runs);
  const names = tellingNames(runs.map(({ name }) => name));
  return (
    <section className={classes.differences} aria-label="Differences">
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span className="visuallyHidden">Setting or result</span>
            </th>
            {runs.map(({ runId, place, name }, i) => (
              <th key={runId} scope="col" title={name}>
                <RunSwatch place={place} /> {names[i]}
              </th>
            ))}
          </tr>
        </thead>
        <Rows title="Settings that differ" rows={settings} numRuns={runs.length} />
        <Rows title="Results" rows={results(runs)} numRuns={runs.length} />
      </table>
      {settings.length === 0 && runs.length > 1 && (
        <Text size="sm" c="dimmed">
          All settings are the same.
        </Text>
      )}
    </section>
  );
}

function Rows({ title, rows, numRuns }: { title: string; rows: DifferenceRow[]; numRuns: number }) {
  if (rows.length === 0) return null;
  return (
    <tbody>
      <tr>
        <th scope="rowgroup" colSpan={numRuns + 1} className={classes.group}>
          {title}
        </th>
      </tr>
      {rows.map(({ label, values }) => (
        <tr key={label}>
          <th scope="row">{label}</th>
          {values.map((value, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a column is a run.
            <td key={index}>{value}</td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}
