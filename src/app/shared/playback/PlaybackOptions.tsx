import { NativeSelect, Switch } from "@mantine/core";
import { useStore } from "zustand";
import type { PlaybackStore } from "./usePlayback.ts";

const SPEEDS = [0.25, 0.5, 1, 2, 4];

/** How fast, and whether again and again. */
export function PlaybackOptions({ playback }: { playback: PlaybackStore }) {
  const speed = useStore(playback, (state) => state.speed);
  const isLooping = useStore(playback, (state) => state.isLooping);
  return (
    <>
      <NativeSelect
        aria-label="Speed"
        data={SPEEDS.map((value) => ({ value: String(value), label: `${value}×` }))}
        value={String(speed)}
        onChange={({ currentTarget }) => playback.setState({ speed: Number(currentTarget.value) })}
      />
      <Switch
        label="Loop"
        checked={isLooping}
        onChange={({ currentTarget }) => playback.setState({ isLooping: currentTarget.checked })}
      />
    </>
  );
}
