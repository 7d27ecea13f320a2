import { Text } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { useNounOfSet } from "../../shared/network/useNaming.ts";
import { LinkButton } from "../../shared/parts/LinkButton.tsx";
import { readLocal, writeLocal } from "../../state/localStorage.ts";
import type { AppState } from "../../state/state.ts";
import { storedBefore } from "./storedBefore.ts";

/** The browser stores under this key that they were gone through or skipped; any value counts. */
export const FIRST_STEPS_KEY = "first-steps";

/** On a first visit each is a sentence at the control that it speaks of. `runStarted` leads from the first to the second. */
export const FIRST_STEPS = [
  {
    at: "train",
    text: "Press Train: a small neural network learns to draw handwritten digits, right here in your browser.",
    ofImages:
      "Press Train: a small neural network learns to draw images like yours, right here in your browser.",
    next: "Skip the tour",
  },
  {
    at: "digits",
    text: "Your own network draws these, always from the same noise, better and better as it learns.",
    next: "Next",
  },
  {
    at: "loss",
    text: "This is the network’s error. It falls fast at first, then slowly. Look around as you like: training continues in the meantime.",
    next: "Got it",
  },
] as const;

/** False where the browser stores nothing: they would come again at every visit. */
export function areFirstStepsDue(): boolean {
  // Whoever has runs has been here before.
  return readLocal(FIRST_STEPS_KEY) === null && storedBefore() === null;
}

/** The one that is shown: whatever else there is to read comes first. */
export function shownFirstStep({
  firstStep,
  notices,
  stored,
}: Pick<AppState, "firstStep" | "notices" | "stored">) {
  const hasNews = notices.length > 0 || (stored.addressed?.problem ?? null) !== null;
  return firstStep === null || hasNews ? null : (FIRST_STEPS[firstStep] ?? null);
}

/** The first step where it is the turn of this one; Escape skips the rest. */
export function FirstStep({ at }: { at: (typeof FIRST_STEPS)[number]["at"] }) {
  const step = useAppState(shownFirstStep);
  return step?.at === at ? <Step step={step} /> : null;
}

function Step({ step }: { step: (typeof FIRST_STEPS)[number] }) {
  const { store } = useApp();
  const noun = useNounOfSet();
  const text = noun !== "digit" && "ofImages" in step ? step.ofImages : step.text;
  const end = () => {
    writeLocal(FIRST_STEPS_KEY, "done");
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
    if (step.at === "digits") store.setState({ firstStep: FIRST_STEPS.indexOf(step) + 1 });
    else end();
  };
  return (
    <aside aria-label="First steps">
      <Text size="sm" lh={1.35}>
        {text} <LinkButton onClick={goOn}>{step.next}</LinkButton>
      </Text>
    </aside>
  );
}
