import { ActionIcon } from "@mantine/core";
import { lazy, useId, useState } from "react";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { Popup } from "./Popup.tsx";

// It would make the page's first load longer.
const AboutText = lazy(() => import("./AboutText.tsx"));

/** What the page does, in a few sentences, and whose work it stands on. */
export function AboutPage() {
  const id = useId();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label="About this page"
        title="About this page"
        popoverTarget={id}
      >
        ?
      </ActionIcon>
      <Popup id={id} align="end" onToggle={setIsOpen}>
        {isOpen && (
          <ErrorBoundary part="The text">
            <AboutText popupId={id} />
          </ErrorBoundary>
        )}
      </Popup>
    </>
  );
}
