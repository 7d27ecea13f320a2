const DELAY_MS = 200;

/**
 * Until the graphics device has told of a fault of its own: that may come a moment after the errors
 * that follow from it.
 */
export function waitForDeviceError(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, DELAY_MS));
}
