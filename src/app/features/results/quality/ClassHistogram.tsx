import { Group, Text } from "@mantine/core";
import type { ClassFigures } from "../../../../engine/quality/figures.ts";
import { formatCount, formatShare } from "../../../../runtime/format.ts";
import { ChartFrame } from "../../../shared/charts/ChartFrame.tsx";
import { SeriesSwatch } from "../../../shared/plot/Legend.tsx";
import classes from "./Figures.module.css";
import { histogramCsv, histogramJson } from "./qualityFiles.ts";
import { entropyWords } from "./text.ts";

const HEIGHT = 150;
/** Between them are the bars, with the counts above and the digits below. */
const [TOP, BASELINE] = [16, 132];
/** The share that a bar takes of its tenth of the width. */
const BAR_SHARE = 0.7;

/** How many of the samples are read as each digit. */
export function ClassHistogram({ figures, name }: { figures: ClassFigures; name: string }) {
  const { classCounts, count } = figures;
  const even = count / classCounts.length;
  const highest = Math.max(...classCounts, even);
  const y = (of: number) => BASELINE - ((BASELINE - TOP) * of) / highest;
  const x = (digit: number) => `${(100 * digit) / classCounts.length}%`;
  const words = classCounts.map((of, digit) => `${digit}: ${of}`).join(", ");
  return (
    <ChartFrame
      title="Samples of each digit"
      detail={`entropy ${entropyWords(figures.classEntropy)}`}
      files={{ name, csv: () => histogramCsv(figures), json: () => histogramJson(figures) }}
      numbers={() => ({
        columns: ["Digit", "Samples", "Share"],
        rows: classCounts.map((of, digit) => [
          `${digit}`,
          formatCount(of),
          formatShare(of / count),
        ]),
      })}
    >
      <svg
        className={classes.histogram}
        height={HEIGHT}
        role="img"
        aria-label={`Samples of each digit: ${words}`}
      >
        {classCounts.map((of, digit) => (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a digit is its index.
            key={digit}
            fill="var(--run-1)"
            x={x(digit + (1 - BAR_SHARE) / 2)}
            y={y(of)}
            width={x(BAR_SHARE)}
            height={BASELINE - y(of)}
            rx={1}
          />
        ))}
        <line stroke="var(--reference)" x2="100%" y1={BASELINE} y2={BASELINE} />
        <line
          stroke="var(--mantine-color-dimmed)"
          strokeDasharray="4 3"
          x2="100%"
          y1={y(even)}
          y2={y(even)}
        />
        {classCounts.map((of, digit) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a digit is its index.
          <g key={digit}>
            <text x={x(digit + 0.5)} y={y(of) - 4}>
              {formatCount(of)}
            </text>
            <text x={x(digit + 0.5)} y={HEIGHT - 4} className={classes.digit}>
              {digit}
            </text>
          </g>
        ))}
      </svg>
      <Group gap={6} my={2}>
        <SeriesSwatch color="var(--mantine-color-dimmed)" style="dashed" />
        <Text span size="xs" c="dimmed">
          equally many of each: {Number(even.toFixed(1))}
        </Text>
      </Group>
    </ChartFrame>
  );
}
