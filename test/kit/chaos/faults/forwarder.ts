/** Run in a network namespace: passes what comes on `host:port` to a socket of the file system, which is everywhere. */
import { connect, createServer } from 'node:net';

const [host = '', port = '', path = ''] = process.argv.slice(2);
createServer((near) => {
  const far = connect(path);
  for (const [socket, other] of [
    [near, far],
    [far, near],
  ] as const) {
    socket.setNoDelay(true);
    socket.on('error', () => other.destroy());
    socket.on('close', () => other.destroy());
    socket.pipe(other);
  }
}).listen(Number(port), host, () => process.stdout.write('listening\n'));
