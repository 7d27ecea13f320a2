import { Button, Group, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { messageOf } from "../../../../engine/messageOf.ts";
import { counted } from "../../../../runtime/format.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { drawingPixels, type Stroke } from "../../../shared/images/drawing.ts";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import { PAD_SIZE, paintStrokes, pointsOf } from "../../../shared/images/pad.ts";
import { ACTIONS } from "../../../state/actions.ts";
import classes from "./SymbolForm.module.css";
import { forgetDraft, nameError, networkChoices, symbolDraft, teach } from "./symbol.ts";
import { Variations } from "./Variations.tsx";

/** With fewer a network learns the drawings by heart, rather than the symbol. */
const [LEAST, ENOUGH] = [5, 20];

/** Where a person draws a symbol some times, and has a network learn it as a class of its own. */
export function SymbolForm({ onClose, onBack }: { onClose: () => void; onBack: () => void }) {
  const app = useApp();
  const { drawings, name } = useStore(symbolDraft);
  const setDrawings = (drawings: readonly Uint8Array[]) => symbolDraft.setState({ drawings });
  const [strokes, setStrokes] = useState<readonly Stroke[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const state = useAppState((state) => state);
  const choices = networkChoices(state);
  const [chosen, setChosen] = useState(0);
  const choice = choices[Math.min(chosen, choices.length - 1)];
  const wrongName = nameError(name, choice?.old?.images ?? null);
  const trainReason = ACTIONS.loadFiles.disabledReason(state);

  const add = () => {
    const pixels = drawingPixels(strokes);
    if (pixels) setDrawings([...drawings, pixels]);
    setStrokes([]);
  };
  const begin = async () => {
    if (!choice) return;
    setIsBusy(true);
    try {
      await teach(app, { name: name.trim(), drawings, old: choice.old });
      forgetDraft();
      onClose();
    } catch (error) {
      setProblem(messageOf(error));
      setIsBusy(false);
    }
  };
  const numMissing = LEAST - drawings.length;
  return (
    <Stack gap="sm">
      <Text size="sm" lh={1.45}>
        Draw the same symbol again and again, with the variation of your handwriting. Ten drawings
        are a start, {ENOUGH} are better.
      </Text>
      <div className={classes.columns}>
        <div>
          <Pad strokes={strokes} onChange={setStrokes} />
          <Group gap={6} mt={6}>
            <Button variant="filled" disabled={strokes.length === 0} onClick={add}>
              Add this drawing
            </Button>
            <Button
              variant="default"
              disabled={strokes.length === 0}
              onClick={() => setStrokes([])}
            >
              Clear
            </Button>
          </Group>
        </div>
        <Stack gap="xs">
          <Text size="xs" fw={600} role="status">
            {counted(drawings.length, "drawing")}
          </Text>
          <Drawings
            drawings={drawings}
            onRemove={(place) => setDrawings(drawings.filter((_, i) => i !== place))}
          />
          {drawings[0] && <Variations drawings={drawings[0]} />}
        </Stack>
      </div>
      <div className={classes.fields}>
        <TextInput
          label="Called"
          value={name}
          error={wrongName}
          onFocus={({ currentTarget }) => currentTarget.select()}
          onChange={({ currentTarget }) => symbolDraft.setState({ name: currentTarget.value })}
        />
        <NativeSelect
          label="Learned by"
          data={choices.map(({ label }, value) => ({ value: String(value), label }))}
          value={String(Math.min(chosen, choices.length - 1))}
          onChange={({ currentTarget }) => setChosen(Number(currentTarget.value))}
        />
      </div>
      <Text size="xs" c="dimmed" lh={1.45}>
        {choice?.help}
      </Text>
      {problem && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {problem}
        </Text>
      )}
      <Group gap="xs">
        <Button
          variant="filled"
          loading={isBusy}
          disabled={numMissing > 0 || wrongName !== null || trainReason !== null}
          title={trainReason ?? undefined}
          onClick={begin}
        >
          {choice?.old === null ? "Use these drawings" : "Teach it"}
        </Button>
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        {numMissing > 0 && (
          <Text size="xs" c="dimmed">
            {counted(numMissing, "more drawing")} at least
          </Text>
        )}
        {isBusy && (
          <Text size="xs" c="dimmed" role="status">
            Varying the drawings{choice?.old && ", and mixing them with old images"}…
          </Text>
        )}
      </Group>
    </Stack>
  );
}

interface PadProps {
  strokes: readonly Stroke[];
  onChange: (strokes: readonly Stroke[]) => void;
}

function Pad({ strokes, onChange }: PadProps) {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const current = useRef<Stroke[] | null>(null);
  useEffect(() => {
    const context = canvasRef.current?.getContext("2d");
    if (context) paintStrokes(context, strokes);
  }, [strokes]);
  const end = () => {
    current.current = null;
  };
  return (
    <canvas
      ref={canvasRef}
      className={classes.pad}
      width={PAD_SIZE}
      height={PAD_SIZE}
      role="img"
      aria-label="A pad to draw the symbol on, by mouse, pen or finger"
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        current.current = [...strokes, pointsOf(event)];
        onChange(current.current);
      }}
      onPointerMove={(event) => {
        const before = current.current;
        if (!before) return;
        current.current = [...before.slice(0, -1), [...(before.at(-1) ?? []), ...pointsOf(event)]];
        onChange(current.current);
      }}
      onPointerUp={end}
      onPointerCancel={end}
    />
  );
}

interface DrawingsProps {
  drawings: readonly Uint8Array[];
  onRemove: (place: number) => void;
}

function Drawings({ drawings, onRemove }: DrawingsProps) {
  return (
    <div className={classes.drawings}>
      {drawings.map((pixels, i) => (
        <button
          // biome-ignore lint/suspicious/noArrayIndexKey: a drawing is its place.
          key={i}
          type="button"
          title="Take it away"
          aria-label={`Take drawing ${i + 1} away`}
          onClick={() => onRemove(i)}
        >
          <ImageGrid pixels={pixels} className={classes.drawing} />
        </button>
      ))}
    </div>
  );
}
