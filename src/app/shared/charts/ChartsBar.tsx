import { Button, Group, SegmentedControl, Slider, Text } from "@mantine/core";
import { type ReactNode, useId } from "react";
import type { EpochWord } from "../../../runtime/format.ts";
import {
  type ChartOptions,
  MAX_SMOOTHING,
  SCALE_CHOICES,
  smoothingAt,
  smoothingPlace,
  X_KINDS,
  type XKind,
} from "../../state/slices/chartOptions.ts";
import { useApp, useAppState } from "../AppContext.ts";
import classes from "./ChartsBar.module.css";

const X_LABELS: Record<XKind, string> = { step: "Step", epoch: "Epoch", time: "Wall time" };

interface ChartsBarProps {
  title: string;
  /** What an epoch is called. */
  epochs?: EpochWord;
  /** At its end, what else can be done. */
  children?: ReactNode;
}

/** How all charts of a view are drawn. */
export function ChartsBar({ title, epochs, children }: ChartsBarProps) {
  const { store } = useApp();
  const options = useAppState((state) => state.charts);
  const set = (changes: Partial<ChartOptions>) =>
    store.setState(({ charts }) => ({ charts: { ...charts, ...changes } }));
  const { smoothing } = options;
  return (
    <div className={`row ${classes.bar}`}>
      <h2 style={{ flex: 1 }}>{title}</h2>
      <Choice label="Smoothing">
        <Slider
          className={classes.slider}
          size="sm"
          max={smoothingPlace(MAX_SMOOTHING)}
          value={smoothingPlace(smoothing)}
          thumbLabel="Smoothing"
          thumbValueText={formatSmoothing(smoothing)}
          onChange={(place) => set({ smoothing: smoothingAt(place) })}
        />
        <Text span size="xs" miw="6ch">
          {String(smoothing)}
        </Text>
      </Choice>
      <Choice label="Horizontal axis">
        <SegmentedControl
          aria-label="Quantity on the horizontal axis"
          data={X_KINDS.map((value) => ({
            value,
            label: value === "epoch" && epochs === "phase" ? "Phase" : X_LABELS[value],
          }))}
          value={options.x}
          // The window is in the axis' own unit.
          onChange={(x) => set({ x, zoom: null })}
        />
        <SegmentedControl
          aria-label="Scale of the horizontal axis"
          data={SCALE_CHOICES}
          value={options.xScale}
          onChange={(xScale) => set({ xScale })}
        />
      </Choice>
      <Choice label="Loss axis">
        <SegmentedControl
          aria-label="Scale of the losses and the gradient norm"
          data={SCALE_CHOICES}
          value={options.yScale}
          onChange={(yScale) => set({ yScale })}
        />
      </Choice>
      <Button
        disabled={options.zoom === null}
        title={options.zoom === null ? "Drag across a chart to zoom in" : undefined}
        onClick={() => set({ zoom: null })}
      >
        Reset zoom
      </Button>
      {children}
    </div>
  );
}

function Choice({ label, children }: { label: string; children: ReactNode }) {
  const id = useId();
  return (
    <Group gap="4px 8px" role="group" aria-labelledby={id}>
      <Text id={id} span size="xs" c="dimmed">
        {label}
      </Text>
      {children}
    </Group>
  );
}

function formatSmoothing(smoothing: number): string {
  return smoothing === 0
    ? "0, none"
    : `${smoothing}, over some ${Math.round(1 / (1 - smoothing))} steps`;
}
