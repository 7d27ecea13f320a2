import { Group, Text, UnstyledButton } from "@mantine/core";
import {
  classNameOf,
  type DatasetIdentity,
  DEFAULT_DATASET,
  datasetEntry,
  namingOf,
  ownNames,
} from "../../../../engine/data/datasets.ts";
import {
  type ClassFigures,
  CONFIDENT,
  isRead,
  maxClassEntropy,
} from "../../../../engine/quality/figures.ts";
import { shortened } from "../../../../engine/shortenedText.ts";
import type { Measurement } from "../../../../runtime/files/reportChoices.ts";
import { formatCount, formatShare } from "../../../../runtime/format.ts";
import { ChartFrame } from "../../../shared/charts/ChartFrame.tsx";
import { Explain } from "../../../shared/explain/Explain.tsx";
import { DataTable } from "../../../shared/parts/DataTable.tsx";
import { SeriesSwatch } from "../../../shared/plot/Legend.tsx";
import { classNouns, frechetWords } from "./measuredWords.ts";
import classes from "./Quality.module.css";
import { OTHER_SAMPLES, useQuality, useQualityState } from "./quality.ts";
import { confusionCsv, confusionJson, histogramCsv, histogramJson } from "./qualityFiles.ts";

/** What another classifier says of the 100 samples that the course assignment shows: a rough scale for ours. */
const ASSIGNMENT_FIGURES = {
  meanConfidence: 0.97,
  shareConfident: 0.92,
  note: "The 100 samples that the course assignment shows, read by another classifier. That one is right on 98.4 % of the test images, with a confidence of 0.987, above 0.9 on 96.5 %. So this is a rough scale: on the same samples such classifiers differ by up to 0.04 and 12 %. Confidence alone says little: a classifier can be confident about pure noise. Read it with the other figures.",
};

const READ_AS_ASKED = {
  title: "Read as asked",
  text: "The network was asked for all classes in turn, such as the ten digits, and the classifier reads what it drew: this is the share in which the two agree. The classifier misreads a few real images, too, so that the share of the test images is about the most that samples as varied as these can reach. More guidance raises the share, above theirs as well, but the samples then look more alike, which the Fréchet distance shows.",
};

const OTHER_FEATURES = {
  title: "Fréchet distance on MNIST's features",
  text: "No classifier of these images is at hand, so they and the samples are described by the features of the one that reads MNIST's digits. They tell strokes and edges apart, but not what matters in these images. So a smaller distance still means more alike, and networks compare on the same images; with distances of other images, or by another classifier's features, it does not compare. The figure beside it is that of training images. Where few images are held out, both depend on which these happen to be, and samples that come out a little nearer than training images are not better than they are.",
};

