import { Group } from "@mantine/core";
import { LegendEntry } from "../plot/Legend.tsx";
import { PlotPicture } from "../plot/PlotPicture.tsx";
import type { Plot } from "../plot/plot.ts";
import classes from "./ChartCard.module.css";
import { ChartFrame, type ChartFrameProps } from "./ChartFrame.tsx";

interface PlotCardProps extends ChartFrameProps {
  /** Null while there is nothing to see. */
  plot: Plot | null;
  files: NonNullable<ChartFrameProps["files"]>;
}

/** A chart of something else than the training, with its legend and its files; its children lie over the plot. */
export function PlotCard({ plot, files, children, ...frame }: PlotCardProps) {
  const series = plot?.series ?? [];
  const names = series.map(({ name }) => name).join(", ");
  return (
    <ChartFrame size="large" files={{ ...files, isEmpty: plot === null }} {...frame}>
      <Group className={classes.readout} gap="0 14px" align="flex-start" c="dimmed">
        {series.map((each) => (
          <LegendEntry key={each.key} series={each} />
        ))}
      </Group>
      <div className={classes.plot}>
        <PlotPicture plot={plot} label={`${frame.title}: ${names || "nothing yet"}`} />
        {children}
      </div>
    </ChartFrame>
  );
}
