const NUM_COLORS = 6;

/** The colour of the n-th run that is compared; from the seventh on they come again, dashed. */
export function runStyle(index: number): { color: string; isDashed: boolean } {
  return {
    color: `var(--run-${(index % NUM_COLORS) + 1})`,
    isDashed: index >= NUM_COLORS,
  };
}
