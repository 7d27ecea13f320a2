/** What the page asks of the worker that reads images, and what that answers. A new worker reads each set; to cancel, the page ends it. */
import type { DatasetFile } from "../../engine/data/datasetFile.ts";
import type { LeftOut } from "../../engine/data/imageSet.ts";
import type { ImageChoices } from "../../engine/data/networkImage.ts";
import type { ArchiveForm } from "../../runtime/files/imageArchive.ts";

/** A file as a person chose, dropped or pasted it. */
export interface ImageSource {
  /** With the names of its folders, if it lies in some. */
  path: string;
  file: File;
}

export type ImagesCommand =
  /** First of all. */
  | { type: "open"; sources: readonly ImageSource[] }
  /** Makes the samples anew. */
  | { type: "choose"; choices: ImageChoices }
  /** Reads all images but some of the samples, by their places among them; varies them where there are few. */
  | { type: "read"; choices: ImageChoices; isVaried: boolean; without: readonly number[] }
  /** Makes a set of drawings of one symbol, beside old images where there is a base. Answered by `read`. */
  | {
      type: "symbol";
      /** `[n, 28, 28]`. */
      drawings: Uint8Array<ArrayBuffer>;
      /** The images to learn it beside; their labels are below the symbol's. */
      base: { files: DatasetFile[]; label: number } | null;
    }
  /** Packs a set into an archive. Answered by `packed`. */
  | {
      type: "pack";
      files: DatasetFile[];
      classNames: readonly string[] | null;
      form: ArchiveForm;
    }
  /** Answers `drawSvg`: null where it is none. */
  | { type: "svgDrawn"; id: number; bitmap: ImageBitmap | null };

export interface FoundSet {
  name: string;
  /** By label; null without classes. */
  classNames: string[] | null;
  /** Images of each class, by label; of all, where there are no classes. */
  counts: number[];
  /** Whether the folders say which images are held out. */
  isSplit: boolean;
  leftOut: LeftOuts;
}

/** The first of the files that are left out, and how many there are. */
export interface LeftOuts {
  first: LeftOut[];
  count: number;
}

export type ImagesReply =
  | {
      type: "found";
      set: FoundSet;
      choices: ImageChoices;
      /** The samples as they were, and the label of each. */
      before: ImageBitmap[];
      labels: number[];
    }
  /** What the samples become: `[before.length, 28, 28]`. */
  | { type: "samples"; pixels: Uint8Array<ArrayBuffer> }
  /** Counts the pictures that are decoded, and then the images that are made of them. */
  | { type: "progress"; numDone: number; total: number }
  /** IDX files, named as those of MNIST, and the pictures that could not be opened. */
  | { type: "read"; files: { name: string; bytes: Uint8Array<ArrayBuffer> }[]; leftOut: LeftOuts }
  | { type: "packed"; archive: Blob }
  /** What was opened is an archive of IDX files. */
  | { type: "idx"; files: File[] }
  | { type: "failed"; message: string }
  /** No browser decodes SVG in a worker. */
  | { type: "drawSvg"; id: number; file: Blob };
