/** What people read of the images to train on. Pure. */

/** While files are dragged onto the page. */
export const DROP_HELP =
  "Drop IDX files to train on (a pair of images and labels, or two pairs, gzipped or not), or weights as .safetensors.";

/** Where the labels are of another number of classes than the setting. */
export function otherClassesWords(numClasses: number, classes: number): string {
  return `The labels of these images go from 0 to ${numClasses - 1}, but Classes is ${classes}.`;
}
