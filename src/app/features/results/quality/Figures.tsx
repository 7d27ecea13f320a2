import { Group, Text, UnstyledButton } from "@mantine/core";
import { datasetEntry } from "../../../../engine/data/datasets.ts";
import {
  type ClassFigures,
  CONFIDENT,
  MAX_CLASS_ENTROPY,
} from "../../../../engine/quality/figures.ts";
import type { Measurement } from "../../../../runtime/files/reportChoices.ts";
import { formatCount, formatShare } from "../../../../runtime/format.ts";
import { ChartFrame } from "../../../shared/charts/ChartFrame.tsx";
import { Explain } from "../../../shared/explain/Explain.tsx";
import { DataTable } from "../../../shared/parts/DataTable.tsx";
import { SeriesSwatch } from "../../../shared/plot/Legend.tsx";
import { frechetWords } from "./measuredWords.ts";
import classes from "./Quality.module.css";
import { type Cell, OTHER_SAMPLES, useQuality, useQualityState } from "./quality.ts";
import { confusionCsv, confusionJson, histogramCsv, histogramJson } from "./qualityFiles.ts";

/** What another classifier says of the 100 samples that the course assignment shows: a rough scale for ours. */
const ASSIGNMENT_FIGURES = {
  meanConfidence: 0.97,
  shareConfident: 0.92,
  note: "The 100 samples that the course assignment shows, read by another classifier. That one is right on 98.4 % of the test images, with a confidence of 0.987, above 0.9 on 96.5 %. So this is a rough scale: on the same samples such classifiers differ by up to 0.04 and 12 %. Confidence alone says little: a classifier can be confident about pure noise. Read it with the other figures.",
};

const READ_AS_ASKED = {
  title: "Read as asked",
  text: "The network was asked for all ten digits in turn, and the classifier reads what it drew: this is the share in which the two agree. The classifier misreads a few real digits, too, so that the share of the test images is about the most that any network can reach. More guidance raises the share, but the digits then look more alike, which the Fréchet distance shows.",
};

/** The figures, each beside that of real images and of the assignment's samples, for scale. */
export function FigureTable({ result }: { result: Omit<Measurement, "words"> }) {
  const { figures, real, frechetFloor } = result;
  const { nearest } = figures;
  const assignment = ASSIGNMENT_FIGURES;
  return (
    <section aria-label="Figures">
      <DataTable
        className={classes.figures}
        columns={["", "Samples", `${formatCount(real.count)} test images`, "Assignment's samples*"]}
        rows={[
          [
            "Mean confidence",
            figures.meanConfidence.toFixed(3),
            real.meanConfidence.toFixed(3),
            assignment.meanConfidence.toFixed(2),
          ],
          [
            `Share above ${CONFIDENT}`,
            formatShare(figures.shareConfident),
            formatShare(real.shareConfident),
            `${100 * assignment.shareConfident} %`,
          ],
          ...(figures.readAsAsked === undefined
            ? []
            : [
                [
                  <span key="asked">
                    {READ_AS_ASKED.title} <Explain note={READ_AS_ASKED} />
                  </span>,
                  formatShare(figures.readAsAsked),
                  real.readAsAsked === undefined ? "–" : formatShare(real.readAsAsked),
                  "–",
                ],
              ]),
          [
            <span key="frechet">
              Fréchet distance on classifier features <Explain note="frechet" />
            </span>,
            frechetWords(figures.frechetDistance),
            <span key="real">
              {frechetWords(frechetFloor.distance)}{" "}
              <Text span display="block" size="xs" c="dimmed" lh="inherit" className={classes.of}>
                {formatCount(frechetFloor.count)} training images
                {frechetFloor.numDraws > 1 && ", on average"}
              </Text>
            </span>,
            "–",
          ],
          [
            `Entropy of the digits, at most ${MAX_CLASS_ENTROPY.toFixed(2)} bits`,
            figures.classEntropy.toFixed(2),
            real.classEntropy.toFixed(2),
            "–",
          ],
          [
            "Median distance to the nearest training image",
            nearest.medianDistance.toFixed(3),
            datasetEntry(result.dataset).testMedianDistance?.toFixed(3) ?? "–",
            "–",
          ],
        ]}
      />
      <Text size="xs" c="dimmed" mt={6}>
        * {assignment.note}
      </Text>
    </section>
  );
}

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
          an equal share: {Number(even.toFixed(1))}
        </Text>
      </Group>
    </ChartFrame>
  );
}

/** Strongest tint of the ground, in percent, which leaves the number readable. */
const MOST_TINT = 35;

interface ConfusionMatrixProps {
  /** By the digit asked for and the digit read, `[10][10]`. */
  confusion: number[][];
  /** The name of what was measured, after which the files are named. */
  name: string;
  /** Whether the samples can be shown. */
  hasImages: boolean;
}

/** Which digits are read when each is asked for; a number shows its samples. */
export function ConfusionMatrix({ confusion, name, hasImages }: ConfusionMatrixProps) {
  const store = useQuality();
  const shown = useQualityState((state) => state.cell);
  const cellOf = (asked: number, read: number, count: number, share: number) => {
    if (count === 0) return null;
    const isShown = shown?.asked === asked && shown.read === read;
    const style = { background: ground(asked === read, share) };
    const title = cellWords({ asked, read }, count);
    if (!hasImages) {
      return (
        <span className={classes.cell} style={style} title={title}>
          {count}
        </span>
      );
    }
    return (
      <UnstyledButton
        className={classes.cell}
        style={style}
        title={title}
        aria-pressed={isShown}
        onClick={() =>
          store.setState({ ...OTHER_SAMPLES, ...(!isShown && { cell: { asked, read } }) })
        }
      >
        {count}
      </UnstyledButton>
    );
  };
  return (
    <ChartFrame
      title="Asked for and read"
      detail="a row for each digit asked for, a column for each read"
      files={{ name, csv: () => confusionCsv(confusion), json: () => confusionJson(confusion) }}
    >
      <DataTable
        className={classes.matrix}
        columns={["", ...confusion.map((_, read) => `${read}`), "as asked"]}
        rows={confusion.map((row, asked) => {
          const count = row.reduce((sum, n) => sum + n, 0);
          const share = (n: number) => (count > 0 ? n / count : 0);
          return [
            `${asked}`,
            ...row.map((n, read) => cellOf(asked, read, n, share(n))),
            count > 0 ? formatShare(share(row[asked] as number)) : "–",
          ];
        })}
      />
    </ChartFrame>
  );
}

/** Blue on the diagonal. Elsewhere orange, which grows with the root: shares of a few hundredths are seen. */
function ground(isAsAsked: boolean, share: number): string {
  const tint = MOST_TINT * (isAsAsked ? share : Math.min(1, Math.sqrt(3 * share)));
  return `color-mix(in srgb, var(${isAsAsked ? "--run-1" : "--run-2"}) ${tint.toFixed(1)}%, transparent)`;
}

/** `3.29 of 3.32 bits` */
export function entropyWords(bits: number): string {
  return `${bits.toFixed(2)} of ${MAX_CLASS_ENTROPY.toFixed(2)} bits`;
}

/** The tooltip of a number in the table of digits. */
function cellWords({ asked, read }: Cell, count: number): string {
  return `${count} of the samples asked to be ${asked} are read as ${read}`;
}
