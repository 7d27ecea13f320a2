import { Button, SegmentedControl, Switch } from "@mantine/core";
import { PauseIcon, PlayIcon } from "../../shared/icons.tsx";
import type { FilmKind } from "../../state/slices/evolution.ts";
import classes from "./FilmControls.module.css";
import { type Film, SPEEDS, type Speed } from "./useFilm.ts";

const KINDS: { value: FilmKind; label: string }[] = [
  { value: "training", label: "Training" },
  { value: "denoising", label: "Denoising" },
  { value: "both", label: "Both" },
];
const SPEED_CHOICES: { value: Speed; label: string }[] = SPEEDS.map((value) => ({
  value,
  label: value === "0.5" ? "½×" : `${value}×`,
}));

/** What is played, and how. */
export function FilmControls({ film }: { film: Film }) {
  return (
    <div className={`row ${classes.controls}`}>
      <Button
        size="compact-md"
        w={96}
        leftSection={film.isPlaying ? <PauseIcon /> : <PlayIcon />}
        onClick={film.toggle}
      >
        {film.isPlaying ? "Pause" : "Play"}
      </Button>
      <SegmentedControl
        size="xs"
        aria-label="What the film goes through"
        data={KINDS}
        value={film.kind}
        onChange={film.setKind}
      />
      <SegmentedControl
        size="xs"
        aria-label="Speed of the film"
        data={SPEED_CHOICES}
        value={film.speed}
        onChange={film.setSpeed}
      />
      <Switch
        size="xs"
        label="Loop"
        checked={film.isLooped}
        onChange={(event) => film.setIsLooped(event.currentTarget.checked)}
      />
      <span className={classes.hint}>
        Drag over the small pictures, or use the arrow keys; Space plays
      </span>
    </div>
  );
}