/** The figures, each beside that of real images and, for digits, of the assignment's samples, for scale. */
export function FigureTable({ result }: { result: Omit<Measurement, "words"> }) {
  const { figures, real, frechetFloor, dataset } = result;
  const { nearest } = figures;
  const assignment = ASSIGNMENT_FIGURES;
  const areDigits = dataset.id === DEFAULT_DATASET;
  const besides = (of: string) => (areDigits ? [of] : []);
  const testDistance = datasetEntry(dataset).testMedianDistance ?? result.testMedianDistance;
  return (
    <section aria-label="Figures">
      <DataTable
        className={classes.figures}
        columns={[
          "",
          "Samples",
          real ? `${formatCount(real.count)} test images` : "Real images",
          ...besides("Assignment's samples*"),
        ]}
        rows={[
          ...(isRead(figures) && real
            ? [
                [
                  "Mean confidence",
                  figures.meanConfidence.toFixed(3),
                  real.meanConfidence.toFixed(3),
                  ...besides(assignment.meanConfidence.toFixed(2)),
                ],
                [
                  `Share above ${CONFIDENT}`,
                  formatShare(figures.shareConfident),
                  formatShare(real.shareConfident),
                  ...besides(`${100 * assignment.shareConfident} %`),
                ],
              ]
            : []),
          ...(figures.readAsAsked === undefined || !real
            ? []
            : [
                [
                  <span key="asked">
                    {READ_AS_ASKED.title} <Explain note={READ_AS_ASKED} />
                  </span>,
                  formatShare(figures.readAsAsked),
                  real.readAsAsked === undefined ? "–" : formatShare(real.readAsAsked),
                  ...besides("–"),
                ],
              ]),
          [
            <span key="frechet">
              Fréchet distance on {real ? "classifier" : "MNIST's"} features{" "}
              <Explain note={real ? "frechet" : OTHER_FEATURES} />
            </span>,
            frechetWords(figures.frechetDistance),
            <span key="real">
              {frechetWords(frechetFloor.distance)}{" "}
              <Text span display="block" size="xs" c="dimmed" lh="inherit" className={classes.of}>
                {formatCount(frechetFloor.count)} training images
                {frechetFloor.numDraws > 1 && ", on average"}
              </Text>
            </span>,
            ...besides("–"),
          ],
          ...(isRead(figures) && real
            ? [
                [
                  `Entropy of the ${classNouns(dataset).many}, at most ${maxClassEntropy(figures).toFixed(2)} bits`,
                  figures.classEntropy.toFixed(2),
                  real.classEntropy.toFixed(2),
                  ...besides("–"),
                ],
              ]
            : []),
          [
            "Median distance to the nearest training image",
            nearest.medianDistance.toFixed(3),
            testDistance?.toFixed(3) ?? "–",
            ...besides("–"),
          ],
        ]}
      />
      {areDigits && (
        <Text size="xs" c="dimmed" mt={6}>
          * {assignment.note}
        </Text>
      )}
    </section>
  );
}

const HEIGHT = 150;

/** Between them are the bars, with the counts above and the digits below. */
const [TOP, BASELINE] = [16, 132];

/** Characters of a class's name that there is room for, and what one of them takes, in pixels. */
const [MAX_NAME, LETTER] = [14, 6.5];

/** More are named in the table alone. */
const MAX_NAMED = 20;

/** The share that a bar takes of its part of the width. */
const BAR_SHARE = 0.7;

interface ClassHistogramProps {
  figures: ClassFigures;
  /** Whose classes they are. */
  dataset: DatasetIdentity;
  /** The name of what was measured, after which the files are named. */
  name: string;
}

