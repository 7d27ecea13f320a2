import { Group, SegmentedControl, Text } from "@mantine/core";
import { useId } from "react";
import {
  newest,
  type Origin,
  type SamplesState,
  shownGeneration,
  showOrigin,
} from "../store/samples.ts";
import type { AppState } from "../store/state.ts";
import { useApp, useAppState, useThrottledState } from "./AppContext.ts";
import { DigitCanvas, NUM_NOISE_DIGITS } from "./DigitCanvas.tsx";
import { FrameSlider } from "./FrameSlider.tsx";
import { SampleForm } from "./SampleForm.tsx";
import classes from "./SamplePanel.module.css";
import { sampleCaption } from "./sampleCaption.ts";

const INTERVAL_MS = 100;
const selectSamples = (state: AppState) => state.samples;

/** The digits, on their way out of noise, and everything that makes or replays them. */
export function SamplePanel() {
  const samples = useThrottledState(selectSamples, INTERVAL_MS);
  const previewEvery = useAppState(({ run, config }) => (run?.config ?? config).previewEvery);
  const headingId = useId();
  const generation = shownGeneration(samples);
  const caption = sampleCaption(samples, previewEvery);

  return (
    <section className={classes.panel} aria-labelledby={headingId}>
      <Group justify="space-between" wrap="nowrap" mih={30}>
        <Text id={headingId} component="h2" size="lg" lh={1.3} fw={600}>
          Digits
        </Text>
        <ViewChoice samples={samples} />
      </Group>
      <DigitCanvas count={generation?.count ?? NUM_NOISE_DIGITS} label={caption} />
      <Text size="sm" className={classes.caption} title={caption}>
        {caption}
      </Text>
      <FrameSlider samples={samples} />
      <SampleForm />
    </section>
  );
}

/** Only once there are both kinds to look at. */
function ViewChoice({ samples }: { samples: SamplesState }) {
  const { store } = useApp();
  const hasBoth =
    newest(samples, "preview") !== null &&
    (newest(samples, "person") !== null || samples.requestedId !== null);
  if (!hasBoth) return null;
  const data: { value: Origin; label: string }[] = [
    { value: "preview", label: "Follow training" },
    { value: "person", label: "My sample" },
  ];
  return (
    <SegmentedControl
      size="xs"
      aria-label="Digits to show"
      data={data}
      value={samples.view}
      onChange={(view) => store.setState((state) => ({ samples: showOrigin(state.samples, view) }))}
    />
  );
}
