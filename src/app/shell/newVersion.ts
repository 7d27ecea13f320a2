/** The app kept on the device, for use without a network, and the newer version that may wait there. */
import type { AppStore } from "../state/store.ts";

/** Between two looks whether the other tabs are closed. */
const LOOK_MS = 500;

/**
 * Keeps the app on the device, with a service worker, and tells the store when a newer version is there.
 * Where that cannot be, on plain http or in some private windows, the page works as without.
 */
export async function keepOnDevice(store: AppStore): Promise<void> {
  try {
    const registration = await navigator.serviceWorker.register("sw.js");
    // Held as long as the page is there, for the others to see.
    navigator.locks
      ?.request(lockName(), { mode: "shared" }, () => new Promise(() => {}))
      .catch(() => {}); // Refused where site data are blocked.
    const offer = () => {
      // Without an active one it is the first, and takes its place by itself.
      if (registration.waiting && registration.active) store.setState({ newVersion: "waiting" });
    };
    const watch = () => registration.installing?.addEventListener("statechange", offer);
    registration.addEventListener("updatefound", watch);
    watch();
    offer();
  } catch {
    // The app is there, only not without a network.
  }
}

/** Replaces the old version by the one that waits, and reloads the page with it. */
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
  // Workbox' word for it.
  waiting.postMessage({ type: "SKIP_WAITING" });
}

/** Nothing tells that a lock goes, but asking for it, which would keep tabs to come from theirs. */
async function offerWhenClosed(store: AppStore): Promise<void> {
  const isRefused = () => store.getState().newVersion === "openElsewhere";
  while (isRefused()) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    if (!(await isOpenElsewhere()) && isRefused()) store.setState({ newVersion: "waiting" });
  }
}

/** Unknown where the browser has no locks or refuses them; then the person alone decides. */
async function isOpenElsewhere(): Promise<boolean> {
  try {
    const { held = [] } = await navigator.locks.query();
    return held.filter(({ name }) => name === lockName()).length > 1;
  } catch {
    return false;
  }
}

/** Of this app alone, where a host has more than one. */
function lockName(): string {
  return `open ${new URL(".", document.baseURI).href}`;
}
