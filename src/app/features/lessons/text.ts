/** What people read around the lessons; each lesson's words are in `lessons.ts`. */
export const INTRODUCTION =
  "A button puts the settings into the form, and you press Train. One epoch of Quick takes three to seven minutes on two processor cores. Keep the first run: others are compared with it. Guess first, then open the answer: we measured it. Yours will differ a little, by chance.";

/** The settings that a person made, before a lesson replaced them. */
export const OWN_SETTINGS = {
  kept: "Your own settings are kept until you leave the page.",
  back: "Your own settings are back.",
};

export function setUpWords(label: string): string {
  return `“${label}” is set up.`;
}

export function loadedWords(label: string): string {
  return `${label} is loaded. Go on to the views below.`;
}
