import { useMediaQuery } from "@mantine/hooks";
import { type ReactNode, useState } from "react";
import classes from "./Form.module.css";

interface FoldProps {
  /** What is set, in a few words. */
  words: string;
  /** Whether something within needs a look. */
  isWrong: boolean;
  children: ReactNode;
}

/** The settings: folded on a narrow screen, where the digits and Generate come first. */
export function Fold({ words, isWrong, children }: FoldProps) {
  const isNarrow = useMediaQuery("(max-width: 940px)", false, { getInitialValueInEffect: false });
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details
      className={classes.fold}
      open={!isNarrow || isOpen || isWrong}
      onToggle={({ currentTarget }) => isNarrow && setIsOpen(currentTarget.open)}
    >
      <summary className={classes.summary}>
        <b>Settings</b> <span>{words}</span>
      </summary>
      <div className={classes.settings}>{children}</div>
    </details>
  );
}
