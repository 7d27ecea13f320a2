import { Slider, Text } from "@mantine/core";
import { useShallow } from "zustand/react/shallow";
import { PlayButton } from "../../../shared/playback/PlayButton.tsx";
import { PlaybackOptions } from "../../../shared/playback/PlaybackOptions.tsx";
import {
  currentStop,
  type DenoiseState,
  movedTo,
  shownGenerations,
  stops,
} from "../state/denoise.ts";
import { SIDES } from "../state/denoiseSettings.ts";
import { shownStepWords } from "../text.ts";
import { useDenoise, useDenoiseState } from "../useDenoise.ts";
import classes from "./Stage.module.css";

function stepWords(state: DenoiseState): string[] {
  if (!shownGenerations(state).b) return [shownStepWords(state, "a")];
  return SIDES.map((side) => `${side.toUpperCase()}: ${shownStepWords(state, side)}`);
}

/** The scrubber over the diffusion steps: play, pause, speed, loop. */
export function StepSlider() {
  const { store } = useDenoise();
  const last = useDenoiseState((state) => stops(state).length - 1);
  const stop = useDenoiseState((state) => currentStop(state));
  const words = useDenoiseState(useShallow(stepWords));
  const isEmpty = last < 1;
  return (
    <div className={classes.transport}>
      <PlayButton playback={store} title="Space" disabled={isEmpty} />
      <Slider
        style={{ gridArea: "scrubber" }}
        max={Math.max(1, last)}
        value={stop}
        disabled={isEmpty}
        thumbLabel="Denoising step"
        thumbValueText={words.join("; ")}
        onChange={(next) => store.setState((state) => movedTo(state, next))}
      />
      <Text component="div" size="sm" className={classes.level}>
        {words.map((ofSide) => (
          <div key={ofSide}>{ofSide}</div>
        ))}
      </Text>
      <PlaybackOptions playback={store} />
    </div>
  );
}
