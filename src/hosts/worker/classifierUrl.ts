/** Where the app itself serves the classifier; `public/classifier.md` is its card. */
import url from "/classifier.safetensors?url";

export const CLASSIFIER_URL = url;
