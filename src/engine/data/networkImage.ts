/**
 * Makes of a picture of any size and color what the network takes: 28 x 28 pixels, light ink on black. Pure, so that the
 * page, the commands and the tests get the same numbers of the same pixels.
 *
 * A gray picture of 28 x 28 that is taken as it is passes through to the bit.
 */
import { IMAGE_SIZE, NUM_PIXELS } from "../config/hyperparameters.ts";

/** A decoded picture. */
export interface Picture {
  width: number;
  height: number;
  /** Red, green, blue and alpha, not premultiplied: `[height, width, 4]`. */
  data: Uint8Array | Uint8ClampedArray;
}

export interface ImageChoices {
  crop: keyof typeof CROPS;
  /** Whether dark becomes light, as ink on paper has to. */
  inverted: boolean;
  /** Whether paper in shadow becomes as light as the rest, before inverting; of pictures that are not inverted nothing changes. */
  evened: boolean;
  /** Whatever is darker than this share of white, after inverting, becomes black; 0 to `MAX_PAPER`. */
  paper: number;
}

/** How a picture becomes a square. */
export const CROPS = {
  fit: {
    label: "Whole picture",
    help: "Nothing is cut off; a long side leaves black at two edges.",
  },
  fill: { label: "Middle square", help: "The middle fills the square; what is beyond is cut off." },
  ink: {
    label: "Around the ink",
    help: "The drawing is found and made as large as a digit of MNIST is: 20 pixels with 4 around it.",
  },
} as const;

/** A host scales pictures down to this side, in pixels, before it hands them over: it is all that 28 pixels need. */
export const MAX_SIDE = 640;

/** Above it nothing might be left. */
export const MAX_PAPER = 0.9;

export const AS_THEY_ARE: ImageChoices = {
  crop: "fit",
  inverted: false,
  evened: false,
  paper: 0,
};

/** Of 28 pixels, the side of the box that MNIST's digits were scaled to (LeCun, Bottou, Bengio & Haffner 1998). */
const INK_SIDE = 20;
/** Ink is looked for on a picture of this side, where a speck of dust is fainter than a stroke. */
const SEARCH_SIDE = 112;
/** Share of the lightest place from which on a place counts as ink. */
const INK_SHARE = 0.2;

/**
 * @param picture as `grayOnWhite` gives it
 * @returns `[28, 28]`, 0 black to 255 white
 */
export function networkImage(picture: Gray, choices: ImageChoices): Uint8Array {
  const { inverted, evened, paper } = choices;
  const gray = withoutPaper(
    inverted ? inverse(evened ? evenedLight(picture) : picture) : picture,
    paper,
  );
  const pixels = scaled(gray, squareOf(gray, choices.crop), IMAGE_SIZE);
  const isStretched = paper > 0 || choices.crop === "ink";
  const lightest = pixels.reduce((most, value) => Math.max(most, value), 0);
  // A thin line of a large picture would be a faint one.
  const scale = isStretched && lightest > 0 ? 255 / lightest : 1;
  return Uint8Array.from({ length: NUM_PIXELS }, (_, i) => Math.round(scale * (pixels[i] ?? 0)));
}

export interface Gray {
  width: number;
  height: number;
  /** `[height, width]`, 0 black to 255 white. */
  values: Uint8Array;
}

/** Luma (Rec. 601), with what is transparent on white, as on the page of a drawing program. */
export function grayOnWhite({ width, height, data }: Picture): Gray {
  const values = new Uint8Array(width * height);
  for (let i = 0; i < values.length; i++) {
    const alpha = (data[4 * i + 3] ?? 255) / 255;
    const luma =
      0.299 * (data[4 * i] ?? 0) + 0.587 * (data[4 * i + 1] ?? 0) + 0.114 * (data[4 * i + 2] ?? 0);
    values[i] = Math.round(alpha * luma + 255 * (1 - alpha));
  }
  return { width, height, values };
}

function inverse(gray: Gray): Gray {
  return { ...gray, values: gray.values.map((value) => 255 - value) };
}

function withoutPaper(gray: Gray, paper: number): Gray {
  if (paper === 0) return gray;
  const black = 255 * paper;
  const scale = 255 / (255 - black);
  return { ...gray, values: gray.values.map((value) => Math.max(0, scale * (value - black))) };
}

/** Side of the square map of light in the paper, in cells. */
const LIGHT_SIDE = 16;

