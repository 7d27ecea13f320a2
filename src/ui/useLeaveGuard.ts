import { useEffect } from "react";
import { isActive } from "../store/run.ts";
import { useApp } from "./AppContext.ts";

/** While a run is active the browser asks before it closes or leaves the page: it would be lost. */
export function useLeaveGuard(): void {
  const { store } = useApp();
  useEffect(() => {
    const onBeforeUnload = (event: BeforeUnloadEvent) => {
      if (isActive(store.getState().run)) event.preventDefault();
    };
    window.addEventListener("beforeunload", onBeforeUnload);
    return () => window.removeEventListener("beforeunload", onBeforeUnload);
  }, [store]);
}
