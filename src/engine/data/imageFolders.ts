/** What the folders and names of image files say: which set, which class, which are held out, and in which order. Pure. */
import { HYPERPARAMETERS } from "../config/hyperparameters.ts";
import { DataError } from "./dataError.ts";

/** Images by their place in a list of paths. */
export interface ArrangedImages {
  /** By label, in their natural order; null where the images do not lie in two folders or more. */
  classNames: string[] | null;
  /** In the order in which they are read: by file name, whatever the folder. */
  images: { place: number; label: number; split: "train" | "validation" }[];
  /** Whether there are folders for training and for validation; else some are to be held out. */
  isSplit: boolean;
  /** Places of images that lie beside the folders of the classes, and so are of none. */
  withoutClass: number[];
}

const TRAIN_FOLDERS = ["train", "training"];
const VALIDATION_FOLDERS = ["test", "testing", "t10k", "val", "valid", "validation"];

/** `2` before `10`. */
const NATURAL = new Intl.Collator("en", { numeric: true });

/**
 * Takes the subfolders as classes, as torchvision's `ImageFolder` does, within folders `train` and `test` if there are any.
 *
 * Images are ordered by the names of their files, so that numbered ones keep their order through all classes: MNIST in
 * folders is MNIST again.
 *
 * @param paths such as `sketches/cat/12.png`, with the names of the folder or archive that all lie in, or without
 * @throws DataError for more classes than a network can have
 */
export function arrangedImages(paths: readonly string[]): ArrangedImages {
  const split = withoutCommon(paths.map((path) => path.split("/")));
  const splitOf = (parts: readonly string[]) => {
    const folder = parts.length > 1 ? (parts[0] ?? "").toLowerCase() : "";
    if (TRAIN_FOLDERS.includes(folder)) return "train";
    return VALIDATION_FOLDERS.includes(folder) ? "validation" : null;
  };
  const splits = split.map(splitOf);
  const isSplit = splits.length > 0 && !splits.includes(null) && new Set(splits).size === 2;
  const inClasses = isSplit ? split.map((parts) => parts.slice(1)) : split;
  const folders = inClasses.map((parts) => (parts.length > 1 ? (parts[0] ?? "") : null));
  const named = [...new Set(folders.filter((folder) => folder !== null))].sort(NATURAL.compare);
  const classNames = named.length > 1 ? withoutNumbers(named) : null;
  const { max } = HYPERPARAMETERS.classes;
  if (named.length > max) {
    throw new DataError(
      `Expected at most ${max} folders, one for each class, got ${named.length}: such as “${named[0]}” and “${named[1]}”. Put the images of a class into one folder.`,
    );
  }
  const labels = new Map(named.map((name, label) => [name, label]));
  const withoutClass: number[] = [];
  const images: (ArrangedImages["images"][number] & { name: string })[] = [];
  for (const [place, folder] of folders.entries()) {
    if (classNames && folder === null) {
      withoutClass.push(place);
      continue;
    }
    const label = classNames ? (labels.get(folder ?? "") as number) : 0;
    const part = (isSplit ? splits[place] : null) ?? "train";
    images.push({ place, label, split: part, name: inClasses[place]?.at(-1) ?? "" });
  }
  images.sort((a, b) => NATURAL.compare(a.name, b.name) || a.label - b.label || a.place - b.place);
  return {
    classNames,
    images: images.map(({ name: _, ...image }) => image),
    isSplit,
    withoutClass,
  };
}

/** `0 T-shirt`, `1 trousers`: numbers that only give classes their order. */
const NUMBERED = /^\d+ (?=\S)/;

/** The names of classes by their folders, of which a set that was saved has numbered ones. */
function withoutNumbers(folders: readonly string[]): string[] {
  const names = folders.map((folder) => folder.replace(NUMBERED, ""));
  const isNumbered = folders.every((folder) => NUMBERED.test(folder));
  return isNumbered && new Set(names).size === names.length ? names : [...folders];
}

/**
 * The folders of classes, in the order of their labels when they are opened again: the names as every file system accepts
 * them, with a number before each where their order is another.
 *
 * @param names by label
 */
export function classFolders(names: readonly string[]): string[] {
  const plain = names.map((name) =>
    name
      // biome-ignore lint/suspicious/noControlCharactersInRegex: file systems refuse them.
      .replaceAll(/[\\/:*?"<>|\u0000-\u001f]/g, "-")
      .replace(/^\./, "-")
      .replace(/[. ]+$/, ""),
  );
  const isInOrder = plain.every(
    (name, label) =>
      name !== "" && (label === 0 || NATURAL.compare(plain[label - 1] ?? "", name) < 0),
  );
  return isInOrder ? plain : plain.map((name, label) => `${label} ${name || "-"}`);
}

/** Without the folders that all lie in. */
function withoutCommon(paths: readonly (readonly string[])[]): (readonly string[])[] {
  const [first = []] = paths;
  let numCommon = 0;
  while (
    paths.length > 0 &&
    paths.every((path) => path.length > numCommon + 1 && path[numCommon] === first[numCommon])
  )
    numCommon++;
  return paths.map((path) => path.slice(numCommon));
}

/** Of so many images of a class one is held out. */
export const HELD_OUT_OF = 6;
const MAX_HELD_OUT = 10_000;

/**
 * Which images are held out where the folders do not say it: evenly spread over each class, so that every class with six
 * images or more has one.
 *
 * @param labels of all images, in their order
 * @returns for each whether it is held out; of three or more at least one
 */
export function heldOut(labels: readonly number[]): boolean[] {
  const every = Math.max(HELD_OUT_OF, Math.ceil(labels.length / MAX_HELD_OUT));
  const seen = new Map<number, number>();
  const isOut = labels.map((label) => {
    const before = seen.get(label) ?? 0;
    seen.set(label, before + 1);
    return before % every === every - 1;
  });
  if (labels.length > 2 && !isOut.includes(true)) isOut[labels.length - 1] = true;
  return isOut;
}