/** Divides each place by the light of the paper around it: whatever the lamp and the shadows, paper is white then. */
function evenedLight(gray: Gray): Gray {
  const { width, height, values } = gray;
  const light = lightOfPaper(gray);
  const { left, top, side } = squareOf(gray, "fit");
  const at = (x: number, y: number) => light[y * LIGHT_SIDE + x] ?? 0;
  /** The cell before a place and how far it is on the way to the next, by the middles of cells. */
  const between = (place: number) => {
    const middle = Math.min(LIGHT_SIDE - 1, Math.max(0, (LIGHT_SIDE * place) / side - 0.5));
    const cell = Math.min(LIGHT_SIDE - 2, Math.floor(middle));
    return [cell, middle - cell] as const;
  };
  const columns = Array.from({ length: width }, (_, x) => between(x + 0.5 - left));
  const evened = new Uint8Array(values.length);
  for (let y = 0; y < height; y++) {
    const [row, down] = between(y + 0.5 - top);
    for (const [x, [column, right]] of columns.entries()) {
      const upper = (1 - right) * at(column, row) + right * at(column + 1, row);
      const lower = (1 - right) * at(column, row + 1) + right * at(column + 1, row + 1);
      const paper = Math.max(1, (1 - down) * upper + down * lower);
      evened[y * width + x] = Math.min(
        255,
        Math.round((255 * (values[y * width + x] ?? 0)) / paper),
      );
    }
  }
  return { width, height, values: evened };
}

/**
 * How light the paper is, `[16, 16]`: the lightest place of each cell, closed over the neighbors (dilation, then erosion; Serra
 * 1982), which strokes narrower than three cells do not survive.
 */
function lightOfPaper(gray: Gray): readonly number[] {
  const places = scaled(gray, squareOf(gray, "fit"), SEARCH_SIDE);
  const cell = SEARCH_SIDE / LIGHT_SIDE;
  const light = new Array<number>(LIGHT_SIDE ** 2).fill(0);
  for (const [i, value] of places.entries()) {
    const [x, y] = [i % SEARCH_SIDE, Math.floor(i / SEARCH_SIDE)].map((of) =>
      Math.floor(of / cell),
    );
    const of = (y ?? 0) * LIGHT_SIDE + (x ?? 0);
    light[of] = Math.max(light[of] ?? 0, value);
  }
  // A cell beyond the edge of a picture that is no square has no paper.
  const isPaper = light.map((value) => value > 0);
  const overNeighbors = (of: readonly number[], choose: (...values: number[]) => number) =>
    of.map((value, i) => {
      const [x, y] = [i % LIGHT_SIDE, Math.floor(i / LIGHT_SIDE)];
      const around = of.filter(
        (_, k) =>
          isPaper[k] &&
          Math.abs((k % LIGHT_SIDE) - x) <= 1 &&
          Math.abs(Math.floor(k / LIGHT_SIDE) - y) <= 1,
      );
      return around.length > 0 ? choose(...around) : value;
    });
  return overNeighbors(overNeighbors(light, Math.max), Math.min);
}

/** A square of a picture, in its pixels; it may reach beyond the edges, where all is black. */
interface Square {
  left: number;
  top: number;
  side: number;
}

function squareOf(gray: Gray, crop: ImageChoices["crop"]): Square {
  const { width, height } = gray;
  if (crop === "ink") return squareAroundInk(gray);
  const side = crop === "fit" ? Math.max(width, height) : Math.min(width, height);
  return { left: (width - side) / 2, top: (height - side) / 2, side };
}

