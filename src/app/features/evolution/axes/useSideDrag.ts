import { type PointerEvent, useRef } from "react";

type DragEvent = PointerEvent<HTMLDivElement>;

/**
 * Pressing and dragging, where a finger that goes up or down scrolls the page: of a finger nothing
 * counts before it goes to the side or is lifted. The browser takes the pointer of one that scrolls.
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
