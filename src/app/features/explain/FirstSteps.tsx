import { Button, Text } from "@mantine/core";
import { useEffect, useEffectEvent, useRef } from "react";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { isActive } from "../../state/slices/run.ts";
import classes from "./FirstSteps.module.css";
import { rememberFirstSteps } from "./firstStepsState.ts";
import { FIRST_STEPS, type FirstStep } from "./text.ts";

/** Under this width, as in app.module.css, the parts of the page stand one below the other. */
const NARROW = "(max-width: 940px)";
const STILL = "(prefers-reduced-motion: reduce)";

/**
 * The first steps: a line above the page, and an outline around what the line is about. It covers
 * nothing, and the page works as usual meanwhile; Escape skips the rest.
 */
export default function FirstSteps() {
  const { store } = useApp();
  const index = useAppState((state) => state.firstStep ?? 0);
  const isTraining = useAppState((state) => isActive(state.run));
  const cardRef = useRef<HTMLElement>(null);
  const step = FIRST_STEPS[index];
  const isLast = index === FIRST_STEPS.length - 1;

  const end = () => {
    rememberFirstSteps(() => window.localStorage);
    // What the focus is on goes away; the first thing to do comes next.
    if (cardRef.current?.contains(document.activeElement)) {
      targetOf("train")?.querySelector("button")?.focus();
    }
    store.setState({ firstStep: null });
  };
  const endByKey = useEffectEvent((event: KeyboardEvent) => {
    const isForAnother = document.querySelector(":popover-open, dialog[open]") !== null;
    if (event.key === "Escape" && !event.defaultPrevented && !isForAnother) end();
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => endByKey(event);
    // Before the popover that a press of Escape closes is gone.
    document.addEventListener("keydown", onKey, { capture: true });
    return () => document.removeEventListener("keydown", onKey, { capture: true });
  }, []);

  const goOn = () => {
    const next = FIRST_STEPS[index + 1];
    if (!next) return end();
    store.setState({ firstStep: index + 1 });
    if (window.matchMedia(NARROW).matches) bringToSight(next);
  };

  // Training has begun: what was to be done is done.
  const goOnFromTrain = useEffectEvent(() => {
    if (step?.target === "train") goOn();
  });
  useEffect(() => {
    if (isTraining) goOnFromTrain();
  }, [isTraining]);

  if (!step) return null;
  return (
    <aside
      ref={cardRef}
      className={classes.line}
      data-first-steps-at={step.target}
      aria-label="First steps"
    >
      <Text size="sm" lh={1.4} aria-live="polite">
        <b>{step.title}.</b> {step.text}
      </Text>
      <div className={classes.buttons}>
        <Text size="xs" c="dimmed">
          {index + 1} of {FIRST_STEPS.length}
        </Text>
        {!isLast && (
          <Button size="compact-sm" variant="subtle" color="gray" onClick={end}>
            Skip
          </Button>
        )}
        <Button size="compact-sm" onClick={goOn}>
          {isLast ? "Done" : "Next"}
        </Button>
      </div>
    </aside>
  );
}

function targetOf(target: FirstStep["target"]): Element | null {
  return document.querySelector(`[data-first-step="${target}"]`);
}

function bringToSight({ target }: FirstStep): void {
  const behavior = window.matchMedia(STILL).matches ? "instant" : "smooth";
  targetOf(target)?.scrollIntoView({ block: "start", behavior });
}
