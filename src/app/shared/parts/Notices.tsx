import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import type { Notice, Remedy } from "../../state/slices/notices.ts";
import { useApp, useAppState } from "../AppContext.ts";
import { CopyButton } from "./CopyButton.tsx";
import classes from "./Notices.module.css";

/** Errors and news, until they are closed. */
export function Notices() {
  const notices = useAppState((state) => state.notices);
  return (
    <Stack className={classes.notices ?? ""} gap="xs">
      {notices.map((notice) => (
        <NoticeAlert key={notice.id} notice={notice} />
      ))}
    </Stack>
  );
}

const REMEDIES: Record<Remedy, string> = {
  retryDataset: "Try again",
  reloadPage: "Reload the page",
  restart: "Start again",
  continueRun: "Resume",
  halveLearningRate: "Continue with half the learning rate",
  halveMicroBatch: "Continue with half as many images at once",
  useWasm: "Continue with WebAssembly",
};

function NoticeAlert({ notice }: { notice: Notice }) {
  const { store, client } = useApp();
  const { id, tone, title, message, details, remedies } = notice;
  const close = () =>
    store.setState(({ notices }) => ({ notices: notices.filter((other) => other.id !== id) }));
  return (
    <Alert
      color={tone === "error" ? "red" : "blue"}
      title={title}
      role={tone === "error" ? "alert" : "status"}
      withCloseButton
      closeButtonLabel="Close"
      onClose={close}
      classNames={{
        root: classes.notice ?? "",
        body: classes.body ?? "",
        label: classes.title ?? "",
      }}
      data-tone={tone}
    >
      <Text size="sm" className={classes.message}>
        {message}
      </Text>
      {(remedies.length > 0 || details) && (
        <Group gap="xs" mt="xs">
          {remedies.map((remedy) => (
            <Button
              key={remedy}
              size="compact-sm"
              variant="filled"
              className={classes.remedy ?? ""}
              onClick={() => {
                close();
                client.remedy(remedy);
              }}
            >
              {REMEDIES[remedy]}
            </Button>
          ))}
          {details && <CopyButton label="Copy details" text={`${title}: ${message}\n${details}`} />}
        </Group>
      )}
    </Alert>
  );
}
