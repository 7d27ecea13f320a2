import { Anchor, type AnchorProps, type ElementProps } from "@mantine/core";

/** A button that looks like a link, to stand among words. */
export function LinkButton(props: AnchorProps & ElementProps<"button", keyof AnchorProps>) {
  return <Anchor component="button" type="button" size="xs" {...props} />;
}
