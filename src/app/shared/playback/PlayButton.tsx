import { ActionIcon, type ActionIconProps } from "@mantine/core";
import { useStore } from "zustand";
import { PauseIcon, PlayIcon } from "../icons.tsx";
import { type PlaybackStore, togglePlay } from "./usePlayback.ts";

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
