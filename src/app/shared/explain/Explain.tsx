import { Anchor, Stack, Text, UnstyledButton } from "@mantine/core";
import { Suspense, useId, useState } from "react";
import { Popup } from "../parts/Popup.tsx";
import classes from "./Explain.module.css";
import { type NoteName, noteOf } from "./notes.ts";

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
  const title = typeof note === "string" ? noteOf(note).title : note.title;
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

/** A note: its picture, a sentence or two, and the papers. */
function NoteContent({ note }: { note: NoteName }) {
  const { title, text, papers, Illustration } = noteOf(note);
  return (
    <Stack gap="xs">
      <Text component="h3" size="sm" fw={600} lh={1.3}>
        {title}
      </Text>
      {Illustration && (
        <Suspense fallback={null}>
          <Illustration />
        </Suspense>
      )}
      {text.map((sentences) => (
        <Text key={sentences} size="sm">
          {sentences}
        </Text>
      ))}
      <Text component="ul" size="xs" c="dimmed" m={0} p={0} style={{ listStyle: "none" }}>
        {papers.map(({ authors, year, title, arxiv }) => (
          <li key={arxiv}>
            {authors} {year}, <cite>{title}</cite>,{" "}
            <Anchor
              underline="always"
              href={`https://arxiv.org/abs/${arxiv}`}
              target="_blank"
              rel="noreferrer"
              size="xs"
            >
              arXiv:{arxiv}
            </Anchor>
          </li>
        ))}
      </Text>
    </Stack>
  );
}
