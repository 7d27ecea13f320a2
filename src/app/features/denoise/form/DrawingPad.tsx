import { Button, Group, Text } from "@mantine/core";
import { type PointerEvent, useEffect, useRef } from "react";
import classes from "../../../shared/network/Form.module.css";
import type { Stroke } from "../state/drawing.ts";
import { PAD } from "../text.ts";
import { useDenoise, useDenoiseState } from "../useDenoise.ts";

/** Side of the pad, in pixels of its canvas. */
const SIZE = 448;
/** Width of the pen: as in MNIST, for a digit that fills the pad. */
const PEN = SIZE / 11;

type Edit = (strokes: readonly Stroke[]) => readonly Stroke[];
const EDITS: Record<string, Edit> = { Undo: (all) => all.slice(0, -1), Clear: () => [] };

/** A digit by mouse, pen or finger. */
export function DrawingPad() {
  const { store } = useDenoise();
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const strokes = useDenoiseState((state) => state.strokes);
  const isDrawing = useRef(false);

  useEffect(() => {
    const context = canvasRef.current?.getContext("2d");
    if (context) paint(context, strokes);
  }, [strokes]);

  const change = (edit: Edit) => store.setState((state) => ({ strokes: edit(state.strokes) }));
  const draw = (event: PointerEvent<HTMLCanvasElement>) => {
    if (!isDrawing.current) return;
    const box = event.currentTarget.getBoundingClientRect();
    const coalesced = event.nativeEvent.getCoalescedEvents?.() ?? [];
    const events = coalesced.length > 0 ? coalesced : [event.nativeEvent];
    const points = events.flatMap(({ clientX, clientY }) => [
      (clientX - box.left) / box.width,
      (clientY - box.top) / box.height,
    ]);
    change((all) => [...all.slice(0, -1), [...(all.at(-1) ?? []), ...points]]);
  };
  const end = () => {
    isDrawing.current = false;
  };

  return (
    <>
      <div style={{ position: "relative" }}>
        <canvas
          ref={canvasRef}
          className={classes.pad}
          width={SIZE}
          height={SIZE}
          role="img"
          aria-label={strokes.length > 0 ? PAD.drawn : PAD.empty}
          onPointerDown={(event) => {
            if (event.button !== 0) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            isDrawing.current = true;
            change((all) => [...all, []]);
            draw(event);
          }}
          onPointerMove={draw}
          onPointerUp={end}
          onPointerCancel={end}
        />
        {strokes.length === 0 && (
          <span className={`over ${classes.invitation}`} aria-hidden="true">
            {PAD.invitation}
          </span>
        )}
      </div>
      <Group gap={6}>
        {Object.entries(EDITS).map(([label, edit]) => (
          <Button key={label} disabled={strokes.length === 0} onClick={() => change(edit)}>
            {label}
          </Button>
        ))}
        <Text size="xs" c="dimmed">
          {PAD.tools}
          <span className={classes.keyHint}> {PAD.keyHint}</span>
        </Text>
      </Group>
    </>
  );
}

function paint(context: CanvasRenderingContext2D, strokes: readonly Stroke[]) {
  context.fillStyle = "#000";
  context.fillRect(0, 0, SIZE, SIZE);
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
      context.lineTo((stroke[i] as number) * SIZE, (stroke[i + 1] as number) * SIZE);
    }
    // A dot is a line, too.
    if (stroke.length === 2) {
      context.lineTo((stroke[0] as number) * SIZE, (stroke[1] as number) * SIZE + 0.1);
    }
    context.stroke();
  }
}
