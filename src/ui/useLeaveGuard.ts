import { useEffect } from "react";
import { hasUnsaved, isActive } from "../store/run.ts";
import { useApp } from "./AppContext.ts";

/** The browser asks before it closes or leaves the page when a run would be lost, or its weights. */
export function useLeaveGuard(): void {
  const { store } = useApp();
  useEffect(() => {
    const onBeforeUnload = (event: BeforeUnloadEvent) => {
      const { run, newVersion } = store.getState();
      // It was said before the click that starts a new version.
      if (newVersion === "starting") return;
      if (isActive(run) || hasUnsaved(run)) event.preventDefault();
    };
    window.addEventListener("beforeunload", onBeforeUnload);
    return () => window.removeEventListener("beforeunload", onBeforeUnload);
  }, [store]);
}
