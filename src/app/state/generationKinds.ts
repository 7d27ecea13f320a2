/** What a generation starts from and what it is asked for, as forms offer it and the address names it. */
export const START_KINDS = ["noise", "pair", "digit", "drawing", "plane"] as const;
export type StartKind = (typeof START_KINDS)[number];

export const ASK_KINDS = ["any", "class", "rows", "text", "between", "none"] as const;
export type AskKind = (typeof ASK_KINDS)[number];
