import { Component, type ErrorInfo, type ReactNode, Suspense } from "react";
import classes from "./ErrorBoundary.module.css";

interface ErrorBoundaryProps {
  part: string;
  /** What the part shows: once it changes, the part is tried again. */
  resetKey?: unknown;
  /** Closes the dialog in whose place the error is shown; left out where the part is no dialog. */
  onClose?: () => void;
  children: ReactNode;
}

/** Shows an error where a part of the page failed, in plain HTML, and nothing while a part is loaded. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo) {
    console.error(error, info.componentStack);
  }

  override componentDidUpdate({ resetKey }: ErrorBoundaryProps) {
    if (this.state.error && resetKey !== this.props.resetKey) this.setState({ error: null });
  }

  override render() {
    const { error } = this.state;
    if (!error) return <Suspense fallback={null}>{this.props.children}</Suspense>;
    const { part, onClose } = this.props;
    const box = (
      <div role="alert" className={`column box ${classes.box}`}>
        <p>
          <strong>{part} could not be shown.</strong> Something went wrong on this page. If a run is
          training, it continues.
        </p>
        <p className={classes.message}>{error.message}</p>
        <div>
          <button type="button" onClick={() => this.setState({ error: null })}>
            Try again
          </button>
          <button type="button" onClick={() => window.location.reload()}>
            Reload the page
          </button>
          {onClose && (
            <button type="button" onClick={onClose}>
              Close
            </button>
          )}
        </div>
      </div>
    );
    if (!onClose) return box;
    return (
      <dialog ref={showModal} aria-label={part} onClose={onClose}>
        {box}
      </dialog>
    );
  }
}

/** As a `ref`. */
function showModal(dialog: HTMLDialogElement | null): void {
  dialog?.showModal();
}
