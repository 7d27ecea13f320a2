/**
 * The plane of the chosen digit, with a row for each snapshot and a column for each denoising step: on
 * the screen, where steps that have no room are left out (`planeLayout.ts`), and whole as a picture to
 * be saved. At the end stands what paints many digits on one canvas, which the pad of `Axes.tsx` uses
 * as well.
 */
import { Text } from "@mantine/core";
import { useElementSize, useMediaQuery } from "@mantine/hooks";
import { type PointerEvent, useCallback, useEffect, useMemo, useRef } from "react";
import { IMAGE_SIZE, NUM_PIXELS } from "../../../../engine/config/hyperparameters.ts";
import { formatCount } from "../../../../runtime/format.ts";
import type { Snapshot } from "../../../../runtime/run/events.ts";
import { cellCorner, gridLayout } from "../../../shared/images/digitGrid.ts";
import { drawOnChange } from "../../../shared/images/drawOnChange.ts";
import { imagePainter } from "../../../shared/images/ImageGrid.tsx";
import { requireReadableCanvas } from "../../../shared/images/readableCanvas.ts";
import { numSteps } from "../../../state/slices/generation.ts";
import { type Denoising, digitOnAxis, timestepAt } from "./denoisingAxis.ts";
import classes from "./Evolution.module.css";
import {
  cellAt,
  cellPlace,
  columnOf,
  type PlaneLayout,
  planeLayout,
  ROW_HEAD,
  wholePlane,
} from "./planeLayout.ts";
import {
  type Shown,
  sampleWords,
  useAxisDenoising,
  useClassRows,
  useDrawing,
  useNounOfRun,
  useScrubber,
  useShown,
} from "./scrubber.ts";

/** Pointing at a picture shows it until the pointer leaves; a click stays there. */
export function PlanePicture() {
  const { ref, width, height } = useElementSize();
  // On a phone it stands below the rest, as high as it needs to be.
  const isBelow = useMediaQuery("(max-width: 940px)");
  const digit = useShown((shown) => shown.digit);
  const numRows = useShown((shown) => shown.snapshots.length);
  const denoising = useAxisDenoising();
  const numColumns = denoising.numFrames;
  const layout = useMemo(() => {
    const box = { width, height: isBelow ? Number.POSITIVE_INFINITY : height };
    return planeLayout({ numRows, numColumns, ...box });
  }, [numRows, numColumns, width, height, isBelow]);
  return (
    <section
      className="column"
      style={{ gridArea: "plane", minHeight: 0, gap: 4 }}
      aria-label={`Whole evolution of sample ${digit + 1}`}
    >
      <h3>
        {sampleWords(digit, useClassRows())}, its whole evolution{" "}
        <Text span inherit fw={400} c="dimmed">
          {planeWords(layout.columns.length, denoising)}
        </Text>
      </h3>
      {/* What scrolls must be reached by key. */}
      <div
        ref={ref}
        className={classes.planeBox}
        data-plane
        tabIndex={layout.height > height ? 0 : undefined}
      >
        {width > 0 && <Pictures layout={layout} denoising={denoising} />}
      </div>
    </section>
  );
}

/** What a plane with so many columns shows, the noise before the first step among them. */
export function planeWords(numColumns: number, of: Denoising): string {
  const steps =
    numColumns > numSteps(of)
      ? "a column for each denoising step"
      : `columns for ${formatCount(numColumns - 1)} of ${formatCount(numSteps(of))} denoising steps`;
  return `a row for each snapshot, ${steps}`;
}

