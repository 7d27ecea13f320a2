import { ActionIcon, NativeSelect, Slider, Switch, Text } from "@mantine/core";
import { useMemo } from "react";
import type { DenoiseState } from "../../store/denoise.ts";
import { stopsOf } from "../../store/denoiseFrames.ts";
import { currentStop } from "../../store/denoiseScrubber.ts";
import { formatCount } from "../format.ts";
import { PauseIcon, PlayIcon } from "../icons.tsx";
import { useDenoise, useDenoiseState } from "./DenoiseContext.ts";
import classes from "./Stage.module.css";
import { movedTo, toggled } from "./scrubbing.ts";

const SPEEDS = [0.25, 0.5, 1, 2, 4];
const NO_TIMES: readonly number[] = [];
const timesA = ({ generations }: DenoiseState) => generations.a?.times ?? NO_TIMES;
const timesB = ({ generations }: DenoiseState) => generations.b?.times ?? NO_TIMES;

/** The scrubber over the diffusion steps: play, pause, speed, loop. */
export function Transport() {
  const { store } = useDenoise();
  const [a, b] = [useDenoiseState(timesA), useDenoiseState(timesB)];
  const stops = useMemo(
    () => stopsOf([a, b].filter(({ length }) => length > 0).map((times) => ({ times }))),
    [a, b],
  );
  const stop = useDenoiseState((state) => currentStop(state, stops));
  const isPlaying = useDenoiseState((state) => state.isPlaying);
  const speed = useDenoiseState((state) => state.speed);
  const isLooping = useDenoiseState((state) => state.isLooping);
  const isEmpty = stops.length < 2;
  const words = isEmpty ? "no steps yet" : levelWords(stops, stop);
  return (
    <div className={classes.transport}>
      <ActionIcon
        variant="default"
        size="lg"
        aria-label={isPlaying ? "Pause" : "Play"}
        title="Space"
        disabled={isEmpty}
        onClick={() => store.setState(toggled)}
      >
        {isPlaying ? <PauseIcon /> : <PlayIcon />}
      </ActionIcon>
      <Slider
        className={classes.scrubber ?? ""}
        color="var(--train)"
        min={0}
        max={Math.max(1, stops.length - 1)}
        value={stop}
        disabled={isEmpty}
        label={null}
        thumbLabel="Denoising step"
        thumbValueText={words}
        onChange={(next) => store.setState((state) => movedTo(state, next))}
      />
      <Text size="sm" className={classes.level}>
        {words}
      </Text>
      <NativeSelect
        size="xs"
        aria-label="Speed"
        data={SPEEDS.map((value) => ({ value: String(value), label: `${value} x` }))}
        value={String(speed)}
        onChange={({ currentTarget }) => store.setState({ speed: Number(currentTarget.value) })}
      />
      <Switch
        size="xs"
        label="Loop"
        checked={isLooping}
        onChange={({ currentTarget }) => store.setState({ isLooping: currentTarget.checked })}
      />
    </div>
  );
}

/** `step 18 of 50, t = 640` */
function levelWords(stops: readonly number[], stop: number): string {
  const t = stops[stop] ?? -1;
  const level = t < 0 ? "finished" : `t = ${formatCount(t)}`;
  return `step ${formatCount(stop)} of ${formatCount(stops.length - 1)}, ${level}`;
}
