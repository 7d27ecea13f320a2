import { Group, SegmentedControl, Text } from "@mantine/core";
import { type ReactNode, useMemo, useRef } from "react";
import { useAppState } from "../../../shared/AppContext.ts";
import { Explain } from "../../../shared/explain/Explain.tsx";
import { PlayButton } from "../../../shared/playback/PlayButton.tsx";
import { PlaybackOptions } from "../../../shared/playback/PlaybackOptions.tsx";
import { usePlayback } from "../../../shared/playback/usePlayback.ts";
import { Axes } from "./axes/Axes.tsx";
import { DigitStage } from "./DigitStage.tsx";
import classes from "./Evolution.module.css";
import { type FilmFrame, filmFrames, filmIndex } from "./film.ts";
import { PlanePicture } from "./PlanePicture.tsx";
import type { Shown } from "./scrubber.ts";
import { usePosition, useScrubber, useShownDenoising, useWords } from "./scrubber.ts";
import {
  FILM_KINDS,
  type FilmKind,
  HOW_TO_MOVE,
  keptStepsWords,
  keptWeightsWords,
} from "./text.ts";
import { useScrubKeys } from "./useScrubKeys.ts";

/**
 * The digits, the plane of one of them, and what goes through both; within a `ScrubberContext` that has snapshots. The
 * store has all snapshots of the run, the scrubber says at which of them one is, and everything here is drawn from these
 * two. The plane has all snapshots, and leaves out denoising steps where it has no room (`planeLayout.ts`).
 *
 * @param props.isPart whether it is a part of a page, whose keys are not all its own
 * @param props.children at the end of its head
 */
export function Evolution({
  isPart = false,
  children,
}: {
  isPart?: boolean;
  children?: ReactNode;
}) {
  const viewRef = useRef<HTMLDivElement>(null);
  useFilm();
  useScrubKeys(viewRef, isPart);
  return (
    <div ref={viewRef} className={classes.view}>
      <header className={`row ${classes.head}`}>
        <h2>Evolution</h2>
        <Explain note="evolution" />
        <Caption />
        {children}
      </header>
      <DigitStage />
      <PlanePicture />
      <section className="column" style={{ gridArea: "time" }} aria-label="Training and denoising">
        <FilmControls />
        <Axes />
      </section>
    </div>
  );
}

function Caption() {
  const { training, denoising } = useWords();
  const keptSteps = keptStepsWords(useShownDenoising());
  const keptWeights = useAppState(({ run }) => run && keptWeightsWords(run));
  return (
    <Group
      component="p"
      className={classes.caption}
      align="baseline"
      gap="0 var(--mantine-spacing-sm)"
      fz="sm"
      c="dimmed"
    >
      <Text span inherit fw={500} c="var(--mantine-color-text)">
        {training.slice(0, 1).toUpperCase() + training.slice(1)}
      </Text>
      {[denoising, keptSteps, keptWeights].map(
        (words) => words && <span key={words}>{words}</span>,
      )}
    </Group>
  );
}

/** What is played, and how. */
function FilmControls() {
  const { position } = useScrubber();
  const film = usePosition((state) => state.film);
  return (
    <Group gap="var(--mantine-spacing-xs) var(--mantine-spacing-md)" className={classes.film ?? ""}>
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
      <span className={classes.hint}>{HOW_TO_MOVE}</span>
    </Group>
  );
}

/** Plays the evolution from what is shown. */
function useFilm(): void {
  const scrubber = useScrubber();
  const kind = usePosition((position) => position.film);
  const player = useMemo(() => {
    let frames: FilmFrame[] = [];
    let snapshots: Shown["snapshots"] | null = null;
    return {
      film() {
        const shown = scrubber.shown();
        if (!shown) return null;
        // A run in training adds snapshots while it plays.
        if (snapshots !== shown.snapshots) {
          frames = filmFrames(kind, { snapshots: shown.snapshots, shown: shown.index });
          snapshots = shown.snapshots;
        }
        const durationMs = (index: number) => frames[index]?.durationMs ?? 0;
        return { length: frames.length, durationMs };
      },
      shown() {
        const { index: snapshot = 0, frame = 0 } = scrubber.shown() ?? {};
        return filmIndex(frames, { snapshot, frame }, kind);
      },
      show(index: number) {
        const frame = frames[index];
        if (frame) scrubber.play({ index: frame.snapshot, frame: frame.frame });
      },
    };
  }, [kind, scrubber]);
  usePlayback(scrubber.position, player);
}
