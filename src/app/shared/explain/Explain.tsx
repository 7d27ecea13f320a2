import { UnstyledButton } from "@mantine/core";
import { lazy, useId, useState } from "react";
import { Popup } from "../parts/Popup.tsx";
import classes from "./Explain.module.css";
import { NOTE_TITLES, type NoteName } from "./noteTitles.ts";

// Few open one, and they would make the page's first load longer.
const NoteContent = lazy(() => import("./NoteContent.tsx"));

export interface ExplainProps {
  /** Or a sentence under a title of its own. */
  note: NoteName | { title: string; text: string };
  /** Whether the title stands beside the question mark; else a heading says what it is about. */
  isNamed?: boolean;
}

/** A question mark that opens a note. */
export function Explain({ note, isNamed = false }: ExplainProps) {
  const [isOpen, setIsOpen] = useState(false);
  const id = useId();
  const title = typeof note === "string" ? NOTE_TITLES[note] : note.title;
  return (
    <>
      <UnstyledButton
        className={classes.button}
        popoverTarget={id}
        aria-expanded={isOpen}
        aria-label={`Explain: ${title}`}
        title={isNamed ? undefined : title}
      >
        <span className={classes.mark} aria-hidden="true">
          ?
        </span>
        {isNamed && title}
      </UnstyledButton>
      <Popup id={id} kind="note" label={title} part="The note" onToggle={setIsOpen}>
        {typeof note === "string" ? (
          <NoteContent note={note} />
        ) : (
          <>
            <b>{title}</b>
            <br />
            {note.text}
          </>
        )}
      </Popup>
    </>
  );
}
