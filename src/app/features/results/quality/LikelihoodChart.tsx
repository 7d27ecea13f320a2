import { Text } from "@mantine/core";
import type { ObjectiveId } from "../../../../engine/diffusion/objectives.ts";
import { type Likelihood, noLikelihoodReason } from "../../../../engine/quality/figures.ts";
import { formatCount } from "../../../../runtime/format.ts";
import { PlotCard } from "../../../shared/charts/ChartCard.tsx";
import { ChartFrame, type ChartNumbers } from "../../../shared/charts/ChartFrame.tsx";
import { OTHER_AXIS, type Plot, plotOf } from "../../../shared/plot/plot.ts";
import { likelihoodWords } from "./measuredWords.ts";
import classes from "./Quality.module.css";
import { likelihoodCsv, likelihoodJson } from "./qualityFiles.ts";

const TITLE = "Bits per dimension";

/** How likely the network finds images that it has not seen, and at which timesteps the bits are. */
export function LikelihoodChart({
  likelihood,
  objective,
  name,
}: {
  likelihood: Likelihood | null;
  /** What the measured network predicts. */
  objective: ObjectiveId;
  /** The name of what was measured, after which the files are named. */
  name: string;
}) {
  if (!likelihood) {
    return (
      <ChartFrame title={TITLE} note="likelihood">
        <Text size="sm" c="dimmed" lh={1.4}>
          This network has none: {noLikelihoodReason(objective)}.
        </Text>
      </ChartFrame>
    );
  }
  return (
    <div className={classes.likelihood}>
      <PlotCard
        title={TITLE}
        detail={`at most ${likelihoodWords(likelihood)}`}
        note="likelihood"
        plot={likelihoodPlot(likelihood)}
        files={{
          name,
          csv: () => likelihoodCsv(likelihood),
          json: () => likelihoodJson(likelihood),
        }}
        numbers={() => likelihoodNumbers(likelihood)}
      />
      <Text size="xs" c="dimmed" mt={6}>
        {partsWords(likelihood)}
      </Text>
    </div>
  );
}

/**
 * The mean term of a timestep, from t = 1 on: that of t = 0, of another kind, is so large that it would flatten the rest.
 * Each range of timesteps has its mean at the geometric middle, where a term that falls as 1 / t has it, too.
 */
export function likelihoodPlot({ terms }: Likelihood): Plot {
  const curve = terms.filter(({ from }) => from > 0);
  const ts = curve.map(({ from, to }) => Math.sqrt(from * to));
  const series = {
    key: "term",
    name: "bits of each timestep",
    color: "var(--run-1)",
    style: "dots",
    steps: ts,
    xs: ts,
    values: curve.map(({ from, to, bits }) => bits / (to - from + 1)),
  } as const;
  return plotOf([series], {
    xName: "Timestep t",
    xScale: "log",
    window: { from: 1, to: terms.at(-1)?.to ?? 1 },
    yScale: "log",
    ...OTHER_AXIS,
  });
}

function likelihoodNumbers({ prior, terms }: Likelihood): ChartNumbers {
  const ranges = terms.map(({ from, to, bits }) => [
    from === to ? `${from}` : `${from} to ${to}`,
    bits.toFixed(4),
    (bits / (to - from + 1)).toPrecision(3),
  ]);
  return {
    columns: ["Timesteps t", "Bits together", "Bits of each"],
    rows: [...ranges, ["prior", prior.toFixed(4), ""]],
  };
}

/** `… with 32 test images: 1.28 bits are at t = 0, for the exact gray levels, 0.74 at the timesteps drawn here, 0.00 in the prior.` */
export function partsWords({ count, prior, terms }: Likelihood): string {
  const [first = 0, ...others] = terms.map(({ bits }) => bits);
  const rest = others.reduce((sum, bits) => sum + bits, 0);
  return `Lower is better. Measured with ${formatCount(count)} test images: ${first.toFixed(2)} bits are at t\u00a0=\u00a00, for the exact gray levels, ${rest.toFixed(2)} at the timesteps drawn here, ${prior.toFixed(2)} in the prior.`;
}
