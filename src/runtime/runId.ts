/** An id that no other run has, in whatever tab. `randomUUID` is there over https only. */
export function newRunId(): string {
  const words = crypto.getRandomValues(new Uint32Array(4));
  return `run-${Array.from(words, (word) => word.toString(36)).join("")}`;
}
