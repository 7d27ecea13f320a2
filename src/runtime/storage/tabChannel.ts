/** Tells other tabs of this page that something has changed: runs, or who trains. */
export class TabChannel {
  readonly #channel = openChannel();

  /** @param deletedRunId where a run was deleted */
  tell(deletedRunId: string | null = null): void {
    this.#channel?.postMessage(deletedRunId);
  }

  /** Called when another tab has told; this tab's own words do not come back. */
  onMessage(call: (deletedRunId: string | null) => void): void {
    this.#channel?.addEventListener("message", ({ data }) => call(data));
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
