import { Button, FileButton, Group, NativeSelect, SegmentedControl, Text } from "@mantine/core";
import {
  type DragEvent,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { IMAGE_SIZE } from "../../../engine/config/hyperparameters.ts";
import { withArticle } from "../../../runtime/format.ts";
import { BLANK, drawingInPlace } from "../../shared/images/drawing.ts";
import { PAD_SIZE, paintStrokes, pointsOf } from "../../shared/images/pad.ts";
import formClasses from "../../shared/network/Form.module.css";
import { useNetworks } from "../../shared/network/useNetworks.ts";
import classes from "./Draw.module.css";
import { imageKind, maskOf, type PartName, partOf } from "./state/drawStart.ts";
import { readPicture } from "./state/picture.ts";
import { withCleared, withOnPad, withPicture, withUndone } from "./state/startImage.ts";
import { useDraw, useDrawNaming, useDrawState } from "./useDraw.ts";

/** Side of a pixel of the image on it. */
const CELL = PAD_SIZE / IMAGE_SIZE;

/** What the pointer does on the pad: it draws a digit, or says which part is filled in. */
type Tool = "pen" | "mark" | "unmark";

const TOOLS: { value: Tool; label: string }[] = [
  { value: "pen", label: "Draw" },
  { value: "mark", label: "Mark" },
  { value: "unmark", label: "Unmark" },
];

const PARTS: Record<PartName, string> = {
  around: "around its lines",
  lower: "the lower half",
  upper: "the upper half",
  left: "the left half",
  right: "the right half",
  marked: "only what I mark",
};

/** The one image that digits begin with, to draw on, and to mark the part of it that is filled in. */
export function ImagePad() {
  const { store } = useDraw();
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const strokes = useDrawState((state) => state.strokes);
  const isFilling = useDrawState((state) => state.settings.start === "fill");
  const kind = useDrawState((state) => imageKind(state.settings));
  const picture = usePicture();
  const mask = useMask(picture);
  const marks = useDrawState((state) => state.marks);
  const canUndo = useDrawState((state) => state.padBefore.length > 0);
  const [chosenTool, setTool] = useState<Tool>("pen");
  const tools = TOOLS.filter(({ value }) => value !== "pen" || kind === "drawing");
  const tool = tools.some(({ value }) => value === chosenTool) ? chosenTool : "mark";
  const isAtWork = useRef(false);
  const { noun } = useDrawNaming();

  useEffect(() => {
    const context = canvasRef.current?.getContext("2d");
    if (!context) return;
    if (kind === "drawing") paintStrokes(context, strokes);
    else paintPicture(context, picture ?? BLANK);
    if (mask) paintMask(context, mask);
  }, [kind, strokes, picture, mask]);

  const isPen = kind === "drawing" && (!isFilling || tool === "pen");
  const canWork = isPen || (isFilling && picture !== null);
  const work = (event: PointerEvent<HTMLCanvasElement>) => {
    if (!isAtWork.current) return;
    const points = pointsOf(event);
    store.setState((state) => {
      const last = isPen ? state.strokes.at(-1) : state.marks.at(-1)?.points;
      const stroke = [...(last ?? []), ...points];
      if (isPen) return { strokes: [...state.strokes.slice(0, -1), stroke] };
      return { marks: [...state.marks.slice(0, -1), { stays: tool === "unmark", points: stroke }] };
    });
  };
  const begin = () =>
    store.setState((state) =>
      withOnPad(
        state,
        isPen
          ? { strokes: [...state.strokes, []] }
          : { marks: [...state.marks, { stays: tool === "unmark", points: [] }] },
      ),
    );
  const end = () => {
    isAtWork.current = false;
  };
  const isEmpty = kind === "drawing" && strokes.length === 0;
  return (
    <>
      <PictureDrop>
        <canvas
          ref={canvasRef}
          className={classes.pad}
          width={PAD_SIZE}
          height={PAD_SIZE}
          role="img"
          aria-label={
            isEmpty ? `An empty pad: draw ${withArticle(noun)}` : IMAGE_NAMES[kind ?? "drawing"]
          }
          onPointerDown={(event) => {
            if (event.button !== 0 || !canWork) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            isAtWork.current = true;
            begin();
            work(event);
          }}
          onPointerMove={work}
          onPointerUp={end}
          onPointerCancel={end}
        />
        {isEmpty && (
          <span className={`over ${classes.invitation}`} aria-hidden="true">
            {`${isFilling ? "Begin" : "Draw"} ${withArticle(noun)} here`}
          </span>
        )}
      </PictureDrop>
      {isFilling && picture && (
        <SegmentedControl
          fullWidth
          aria-label="What the pointer does on the pad"
          data={tools}
          value={tool}
          onChange={(next) => setTool(next as Tool)}
        />
      )}
      {isFilling && <PartField />}
      {picture && <MaskError />}
      {(isPen || isFilling) && (
        <Group gap={6}>
          <Button disabled={!canUndo} onClick={() => store.setState(withUndone)}>
            Undo
          </Button>
          <Button
            disabled={isEmpty || (kind !== "drawing" && marks.length === 0)}
            onClick={() => store.setState(withCleared)}
          >
            Clear
          </Button>
          {kind === "drawing" && (
            <Text size="xs" c="dimmed">
              By mouse, pen or finger.
              <span className={formClasses.keyHint}> With the keyboard, choose “Test image”.</span>
            </Text>
          )}
        </Group>
      )}
    </>
  );
}

const IMAGE_NAMES = {
  drawing: "Your drawing",
  digit: "The test image",
  own: "Your picture",
} as const;

/** The image on the pad, `[28, 28]`; null while there is none. */
function usePicture(): Uint8Array | null {
  return useDrawState(({ settings, strokes, images, own }) => {
    const kind = imageKind(settings);
    if (kind === "drawing") return drawingInPlace(strokes);
    return kind === "own" ? own : (images.get(settings.digit) ?? null);
  });
}

/** What stays of the image; null where nothing is filled in. */
function useMask(picture: Uint8Array | null): Uint8Array | null {
  const marks = useDrawState((state) => state.marks);
  const part = useDrawState(({ settings }) =>
    settings.start === "fill" ? partOf(settings) : null,
  );
  return useMemo(() => part && picture && maskOf(part, picture, marks), [part, picture, marks]);
}

/** Why what is marked cannot be filled in. */
function MaskError() {
  const session = useDraw();
  const networks = useNetworks();
  const error = useDrawState(() => session.requests(networks).errors.start);
  const isBegun = useDrawState((state) => state.marks.length > 0);
  if (!error) return null;
  return (
    <Text size="xs" c={isBegun ? "var(--mantine-color-error)" : "dimmed"} role="status">
      {error}
    </Text>
  );
}

/** Which part is filled in, by name; what was marked before goes. */
function PartField() {
  const { change } = useDraw();
  const part = useDrawState((state) => partOf(state.settings));
  return (
    <NativeSelect
      label="Fill in"
      classNames={{ root: formClasses.row ?? "" }}
      data={Object.entries(PARTS).map(([value, label]) => ({ value, label }))}
      value={part}
      onChange={({ currentTarget: { value } }) => change({ part: value as PartName })}
    />
  );
}

/** Takes a picture that is dropped on it. */
function PictureDrop({ children }: { children: ReactNode }) {
  const open = useOpenPicture();
  // What is prevented here the page leaves alone: all other files are its own.
  const onDragOver = (event: DragEvent) => {
    const items = [...event.dataTransfer.items];
    if (items.some(({ type }) => type.startsWith("image/"))) event.preventDefault();
  };
  const onDrop = (event: DragEvent) => {
    const files = [...event.dataTransfer.files];
    const file = files.find(({ type }) => type.startsWith("image/"));
    if (!file) return;
    event.preventDefault();
    void open.file(file);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: "Open a picture…" beside it does the same by a button.
    <div className={classes.padBox} onDragOver={onDragOver} onDrop={onDrop}>
      {children}
    </div>
  );
}

/** Opens a picture from a file, or says what is wrong with it. */
export function PictureButton() {
  const open = useOpenPicture();
  return (
    <Group gap={6}>
      <FileButton accept="image/*" onChange={(file) => file && void open.file(file)}>
        {(props) => <Button {...props}>Open a picture…</Button>}
      </FileButton>
      <Text size="xs" c={open.error ? "var(--mantine-color-error)" : "dimmed"} role="status">
        {open.error ?? "28 × 28 pixels, white on black; or drop it on the pad."}
      </Text>
    </Group>
  );
}

function useOpenPicture() {
  const { store } = useDraw();
  const error = useDrawState((state) => state.pictureError);
  return {
    error,
    async file(file: File) {
      const read = await readPicture(file);
      if (typeof read === "string") store.setState({ pictureError: read });
      else store.setState((state) => withPicture(state, read));
    },
  };
}

function paintPicture(context: CanvasRenderingContext2D, picture: Uint8Array) {
  for (const [place, gray] of picture.entries()) {
    context.fillStyle = `rgb(${gray} ${gray} ${gray})`;
    context.shadowBlur = 0;
    context.fillRect(...cellOf(place), CELL, CELL);
  }
}

/** Covers what is filled in. */
function paintMask(context: CanvasRenderingContext2D, mask: Uint8Array) {
  context.shadowBlur = 0;
  context.fillStyle = "rgb(255 140 40 / 45%)";
  for (const [place, stays] of mask.entries()) {
    if (stays === 0) context.fillRect(...cellOf(place), CELL, CELL);
  }
}

function cellOf(place: number): [x: number, y: number] {
  return [(place % IMAGE_SIZE) * CELL, Math.floor(place / IMAGE_SIZE) * CELL];
}
