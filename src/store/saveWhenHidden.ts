import type { Client } from "./client.ts";

/** A hidden page may be closed or frozen without another word. */
export function saveWhenHidden(client: Client): void {
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") client.saveCheckpoint();
  });
  window.addEventListener("pagehide", () => client.saveCheckpoint());
}
