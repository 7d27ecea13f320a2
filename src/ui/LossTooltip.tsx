import { Text } from "@mantine/core";
import { useActiveTooltipDataPoints } from "recharts";
import { formatCount, formatLoss } from "./format.ts";
import classes from "./LossPanel.module.css";
import type { LossRow } from "./lossRows.ts";

const NAMES = [
  ["loss", "This step"],
  ["smoothed", "Smoothed"],
  ["train", "Epoch mean"],
  ["validation", "Validation"],
  ["reference", "Assignment"],
] as const satisfies [keyof LossRow, string][];

/** The values at the pointer. */
export function LossTooltip({ xName }: { xName: "step" | "epoch" }) {
  const row = useActiveTooltipDataPoints<LossRow>()?.[0];
  if (!row) return null;
  return (
    <div className={classes.tooltip}>
      <Text size="xs" fw={600}>
        {xName === "step" ? "Step" : "Epoch"} {formatCount(row.x)}
      </Text>
      {NAMES.map(([key, name]) => {
        const loss = row[key];
        return (
          loss !== undefined && (
            <Text key={key} size="xs">
              {name} {formatLoss(loss)}
            </Text>
          )
        );
      })}
    </div>
  );
}
