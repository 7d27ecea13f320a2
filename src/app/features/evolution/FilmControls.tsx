import { Button, SegmentedControl, Switch } from "@mantine/core";
import { useShallow } from "zustand/react/shallow";
import { PauseIcon, PlayIcon } from "../../shared/icons.tsx";
import type { FilmKind } from "../../state/slices/evolution.ts";
import classes from "./FilmControls.module.css";
import { usePosition, useScrubber } from "./ScrubberContext.ts";
import { SPEEDS } from "./scrubber.ts";
import { FILM_KINDS } from "./text.ts";

/** What is played, and how. */
export function FilmControls() {
  const scrubber = useScrubber();
  const { isPlaying, film, speed, isLooping } = usePosition(
    // Not its frame, which changes while it plays.
    useShallow(({ isPlaying, film, speed, isLooping }) => ({ isPlaying, film, speed, isLooping })),
  );
  const { setState } = scrubber.position;
  return (
    <div className={`row ${classes.controls}`}>
      <Button
        size="compact-md"
        w={96}
        leftSection={isPlaying ? <PauseIcon /> : <PlayIcon />}
        onClick={() => scrubber.togglePlay()}
      >
        {isPlaying ? "Pause" : "Play"}
      </Button>
      <SegmentedControl
        size="xs"
        aria-label="What the film goes through"
        data={Object.entries(FILM_KINDS).map(([kind, { label }]) => ({
          value: kind as FilmKind,
          label,
        }))}
        value={film}
        onChange={(kind) => setState({ film: kind })}
      />
      <SegmentedControl
        size="xs"
        aria-label="Speed of the film"
        data={SPEEDS.map((value) => ({ value, label: value === "0.5" ? "½×" : `${value}×` }))}
        value={speed}
        onChange={(next) => setState({ speed: next })}
      />
      <Switch
        size="xs"
        label="Loop"
        checked={isLooping}
        onChange={(event) => setState({ isLooping: event.currentTarget.checked })}
      />
      <span className={classes.hint}>
        Drag over the small pictures, or use the arrow keys; Space plays
      </span>
    </div>
  );
}
