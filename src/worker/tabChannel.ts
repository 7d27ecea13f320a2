/** Tells other tabs of this page that something has changed: runs, or who trains. */
export class TabChannel {
  readonly #channel: BroadcastChannel | null =
    typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("diffusion-mnist");

  tell(): void {
    this.#channel?.postMessage(null);
  }

  /** Called when another tab has told; this tab's own words do not come back. */
  onMessage(call: () => void): void {
    this.#channel?.addEventListener("message", call);
  }
}
