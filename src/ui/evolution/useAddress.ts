import { useEffect } from "react";
import { rewriteAddress } from "../../store/address.ts";
import { withEvolution } from "../../store/evolution.ts";
import type { Scrubber } from "./scrubber.ts";

/** A film or a slider that is drawn would write more often than browsers allow. */
const WRITE_MS = 300;

/** Keeps the place in the page's address, so that a link, a reload or coming back leads there. */
export function useAddress({ position }: Scrubber): void {
  useEffect(() => {
    let writing: ReturnType<typeof setTimeout>;
    const write = () => rewriteAddress((query) => withEvolution(query, position.getState()));
    const unsubscribe = position.subscribe(({ frame, digit, film }, before) => {
      if (frame === before.frame && digit === before.digit && film === before.film) return;
      clearTimeout(writing);
      writing = setTimeout(write, WRITE_MS);
    });
    return () => {
      unsubscribe();
      clearTimeout(writing);
      write();
    };
  }, [position]);
}