/** How many of the samples are read as each class. */
export function ClassHistogram({ figures, dataset, name }: ClassHistogramProps) {
  const { classCounts, count } = figures;
  const noun = classNouns(dataset).one;
  const title = `Samples of each ${noun}`;
  const nameOf = (label: number) => classNameOf(dataset, label);
  const hasNames = ownNames(namingOf(dataset)) !== null;
  const longest = Math.max(...classCounts.map((_, label) => nameOf(label).length));
  const height = hasNames ? BASELINE + 12 + LETTER * Math.min(longest, MAX_NAME) : HEIGHT;
  const even = count / classCounts.length;
  const highest = Math.max(...classCounts, even);
  const y = (of: number) => BASELINE - ((BASELINE - TOP) * of) / highest;
  const x = (label: number) => `${(100 * label) / classCounts.length}%`;
  const words = classCounts.map((of, label) => `${nameOf(label)}: ${of}`).join(", ");
  return (
    <ChartFrame
      title={title}
      detail={`entropy ${entropyWords(figures)}`}
      files={{
        name,
        csv: () => histogramCsv(figures, dataset),
        json: () => histogramJson(figures, dataset),
      }}
      numbers={() => ({
        columns: [noun === "digit" ? "Digit" : "Class", "Samples", "Share"],
        rows: classCounts.map((of, label) => [
          nameOf(label),
          formatCount(of),
          formatShare(of / count),
        ]),
      })}
    >
      <svg
        className={classes.histogram}
        height={height}
        role="img"
        aria-label={`${title}: ${words}`}
      >
        {classCounts.map((of, label) => (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a class is its index.
            key={label}
            fill="var(--run-1)"
            x={x(label + (1 - BAR_SHARE) / 2)}
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
        {classCounts.length <= MAX_NAMED &&
          classCounts.map((of, label) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a class is its index.
            <g key={label}>
              <text x={x(label + 0.5)} y={y(of) - 4}>
                {formatCount(of)}
              </text>
              {hasNames ? (
                // Read upwards, since a name is wider than its bar.
                <svg x={x(label + 0.5)} y={BASELINE + 6} className={classes.name} aria-hidden>
                  <title>{nameOf(label)}</title>
                  <text transform="rotate(-90)">{shortened(nameOf(label), MAX_NAME)}</text>
                </svg>
              ) : (
                <text x={x(label + 0.5)} y={HEIGHT - 4} className={classes.digit}>
                  {nameOf(label)}
                </text>
              )}
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
  /** By the class asked for and the class read, `[K][K]`. */
  confusion: number[][];
  /** Whose classes they are. */
  dataset: DatasetIdentity;
  /** The name of what was measured, after which the files are named. */
  name: string;
  /** Whether the samples can be shown. */
  hasImages: boolean;
}

/** Which classes are read when each is asked for; a number shows its samples. */
export function ConfusionMatrix({ confusion, dataset, name, hasImages }: ConfusionMatrixProps) {
  const store = useQuality();
  const shown = useQualityState((state) => state.cell);
  const noun = classNouns(dataset).one;
  const nameOf = (label: number) => classNameOf(dataset, label);
  const hasNames = ownNames(namingOf(dataset)) !== null;
  const headingOf = (label: number) =>
    hasNames ? (
      <span key={label} title={nameOf(label)}>
        {shortened(nameOf(label), MAX_NAME)}
      </span>
    ) : (
      nameOf(label)
    );
  const cellOf = (asked: number, read: number, count: number, share: number) => {
    if (count === 0) return null;
    const isShown = shown?.asked === asked && shown.read === read;
    const style = { background: ground(asked === read, share) };
    const title = cellWords(count, nameOf(asked), nameOf(read));
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
      detail={`a row for each ${noun} asked for, a column for each read`}
      files={{
        name,
        csv: () => confusionCsv(confusion, dataset),
        json: () => confusionJson(confusion, dataset),
      }}
    >
      <div style={{ overflowX: "auto" }}>
        <DataTable
          className={`${classes.matrix} ${hasNames ? classes.named : ""}`}
          columns={["", ...confusion.map((_, read) => headingOf(read)), "as asked"]}
          rows={confusion.map((row, asked) => {
            const count = row.reduce((sum, n) => sum + n, 0);
            const share = (n: number) => (count > 0 ? n / count : 0);
            return [
              headingOf(asked),
              ...row.map((n, read) => cellOf(asked, read, n, share(n))),
              count > 0 ? formatShare(share(row[asked] as number)) : "–",
            ];
          })}
        />
      </div>
    </ChartFrame>
  );
}

/** Blue on the diagonal. Elsewhere orange, which grows with the root: shares of a few hundredths are seen. */
function ground(isAsAsked: boolean, share: number): string {
  const tint = MOST_TINT * (isAsAsked ? share : Math.min(1, Math.sqrt(3 * share)));
  return `color-mix(in srgb, var(${isAsAsked ? "--run-1" : "--run-2"}) ${tint.toFixed(1)}%, transparent)`;
}

/** `3.29 of 3.32 bits` */
export function entropyWords(figures: Pick<ClassFigures, "classEntropy" | "classCounts">): string {
  return `${figures.classEntropy.toFixed(2)} of ${maxClassEntropy(figures).toFixed(2)} bits`;
}

/** The tooltip of a number in the table of classes. */
function cellWords(count: number, asked: string, read: string): string {
  return `${count} of the samples asked to be ${asked} are read as ${read}`;
}
