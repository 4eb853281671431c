/** Where the page lives on its server, without a slash at the end: `/admin`, or an empty text at the root. */
export const basePath: string = (
  document.querySelector<HTMLMetaElement>('meta[name="fragment-base"]')?.content ?? ''
).replace(/\/+$/, '');
