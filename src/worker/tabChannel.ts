/** Tells other tabs of this page that something has changed: runs, or who trains. */
export class TabChannel {
  readonly #channel = openChannel();

  tell(): void {
    this.#channel?.postMessage(null);
  }

  /** Called when another tab has told; this tab's own words do not come back. */
  onMessage(call: () => void): void {
    this.#channel?.addEventListener("message", call);
  }
}

/** Null in old browsers, and where site data are blocked, which Firefox and WebKit answer by throwing. */
function openChannel(): BroadcastChannel | null {
  try {
    return new BroadcastChannel("diffusion-mnist");
  } catch {
    return null;
  }
}
