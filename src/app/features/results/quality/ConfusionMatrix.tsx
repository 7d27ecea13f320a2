import { UnstyledButton } from "@mantine/core";
import { formatShare } from "../../../../runtime/format.ts";
import { ChartFrame } from "../../../shared/charts/ChartFrame.tsx";
import { DataTable } from "../../../shared/parts/DataTable.tsx";
import classes from "./ConfusionMatrix.module.css";
import { OTHER_SAMPLES, useQuality, useQualityState } from "./quality.ts";
import { confusionCsv, confusionJson } from "./qualityFiles.ts";
import { CONFUSION_DETAIL, cellWords } from "./text.ts";

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
      detail={CONFUSION_DETAIL}
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
