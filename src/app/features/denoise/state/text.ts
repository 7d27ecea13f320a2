/** What the settings and the plane tell people; here, since `../text.ts` imports them. Pure. */
export const DIGITS_COMING = "The digits are being loaded.";
export const NOTHING_DRAWN = "Nothing is drawn yet: draw a digit on the pad.";

export function cornersErrorWords(classes: number): string {
  return `Four numbers from 0 to ${classes - 1} for the corners, or one for a plane of noise`;
}

/** @param corners four classes, or the one of a plane of noise, or none */
export function planeWords(corners: readonly number[]): string {
  const { length } = corners;
  if (length === 4) return `A plane between ${corners.slice(0, 3).join(", ")} and ${corners[3]}`;
  const ofClass = length === 0 ? "" : `, all of class ${corners[0]},`;
  return `A plane of digits${ofClass} between four noises`;
}
