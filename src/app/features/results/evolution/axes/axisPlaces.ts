import { type PointerEvent, useRef } from "react";
import { evenIndices } from "../../../../../engine/config/snapshotSteps.ts";

type DragEvent = PointerEvent<HTMLDivElement>;

/** Distance from the edges of the pad and the sliders to their first and last places, in CSS pixels. */
const INSET = 14;
const GAP = 2;
/** Side of a picture of the pad, in CSS pixels. */
export const PICTURE = 2 * INSET - GAP;

/**
 * Where the pointer is across and down in the element, from 0 to 1.
 *
 * @param inset of 0 and 1 from its edges, in CSS pixels
 */
export function pointerPlace({ currentTarget, clientX, clientY }: DragEvent, inset = INSET) {
  const { left, top, width, height } = currentTarget.getBoundingClientRect();
  const along = (at: number, side: number) =>
    Math.min(1, Math.max(0, (at - inset) / Math.max(1, side - 2 * inset)));
  return { x: along(clientX - left, width), y: along(clientY - top, height) };
}

/** Position of a whole number from 0 to `max` between the insets; where `max` is 0, the end. */
export function percentAlong(value: number, max: number): string {
  return `${max > 0 ? (100 * value) / max : 100}%`;
}

/**
 * As many places of an axis as there is room for pictures, evenly chosen, and the centers of their
 * pictures along a side of the pad, in CSS pixels.
 */
export function evenPlaces(count: number, side: number): { index: number; at: number }[] {
  const most = Math.max(1, Math.floor((side + GAP) / (PICTURE + GAP)));
  const indices = evenIndices(count, most);
  const between = Math.max(0, side - 2 * INSET) / Math.max(1, indices.length - 1);
  const first = indices.length > 1 ? INSET : Math.max(INSET, side - INSET);
  return indices.map((index, i) => ({ index, at: first + i * between }));
}

/**
 * Pressing and dragging, where a finger that moves up or down scrolls the page: a finger has no effect
 * until it moves sideways or is lifted. The browser cancels the pointer of one that scrolls.
 */
export function useSideDrag(moveTo: (event: DragEvent) => void) {
  const startRef = useRef({ x: 0, y: 0 });
  const mayScroll = ({ pointerType, clientX, clientY }: DragEvent) => {
    const { x, y } = startRef.current;
    return pointerType === "touch" && Math.abs(clientX - x) <= Math.abs(clientY - y);
  };
  return {
    onPointerDown: (event: DragEvent) => {
      startRef.current = { x: event.clientX, y: event.clientY };
      if (event.pointerType !== "touch") moveTo(event);
    },
    onPointerMove: (event: DragEvent) => {
      if (event.buttons === 1 && !mayScroll(event)) moveTo(event);
    },
    onPointerUp: (event: DragEvent) => {
      if (event.pointerType === "touch") moveTo(event);
    },
  };
}
