/** A pad to draw on by mouse, pen or finger. */
import type { PointerEvent } from "react";
import type { Stroke } from "./drawing.ts";

/** Side of the pad, in pixels of its canvas. */
export const PAD_SIZE = 448;

/** Width of the pen: as in MNIST, for a digit that fills the pad. */
const PEN = PAD_SIZE / 11;

/** Where the pointer has been since the last event, as shares of the pad: `x, y, x, y, …`. */
export function pointsOf(event: PointerEvent<HTMLCanvasElement>): number[] {
  const box = event.currentTarget.getBoundingClientRect();
  const coalesced = event.nativeEvent.getCoalescedEvents?.() ?? [];
  const events = coalesced.length > 0 ? coalesced : [event.nativeEvent];
  return events.flatMap(({ clientX, clientY }) => [
    (clientX - box.left) / box.width,
    (clientY - box.top) / box.height,
  ]);
}

export function paintStrokes(context: CanvasRenderingContext2D, strokes: readonly Stroke[]) {
  context.fillStyle = "#000";
  context.fillRect(0, 0, PAD_SIZE, PAD_SIZE);
  context.strokeStyle = "#fff";
  context.lineWidth = PEN;
  context.lineCap = "round";
  context.lineJoin = "round";
  // A soft edge, as the pen's in MNIST.
  context.shadowColor = "#fff";
  context.shadowBlur = PEN / 4;
  for (const stroke of strokes) {
    context.beginPath();
    for (let i = 0; i < stroke.length; i += 2) {
      context.lineTo((stroke[i] as number) * PAD_SIZE, (stroke[i + 1] as number) * PAD_SIZE);
    }
    // A dot is a line, too.
    if (stroke.length === 2) {
      context.lineTo((stroke[0] as number) * PAD_SIZE, (stroke[1] as number) * PAD_SIZE + 0.1);
    }
    context.stroke();
  }
}
