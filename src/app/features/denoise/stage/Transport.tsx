import { Slider, Text } from "@mantine/core";
import { useMemo } from "react";
import { PlayButton, PlaybackOptions } from "../../../shared/images/Transport.tsx";
import {
  currentStop,
  type DenoiseState,
  movedTo,
  shownGenerations,
  stops,
} from "../state/denoise.ts";
import { shownStepWords } from "../text.ts";
import { useDenoise, useDenoiseState } from "../useDenoise.ts";
import classes from "./Stage.module.css";

const timesA = (state: DenoiseState) => shownGenerations(state).a?.times;
const timesB = (state: DenoiseState) => shownGenerations(state).b?.times;
const wordsA = (state: DenoiseState) => shownStepWords(state, "a");
const wordsB = (state: DenoiseState) =>
  shownGenerations(state).b ? shownStepWords(state, "b") : null;

/** The scrubber over the diffusion steps: play, pause, speed, loop. */
export function Transport() {
  const { store } = useDenoise();
  const [a, b] = [useDenoiseState(timesA), useDenoiseState(timesB)];
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stops follow from the times.
  const all = useMemo(() => stops(store.getState()), [store, a, b]);
  const stop = useDenoiseState((state) => currentStop(state, all));
  const isEmpty = all.length < 2;
  const [ofA, ofB] = [useDenoiseState(wordsA), useDenoiseState(wordsB)];
  const words = ofB === null ? [ofA] : [`A: ${ofA}`, `B: ${ofB}`];
  return (
    <div className={classes.transport}>
      <PlayButton playback={store} title="Space" disabled={isEmpty} />
      <Slider
        style={{ gridArea: "scrubber" }}
        min={0}
        max={Math.max(1, all.length - 1)}
        value={stop}
        disabled={isEmpty}
        label={null}
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
