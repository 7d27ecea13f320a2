/** Made by `tools/reportPlugin.ts`: the page that `report.ts` fills with a run. */
declare module "virtual:report" {
  const template: string;
  export default template;
}