function Pictures({ layout, denoising }: { layout: PlaneLayout; denoising: Denoising }) {
  const scrubber = useScrubber();
  const cursorRef = useRef<HTMLDivElement>(null);
  /** The row that was last scrolled into view, and the size of the box then; else nobody could scroll away from it. */
  const broughtIntoView = useRef("");
  const snapshots = useShown((shown) => shown.snapshots);
  const digit = useShown((shown) => shown.digit);
  const noun = useNounOfRun();
  const paint = useCallback(
    (context: CanvasRenderingContext2D) =>
      paintPlane(context, layout, { snapshots, digit, denoising }),
    [layout, snapshots, digit, denoising],
  );

  const move = useCallback(
    ({ index, frame }: Shown) => {
      const cursor = cursorRef.current;
      const box = cursor?.closest("[data-plane]");
      if (!cursor || !box) return;
      const { x, y } = cellPlace(layout, index, columnOf(layout, frame));
      cursor.style.translate = `${x}px ${y}px`;
      // Nothing may move under the pointer.
      if (scrubber.position.getState().pointedFrame !== null) return;
      const brought = `${index} ${box.clientWidth} ${box.clientHeight}`;
      if (broughtIntoView.current === brought) return;
      broughtIntoView.current = brought;
      // Not `scrollIntoView`, which would scroll the page as well.
      const least = y + layout.picture - box.clientHeight;
      box.scrollTop = Math.max(least, Math.min(box.scrollTop, y));
    },
    [layout, scrubber],
  );
  useDrawing(move);

  const placeOf = ({ currentTarget, clientX, clientY }: PointerEvent<HTMLDivElement>) => {
    const { left, top } = currentTarget.getBoundingClientRect();
    const { row, column } = cellAt(layout, clientX - left, clientY - top);
    return { index: row, frame: layout.columns[column] ?? 0 };
  };
  return (
    <div
      className={classes.pictures}
      style={{ width: layout.width, height: layout.height }}
      onPointerMove={(event) => {
        const { index, frame } = placeOf(event);
        const step = snapshots[index]?.step;
        if (event.buttons === 1) scrubber.go({ index, frame });
        else if (step !== undefined) scrubber.pointAt({ step, frame });
      }}
      onPointerLeave={() => scrubber.pointAt(null)}
      onPointerDown={(event) => scrubber.go(placeOf(event))}
    >
      <PaintedCanvas
        label={`Sample ${digit + 1}: ${layout.numRows} snapshots, one below the other, each from noise to ${noun}`}
        width={layout.width}
        height={layout.height}
        paint={paint}
      />
      <div
        ref={cursorRef}
        className={classes.planeCursor}
        style={{ width: layout.picture, height: layout.picture }}
      />
    </div>
  );
}

interface PlaneSubject {
  snapshots: readonly Snapshot[];
  digit: number;
  denoising: Denoising;
}

const FILE_SCALE = 2;
const PAPER = "#ffffff";
const INK = "#333333";

/**
 * A digit's whole plane with its words, at twice its size, on white.
 *
 * @throws Error when it is larger than the browser's largest picture, or no canvas can be read
 */
export async function planePng(subject: PlaneSubject): Promise<Uint8Array<ArrayBuffer>> {
  requireReadableCanvas();
  const layout = wholePlane(subject.snapshots.length, subject.denoising.numFrames);
  const canvas = document.createElement("canvas");
  canvas.width = layout.width * FILE_SCALE;
  canvas.height = layout.height * FILE_SCALE;
  const context = canvas.getContext("2d");
  if (context) {
    context.scale(FILE_SCALE, FILE_SCALE);
    context.fillStyle = PAPER;
    context.fillRect(0, 0, layout.width, layout.height);
    context.fillStyle = INK;
    paintPlane(context, layout, subject);
  }
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
  if (!blob) throw new Error("The picture is larger than this browser can make.");
  return new Uint8Array(await blob.arrayBuffer());
}

/** @param context empty, in CSS pixels, with the color of the words */
function paintPlane(
  context: CanvasRenderingContext2D,
  layout: PlaneLayout,
  subject: PlaneSubject,
): void {
  const { snapshots, digit, denoising } = subject;
  paintWords(context, layout, subject);
  const isWhole = Number.isInteger((layout.picture * context.getTransform().a) / IMAGE_SIZE);
  context.imageSmoothingEnabled = !isWhole;
  context.imageSmoothingQuality = "high";
  const pictures = snapshots.flatMap((snapshot, row) =>
    layout.columns.map((frame, column) => ({
      pixels: digitOnAxis(snapshot, { frame, axis: denoising.numFrames, digit }),
      ...cellPlace(layout, row, column),
    })),
  );
  paintPictures(context, pictures, layout.picture);
}

const FONT = "11px system-ui, sans-serif";

