import { Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { useApp, useAppState } from "../shared/AppContext.ts";
import { ViewLink } from "../shared/parts/ViewLink.tsx";
import type { AppHandle } from "../state/actions.ts";
import type { ViewName } from "../state/slices/view.ts";
import type { AppState } from "../state/state.ts";

/** They show one run, so that without one they would be empty. */
const OF_A_RUN: readonly ViewName[] = ["evolution", "charts"];

/** Whether there is no run, nor one on its way. */
function hasNone({ run, stored, trainRequested }: AppState): boolean {
  return run === null && !trainRequested && stored.runs?.length === 0;
}

const loaded = (app: AppHandle) =>
  import("./exampleRun.ts").then((module) => module.exampleRun(app));

/** The page with the example run, where a view needs one; null where it does not, or where there is none to be had. */
export function useExampleRun(view: ViewName): AppHandle | null {
  const app = useApp();
  const isNeeded = useAppState(hasNone) && OF_A_RUN.includes(view);
  const [example, setExample] = useState<AppHandle | null>(null);
  useEffect(() => {
    if (!isNeeded) return;
    let isOver = false;
    app.once(loaded).then(
      (handle) => {
        if (!isOver) setExample(handle);
      },
      () => {
        // Offline, for example: then the view says in words what it would show.
      },
    );
    return () => {
      isOver = true;
    };
  }, [app, isNeeded]);
  return isNeeded ? example : null;
}

/** Says whose run one sees. */
export function ExampleNote() {
  return (
    <Text size="sm" px="md" py={6} c="dimmed" role="note">
      An example: Quick, three epochs on a processor, 24 minutes.{" "}
      <ViewLink view="train">Train your own</ViewLink>, and it will replace this example.
    </Text>
  );
}
