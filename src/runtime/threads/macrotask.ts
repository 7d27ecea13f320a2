/**
 * Lets waiting messages be delivered. A message to oneself, and not a timer or an animation frame,
 * since browsers slow these down in a hidden tab.
 */
export function nextMacrotask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
