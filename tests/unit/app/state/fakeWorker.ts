import { beforeEach, vi } from "vitest";

/** Those that the test has started. */
export const startedWorkers: FakeWorker[] = [];

/** In place of the browser's; the test says what it says. */
export class FakeWorker extends EventTarget {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: { message: string; preventDefault(): void }) => void) | null = null;
  postMessage = vi.fn();
  ended = vi.fn();
  constructor() {
    super();
    startedWorkers.push(this);
  }
  terminate(): void {
    this.ended();
  }
}

/** Before each test of the file that calls it. */
export function withFakeWorkers(): void {
  beforeEach(() => {
    startedWorkers.length = 0;
    vi.stubGlobal("Worker", FakeWorker);
    return () => vi.unstubAllGlobals();
  });
}
