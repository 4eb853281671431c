import { connect } from 'node:net';

const timeoutMs = 5_000;

/** Sends one command to the database the URL names and returns the first line of the reply, its type mark included. */
export async function redisCommand(url: string, ...command: string[]): Promise<string> {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  if (protocol !== 'redis:')
    throw new Error(`Only redis:// addresses are understood here, not ${protocol}//`);
  const commands = [command];
  if (pathname.length > 1) commands.unshift(['SELECT', pathname.slice(1)]);
  if (password !== '')
    commands.unshift(['AUTH', ...(username === '' ? [] : [username]), decodeURIComponent(password)]);
  const replies = await exchange(hostname, Number(port === '' ? 6379 : port), commands);
  const refused = replies.find((reply) => reply.startsWith('-'));
  if (refused !== undefined) throw new Error(`Redis answered ${refused}`);
  return replies.at(-1) ?? '';
}

/** Enough of the protocol for commands that are answered with one line each. */
function exchange(host: string, port: number, commands: readonly string[][]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let text = '';
    socket.setTimeout(timeoutMs, () =>
      socket.destroy(new Error(`Redis did not answer within ${timeoutMs} ms.`)),
    );
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(commands.map(encode).join('')));
    socket.on('data', (chunk: string) => {
      text += chunk;
      const lines = text.split('\r\n').slice(0, -1);
      if (lines.length < commands.length) return;
      resolve(lines);
      socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('Redis closed the connection.')));
  });
}

const encode = (command: readonly string[]): string =>
  `*${command.length}\r\n${command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
