import { Anchor, Stack, Text } from "@mantine/core";
import { NOTES } from "./notes.ts";
import { NOTE_TITLES, type NoteName } from "./noteTitles.ts";

/** A note: its picture, a sentence or two, and the papers. */
export default function NoteContent({ note }: { note: NoteName }) {
  const { text, papers, Illustration } = NOTES[note];
  return (
    <Stack gap="xs">
      <Text component="h3" size="sm" fw={600} lh={1.3}>
        {NOTE_TITLES[note]}
      </Text>
      {Illustration && <Illustration />}
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
