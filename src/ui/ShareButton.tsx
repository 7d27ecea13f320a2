import { Text, TextInput } from "@mantine/core";
import { useId, useState } from "react";
import { shareLink } from "../store/address.ts";
import { ShareIcon } from "./icons.tsx";
import { Popup } from "./Popup.tsx";
import { ToolButton } from "./ToolButton.tsx";

/** Copies a link to this page with its settings, and shows it, for where the browser does not allow that. */
export function ShareButton() {
  const id = useId();
  const [link, setLink] = useState("");
  const [isCopied, setIsCopied] = useState(false);
  const share = async () => {
    const newLink = shareLink();
    setLink(newLink);
    setIsCopied(false);
    try {
      await navigator.clipboard.writeText(newLink);
      setIsCopied(true);
    } catch {
      // Not over plain HTTP, and not where the person forbids it: the link can be copied by hand.
    }
  };
  return (
    <>
      <ToolButton
        icon={<ShareIcon />}
        words="Share"
        title="Copy a link to this page with your settings"
        popoverTarget={id}
        onClick={share}
      />
      <Popup id={id} align="end">
        <Text size="sm" role="status">
          {isCopied ? "Link copied." : "Copy this link."} It opens this page with your settings.
        </Text>
        <TextInput
          mt="xs"
          size="xs"
          aria-label="Link"
          readOnly
          value={link}
          onFocus={(event) => event.currentTarget.select()}
        />
      </Popup>
    </>
  );
}
