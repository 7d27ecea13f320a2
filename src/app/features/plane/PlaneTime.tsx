import { Group, Slider, Text } from "@mantine/core";
import { useMemo } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import { PlayButton } from "../../shared/playback/PlayButton.tsx";
import { PlaybackOptions } from "../../shared/playback/PlaybackOptions.tsx";
import { type Playback, usePlayback } from "../../shared/playback/usePlayback.ts";
import classes from "./Plane.module.css";

/** Frames of the film: they last four seconds at the usual speed. */
const FILM_LENGTH = 240;

/**
 * Plays what the picture shows, and goes through it.
 *
 * @param props.playback its time is from 0, where the film begins, to 1
 * @param props.name of the slider
 * @param props.level how much noise there is; null where nothing is drawn
 */
export function PlaneTime({
  playback,
  name,
  level,
}: {
  playback: StoreApi<Playback & { time: number }>;
  name: string;
  level: { noise: number } | null;
}) {
  const time = useStore(playback, (state) => state.time);
  const player = useMemo(
    () => ({
      film: () => ({ length: FILM_LENGTH, durationMs: () => 1000 / 60 }),
      shown: () => Math.round(playback.getState().time * (FILM_LENGTH - 1)),
      show: (index: number) => playback.setState({ time: index / (FILM_LENGTH - 1) }),
    }),
    [playback],
  );
  usePlayback(playback, player);
  const words = level ? levelWords(level) : "";
  return (
    <Group gap="sm">
      <PlayButton playback={playback} variant="filled" disabled={!level} />
      <Slider
        className={classes.time ?? ""}
        size="sm"
        min={0}
        max={1}
        step={1 / (FILM_LENGTH - 1)}
        value={time}
        disabled={!level}
        thumbLabel={name}
        thumbValueText={words}
        onChange={(value) => playback.setState({ time: value, isPlaying: false })}
      />
      <Text size="xs" c="dimmed" miw={72}>
        {words}
      </Text>
      <PlaybackOptions playback={playback} />
    </Group>
  );
}

/** `noise 0.45` */
export function levelWords({ noise }: { noise: number }): string {
  return `noise ${noise.toFixed(2)}`;
}
