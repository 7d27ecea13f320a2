import { Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import type { ClassFigures } from "../../../../engine/quality/figures.ts";
import { formatCount, formatShare } from "../../../../runtime/format.ts";
import { ChartFrame } from "../../../shared/charts/ChartFrame.tsx";
import { histogramCsv, histogramJson } from "../qualityFiles.ts";
import { entropyWords } from "../text.ts";
import classes from "./Figures.module.css";
import { HEIGHT, histogramPlot } from "./histogramPlot.ts";

/** How many of the samples are read as each digit. */
export function ClassHistogram({ figures, name }: { figures: ClassFigures; name: string }) {
  const { classCounts, count } = figures;
  const { ref: boxRef, width } = useElementSize();
  const { bars, even, baseline } = histogramPlot(classCounts, width);
  const words = classCounts.map((of, digit) => `${digit}: ${of}`).join(", ");
  return (
    <ChartFrame
      title="Digits"
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
      <div ref={boxRef} className={classes.histogram}>
        <svg
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={`Samples of each digit: ${words}`}
        >
          {bars.map(({ digit, x, y, width, height }) => (
            <rect
              key={digit}
              fill="var(--run-1)"
              x={x}
              y={y}
              width={width}
              height={height}
              rx={1}
            />
          ))}
          <line stroke="var(--reference)" x1={0} x2={width} y1={baseline} y2={baseline} />
          <line
            stroke="var(--mantine-color-dimmed)"
            strokeDasharray="4 3"
            x1={0}
            x2={width}
            y1={even.y}
            y2={even.y}
          />
          {bars.map(({ digit, middle, y, count }) => (
            <g key={digit}>
              <text x={middle} y={y - 4}>
                {formatCount(count)}
              </text>
              <text x={middle} y={HEIGHT - 4} className={classes.digit}>
                {digit}
              </text>
            </g>
          ))}
        </svg>
      </div>
      <Text size="xs" c="dimmed" my={2}>
        <span className={classes.evenSwatch} data-swatch="dashed" /> equally many of each:{" "}
        {Number(even.count.toFixed(1))}
      </Text>
    </ChartFrame>
  );
}
