/** The summary card as a picture, of the size that links are shown with. */
import { gridColumns } from "../../../engine/formats/pictures/imageGrid.ts";
import { gridLayout } from "../images/digitGrid.ts";
import { imagePainter } from "../images/ImageGrid.tsx";
import type { SummaryCard } from "./summaryCard.ts";

export const CARD_SIZE = { width: 1200, height: 630 } as const;

const MARGIN = 40;
/** Side of the square that the digits lie in. */
const SIDE = CARD_SIZE.height - 2 * MARGIN;
const LEFT = MARGIN + SIDE + 44;
const WIDTH = CARD_SIZE.width - MARGIN - LEFT;
/** The page's light colors, whichever it is shown in: the picture goes elsewhere. */
const COLORS = {
  ground: "#ffffff",
  ink: "#16181b",
  dimmed: "#5f666e",
  accent: "#0072b2",
  line: "#e4e7eb",
};
/** So many figures stand large, in two columns. */
const NUM_LARGE = 4;
/** Characters of a figure that have room in half the width at full size. */
const MOST_LARGE = 15;
const ROW = 27;
/** Where the line over the address is. */
const FOOT = CARD_SIZE.height - 78;
/** The curve takes what the rows leave, if that is so high. */
const MIN_CURVE = 60;

export function paintSummaryCard(canvas: HTMLCanvasElement, card: SummaryCard): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  context.fillStyle = COLORS.ground;
  context.fillRect(0, 0, CARD_SIZE.width, CARD_SIZE.height);
  paintDigits(context, card);
  const write = writer(context);

  const title = { size: 34, leastSize: 17, weight: 700, color: COLORS.ink };
  write(card.title, { x: LEFT, y: 74, width: WIDTH, ...title });
  let y = 122;
  const large = card.figures.slice(0, NUM_LARGE);
  const column = WIDTH / 2;
  for (const [i, { name, value }] of large.entries()) {
    const place = { x: LEFT + (i % 2) * column, width: column - 16 };
    const top = y + 76 * Math.floor(i / 2);
    write(name, { ...place, y: top, size: 17, color: COLORS.dimmed });
    const look = i === 0 ? { weight: 700, color: COLORS.accent } : { color: COLORS.ink };
    write(value, { ...place, y: top + 34, size: value.length > MOST_LARGE ? 20 : 28, ...look });
  }
  y += 76 * Math.ceil(large.length / 2);
  const rows = [...card.figures.slice(NUM_LARGE), ...card.budget];
  for (const { name, value } of rows.slice(0, Math.floor((FOOT - 16 - y) / ROW))) {
    write(name, { x: LEFT, y, width: 140, size: 17, color: COLORS.dimmed });
    write(value, { x: LEFT + 150, y, width: WIDTH - 150, size: 17, color: COLORS.ink });
    y += ROW;
  }
  if (FOOT - y > MIN_CURVE) paintLosses(context, card.losses, y - 4, FOOT - 16);

  context.fillStyle = COLORS.line;
  context.fillRect(LEFT, FOOT, WIDTH, 1);
  const last = { y: FOOT + 30, size: 17 };
  write("Diffusion MNIST", { ...last, x: LEFT, width: 160, weight: 700, color: COLORS.ink });
  const address = card.link.replace(/^\w+:\/\//, "");
  write(address, { ...last, x: LEFT + 165, width: WIDTH - 165, color: COLORS.dimmed });
}

/** The training loss from the first step to the last, on a log axis. */
function paintLosses(
  context: CanvasRenderingContext2D,
  losses: readonly number[],
  top: number,
  bottom: number,
): void {
  const logs = losses.map((loss) => Math.log(Math.max(loss, 1e-9)));
  const [least, most] = [Math.min(...logs), Math.max(...logs)];
  if (!(most > least)) return;
  context.strokeStyle = COLORS.accent;
  context.lineWidth = 2.5;
  context.lineJoin = "round";
  context.beginPath();
  for (const [i, log] of logs.entries()) {
    const x = LEFT + (WIDTH * i) / (logs.length - 1);
    context.lineTo(x, top + ((bottom - top) * (most - log)) / (most - least));
  }
  context.stroke();
}

/** Enlarged by a whole factor, in the middle of their square; a word where there are none. */
function paintDigits(context: CanvasRenderingContext2D, { digits }: SummaryCard): void {
  if (!digits) {
    context.fillStyle = COLORS.line;
    context.fillRect(MARGIN, MARGIN, SIDE, SIDE);
    const place = { x: MARGIN + 24, y: MARGIN + SIDE / 2, width: SIDE - 48, size: 24 };
    writer(context)("No preview yet", { ...place, color: COLORS.dimmed });
    return;
  }
  const { count, pixels } = digits;
  const layout = gridLayout(count, gridColumns(count));
  const small = document.createElement("canvas");
  small.width = layout.width;
  small.height = layout.height;
  imagePainter(small, layout)(pixels);
  const scale = Math.max(1, Math.floor(SIDE / Math.max(layout.width, layout.height)));
  const [width, height] = [layout.width * scale, layout.height * scale];
  context.imageSmoothingEnabled = false;
  const x = MARGIN + (SIDE - width) / 2;
  context.drawImage(small, x, MARGIN + (SIDE - height) / 2, width, height);
}

interface Place {
  x: number;
  /** Place of the base line. */
  y: number;
  /** What is longer ends in an ellipsis. */
  width: number;
  size: number;
  /** It is smaller before that, down to this. */
  leastSize?: number;
  weight?: number;
  color: string;
}

function writer(context: CanvasRenderingContext2D) {
  return (text: string, { x, y, width, size, leastSize = size, weight = 400, color }: Place) => {
    const isTooLong = (words: string) => context.measureText(words).width > width;
    for (let px = size; px === size || (px >= leastSize && isTooLong(text)); px--) {
      context.font = `${weight} ${px}px system-ui, sans-serif`;
    }
    context.fillStyle = color;
    let shown = text;
    while (shown.length > 1 && isTooLong(shown)) shown = `${shown.slice(0, -2).trimEnd()}…`;
    context.fillText(shown, x, y);
  };
}
