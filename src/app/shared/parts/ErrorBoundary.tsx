import { Component, type ErrorInfo, type ReactNode, Suspense } from "react";

/** Shows an error where a part of the page failed, in plain HTML, and nothing while a part is loaded. */
export class ErrorBoundary extends Component<
  { part: string; children: ReactNode },
  { error: Error | null }
> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo) {
    console.error(error, info.componentStack);
  }

  override render() {
    const { error } = this.state;
    if (!error) return <Suspense fallback={null}>{this.props.children}</Suspense>;
    return (
      <div role="alert" style={{ padding: 16 }}>
        <p>
          <strong>{this.props.part} could not be shown.</strong> {error.message}
        </p>
        <button type="button" onClick={() => this.setState({ error: null })}>
          Try again
        </button>{" "}
        <button type="button" onClick={() => window.location.reload()}>
          Reload the page
        </button>
      </div>
    );
  }
}
