const NUM_COLORS = 6;

/** The n-th run's colour, and every other one dashed: neighbours differ not by colour alone. */
export function runStyle(index: number): { color: string; isDashed: boolean } {
  return {
    color: `var(--run-${(index % NUM_COLORS) + 1})`,
    // From the seventh on the colours come again, with the other line.
    isDashed: (index + Math.floor(index / NUM_COLORS)) % 2 === 1,
  };
}
