import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import type { Notice } from "../store/notices.ts";
import { useApp, useAppState } from "./AppContext.ts";
import classes from "./Notices.module.css";

/** Errors, over the page, until they are closed. The page under them still works. */
export function Notices() {
  const notices = useAppState((state) => state.notices);
  return (
    <Stack className={classes.notices} gap="xs">
      {notices.map((notice) => (
        <NoticeAlert key={notice.id} notice={notice} />
      ))}
    </Stack>
  );
}

function NoticeAlert({ notice }: { notice: Notice }) {
  const { store, client } = useApp();
  const { id, title, message, details, remedy } = notice;
  const close = () =>
    store.setState(({ notices }) => ({ notices: notices.filter((other) => other.id !== id) }));
  return (
    <Alert
      color="red"
      title={title}
      role="alert"
      withCloseButton
      closeButtonLabel="Close"
      onClose={close}
      className={classes.notice}
    >
      <Text size="sm" className={classes.message}>
        {message}
      </Text>
      {(remedy ?? details) && (
        <Group gap="xs" mt="xs">
          {remedy === "retryMnist" && (
            <Button
              size="compact-sm"
              onClick={() => {
                close();
                client.loadMnist();
              }}
            >
              Try again
            </Button>
          )}
          {remedy === "reloadPage" && (
            <Button size="compact-sm" onClick={() => window.location.reload()}>
              Reload the page
            </Button>
          )}
          {details && (
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => navigator.clipboard.writeText(`${title}: ${message}\n${details}`)}
            >
              Copy details
            </Button>
          )}
        </Group>
      )}
    </Alert>
  );
}
