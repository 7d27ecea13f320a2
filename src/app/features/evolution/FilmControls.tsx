import { SegmentedControl } from "@mantine/core";
import { PlayButton } from "../../shared/playback/PlayButton.tsx";
import { PlaybackOptions } from "../../shared/playback/PlaybackOptions.tsx";
import classes from "./FilmControls.module.css";
import type { FilmKind } from "./place.ts";
import { usePosition, useScrubber } from "./ScrubberContext.ts";
import { FILM_KINDS } from "./text.ts";

/** What is played, and how. */
export function FilmControls() {
  const { position } = useScrubber();
  const film = usePosition((state) => state.film);
  return (
    <div className={`row ${classes.controls}`}>
      <PlayButton playback={position} variant="filled" />
      <SegmentedControl
        aria-label="What the film goes through"
        data={Object.entries(FILM_KINDS).map(([kind, { label }]) => ({
          value: kind as FilmKind,
          label,
        }))}
        value={film}
        onChange={(kind) => position.setState({ film: kind })}
      />
      <PlaybackOptions playback={position} />
      <span className={classes.hint}>
        Drag over the small pictures, or use the arrow keys; Space plays
      </span>
    </div>
  );
}