/** Has the box of the ink take 20 of 28 pixels, and its middle in the middle. */
function squareAroundInk(gray: Gray): Square {
  const whole = squareOf(gray, "fit");
  const places = scaled(gray, whole, SEARCH_SIDE);
  const least = INK_SHARE * places.reduce((most, value) => Math.max(most, value), 0);
  let [left, top, right, bottom] = [SEARCH_SIDE, SEARCH_SIDE, 0, 0];
  for (const [i, value] of places.entries()) {
    if (value === 0 || value < least) continue;
    const [x, y] = [i % SEARCH_SIDE, Math.floor(i / SEARCH_SIDE)];
    [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
  }
  // An empty picture stays one.
  if (right === 0) return whole;
  const cell = whole.side / SEARCH_SIDE;
  const side = (cell * Math.max(right - left, bottom - top) * IMAGE_SIZE) / INK_SIDE;
  return {
    left: whole.left + (cell * (left + right) - side) / 2,
    top: whole.top + (cell * (top + bottom) - side) / 2,
    side,
  };
}

/**
 * A square of the picture in `[size, size]`, each value the mean of what it covers, so that a thin line becomes a faint one
 * and never none.
 */
function scaled({ width, height, values }: Gray, { left, top, side }: Square, size: number) {
  const columns = overlaps(left, side, size, width);
  const rows = overlaps(top, side, size, height);
  const made = new Float32Array(size * size);
  const line = new Float32Array(width);
  for (const [row, { from, shares: ofRows }] of rows.entries()) {
    line.fill(0);
    for (const [i, share] of ofRows.entries()) {
      const start = (from + i) * width;
      for (let x = 0; x < width; x++) line[x] = (line[x] ?? 0) + share * (values[start + x] ?? 0);
    }
    for (const [column, { from, shares }] of columns.entries()) {
      made[row * size + column] = shares.reduce(
        (sum, share, i) => sum + share * (line[from + i] ?? 0),
        0,
      );
    }
  }
  return made;
}

/** For each of `size` parts of a stretch, the pixels from `from` on that it covers, with the share of it that each takes. */
function overlaps(start: number, length: number, size: number, numPixels: number) {
  const step = length / size;
  return Array.from({ length: size }, (_, i) => {
    const [first, last] = [start + i * step, start + (i + 1) * step];
    const from = Math.max(0, Math.floor(first));
    const end = Math.min(numPixels, Math.ceil(last));
    const shares = Array.from({ length: Math.max(0, end - from) }, (_, k) => {
      const pixel = from + k;
      return Math.max(0, Math.min(last, pixel + 1) - Math.max(first, pixel)) / step;
    });
    return { from, shares };
  });
}

/**
 * What a set of pictures seems to need: dark ink on light paper is inverted, the gray of a photographed paper becomes
 * black, and a drawing that is small on its sheet is looked for.
 *
 * @param grays some of the set, at least one
 */
export function guessedChoices(grays: readonly Gray[]): ImageChoices {
  const inverted = median(grays.map(({ values }) => quantile(values, 0.5))) > LIGHT_PAPER;
  if (!inverted) return AS_THEY_ARE;
  const evened = grays.some(isShaded);
  const papers = evened ? grays.map(evenedLight) : grays;
  const darkness = papers.map(darknessOfPaper);
  // Along the edge of a shadow some of it is left.
  const paper = evened ? Math.max(MIN_EVENED_PAPER, ...darkness) : median(darkness);
  const isClean = paper < CLEAN_PAPER;
  const choices = { inverted, evened, paper: isClean ? 0 : Math.min(MAX_PAPER, roundedUp(paper)) };
  const sides = papers.map((gray) => {
    const ink = withoutPaper(inverse(gray), choices.paper);
    return squareAroundInk(ink).side / Math.max(gray.width, gray.height);
  });
  return { ...choices, crop: median(sides) < SMALL_DRAWING ? "ink" : "fit" };
}

/** Whether some of the paper lies in shadow; what is darker than any shadow is a shape that is filled in. */
function isShaded(gray: Gray): boolean {
  const light = lightOfPaper(gray).filter((value) => value > 0);
  const darkest = Math.min(...light) / Math.max(...light);
  return darkest > DARKEST_SHADOW && darkest < LIGHTEST_SHADOW;
}

/** Light in a shadow, as a share of that beside it. */
const [DARKEST_SHADOW, LIGHTEST_SHADOW] = [0.4, 0.8];

const MIN_EVENED_PAPER = 0.15;

/** How dark the darkest paper is, 0 white to 1 black, where most of the sheet is paper. */
function darknessOfPaper({ values }: Gray): number {
  const usual = quantile(values, 0.5);
  const paper = values.filter((value) => value > usual - INK_CONTRAST);
  return 1 - quantile(paper, 0.02) / 255;
}

/** Grays by which ink is darker than most of the paper at least. */
const INK_CONTRAST = 60;

/** Median gray from which on most of a picture is taken for paper. */
const LIGHT_PAPER = 140;
/** Paper of a scan or a drawing program, of which nothing is left after inverting. */
const CLEAN_PAPER = 0.04;
/** Share of the sheet. */
const SMALL_DRAWING = 0.8;

/** To the next twentieth, with some room for shadows. */
function roundedUp(share: number): number {
  return Math.ceil(20 * (share + 0.05)) / 20;
}

function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

function quantile(numbers: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(numbers).sort();
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}
