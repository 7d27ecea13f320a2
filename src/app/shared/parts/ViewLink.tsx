import { type AnchorHTMLAttributes, type MouseEvent, useSyncExternalStore } from "react";
import { addressQuery, goToView, onAddressChange, withParams } from "../../state/address.ts";
import type { ViewName } from "../../state/slices/view.ts";
import { useApp } from "../AppContext.ts";

interface ViewLinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  view: ViewName;
  /** Sets the view up by parameters of its address. */
  setUp?: (query: URLSearchParams) => URLSearchParams;
}

/** A link to a view, which can also be opened in another tab of the browser. */
export function ViewLink({ view, setUp = asItIs, onClick, ...rest }: ViewLinkProps) {
  const { store } = useApp();
  // What is opened in another tab has the settings of this one, as they are now.
  const query = useSyncExternalStore(onAddressChange, addressQuery, addressQuery);
  const go = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    goToView(view, setUp);
    store.setState({ view });
  };
  return <a href={`?${withParams(setUp(query), "page", { view })}`} onClick={go} {...rest} />;
}

function asItIs(query: URLSearchParams): URLSearchParams {
  return query;
}
