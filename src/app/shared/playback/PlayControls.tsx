import { ActionIcon, type ActionIconProps, NativeSelect, Switch } from "@mantine/core";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { PauseIcon, PlayIcon } from "../icons.tsx";
import { type PlaybackStore, togglePlay } from "./usePlayback.ts";

const SPEEDS = [0.25, 0.5, 1, 2, 4];

interface PlayButtonProps extends ActionIconProps {
  playback: PlaybackStore;
  names?: { play: string; pause: string };
  title?: string;
}

/** Play, which becomes Pause. */
export function PlayButton({ playback, names, ...button }: PlayButtonProps) {
  const { play, pause } = names ?? { play: "Play", pause: "Pause" };
  const isPlaying = useStore(playback, (state) => state.isPlaying);
  return (
    <ActionIcon
      variant="default"
      size="lg"
      {...button}
      aria-label={isPlaying ? pause : play}
      onClick={() => togglePlay(playback)}
    >
      {isPlaying ? <PauseIcon /> : <PlayIcon />}
    </ActionIcon>
  );
}

/** How fast, and whether again and again. */
export function PlaybackOptions({ playback }: { playback: PlaybackStore }) {
  const { speed, isLooping } = useStore(
    playback,
    useShallow(({ speed, isLooping }) => ({ speed, isLooping })),
  );
  return (
    <>
      <NativeSelect
        size="xs"
        aria-label="Speed"
        data={SPEEDS.map((value) => ({ value: String(value), label: `${value}×` }))}
        value={String(speed)}
        onChange={({ currentTarget }) => playback.setState({ speed: Number(currentTarget.value) })}
      />
      <Switch
        size="xs"
        label="Loop"
        checked={isLooping}
        onChange={({ currentTarget }) => playback.setState({ isLooping: currentTarget.checked })}
      />
    </>
  );
}
