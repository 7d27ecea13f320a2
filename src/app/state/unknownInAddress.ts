/** What an address says that this version of the page does not know, told in a notice. Pure. */
import {
  entryWith,
  HYPERPARAMETERS,
  type HyperparameterName,
} from "../../engine/config/hyperparameters.ts";
import { configFromQuery, parseValue } from "../../engine/config/url.ts";
import { valueError } from "../../engine/config/validate.ts";
import { firstFewQuoted, shortened } from "../../engine/shortenedText.ts";
import { ALL_PARAMS } from "./address.ts";

/** What other sites add to links to count visits. */
const OF_TRACKERS = /^utm_|^mc_|clid$|^ref$|^source$/;

/**
 * What is unknown in sentences, null when nothing is; and the keys whose values are ignored. A wrong setting stands in the
 * form, to be corrected; one that only a later version knows stays in the address, for that version.
 */
export function unknownInAddress(query: URLSearchParams) {
  const formatUnknown = (key: string, expected: string) =>
    `${key}=${shortened(query.get(key) ?? "", 40)} (expected: ${expected})`;
  const ignored = ALL_PARAMS.filter(({ key, parse }) => {
    const text = query.get(key);
    return text !== null && parse(text) === null;
  });
  const settings = Object.keys(HYPERPARAMETERS) as HyperparameterName[];
  const { config } = configFromQuery(query);
  const wrong = settings.flatMap((name) => {
    const error = query.has(name) && valueError(name, parseValue(name, query.get(name) ?? ""));
    if (!error) return [];
    const entry = entryWith(name, config);
    // In the form choices have other names than in the address.
    if (entry.kind === "choice") {
      const labels = Object.values(entry.options).map(({ label }) => label);
      return [formatUnknown(name, `one of ${labels.join(", ")}`)];
    }
    // The value stands before it already.
    const expected = error.charAt(0).toLowerCase() + error.slice(1).replace(/, not .*$/, "");
    return [formatUnknown(name, expected)];
  });
  const words = ignored.map(({ key, expected }) => formatUnknown(key, expected));
  const known = new Set([...Object.keys(HYPERPARAMETERS), ...ALL_PARAMS.map(({ key }) => key)]);
  const unread = [...new Set(query.keys())].filter(
    (key) => !known.has(key) && !OF_TRACKERS.test(key),
  );
  const sentences = [
    ...(words.length > 0
      ? [`${words.join("; ")}.`, words.length > 1 ? "They were ignored." : "It was ignored."]
      : []),
    ...(wrong.length > 0 ? [`${wrong.join("; ")}. Correct the settings in the form.`] : []),
    ...(unread.length > 0
      ? [
          `This version of the page does not know ${firstFewQuoted(unread)}, and ignores ${unread.length > 1 ? "them" : "it"}. If the link is newer than this page, reload the page.`,
        ]
      : []),
  ];
  const message = sentences.length > 0 ? sentences.join(" ") : null;
  return { message, ignored: ignored.map(({ key }) => key) };
}