/** Room for a label above a column, and height of one before a row, in CSS pixels. */
const WORD_WIDTH = 28;
const WORD_HEIGHT = 13;

function paintWords(
  context: CanvasRenderingContext2D,
  layout: PlaneLayout,
  { snapshots, denoising }: PlaneSubject,
): void {
  const { picture, pitch, columns, numBlocks, rowsPerBlock } = layout;
  const everyRow = Math.ceil(WORD_HEIGHT / pitch.y);
  const everyColumn = Math.ceil(WORD_WIDTH / pitch.x);
  // Centered over a column narrower than itself, the first label would overlap the corner's.
  const isNarrow = everyColumn > 1;
  context.font = FONT;
  context.textBaseline = "alphabetic";
  for (let block = 0; block < numBlocks; block++) {
    const { x, y } = cellPlace(layout, block * rowsPerBlock, 0);
    context.textAlign = "right";
    context.fillText("step \\ t", x - 6, y - 7);
    context.textAlign = isNarrow ? "left" : "center";
    for (let column = 0; column < columns.length; column += everyColumn) {
      const t = timestepAt(columns[column] as number, denoising);
      const place = x + column * pitch.x + (isNarrow ? 0 : picture / 2);
      context.fillText(formatCount(t), place, y - 7, everyColumn * pitch.x);
    }
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const [row, { step }] of snapshots.entries()) {
    if ((row % rowsPerBlock) % everyRow !== 0) continue;
    const { x, y } = cellPlace(layout, row, 0);
    context.fillText(formatCount(step), x - 6, y + picture / 2, ROW_HEAD - 6);
  }
}

/** A picture in the pixels of the screen, painted anew when the page's colors change. */
export function PaintedCanvas(props: {
  label: string;
  /** In CSS pixels, the units of the context. */
  width: number;
  height: number;
  /** Paints on an empty canvas in the color of its style; changes only when all must be painted anew. */
  paint: (context: CanvasRenderingContext2D) => void;
}) {
  const { label, width, height, paint } = props;
  const ref = useRef<HTMLCanvasElement>(null);
  const scale = window.devicePixelRatio;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another scale clears the canvas.
  useEffect(() => {
    const context = ref.current?.getContext("2d");
    if (!context) return;
    const draw = () => {
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, width, height);
      context.fillStyle = getComputedStyle(context.canvas).color;
      paint(context);
    };
    return drawOnChange(draw, subscribeToScheme);
  }, [width, height, paint, scale]);
  return (
    <canvas
      ref={ref}
      role="img"
      aria-label={label}
      style={{ width, height }}
      width={Math.round(width * scale)}
      height={Math.round(height * scale)}
    />
  );
}

/** Mantine's hooks may report a change of the system's scheme before the page's colors have changed. */
function subscribeToScheme(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange);
  const attributeFilter = ["data-mantine-color-scheme"];
  observer.observe(document.documentElement, { attributeFilter });
  return () => observer.disconnect();
}

/**
 * Draws digits, each as a square with its upper left corner somewhere on a canvas, in units of the context.
 *
 * All are drawn from one canvas that is written once: WebKitGTK copies from a canvas later than it is
 * asked to, so that all would show what was written last.
 *
 * @param pictures with `[28, 28]` pixels each, 0 black to 255 white
 */
export function paintPictures(
  context: CanvasRenderingContext2D,
  pictures: readonly { pixels: Uint8Array; x: number; y: number }[],
  side: number,
): void {
  if (pictures.length === 0) return;
  const layout = gridLayout(pictures.length, Math.ceil(Math.sqrt(pictures.length)));
  const pixels = new Uint8Array(pictures.length * NUM_PIXELS);
  for (const [i, picture] of pictures.entries()) pixels.set(picture.pixels, i * NUM_PIXELS);
  const sheet = document.createElement("canvas");
  sheet.width = layout.width;
  sheet.height = layout.height;
  imagePainter(sheet, layout)(pixels);
  for (const [i, { x, y }] of pictures.entries()) {
    const { left, top } = cellCorner(i, layout);
    context.drawImage(sheet, left, top, IMAGE_SIZE, IMAGE_SIZE, x, y, side, side);
  }
}
