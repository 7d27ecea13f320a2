import { Stack, Text } from "@mantine/core";
import type { BenchmarkFigures } from "../bench/figures.ts";
import { benchmarkNotes, benchmarkRows, benchmarkTitle } from "../bench/table.ts";
import classes from "./BenchmarkDialog.module.css";

export function BenchmarkTable({ figures }: { figures: BenchmarkFigures }) {
  const [what, where] = benchmarkTitle(figures);
  return (
    <>
      <div role="status">
        <Text size="sm" fw={600}>
          {what}
        </Text>
        <Text size="xs" c="dimmed">
          {where}
        </Text>
      </div>
      <table className={classes.table}>
        <caption>This page against stock TensorFlow.js on this device</caption>
        <thead>
          <tr>
            <td />
            <th scope="col">fused</th>
            <th scope="col">stock</th>
            <th scope="col">gain</th>
          </tr>
        </thead>
        <tbody>
          {benchmarkRows(figures).map(({ name, detail, fused, stock, gain }) => (
            <tr key={name}>
              <th scope="row">
                {name} {detail && <span className={classes.detail}>{detail}</span>}
              </th>
              <td>{fused}</td>
              <td>{stock}</td>
              <td>{gain}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Stack gap={4}>
        {benchmarkNotes(figures).map((note) => (
          <Text key={note} size="xs" c="dimmed" lh={1.35}>
            {note}
          </Text>
        ))}
      </Stack>
    </>
  );
}
