/** The service worker: use without a network, and newer versions of the app. */
import type { AppStore } from "../state/store.ts";

/**
 * Installs the service worker, and tells the store when a newer version waits. Not possible on plain http
 * and in some private windows.
 */
export async function keepOnDevice(store: AppStore): Promise<void> {
  try {
    const registration = await navigator.serviceWorker.register("sw.js");
    // Held while the page is open, so that other tabs can see it.
    navigator.locks
      ?.request(lockName(), { mode: "shared" }, () => new Promise(() => {}))
      .catch(() => {}); // Site data are blocked.
    const offer = () => {
      // Without an active one it is the first version, and activates by itself.
      if (registration.waiting && registration.active) store.setState({ newVersion: "waiting" });
    };
    const watch = () => registration.installing?.addEventListener("statechange", offer);
    registration.addEventListener("updatefound", watch);
    watch();
    offer();
  } catch {
    // The app works, but not without a network.
  }
}

/** Name of a lock of this app alone, where a host has more than one. */
export function lockName(): string {
  return `open ${new URL(".", document.baseURI).href}`;
}
