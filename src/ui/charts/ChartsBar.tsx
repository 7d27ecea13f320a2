import { Button, SegmentedControl, Slider, Text } from "@mantine/core";
import { type ReactNode, useId } from "react";
import {
  type ChartOptions,
  MAX_SMOOTHING,
  type Scale,
  type XKind,
} from "../../store/chartOptions.ts";
import { useApp, useAppState } from "../AppContext.ts";
import { ExportRun } from "../ExportRun.tsx";
import classes from "./ChartsBar.module.css";
import { smoothingAt, smoothingPlace } from "./smoothingScale.ts";

const X_KINDS: { value: XKind; label: string }[] = [
  { value: "step", label: "Step" },
  { value: "epoch", label: "Epoch" },
  { value: "time", label: "Time" },
];
const SCALES: { value: Scale; label: string }[] = [
  { value: "linear", label: "Linear" },
  { value: "log", label: "Log" },
];

/** How all charts of the view are drawn. */
export function ChartsBar() {
  const { store } = useApp();
  const options = useAppState((state) => state.charts);
  const runId = useAppState((state) => state.run?.runId);
  const set = (changes: Partial<ChartOptions>) =>
    store.setState(({ charts }) => ({ charts: { ...charts, ...changes } }));
  const { smoothing } = options;
  return (
    <div className={classes.bar}>
      <h2 className={classes.title}>Charts</h2>
      <Choice label="Smoothing">
        <Slider
          className={classes.slider}
          color="var(--train)"
          size="sm"
          min={0}
          max={smoothingPlace(MAX_SMOOTHING)}
          step={1}
          value={smoothingPlace(smoothing)}
          label={null}
          thumbLabel="Smoothing"
          thumbValueText={smoothingWords(smoothing)}
          onChange={(place) => set({ smoothing: smoothingAt(place) })}
        />
        <span className={classes.smoothing}>{String(smoothing)}</span>
      </Choice>
      <Choice label="x">
        <SegmentedControl
          size="xs"
          aria-label="What is on the x axis"
          data={X_KINDS}
          value={options.x}
          // The window is in the axis' own unit.
          onChange={(x) => set({ x, zoom: null })}
        />
        <SegmentedControl
          size="xs"
          aria-label="Scale of the x axis"
          data={SCALES}
          value={options.xScale}
          onChange={(xScale) => set({ xScale })}
        />
      </Choice>
      <Choice label="Losses">
        <SegmentedControl
          size="xs"
          aria-label="Scale of the losses and the gradient norm"
          data={SCALES}
          value={options.yScale}
          onChange={(yScale) => set({ yScale })}
        />
      </Choice>
      <Button
        size="compact-xs"
        variant="default"
        disabled={options.zoom === null}
        onClick={() => set({ zoom: null })}
      >
        Reset zoom
      </Button>
      {runId !== undefined && <ExportRun runId={runId} />}
    </div>
  );
}

function Choice({ label, children }: { label: string; children: ReactNode }) {
  const id = useId();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a line everywhere
    <div className={classes.choice} role="group" aria-labelledby={id}>
      <Text id={id} span size="xs" c="dimmed">
        {label}
      </Text>
      {children}
    </div>
  );
}

function smoothingWords(smoothing: number): string {
  return smoothing === 0
    ? "0, none"
    : `${smoothing}, over some ${Math.round(1 / (1 - smoothing))} steps`;
}
