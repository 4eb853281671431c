/** In single quotes, as every POSIX shell takes it literally. */
export const shellQuote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

interface CurlRequest {
  readonly url: string;
  readonly body: unknown;
  /** Given as the user of basic authentication, the way the SDKs do it. */
  readonly writeKey?: string;
}

/** A command that sends a JSON body again. */
export function curlOf({ url, body, writeKey }: CurlRequest): string {
  return [
    `curl ${shellQuote(url)}`,
    ...(writeKey === undefined ? [] : [`-u ${shellQuote(`${writeKey}:`)}`]),
    `-H 'Content-Type: application/json'`,
    `-d ${shellQuote(JSON.stringify(body, null, 2))}`,
  ].join(' \\\n  ');
}
