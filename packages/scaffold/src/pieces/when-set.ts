/** Of a line, as the project's formatter would break it. */
const WIDTH = 110;
const INDENT = 4;

/** The entry of a destination that is registered when its variables are set, as the configuration has it. */
export function registeredWhenSet(
  config: string,
  name: string,
  variables: readonly string[],
  made: string,
): string {
  const env = /\benv\b/.test(config) ? 'env' : 'process.env';
  const list = variables.map((variable) => `'${variable}'`).join(', ');
  const head = `whenSet(${env}, '${name}', [${list}], (set) =>`;
  const oneLine = `${head} ${made}),`;
  return INDENT + oneLine.length <= WIDTH ? oneLine : `${head}\n  ${made},\n),`;
}
