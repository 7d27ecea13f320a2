import type { AppStore } from "../state/store.ts";
import { lockName } from "./newVersion.ts";

/** How often it is checked whether the other tabs are closed. */
const POLL_MS = 500;

/** Activates the version that waits, and reloads the page. */
export async function startNewVersion(store: AppStore): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  if (await isOpenElsewhere()) {
    if (store.getState().newVersion === "openElsewhere") return;
    store.setState({ newVersion: "openElsewhere" });
    return offerWhenClosed(store);
  }
  store.setState({ newVersion: "starting" });
  const waiting = registration?.waiting;
  if (!waiting) {
    window.location.reload();
    return;
  }
  waiting.addEventListener("statechange", () => {
    if (waiting.state === "activated") window.location.reload();
  });
  // What Workbox' service worker listens for.
  waiting.postMessage({ type: "SKIP_WAITING" });
}

/** Polls, since no event tells that a lock is released, and requesting it would block new tabs. */
async function offerWhenClosed(store: AppStore): Promise<void> {
  const isRefused = () => store.getState().newVersion === "openElsewhere";
  while (isRefused()) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    if (!(await isOpenElsewhere()) && isRefused()) store.setState({ newVersion: "waiting" });
  }
}

/** False where the browser has no locks or refuses them; then the person decides. */
async function isOpenElsewhere(): Promise<boolean> {
  try {
    const { held = [] } = await navigator.locks.query();
    return held.filter(({ name }) => name === lockName()).length > 1;
  } catch {
    return false;
  }
}
