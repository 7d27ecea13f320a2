/**
 * Draws at once, and then at most once a frame of the screen after a change: changes come too often to
 * render React for each.
 *
 * @param subscribe calls back at a change; returns how to stop
 * @returns ends it
 */
export function drawOnChange(
  draw: () => void,
  subscribe?: (onChange: () => void) => () => void,
): () => void {
  let request: number | null = null;
  draw();
  const unsubscribe = subscribe?.(() => {
    request ??= requestAnimationFrame(() => {
      request = null;
      draw();
    });
  });
  return () => {
    unsubscribe?.();
    if (request !== null) cancelAnimationFrame(request);
  };
}
