import net from 'node:net';

// eventually calls f until it returns something true.
export async function eventually(f, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await Promise.resolve().then(f).catch((error) => { if (Date.now() > end) throw error; });
    if (value) return value;
    if (Date.now() > end) throw new Error(`nothing after ${seconds} s: ${f}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

// A port of 127.0.0.1 that nothing listens on.
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().on('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export function listens(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false)).on('close', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
