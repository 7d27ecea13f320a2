/** What the page does while a run trains that nobody may be looking at: hidden, frozen by the browser, or with a screen that goes dark. */
import { formatDuration } from "../../../runtime/format.ts";
import { AWAKE_LOCK } from "../../../runtime/storage/locks.ts";
import { KEEPS_AWAKE, writeLocal } from "../localStorage.ts";
import { noticed } from "../slices/notices.ts";
import { goesOn } from "../slices/run.ts";
import type { AppStore } from "../store.ts";

/** Shorter freezes are not reported. */
const MIN_REPORTED_MS = 5000;

/** A hidden page may be closed or frozen without further events. */
export function saveWhenHidden({ saveCheckpoint }: { saveCheckpoint(): void }): void {
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") saveCheckpoint();
  });
  document.addEventListener("freeze", saveCheckpoint);
  window.addEventListener("pagehide", saveCheckpoint);
}

/** Tells how long training stood still, where the browser froze the page meanwhile (Page Lifecycle, Chromium alone). */
export function tellOfFreezing(store: AppStore): void {
  let frozenMs: number | null = null;
  document.addEventListener("freeze", () => {
    frozenMs = goesOn(store.getState().run) ? Date.now() : null;
  });
  document.addEventListener("resume", () => {
    const stoodMs = frozenMs === null ? 0 : Date.now() - frozenMs;
    frozenMs = null;
    if (stoodMs < MIN_REPORTED_MS) return;
    const message = `The browser paused this page in the background for ${formatDuration(stoodMs)}. Training has resumed from where it was. This does not happen while the page is visible.`;
    store.setState((state) => noticed(state, "Training stood still", message, { tone: "info" }));
  });
}

/**
 * Waits for a lock that the worker holds while it trains. Chrome, which since version 133 freezes pages in the background to
 * save energy, spares those that hold a lock which something waits for (`freezing-on-energy-saver`).
 */
export function holdOffFreezing(store: AppStore): void {
  let waiting: AbortController | null = null;
  store.subscribe(({ run }) => {
    // The worker has the lock before it tells of the run.
    const isNeeded = goesOn(run) && run.status !== null;
    if (isNeeded === (waiting !== null)) return;
    waiting?.abort();
    waiting = isNeeded ? new AbortController() : null;
    if (!waiting) return;
    const { signal } = waiting;
    // Ends by being aborted; or where there are no locks, which is no loss.
    navigator.locks?.request(AWAKE_LOCK, { signal }, () => {}).catch(() => {});
  });
}

const REFUSED = {
  title: "The screen may go dark",
  message:
    "The browser does not keep the screen awake now. Most often the battery is low, or the device saves energy.",
};

/** Keeps the screen awake while a run trains, where the person has asked for that. The browser takes the lock back while the page is hidden. */
export function keepScreenAwake(store: AppStore): void {
  let lock: WakeLockSentinel | null = null;
  let isAsking = false;
  const follow = async () => {
    const state = store.getState();
    const isSeen = document.visibilityState === "visible";
    const isNeeded = state.keepsAwake && goesOn(state.run) && isSeen;
    if (isAsking || isNeeded === (lock !== null)) return;
    if (lock) {
      await lock.release();
      lock = null;
      return;
    }
    isAsking = true;
    try {
      lock = await navigator.wakeLock.request("screen");
      lock.addEventListener("release", () => {
        lock = null;
      });
    } catch {
      if (document.visibilityState === "visible") {
        store.setState((state) =>
          noticed({ ...state, keepsAwake: false }, REFUSED.title, REFUSED.message, {
            tone: "info",
          }),
        );
      }
    }
    isAsking = false;
    // Training may have ended meanwhile.
    if (lock) await follow();
  };
  store.subscribe(({ keepsAwake }, before) => {
    if (keepsAwake !== before.keepsAwake) writeLocal(KEEPS_AWAKE, keepsAwake ? "yes" : null);
    void follow();
  });
  document.addEventListener("visibilitychange", follow);
}

/** Whether the browser can keep the screen awake at all. */
export const canKeepAwake = (): boolean => "wakeLock" in navigator;
