import { Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useRef, useState } from "react";
import type { ClassFigures } from "../../../../engine/quality/figures.ts";
import { formatCount, formatShare } from "../../../../runtime/format.ts";
import cardClasses from "../../../shared/charts/ChartCard.module.css";
import { ChartMenu } from "../../../shared/charts/ChartMenu.tsx";
import { ModalDialog } from "../../../shared/parts/ModalDialog.tsx";
import { histogramCsv, histogramJson } from "../qualityFiles.ts";
import { entropyWords } from "../qualityWords.ts";
import classes from "./Figures.module.css";
import { HEIGHT, histogramPlot } from "./histogramPlot.ts";

const TITLE = "Digits";

/** How many of the samples are read as each digit. */
export function ClassHistogram({ figures, name }: { figures: ClassFigures; name: string }) {
  const { classCounts, count } = figures;
  const card = useRef<HTMLElement>(null);
  const { ref: boxRef, width } = useElementSize();
  const [isTableOpen, setIsTableOpen] = useState(false);
  const { bars, even, baseline } = histogramPlot(classCounts, width);
  const words = classCounts.map((of, digit) => `${digit}: ${of}`).join(", ");
  return (
    <section ref={card} className={cardClasses.card} aria-label={TITLE}>
      <div className={cardClasses.head}>
        <h3>{TITLE}</h3>
        <Text span size="xs" c="dimmed" lh="inherit">
          entropy {entropyWords(figures.classEntropy)}
        </Text>
        <span className={cardClasses.end}>
          <ChartMenu
            title={TITLE}
            name={name}
            card={card}
            csv={() => histogramCsv(figures)}
            json={() => histogramJson(figures)}
            onTable={() => setIsTableOpen(true)}
          />
        </span>
      </div>
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
      {isTableOpen && (
        <ModalDialog title={TITLE} width={360} onClose={() => setIsTableOpen(false)}>
          <table>
            <thead>
              <tr>
                <th scope="col">Digit</th>
                <th scope="col">Samples</th>
                <th scope="col">Share</th>
              </tr>
            </thead>
            <tbody>
              {classCounts.map((of, digit) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the index is the digit.
                <tr key={digit}>
                  <th scope="row">{digit}</th>
                  <td>{formatCount(of)}</td>
                  <td>{formatShare(of / count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ModalDialog>
      )}
    </section>
  );
}
