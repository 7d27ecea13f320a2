import { Button, Group, Text } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { useEffect, useEffectEvent, useRef } from "react";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import classes from "./FirstSteps.module.css";
import { rememberFirstSteps, showsOwnDigits } from "./firstStepsState.ts";
import { FIRST_STEPS, type FirstStep } from "./text.ts";

/** Under this width, as in app.module.css, the parts of the page stand one below the other. */
const NARROW = "(max-width: 940px)";

/**
 * The first steps: a line above the page, and an outline around what the line is about. It covers
 * nothing, and the page works as usual meanwhile; Escape skips the rest.
 */
export default function FirstSteps() {
  const { store } = useApp();
  const index = useAppState((state) => state.firstStep ?? 0);
  const hasRun = useAppState((state) => state.run !== null);
  const isOwn = useAppState(showsOwnDigits);
  const lineRef = useRef<HTMLElement>(null);
  const step = FIRST_STEPS[index];
  const isLast = index === FIRST_STEPS.length - 1;

  const end = () => {
    rememberFirstSteps();
    // The focused button goes away, so the focus moves to the first thing to do.
    if (lineRef.current?.contains(document.activeElement)) {
      targetOf("train")?.querySelector("button")?.focus();
    }
    store.setState({ firstStep: null });
  };
  // Captured before the popover that a press of Escape closes is gone.
  useWindowEvent(
    "keydown",
    (event) => {
      const isForAnother = document.querySelector(":popover-open, dialog[open]") !== null;
      if (event.key === "Escape" && !event.defaultPrevented && !isForAnother) end();
    },
    true,
  );

  const goOn = () => {
    const next = FIRST_STEPS[index + 1];
    if (!next) return end();
    store.setState({ firstStep: index + 1 });
    if (window.matchMedia(NARROW).matches) {
      const behavior = store.getState().samples.isStill ? "instant" : "smooth";
      targetOf(next.target)?.scrollIntoView({ block: "start", behavior });
    }
  };

  // Training has begun, here or in another view, so this step is done. The page does not scroll: Pause stays in sight.
  const goOnFromTrain = useEffectEvent(() => {
    if (step?.target === "train") store.setState({ firstStep: index + 1 });
  });
  useEffect(() => {
    if (hasRun) goOnFromTrain();
  }, [hasRun]);

  if (!step) return null;
  return (
    <aside
      ref={lineRef}
      className={classes.line}
      data-first-steps-at={step.target}
      aria-label="First steps"
    >
      <Text size="sm" lh={1.4} aria-live="polite">
        <b>{step.title}.</b> {isOwn && step.textOfRun ? step.textOfRun : step.text}
      </Text>
      <Group gap={6} wrap="nowrap" flex="none">
        <Text size="xs" c="dimmed" mr="auto">
          {index + 1} of {FIRST_STEPS.length}
        </Text>
        {!isLast && (
          <Button size="compact-sm" variant="subtle" color="gray" onClick={end}>
            Skip
          </Button>
        )}
        <Button size="compact-sm" variant="filled" onClick={goOn}>
          {isLast ? "Done" : "Next"}
        </Button>
      </Group>
    </aside>
  );
}

function targetOf(target: FirstStep["target"]): Element | null {
  return document.querySelector(`[data-first-step="${target}"]`);
}
