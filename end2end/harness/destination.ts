// A third party that receives deliveries: it answers as the test says, and remembers what it got.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Answer {
  status: number;
  /** Answered as JSON. */
  body?: unknown;
  /** Answered as they are, instead of a body. */
  bytes?: { type: string; of: Buffer | string };
}

export interface Destination {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Everything it got so far, oldest first. */
  received: Received[];
  stop(): Promise<void>;
}

export async function startDestination(answer: (request: Received) => Answer): Promise<Destination> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const got = { method, path, headers, body: Buffer.concat(chunks).toString('utf8') };
      received.push(got);
      const { status, body = {}, bytes = { type: 'application/json', of: JSON.stringify(body) } } = answer(got);
      response.writeHead(status, { 'content-type': bytes.type }).end(bytes.of);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
