/** An error on the screen; it stays until the person closes it. */
export interface Notice {
  id: number;
  title: string;
  message: string;
  /** For a bug report, e.g. a stack; null when the message says it all. */
  details: string | null;
  /** What one click can do about it. */
  remedy: "retryMnist" | "reloadPage" | null;
}

/** More would cover the page; the newest say most. */
const MAX_NOTICES = 3;

/** Adds a notice; one that says the same as an earlier one replaces it. */
export function addNotice(
  notices: readonly Notice[],
  notice: Omit<Notice, "id">,
): readonly Notice[] {
  const others = notices.filter((n) => n.title !== notice.title || n.message !== notice.message);
  const id = Math.max(0, ...notices.map((n) => n.id)) + 1;
  return [...others, { ...notice, id }].slice(-MAX_NOTICES);
}
