import { Group, Text } from "@mantine/core";
import { type ReactNode, useRef } from "react";
import { useAppState } from "../../shared/AppContext.ts";
import { Explain } from "../../shared/explain/Explain.tsx";
import { Axes } from "./axes/Axes.tsx";
import { DigitStage } from "./DigitStage.tsx";
import classes from "./EvolutionView.module.css";
import { FilmControls } from "./FilmControls.tsx";
import { PlanePicture } from "./PlanePicture.tsx";
import { useShownDenoising, useWords } from "./ScrubberContext.ts";
import { keptStepsWords, keptWeightsWords } from "./text.ts";
import { useFilm } from "./useFilm.ts";
import { useScrubKeys } from "./useScrubKeys.ts";

/**
 * The digits, the plane of one of them, and what goes through both; within a `ScrubberContext` that has snapshots.
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
      <section className={`column ${classes.timeline}`} aria-label="Training and denoising">
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
